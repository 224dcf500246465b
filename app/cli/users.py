"""Commands for accounts: user create, list, role, deactivate and second-factor-off."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from app import accounts
from app.accounts import SYSTEM
from app.db import transaction_for_system
from app.kit.roles import USER_ROLES


def register(app: typer.Typer) -> None:
    """Add the command group `user`."""
    group = typer.Typer(help="Make and list accounts.", no_args_is_help=True)
    group.command()(create)
    group.command("list")(list_users)
    group.command("second-factor-off")(second_factor_off)
    group.command()(deactivate)
    group.command()(role)
    app.add_typer(group, name="user")


def create(
    email: str,
    name: str = typer.Option(..., help="The person's name."),
    role: str = typer.Option(..., help=f"{', '.join(USER_ROLES[:-1])} or {USER_ROLES[-1]}."),
    password_stdin: bool = typer.Option(  # noqa: FBT001
        False, "--password-stdin", help="Read the password from standard input."
    ),
) -> None:
    """Create an account; prompt for the password, or read it from standard input."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with transaction_for_system() as db:
        accounts.create_user(db, SYSTEM, email=email, name=name, role=role, password=password)
    typer.echo(f"{name} can sign in as {email}.")


def list_users() -> None:
    """List every account with its role."""
    with transaction_for_system() as db:
        everybody = accounts.list_users(db, SYSTEM)
    for user in everybody:
        typer.echo(
            f"{user.email}\t{user.name}\t{user.role}\t{'active' if user.active else 'ended'}"
        )


def second_factor_off(
    email: Annotated[str, typer.Argument(help="Who lost the phone and the recovery codes.")],
) -> None:
    """Turn off a user's two-factor codes and remove their passkeys; the password then suffices."""
    with transaction_for_system() as db:
        person = accounts.actor_by_email(db, email)
        accounts.reset_mfa(db, SYSTEM, user_id=person.user_id)
    typer.echo(f"{person.name} signs in with the password alone now.")


def deactivate(
    email: Annotated[str, typer.Argument(help="Whose account ends.")],
    hand_to: Annotated[str, typer.Option(help="E-mail of who takes over donors and tasks.")] = "",
    with_goal: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--with-goal", help="The goal goes to them, too.")
    ] = False,
) -> None:
    """Deactivate an account; the last administrator who can sign in stays."""
    with transaction_for_system() as db:
        person = accounts.actor_by_email(db, email)
        moved = accounts.deactivate(
            db,
            SYSTEM,
            user_id=person.user_id,
            now=datetime.now(UTC),
            hand_to=accounts.actor_by_email(db, hand_to).user_id if hand_to else None,
            with_goal=with_goal,
        )
    handed = f"; {moved} handed to {hand_to}" if hand_to else ""
    typer.echo(f"{person.name} can no longer sign in{handed}.")


def role(
    email: Annotated[str, typer.Argument(help="Whose role changes.")],
    new_role: Annotated[str, typer.Argument(help=f"One of {', '.join(USER_ROLES)}.")],
) -> None:
    """Change the role of an account; the last administrator who can sign in stays one."""
    with transaction_for_system() as db:
        person = accounts.actor_by_email(db, email)
        accounts.change_role(
            db, SYSTEM, user_id=person.user_id, role=new_role, now=datetime.now(UTC)
        )
    typer.echo(f"{person.name} is now {new_role.replace('_', ' ')}.")
