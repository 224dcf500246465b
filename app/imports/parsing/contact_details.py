"""Parse a donor's preferences, and the column of an export with all its contact details."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import pandas as pd

from app.donors import (
    Address,
    AddressDetail,
    ContactDetail,
    EmailDetail,
    PhoneDetail,
    validated_detail,
)
from app.donors import language_code as language_of
from app.imports.parsing.columns import Sheet
from app.imports.parsing.conventions import date_order
from app.imports.values import arrays
from app.imports.values.arrays import coded, positions
from app.imports.values.problems import Problem
from app.kit.errors import InvalidError

_PARTS = tuple(field.name for field in fields(Address))
_DAYS = ("valid_from", "valid_to")
_SHARED = frozenset({"type", "do_not_use"})
_ADDRESS = frozenset({*_PARTS, *_DAYS, "season_from", "season_to"})


def preferences(sheet: Sheet) -> dict[str, pd.Series]:
    """Return the day of death, the preferred language and the preferred channel."""
    order = date_order(sheet, ("deceased_on",)) if "deceased_on" in sheet else "ymd"
    died = sheet.day("deceased_on", future=False, order=order, log=sheet.leave_empty)
    days: list[str | None] = [None] * sheet.table.height
    # mostly nobody is deceased, and a test of each cell takes as long as reading all names
    for position in positions(died.notna()):
        days[position] = f"{died.iloc[position]:%Y-%m-%d}"
    return {
        "deceased_on": arrays.text(days),
        "preferred_language": _languages(sheet),
        "preferred_channel": sheet.choice("preferred_channel", "channel"),
    }


def contact_details(sheet: Sheet) -> pd.Series:
    """Return the contact details of each row as JSON; a cell that cannot be read is left empty."""
    read: list[str | None] = [None] * sheet.table.height
    if "contact_details" not in sheet:
        return arrays.text(read)
    for position, cell in enumerate(sheet.raw("contact_details")):
        if cell:
            try:
                read[position] = _read(cell)
            except (ValueError, TypeError, LookupError, AttributeError, InvalidError):
                problem = Problem("contact_details_unreadable")
                sheet.leave_empty([position], "contact_details", problem)
    return arrays.text(read)


def _languages(sheet: Sheet) -> pd.Series:
    """Return the code of each language; an unknown one is left empty."""
    codes, words = coded(sheet.cells("preferred_language"))
    values = [language_of(word) if word else None for word in words]
    unread = [i for i, word in enumerate(words) if word and values[i] is None]
    sheet.leave_empty(
        positions(pd.Series(codes).isin(unread)),
        "preferred_language",
        lambda index: Problem("language_unknown", {"text": words[codes[index]]}),
    )
    return arrays.taken(arrays.text(values), codes)


def _read(cell: str) -> str:
    """Return the valid contact details of a cell, with every value written out.

    Raises:
        ValueError, TypeError, LookupError, AttributeError, InvalidError: it holds other values.
    """
    kinds: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "emails": lambda row: _line(row, "email", EmailDetail),
        "phones": lambda row: _line(row, "phone", PhoneDetail),
        "addresses": _address,
    }
    values = json.loads(cell)
    if set(values) - set(kinds):
        raise ValueError(cell)
    return json.dumps(
        {kind: [kinds[kind](row) for row in rows] for kind, rows in values.items()},
        ensure_ascii=False,
    )


def _line(
    row: Mapping[str, Any], name: str, kind: type[EmailDetail] | type[PhoneDetail]
) -> dict[str, Any]:
    _refuse_unknown(row, _SHARED | {name})
    detail = validated_detail(kind(row[name], row.get("type", "other"), _flag(row)))
    return {name: str(detail), "type": detail.type, "do_not_use": detail.do_not_use}


def _address(row: Mapping[str, Any]) -> dict[str, Any]:
    _refuse_unknown(row, _SHARED | _ADDRESS)
    parts = {name: (row.get(name) or "").strip() or None for name in _PARTS}
    first, last = (row.get(name) and date.fromisoformat(row[name]) for name in _DAYS)
    detail: ContactDetail = AddressDetail(
        Address(**{name: " ".join((part or "").split()) for name, part in parts.items()}),
        row.get("type", "other"),
        row.get("season_from"),
        row.get("season_to"),
        first,
        last,
        do_not_use=_flag(row),
    )
    detail = validated_detail(detail)
    values = {name: row.get(name) or None for name in _ADDRESS}
    return values | parts | {"type": detail.type, "do_not_use": detail.do_not_use}


def _flag(row: Mapping[str, Any]) -> bool:
    value = row.get("do_not_use", False)
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _refuse_unknown(row: Mapping[str, Any], names: frozenset[str]) -> None:
    if set(row) - names:
        raise ValueError(row)
