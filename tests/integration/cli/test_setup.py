"""The command setup: an organisation and its administrator without a browser."""

import typer
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from app import accounts, demonstration_mode, mail, organisation_settings
from app.cli import setup
from app.db import transaction_for_system
from app.db.session import dispose
from app.mail import MailServer
from app.settings import settings

PASSWORD = "sieben ruhige Boote im Hafen"
ANSWERS = {
    "--name": "Verein Leuchtturm",
    "--country": "de",
    "--email": "anja@leuchtturm.example",
    "--administrator": "Anja Brandt",
}


def app() -> typer.Typer:
    commands = typer.Typer()
    commands.callback()(lambda: None)
    setup.register(commands)
    return commands


def call(**changes: str) -> Result:
    options = ANSWERS | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    words = [word for option in options.items() for word in option]
    return CliRunner().invoke(app(), ["setup", *words, "--password-stdin"], input=f"{PASSWORD}\n")


def test_the_country_suggests_what_is_not_named(database: URL) -> None:
    done = call(fiscal_month="7")
    assert done.exit_code == 0, done.output
    assert "Anja Brandt can sign in as anja@leuchtturm.example." in done.output
    with transaction_for_system() as db:
        saved = accounts.organisation(db)
    assert (saved.name, saved.currency, saved.locale) == ("Verein Leuchtturm", "EUR", "de_DE")
    assert (saved.time_zone, saved.fiscal_start_month) == ("Europe/Berlin", 7)
    again = call(email="other@x.example")
    assert "set up in the meantime" in str(again.exception)


def test_a_mail_server_is_saved_with_its_password_from_the_second_line(database: URL) -> None:
    words = [word for option in ANSWERS.items() for word in option]
    server = ["--mail-host", "smtp.example.org", "--mail-user", "office", "--mail-port", "2525"]
    call_words = ["setup", *words, *server, "--no-mail-tls", "--password-stdin"]
    done = CliRunner().invoke(app(), call_words, input=f"{PASSWORD}\nmail secret\n")
    assert done.exit_code == 0, done.output
    assert "mail secret" not in done.output
    with transaction_for_system() as db:
        saved = mail.saved_server(db)
    assert saved == MailServer(
        "smtp.example.org", 2525, False, "office", "mail secret", ANSWERS["--email"]
    )


def test_what_does_not_follow_from_the_country_is_asked_for(database: URL) -> None:
    done = call(country="US", time_zone="")
    assert "--time-zone is needed" in str(done.exception)
    with transaction_for_system() as db:
        assert accounts.has_no_users(db)


def test_the_code_is_shown_again(database: URL) -> None:
    shown = CliRunner().invoke(app(), ["setup", "--show-code"])
    assert shown.output.strip() == organisation_settings.setup_code()


def test_a_used_code_is_not_shown(database: URL) -> None:
    assert call().exit_code == 0
    shown = CliRunner().invoke(app(), ["setup", "--show-code"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("The set-up is done, and its code works no more. Sign in at ")
    assert organisation_settings.setup_code() not in shown.output


def test_it_leaves_the_demonstration(database: URL) -> None:
    demonstration_mode.turn_on(settings().data_dir)
    settings.cache_clear()
    dispose()
    assert call().exit_code == 0
    assert not demonstration_mode.is_on(settings().data_dir)
    settings.cache_clear()
    dispose()
    with transaction_for_system() as db:
        assert accounts.organisation(db).name == "Verein Leuchtturm"
