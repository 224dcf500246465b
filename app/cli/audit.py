"""Commands for the record: audit verify, audit seal."""

import typer

from app import audit as record
from app.db import transaction_for_system
from app.kit.words import count


def register(app: typer.Typer) -> None:
    """Add the group `audit`."""
    group = typer.Typer(help="Seal and check the record of what happened.", no_args_is_help=True)
    group.command()(verify)
    group.command()(seal)
    app.add_typer(group, name="audit")


def verify(
    head: str = typer.Option("", help="A last hash written down earlier, to be found again."),
) -> None:
    """Check every line of the record: exit 0 when none was touched, 1 naming the first."""
    with transaction_for_system() as db:
        found = record.verify(db, head=head)
    if found.broken:
        typer.echo(found.broken, err=True)
        raise typer.Exit(1)
    typer.echo(
        f"The record is whole: {count(found.sealed, 'line')} checked, {found.waiting:,} not "
        f"sealed yet. Last hash: {found.head or 'none yet'}."
    )


def seal() -> None:
    """Seal the lines that wait, as the timetable does every ten minutes."""
    with transaction_for_system() as db:
        sealed = record.seal(db)
    typer.echo(f"Sealed {count(sealed, 'line')}.")
