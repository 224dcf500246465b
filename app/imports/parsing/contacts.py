"""Parse e-mails, phones and addresses; what cannot be read is left empty, with a note."""

import re

import numpy as np
import pandas as pd

from app.imports.parsing.columns import Sheet
from app.imports.values import arrays
from app.imports.values.arrays import Codes, positions
from app.imports.values.cells import decimals_removed
from app.imports.values.problems import Problem
from app.kit import text

_PART = r"[^\s@,;|<>()\[\]:\"'.]+"
_EMAIL = rf"[^\s@,;|<>()\[\]:\"']+@{_PART}(?:\.{_PART})+"
_EMAILS = rf"^(?:{_EMAIL}(?:[\s,;|]+{_EMAIL})*[\s,;|]*)?$"
# an address inside other text: "Ada <a@x.example>", "mailto:a@x.example", "a@x.example (home)"
_IN_TEXT = re.compile(rf"[^\s@,;|<>()\[\]:\"]+@{_PART}(?:\.{_PART})+")
_CITY_LINE = re.compile(
    r"^(?P<street>.+),\s*(?P<city>[^,]+),\s*(?P<state>[A-Z]{2})\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:,\s*(?P<country>[^,]+))?$",
    re.DOTALL,
)
_SHORTENED = r"(?m)^\d(?:\.\d+)?[eE]\+?\d+$"
_WITH_DECIMALS = r"(?m)^(\+?\d{4,})\.0$"
ADDRESS = ("street", "city", "state", "postal_code", "country")


def emails(sheet: Sheet) -> dict[str, pd.Series]:
    """Return the first e-mail of each row, and the others, one per line."""
    return _first_and_others(
        "email", _read_emails(sheet, "email"), _read_emails(sheet, "other_emails")
    )


def first_emails(sheet: Sheet, name: str) -> pd.Series:
    """Return the first e-mail in each cell of a field, missing where there is none."""
    return _read_emails(sheet, name).str.replace(r"(?s)\n.*$", "", regex=True)


def phones(sheet: Sheet) -> dict[str, pd.Series]:
    """Return the first phone of each row, and the others, one per line."""
    return _first_and_others(
        "phone", _read_phones(sheet, "phone"), _read_phones(sheet, "other_phones")
    )


def address(sheet: Sheet) -> dict[str, pd.Series]:
    """Return the columns of the address; one cell for all of it is split where that is clear."""
    columns = {name: sheet.text(name) for name in ADDRESS}
    columns["postal_code"] = _without_decimals(
        sheet, "postal_code", _without_shortened(sheet, "postal_code", columns["postal_code"])
    )
    if "city" in sheet or "postal_code" in sheet or "street" not in sheet:
        return columns
    cells = arrays.listed(columns["street"])
    matches = [_CITY_LINE.match(cell or "") for cell in cells]
    columns["street"] = arrays.text(
        match["street"] if match else cell for match, cell in zip(matches, cells, strict=True)
    )
    for name, group in (
        ("city", "city"),
        ("state", "state"),
        ("postal_code", "zip"),
        ("country", "country"),
    ):
        columns[name] = arrays.text(match[group] if match else None for match in matches)
    return columns


def _first_and_others(name: str, column: pd.Series, rest: pd.Series) -> dict[str, pd.Series]:
    """Return the first line of each cell, and its other lines with those of the second column."""
    further = column.str.replace(r"^[^\n]*\n?", "", regex=True)
    both = (further.fillna("") + "\n" + rest.fillna("")).str.strip("\n ")
    return {
        name: column.str.replace(r"(?s)\n.*$", "", regex=True),
        f"other_{name}s": arrays.missing_if_blank(both),
    }


def _read_emails(sheet: Sheet, name: str) -> pd.Series:
    """Return the e-mails of each cell, one per line, missing where there is none."""
    codes, column = arrays.distinct(sheet.text(name))
    plain = arrays.is_true(column.str.contains(_EMAILS))
    lines = column.str.replace(r"[\s,;|]+", "\n", regex=True).str.strip("\n")
    if not plain.all():
        read = _in_text(sheet, name, codes, list(arrays.where(plain, "", column)))
        lines = arrays.where(plain, lines, arrays.text(read))
    return arrays.taken(lines, codes)


def _in_text(sheet: Sheet, name: str, codes: Codes, words: list[str]) -> list[str | None]:
    """Return the e-mails in each distinct cell that holds more than e-mails."""
    emails = [[part.strip("'") for part in _IN_TEXT.findall(word)] for word in words]
    unread = {i for i, word in enumerate(words) if word and not emails[i]}
    partly = {i for i, word in enumerate(words) if emails[i] and "@" in _IN_TEXT.sub("", word)}
    sheet.leave_empty(
        positions(np.isin(codes, list(unread))),
        name,
        lambda index: Problem("not_an_email", {"text": words[codes[index]]}),
    )
    sheet.note(
        positions(np.isin(codes, list(partly))),
        name,
        lambda index: Problem(
            "email_partly_read",
            {"text": words[codes[index]], "email": ", ".join(emails[codes[index]])},
        ),
    )
    return ["\n".join(parts) or None for parts in emails]


def _read_phones(sheet: Sheet, name: str) -> pd.Series:
    """Return the phones of each cell, one per line, missing where there is none."""
    column = sheet.text(name).str.replace(r"\s*[;|\n]\s*", "\n", regex=True)
    column = column.str.replace(text.AROUND_NUMBERS, "", regex=True).str.strip("\n ")
    column = _without_shortened(sheet, name, column)
    wordy = ~column.str.contains(r"\p{Nd}")
    sheet.leave_empty(
        positions(wordy), name, lambda index: Problem("not_a_phone", {"text": column[index]})
    )
    return _without_decimals(sheet, name, arrays.where(wordy, None, column))


def _without_shortened(sheet: Sheet, name: str, column: pd.Series) -> pd.Series:
    """Leave numbers empty whose last digits a spreadsheet has lost: "5.55E+09"."""
    shortened = column.str.contains(_SHORTENED)
    sheet.leave_empty(
        positions(shortened),
        name,
        lambda index: Problem("number_shortened", {"text": column[index]}),
    )
    return arrays.where(shortened, None, column)


def _without_decimals(sheet: Sheet, name: str, column: pd.Series) -> pd.Series:
    """Return numbers without a spreadsheet's ".0", with one note for the column."""
    repaired = column.str.replace(_WITH_DECIMALS, r"\1", regex=True)
    first = positions(repaired != column)[:1]
    sheet.note(first, name, lambda index: decimals_removed(column[index]))
    return repaired
