"""Clean cells that describe a person: placeholders, invisible characters, numbers as decimals."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
_FILLED = _ADDRESS | GREETINGS | _CONTACTS | (NAMES - {"fund"}) | {"tags"}


def is_side(name: str) -> bool:
    """Return whether a field is worth less than its row: unreadable, it is left empty."""
    return name in _SIDE or name.startswith(CUSTOM_PREFIX)


def without_placeholders(column: pa.Array, name: str) -> pa.Array:
    """Return the cells of a field with "N/A", "none" and their like blank."""
    if name not in _FILLED:
        return column
    words = _WORDS - _NOT_BLANK_IN.get(name, frozenset())
    if name in _CONTACTS:
        words |= {"na", "no", "x"}
    blank = pc.is_in(pc.ascii_lower(column), pa.array(sorted(words), pa.string()))
    # most columns have none: a copy of each would double the memory of a large file
    return pc.if_else(blank, "", column) if pc.any(blank).as_py() else column


def visible(column: pa.Array, name: str) -> tuple[pa.Array, NDArray[np.intp]]:
    """Return the cells of a field without invisible characters, and the positions of changed ones.

    Names lose direction marks and zero-width characters, as in forms; side cells lose every
    character that no form accepts.
    """
    unchanged = np.array([], dtype=np.intp)
    if name in NUMBERS or not (name in NAMES or is_side(name)):
        return column, unchanged
    if name in NAMES and pc.all(pc.string_is_ascii(column)).as_py():
        return column, unchanged
    suspect = (
        _SUSPECT_NOTE if name in _NOTES else _SUSPECT_SIDE if is_side(name) else _SUSPECT_NAME
    )
    positions = np.flatnonzero(
        pc.match_substring_regex(column, suspect).to_numpy(zero_copy_only=False)
    )
    if not len(positions):
        return column, unchanged
    cells = column.take(pa.array(positions)).to_pylist()
    cleaned = [_clean(cell, name) for cell in cells]
    pairs = zip(positions, cells, cleaned, strict=True)
    changed = [position for position, cell, new in pairs if cell != new]
    mask = np.zeros(len(column), dtype=bool)
    mask[positions] = True
    column = pc.replace_with_mask(column, pa.array(mask), pa.array(cleaned, pa.string()))
    return column, np.array(changed, dtype=np.intp)


def decimals_removed(cell: str) -> Problem:
    """Return the note about a whole number that a spreadsheet has written with ".0"."""
    return Problem("decimals_removed", {"text": cell, "value": cell.removesuffix(".0")})


def _clean(cell: str, name: str) -> str:
    # notes in Arabic and Hebrew need direction marks
    cell = cell if name in _NOTES else text.without_marks(cell)
    return (re.sub(REFUSED, "", cell) if is_side(name) else cell).strip()
