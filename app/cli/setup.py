"""Command for the first set-up: setup."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from app import demo
from app.db import demonstration, elsewhere, migrate, schema_revision, transaction_for_system
from app.db.session import dispose
from app.kit import regional_defaults
from app.kit.errors import InvalidError
from app.mail import MailServer
from app.organisation_settings import SetUp, is_set_up, set_up, setup_code
from app.settings import settings

PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Read the password from standard input, then that of the mail server.",
    ),
]
ShowCode = Annotated[
    bool, typer.Option("--show-code", help="Print the code that the browser asks for.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(setup)


def setup(
    name: Annotated[str, typer.Option(help="The organisation's name.")] = "",
    country: Annotated[str, typer.Option(help="Such as DE; suggests the rest.")] = "",
    currency: Annotated[str, typer.Option(help="Such as EUR.")] = "",
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "",
    locale: Annotated[str, typer.Option(help="For numbers and dates, such as de_DE.")] = "",
    fiscal_month: Annotated[int, typer.Option(help="When the fiscal year begins, 1 to 12.")] = 0,
    email: Annotated[str, typer.Option(help="The first administrator's e-mail.")] = "",
    administrator: Annotated[str, typer.Option(help="The first administrator's name.")] = "",
    password_stdin: PasswordStdin = False,  # noqa: FBT002 - an option of the command line
    mail_host: Annotated[str, typer.Option(help="Server for outgoing mail.")] = "",
    mail_port: Annotated[int, typer.Option(help="Its port.")] = 587,
    mail_tls: Annotated[bool, typer.Option(help="Encrypt the connection.")] = True,  # noqa: FBT002
    mail_user: Annotated[str, typer.Option(help="User name at the mail server.")] = "",
    mail_sender: Annotated[str, typer.Option(help="Address in From; --email if empty.")] = "",
    show_code: ShowCode = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Start an organisation with its first administrator, as the first run in the browser does."""
    if show_code:
        _show_code()
        return
    _prepare_database()
    usual = regional_defaults.country_defaults(country.upper()) if country else None
    answers = SetUp(
        name=name,
        currency=(currency or _needed(usual.currency if usual else "", "--currency")).upper(),
        time_zone=time_zone or _needed(usual.main_time_zone if usual else "", "--time-zone"),
        locale=locale or _needed(usual.locale if usual else "", "--locale"),
        fiscal_start_month=fiscal_month or (usual.fiscal_start_month if usual else 1),
        administrator=administrator,
        email=_needed(email, "--email"),
        password=_password("Password", stdin=password_stdin),
        country=country or None,
    )
    server = MailServer(mail_host, mail_port, mail_tls, mail_user, "", mail_sender or email)
    answers = _with_mail_server(answers, server, stdin=password_stdin)
    with transaction_for_system() as db:
        set_up(db, answers, code=setup_code(), now=datetime.now(UTC))
    typer.echo(f"{name} is set up. {administrator} can sign in as {email}.")


def _show_code() -> None:
    """Print the code, or once it is used that the set-up is done."""
    with elsewhere(demonstration.own_url().render_as_string(hide_password=False)):
        done = schema_revision.has_schema() and _has_users()
    if done:
        typer.echo(
            f"The set-up is done, and its code works no more. Sign in at {settings().public_url}, "
            "or ask an administrator to invite you."
        )
    else:
        typer.echo(setup_code())


def _has_users() -> bool:
    with transaction_for_system() as db:
        return is_set_up(db)


def _prepare_database() -> None:
    if settings().demonstration:
        demo.leave()
        dispose()
    migrate.upgrade()


def _with_mail_server(answers: SetUp, server: MailServer, *, stdin: bool) -> SetUp:
    """Return the answers with a mail server and its password, if one is named."""
    if not server.host:
        return answers
    prompt = "Password of the mail server"
    password = _password(prompt, stdin=stdin) if server.username else ""
    return replace(answers, mail_server=replace(server, password=password))


def _needed(value: str, option: str) -> str:
    if not value:
        msg = f"{option} is needed, or --country where one follows from it. See setup --help."
        raise InvalidError(msg)
    return value


def _password(prompt: str, *, stdin: bool) -> str:
    """Return the next line of standard input, or what is entered at the prompt."""
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True))
