"""The command export: everything a person may see, as a CSV file or a workbook."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app import exports
from app.accounts import actor_by_email, organisation
from app.db import Session, transaction, transaction_for_system
from app.kit.words import count


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(exports.KINDS)}.")],
    as_email: Annotated[str, typer.Option("--as", help="Whose sight it is.")],
    out: Annotated[Path, typer.Option(help="The file to write: .csv or .xlsx.")],
) -> None:
    """Write one kind of record to a CSV file or a workbook that can be imported again."""
    if kind not in exports.KINDS:
        typer.echo(f"{kind} is not one of {', '.join(exports.KINDS)}.", err=True)
        raise typer.Exit(2)
    form = out.suffix.lower().removeprefix(".")
    if form not in exports.FORMS:
        form = "csv"
    # a half-written file must not look like a whole one
    part = out.with_name(f"{out.name}.part")
    try:
        with transaction_for_system() as db:
            actor, today = actor_by_email(db, as_email), _today(db)
        with transaction(actor) as db, part.open("wb") as file:
            rows = exports.write(db, actor, kind=kind, out=file, form=form, today=today)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"Wrote {count(rows, exports.TABLE[kind].one)} to {out}.")


def _today(db: Session) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(organisation(db).time_zone)).date()
