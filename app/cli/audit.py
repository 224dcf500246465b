"""Commands for the audit log: audit verify and audit seal."""

import typer

from app import audit
from app.db import transaction_for_system
from app.kit.formatting import count


def register(app: typer.Typer) -> None:
    """Add the command group `audit`."""
    group = typer.Typer(help="Seal and check the audit log.", no_args_is_help=True)
    group.command()(verify)
    group.command()(seal)
    app.add_typer(group, name="audit")


def verify(
    head: str = typer.Option(
        "", help="A head from the name of a backup or a weekly mail, or a last hash."
    ),
) -> None:
    """Verify every line of the audit log; exit 0 if it is intact and contains the head, else 1."""
    with transaction_for_system() as db:
        verified = audit.verify(db)
        missing = audit.why_head_missing(db, head) if head else None
        newest = audit.head(db)
    for problem in filter(None, (verified.broken, missing)):
        typer.echo(problem, err=True)
    if head and not missing:
        typer.echo(f"The audit log still contains the head {head.strip()}.")
    if verified.broken or missing:
        raise typer.Exit(1)
    typer.echo(
        f"The audit log is whole: {count(verified.sealed, 'line')} checked, {verified.waiting:,} "
        f"not sealed yet. Head: {newest or 'none yet'}. Last hash: {verified.head or 'none yet'}."
    )


def seal() -> None:
    """Seal the lines not sealed yet, as the scheduled job does every ten minutes."""
    with transaction_for_system() as db:
        sealed = audit.seal(db)
    typer.echo(f"Sealed {count(sealed, 'line')}.")
