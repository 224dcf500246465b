"""The command figures: print every figure of the dashboard by name."""

import json as json_text
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from app import accounts, donors, insights
from app.db import replica
from app.kit.errors import InvalidError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(figures)


def figures(
    as_email: Annotated[str, typer.Option("--as", help="Whose dashboard: a person's e-mail.")],
    today: Annotated[
        str, typer.Option(help="The day, as YYYY-MM-DD; default: today in UTC.")
    ] = "",
    unit: Annotated[
        donors.Unit,
        typer.Option(help="Whether a donor is a person, or a household with its members."),
    ] = donors.Unit.PERSON,
    credit: Annotated[
        donors.Credit,
        typer.Option(help="Own gifts, soft credits for the gifts of others, or both."),
    ] = donors.Credit.HARD,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, money as decimals.")] = False,  # noqa: FBT002
) -> None:
    """Print every figure of the dashboard by name."""
    day = _day(today)
    chosen = insights.DashboardFilter(unit=unit, credit=credit)
    values = replica.read_for_system(
        lambda db: insights.figures(
            db, accounts.actor_by_email(db, as_email), today=day, filter=chosen
        )
    )
    typer.echo(json_text.dumps(values, indent=2, ensure_ascii=False) if json else _lines(values))


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"“{text}” is not a day. Write it as YYYY-MM-DD."
        raise InvalidError(msg) from error


def _lines(values: dict[str, Any]) -> str:
    plain = {name: value for name, value in values.items() if not isinstance(value, list)}
    width = max(len(name) for name in plain)
    return "\n".join(f"{name:<{width}}  {_value_text(value)}" for name, value in plain.items())


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{currency} {amount}" for currency, amount in value.items()) or None
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
