"""The figures of the dashboard as rows of a file: name, month, value and currency."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from app import insights
from app.accounts import Actor
from app.db import Session
from app.kit.security.csv_injection import safe

# lists of donors, which have their own exports
_DONOR_LISTS = {"top_donors", "biggest_changes"}
# lists of pledges, each with the donor's name and the amount in the pledge's currency
_FIRST = "_first"
_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
DECIMALS = 4


def write_figures(
    db: Session,
    actor: Actor,
    out: IO[bytes],
    *,
    header: tuple[str, ...],
    today: date,
    filter: insights.DashboardFilter | None = None,  # noqa: A002
) -> int:
    """Write every figure the actor may see as CSV; return the number of rows."""
    text_file = io.TextIOWrapper(out, "utf-8", newline="")
    file = csv.writer(text_file, lineterminator="\n")
    file.writerow(header)
    lines = list(_lines(insights.figures(db, actor, today=today, filter=filter)))
    file.writerows([safe(cell) for cell in line] for line in lines)
    text_file.detach()
    return len(lines)


def _lines(figures: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    currency = figures["currency"]
    for name, value in figures.items():
        if isinstance(value, list):
            yield from _list_lines(name, value, currency)
        elif isinstance(value, dict):
            for unit, amount in value.items():
                yield name, "", amount, unit
        else:
            yield name, "", *_format_value(value, currency)


def _list_lines(
    name: str, entries: list[dict[str, Any]], currency: str
) -> Iterator[tuple[str, str, str, str]]:
    if name in _DONOR_LISTS:
        return
    for entry in entries:
        if name.endswith(_FIRST):
            yield (
                name,
                f"{entry['name']} ({entry['frequency']})",
                entry["amount"],
                entry["currency"],
            )
            continue
        for part, amount in entry.items():
            if part != "month":
                yield f"{name}_{part}", entry["month"], *_format_value(amount, currency)


def _format_value(value: object, currency: str) -> tuple[str, str]:
    """Return the value as text and its currency; only money is passed as a text of digits."""
    if isinstance(value, float):
        return str(round(value, DECIMALS)), ""
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return value, currency
    return "" if value is None else str(value), ""
