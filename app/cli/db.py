"""Commands for the database: db upgrade, downgrade, check and move."""

import typer

from app.db import migrate
from app.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command group `db`."""
    group = typer.Typer(help="Bring the database's schema up or down.", no_args_is_help=True)
    group.command()(upgrade)
    group.command()(downgrade)
    group.command()(check)
    group.command()(move)
    app.add_typer(group, name="db")


def upgrade(revision: str = typer.Argument("head")) -> None:
    """Run the migrations up to a revision (default: the newest)."""
    migrate.upgrade(revision)
    typer.echo(f"The database is at {revision}.")


def downgrade(revision: str) -> None:
    """Downgrade the migrations to a revision; "base" empties the database."""
    migrate.downgrade(revision)
    typer.echo(f"The database is at {revision}.")


def check() -> None:
    """Compare the models with the database schema."""
    migrate.check()
    typer.echo("The database is at the newest migration and agrees with the models.")


def move(
    to: str = typer.Option(..., help="The address of an empty database on another server."),
) -> None:
    """Copy everything to another server and compare it there; this database stays unchanged."""
    from app.cli.backups import move_database  # noqa: PLC0415 - heavy, and only needed here

    move_database(to, settings().data_dir)
