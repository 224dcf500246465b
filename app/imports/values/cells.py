"""Clean cells that describe a person: placeholders, invisible characters, numbers as decimals."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.imports.values import arrays
from app.imports.values.fields import CUSTOM_PREFIX
from app.imports.values.problems import Problem
from app.kit import text
from app.kit.text import DIRECTIONS, REFUSED, SUSPECT

NAMES = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "spouse_first_name",
        "spouse_last_name",
        "fund",
        "campaign",
    }
)
# how to address a donor: too long, they are left empty
GREETINGS = frozenset({"salutation", "envelope_name"})
# address books wrap numbers in characters that parsing removes
NUMBERS = frozenset({"phone", "other_phones"})
_ADDRESS = frozenset({"street", "city", "state", "postal_code", "country"})
# a character that no form accepts is removed from these; elsewhere it refuses the row
_NOTES = frozenset({"note", "notes"})
_SUSPECT_NAME = f"{DIRECTIONS}|{SUSPECT}"
_SUSPECT_NOTE = REFUSED
_SUSPECT_SIDE = f"{REFUSED}|{SUSPECT}"
_CONTACTS = NUMBERS | {"email", "other_emails"}
_SIDE = _ADDRESS | _NOTES | GREETINGS | {"email", "other_emails", "tags", "owner_email"}
_SYMBOLS = frozenset(["-", "--", "---", "–", "—", "?", "n/a", "n.a.", "#n/a", "unknown"])
_WORDS = _SYMBOLS | {"none", "null", "nil"}
_NOT_BLANK_IN = {
    # a person may be called Ada None, Ada Null or Nil Stone
    "first_name": frozenset({"nil"}),
    "last_name": frozenset({"none", "null", "nil"}),
}
_FILLED = _ADDRESS | GREETINGS | _CONTACTS | (NAMES - {"fund", "campaign"}) | {"tags"}


def is_side(name: str) -> bool:
    """Return whether a field is worth less than its row: unreadable, it is left empty."""
    return name in _SIDE or name.startswith(CUSTOM_PREFIX)


def without_placeholders(column: pd.Series, name: str) -> pd.Series:
    """Return the cells of a field with "N/A", "none" and their like blank."""
    if name not in _FILLED:
        return column
    words = _WORDS - _NOT_BLANK_IN.get(name, frozenset())
    if name in _CONTACTS:
        words |= {"na", "no", "x"}
    blank = column.str.lower().isin(sorted(words))
    # most columns have none: a copy of each would double the memory of a large file
    return arrays.where(blank, "", column) if blank.any() else column


def visible(column: pd.Series, name: str) -> tuple[pd.Series, NDArray[np.intp]]:
    """Return the cells of a field without invisible characters, and the positions of changed ones.

    Names lose direction marks and zero-width characters, as in forms; side cells lose every
    character that no form accepts.
    """
    unchanged = np.array([], dtype=np.intp)
    if name in NUMBERS or not (name in NAMES or is_side(name)):
        return column, unchanged
    if name in NAMES and column.str.isascii().all():
        return column, unchanged
    suspect = (
        _SUSPECT_NOTE if name in _NOTES else _SUSPECT_SIDE if is_side(name) else _SUSPECT_NAME
    )
    mask = arrays.is_true(column.str.contains(suspect))
    if not mask.any():
        return column, unchanged
    cells = list(column[mask])
    cleaned = [_clean(cell, name) for cell in cells]
    pairs = zip(arrays.positions(mask), cells, cleaned, strict=True)
    changed = [position for position, cell, new in pairs if cell != new]
    return arrays.with_cells(column, mask, cleaned), np.array(changed, dtype=np.intp)


def decimals_removed(cell: str) -> Problem:
    """Return the note about a whole number that a spreadsheet has written with ".0"."""
    return Problem("decimals_removed", {"text": cell, "value": cell.removesuffix(".0")})


def _clean(cell: str, name: str) -> str:
    # notes in Arabic and Hebrew need direction marks
    cell = cell if name in _NOTES else text.without_marks(cell)
    return (re.sub(REFUSED, "", cell) if is_side(name) else cell).strip()
