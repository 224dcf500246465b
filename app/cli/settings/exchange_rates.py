"""Commands for exchange rates: rate set, list, import and delete."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app import accounts
from app.accounts import SYSTEM
from app.db import Session, transaction_for_system
from app.kit.errors import InvalidError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CurrencyArgument = Annotated[str, typer.Argument(help="A foreign currency, such as EUR.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change.")]
FileArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="eurofxref.csv or eurofxref-hist.csv of the European Central Bank, or a CSV file "
        "with the columns currency, day and rate.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command group `rate`."""
    rate = typer.Typer(help="Exchange rates of foreign currencies.", no_args_is_help=True)
    rate.command("set")(set_rate)
    rate.command("list")(list_rates)
    rate.command("import")(import_rates)
    rate.command("delete")(delete_rate)
    app.add_typer(rate, name="rate")


def set_rate(
    currency: CurrencyArgument,
    day: Annotated[str, typer.Argument(help="From this day on: YYYY-MM-DD.")],
    rate: Annotated[str, typer.Argument(help="What one unit is worth in your own currency.")],
) -> None:
    """Set what a foreign currency is worth, until the day of a later rate."""
    on = _day(day)
    with transaction_for_system() as db:
        changes = accounts.set_exchange_rate(
            db, SYSTEM, currency=currency.upper(), day=on, rate=rate, today=_today(db)
        )
    typer.echo(f"From {on.isoformat()} on, 1 {currency.upper()} is {rate} {changes.base}.")
    _show_gifts(changes)


def list_rates(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List every exchange rate."""
    with transaction_for_system() as db:
        rates = accounts.exchange_rates(db, SYSTEM)
    lines = [
        {"currency": line.currency, "day": line.day.isoformat(), "rate": f"{line.rate:f}"}
        for line in rates
    ]
    if as_json:
        typer.echo(json.dumps(lines))
        return
    for line in lines:
        typer.echo("\t".join(line.values()))


def import_rates(file: FileArgument, dry_run: DryRun = False) -> None:  # noqa: FBT002
    """Save the rates of a CSV file: all of them, or none if a row cannot be used."""
    with file.open("rb") as stream:
        # one byte more shows that the file is too large, without reading all of it
        data = stream.read(accounts.MAX_RATE_FILE_BYTES + 1)
    with transaction_for_system() as db:
        changes = accounts.import_exchange_rates(
            db, SYSTEM, data=data, today=_today(db), dry_run=dry_run
        )
    for sentence in changes.left_out:
        typer.echo(f"Left out: {sentence}")
    typer.echo(changes.sentence)
    _show_gifts(changes)
    if dry_run:
        typer.echo("Nothing was saved: this was a dry run.")


def delete_rate(
    currency: CurrencyArgument,
    day: Annotated[str, typer.Argument(help="The day of the rate: YYYY-MM-DD.")],
    dry_run: DryRun = False,  # noqa: FBT002
) -> None:
    """Delete a mistaken rate; its gifts are converted at the one before, or wait for a rate."""
    with transaction_for_system() as db:
        changes = accounts.delete_exchange_rate(
            db, SYSTEM, currency=currency.upper(), day=_day(day), dry_run=dry_run
        )
    typer.echo(changes.sentence)
    _show_gifts(changes)
    if dry_run:
        typer.echo("Nothing was deleted: this was a dry run.")


def _show_gifts(changes: accounts.RateChanges) -> None:
    for sentence in changes.gift_sentences:
        typer.echo(sentence)


def _today(db: Session) -> date:
    zone = ZoneInfo(accounts.organisation(db).time_zone)
    return datetime.now(UTC).astimezone(zone).date()


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError as error:
        msg = f"{text} is no day. Write it as 2026-01-31."
        raise InvalidError(msg) from error
