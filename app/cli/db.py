"""Commands for the schema: db upgrade, downgrade, check."""

import typer

from app.cli.backups import moved
from app.db import migrate
from app.settings import settings


def register(app: typer.Typer) -> None:
    """Add the group `db`."""
    group = typer.Typer(help="Bring the database's schema up or down.", no_args_is_help=True)
    group.command()(upgrade)
    group.command()(downgrade)
    group.command()(check)
    group.command()(move)
    app.add_typer(group, name="db")


def upgrade(revision: str = typer.Argument("head")) -> None:
    """Run the migrations up to a revision (the newest, unless said otherwise)."""
    migrate.upgrade(revision)
    typer.echo(f"The database is at {revision}.")


def downgrade(revision: str) -> None:
    """Run the migrations down to a revision; "base" empties the database."""
    migrate.downgrade(revision)
    typer.echo(f"The database is at {revision}.")


def check() -> None:
    """Compare the models with the database."""
    migrate.check()
    typer.echo("The database is at the newest migration and agrees with the models.")


def move(
    to: str = typer.Option(..., help="The address of an empty database on another server."),
) -> None:
    """Move everything to another server, compare it there, and leave what is here."""
    moved(to, settings().data_dir)
