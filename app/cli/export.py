"""The command export: one dataset in a user's scope, or the whole organisation."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app import exports
from app.accounts import actor_by_email, organisation
from app.db import Session, replica, transaction, transaction_for_system
from app.donors import Credit, Unit
from app.kit.formatting import count

USAGE = "Say what to export, --as whom and --out to which file; or --all and a folder."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    kind: Annotated[str | None, typer.Argument(help=f"One of {', '.join(exports.KINDS)}.")] = None,
    as_email: Annotated[str | None, typer.Option("--as", help="Whose sight it is.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write: .csv or .xlsx.")] = None,
    everything: Annotated[
        Path | None,
        typer.Option("--all", metavar="DIR", help="Write all kinds into this new folder."),
    ] = None,
    unit: Annotated[
        Unit, typer.Option(help="For donors and figures: by person, or by household.")
    ] = Unit.PERSON,
    credit: Annotated[
        Credit, typer.Option(help="For donors and figures: own gifts, soft credits, or both.")
    ] = Credit.HARD,
) -> None:
    """Export one kind of record to a file, or the whole organisation to a folder.

    Most of the files can be imported again. The folder also contains manifest.json
    with the row count, the sums by currency and a checksum of every file.
    """
    counted = (unit, credit) != (Unit.PERSON, Credit.HARD)
    if everything is not None and not (kind or as_email or out or counted):
        _export_everything(everything)
    elif everything is None and kind and as_email and out:
        _export_one(kind, as_email, out, exports.counting_query(kind, unit, credit))
    else:
        typer.echo(USAGE, err=True)
        raise typer.Exit(2)


def _export_one(kind: str, as_email: str, out: Path, query: exports.ExportQuery) -> None:
    if kind not in exports.KINDS:
        typer.echo(f"{kind} is not one of {', '.join(exports.KINDS)}.", err=True)
        raise typer.Exit(2)
    form = out.suffix.lower().removeprefix(".")
    if form not in exports.FORMS:
        form = "csv"
    # an incomplete file must not look like a complete one
    partial_file = out.with_name(f"{out.name}.part")
    try:
        with transaction_for_system() as db:
            actor, today = actor_by_email(db, as_email), _today(db)
        with transaction(actor) as db, partial_file.open("wb") as file:
            rows = exports.write(
                db, actor, kind=kind, out=file, form=form, today=today, query=query
            )
        partial_file.replace(out)
    finally:
        partial_file.unlink(missing_ok=True)
    typer.echo(f"Wrote {count(rows, exports.TABLE[kind].noun)} to {out}.")


def _export_everything(folder: Path) -> None:
    with exports.new_folder(folder) as partial_folder:
        files = replica.read_for_system(
            lambda db: exports.write_everything(db, partial_folder, now=datetime.now(UTC))
        )
        with transaction_for_system() as db:
            exports.record_everything(db, files)
    rows = count(sum(file.rows for file in files), "row")
    typer.echo(f"Wrote {rows} in {count(len(files), 'file')} to {folder}.")


def _today(db: Session) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(organisation(db).time_zone)).date()
