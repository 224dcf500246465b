"""Conventions determined once per file from all its rows: date order and decimal mark."""

import numpy as np

from app.imports.parsing.columns import PLAIN, Sheet
from app.imports.values import amounts, arrays, dates
from app.imports.values.arrays import coded
from app.imports.values.assumptions import Assumption
from app.imports.values.questions import UndecidedError


def date_order(sheet: Sheet, names: tuple[str, ...]) -> str:
    """Return the file's date order: the user's answer, or what all its rows show.

    Raises:
        UndecidedError: day and month could be swapped.
    """
    if sheet.options.date_order:
        return sheet.options.date_order
    counts: list[tuple[str, int]] = []
    for name in names:
        if name in sheet:
            codes, words = coded(sheet.raw(name))
            rows = np.bincount(codes, minlength=len(words)).tolist()
            counts += [*zip(words, rows, strict=True), *sheet.evidence.get(name, ())]
    date_order = dates.date_order(counts)
    if date_order.order is None:
        samples = (date_order.unclear or tuple(word for word, _ in counts if word))[:5]
        raise UndecidedError(_which_order(samples[0]), "date_order", samples)
    if date_order.unclear:
        order = _ORDERS[date_order.order]
        values = {"sample": date_order.unclear[0], "order": order}
        sheet.assumed.append(Assumption("date_order", values))
    return date_order.order


_ORDERS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}


def _which_order(sample: str) -> str:
    """Return the sentence that asks which numbers of a date are its day, month and year."""
    if dates.has_short_year(sample):
        return (
            f"“{sample}” has a year of two digits, which may be its first or its last number, and "
            "no row of the file settles it."
        )
    return f"“{sample}” can be read as day or month first, and no row of the file settles it."


def decimal_mark(sheet: Sheet, names: tuple[str, ...]) -> str:
    """Return the file's decimal mark: the user's answer, or what all its rows show.

    Raises:
        UndecidedError: "1.234" could be 1234 or 1 and 234 thousandths.
    """
    if sheet.options.decimal:
        return "," if sheet.options.decimal == "comma" else "."
    words: list[str] = []
    for name in names:
        if name in sheet:
            words += coded(sheet.raw(name))[1]
            words += [word for word, _ in sheet.evidence.get(name, ())]
    column = arrays.text(words)
    usual = arrays.is_true(column.str.contains(PLAIN))
    points = int(column[usual].str.contains(".", regex=False).sum())
    mark = amounts.decimal_mark(list(column[~usual]), points=points)
    if mark is None:
        samples = tuple(word for word in words if "." in word or "," in word)[:5]
        msg = (
            f"“{samples[0]}” can be read with a decimal point or a decimal comma, and the file "
            "does not settle it."
        )
        raise UndecidedError(msg, "decimal", samples)
    return mark
