"""Detect what a column holds from its cells, where its header matches no known spelling."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from app.imports.mapping.data_table import DataTable
from app.imports.values import amounts, choices, dates
from app.imports.values.currencies import CURRENCIES
from app.imports.values.fields import FIELDS
from app.imports.values.records.field import Field

CELLS = 300
SURE = 0.9
HALF = 0.5
_EMAIL = re.compile(r"^[^\s@,;]+@[^\s@,;.]+(\.[^\s@,;.]+)+$")
_PHONE = re.compile(r"^(\+|\(|0)[\d\s()./-]{6,20}$|^\d{3}[-. ]\d{3}[-. ]\d{4}$")
_MONEY = re.compile(r"[.,]\d{2}\b|[$€£¥₹]|\b[A-Z]{3}\b")
_NAME = re.compile(r"^[^\W\d_][\w'’.-]*(,? (&|[^\W\d_][\w'’.-]*)){1,5}$")
_DAYS = {"gifts": "gift_date", "pledges": "start_date"}


def detect_fields(table: DataTable, kind: str, mapped: Mapping[str, int]) -> dict[str, int]:
    """Return field → column index for columns not in `mapped` whose content is unambiguous.

    A column matches when 90 % of its filled cells have one type; of two such columns, the first
    counts.
    """
    names = {field.name for field in FIELDS[kind]}
    detected: dict[str, int] = {}
    for index in range(len(table.columns)):
        if index in mapped.values():
            continue
        cells = _filled(table, index)
        for field, matches in _detectors(kind):
            if (
                field in names
                and field not in {*mapped, *detected}
                and _share(cells, matches) >= SURE
            ):
                detected[field] = index
                break
    return detected


def guess_kind(table: DataTable) -> str | None:
    """Return "gifts" where columns with amounts and dates are detected, else None."""
    detected = detect_fields(table, "gifts", {})
    return "gifts" if {"amount", "gift_date"} <= set(detected) else None


def plausible(table: DataTable) -> Callable[[Field, str, int], bool]:
    """Return a check of whether a column's cells may be what a field holds.

    It needs at least half of the filled cells to be of the field's type. Words are checked where
    the header alone says little: "Type" may hold kinds of gifts, methods of payment or marks.
    """

    @cache
    def share(index: int, kind: str) -> float | None:
        cells = [cell for cell in _cells(table, index) if cell]
        return _share(cells, _MATCHES[kind]) if cells else None

    def check(field: Field, spelling: str, index: int) -> bool:
        kind = field.type.removeprefix("choice:")
        says_it = (
            spelling == field.name or spelling not in _VAGUE
            if field.type.startswith("choice:")
            else field.words.index(spelling) < field.usual
        )
        if kind not in _MATCHES or (says_it and kind != "split"):
            return True
        matching = share(index, kind)
        if matching is None or kind != "gift_kind":
            return matching is None or matching >= HALF
        # "Credit" and "Check" are methods, though "Credit" alone may be a kind
        return matching >= max(HALF, share(index, "method") or 0.0)

    return check


def share_containing(table: DataTable, index: int, part: int) -> float:
    """Return the share of rows, among those with both cells, where one cell holds the other."""
    pairs = zip(_cells(table, index), _cells(table, part), strict=True)
    filled = [(cell.lower(), inner.lower()) for cell, inner in pairs if cell and inner]
    return sum(inner in cell for cell, inner in filled) / len(filled) if filled else 1.0


def share_of_one_word(table: DataTable, index: int) -> float:
    """Return the share of the filled cells of a column that are one word."""
    cells = [cell for cell in _cells(table, index) if cell]
    return _share(cells, lambda cell: len(cell.split()) == 1)


def _detectors(kind: str) -> list[tuple[str, Callable[[str], bool]]]:
    return [
        ("email", lambda cell: bool(_EMAIL.match(cell))),
        (_DAYS.get(kind, ""), _is_day),
        ("currency", lambda cell: cell.upper() in CURRENCIES),
        ("amount", _is_money),
        ("phone", lambda cell: bool(_PHONE.match(cell))),
        ("name", lambda cell: bool(_NAME.match(cell))),
    ]


def _filled(table: DataTable, index: int) -> list[str]:
    cells = _cells(table, index)
    filled = [cell for cell in cells if cell]
    # a mostly blank column is not sufficient evidence
    return filled[:CELLS] if len(filled) * 2 >= len(cells) else []


def _cells(table: DataTable, index: int) -> list[str]:
    return [cell.strip() for cell in table.column(index).head(CELLS * 2)]


def _share(cells: list[str], matches: Callable[[str], bool]) -> float:
    return sum(map(matches, cells)) / len(cells) if cells else 0.0


def _is_day(cell: str) -> bool:
    reads = (dates.read_day(cell, order, this_year=2000) for order in dates.ORDERS)
    return any(read.day is not None for read in reads)


def _is_money(cell: str) -> bool:
    # a number without decimals or a currency symbol may be a count of something
    reads = (amounts.read_amount(cell, mark) for mark in ".,")
    return bool(_MONEY.search(cell)) and any(read.problem is None for read in reads)


def _is_amount(cell: str) -> bool:
    return any(amounts.read_amount(cell, mark).problem is None for mark in ".,")


def _is_word(vocabulary: str) -> Callable[[str], bool]:
    return lambda cell: choices.choose(vocabulary, cell) is not None


_MATCHES: Mapping[str, Callable[[str], bool]] = {
    # "General 60.00; Roof 40.00", not the other account of a bookkeeping program
    "split": lambda cell: any(map(str.isdigit, cell)),
    "amount": _is_amount,
    "date": _is_day,
    "day": _is_day,
    **{
        name: _is_word(name)
        for name in ("gift_kind", "gift_status", "method", "donor_kind", "donor_status")
    },
}
# headers that may name a kind of gift, a status or a method of payment, and much else
_VAGUE = frozenset(
    {"type", "gift_type", "transaction_type", "status", "payment", "payment_source", "form"}
    | {"paid", "cleared"}
)
