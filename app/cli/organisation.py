"""Commands for the organisation: organisation set and show, rate set and list."""

import json
from datetime import date, datetime
from typing import Annotated

import typer

from app import accounts
from app.accounts import SYSTEM
from app.db import transaction_for_system
from app.kit.errors import InvalidError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command groups `organisation` and `rate`."""
    organisation = typer.Typer(help="The organisation's settings.", no_args_is_help=True)
    organisation.command("set")(set_organisation)
    organisation.command()(show)
    app.add_typer(organisation, name="organisation")
    rate = typer.Typer(help="Exchange rates of foreign currencies.", no_args_is_help=True)
    rate.command("set")(set_rate)
    rate.command("list")(list_rates)
    app.add_typer(rate, name="rate")


def set_organisation(
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    currency: Annotated[str | None, typer.Option(help="Its currency, such as EUR.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Vienna.")] = None,
    fiscal_month: Annotated[
        int | None, typer.Option(help="The month in which its fiscal year begins, 1 to 12.")
    ] = None,
    locale: Annotated[
        str | None, typer.Option(help="Language and country of amounts and dates, such as de_AT.")
    ] = None,
) -> None:
    """Change the organisation's settings; what is not named stays as it is."""
    with transaction_for_system() as db:
        saved = accounts.organisation(db)
        accounts.save_organisation(
            db,
            SYSTEM,
            name=saved.name if name is None else name,
            currency=saved.currency if currency is None else currency.upper(),
            time_zone=saved.time_zone if time_zone is None else time_zone,
            fiscal_start_month=saved.fiscal_start_month if fiscal_month is None else fiscal_month,
            locale=locale,
        )
    show(as_json=False)


def show(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show the organisation's settings."""
    with transaction_for_system() as db:
        saved = accounts.organisation(db)
    shown = {
        "name": saved.name,
        "currency": saved.currency,
        "time_zone": saved.time_zone,
        "fiscal_month": saved.fiscal_start_month,
        "locale": saved.locale,
    }
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for setting, value in shown.items():
        typer.echo(f"{setting.replace('_', ' ')}: {value}")


def set_rate(
    currency: Annotated[str, typer.Argument(help="A foreign currency, such as EUR.")],
    day: Annotated[str, typer.Argument(help="From this day on: YYYY-MM-DD.")],
    rate: Annotated[str, typer.Argument(help="What one unit is worth in your own currency.")],
) -> None:
    """Set what a foreign currency is worth, until the day of a later rate."""
    on = _day(day)
    with transaction_for_system() as db:
        accounts.set_exchange_rate(db, SYSTEM, currency=currency.upper(), day=on, rate=rate)
        base = accounts.organisation(db).currency
    typer.echo(f"From {on.isoformat()} on, 1 {currency.upper()} is {rate} {base}.")


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


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError as error:
        msg = f"{text} is no day. Write it as 2026-01-31."
        raise InvalidError(msg) from error
