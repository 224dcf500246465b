"""Cells of the files we write: no spreadsheet may take a text for a formula.

A program that splits a file at another separator than we do, and at line breaks, sees a cell begin
in the middle of ours. So a ' goes before everything that looks like a formula at the beginning of
a cell, and behind each of ; tab and line break in it. The importer takes exactly these off again:
what may follow the ' may itself begin with ', so that nothing reads the same with and without.
"""

import re

# what a formula begins with, in full width as well; quotation marks and blanks before it are
# passed over by some programs
LEAD, SIGN = "['\" ]*", "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
INNER = f"{LEAD}{SIGN}"
# the first in a cell: some programs skip these, too
FIRST = f"(?:{INNER}|'*[\t\r])"
BREAKS = "[;\t\r\n]"
NUMBER = "[-+]?[0-9]+([.,][0-9]+)*"
_FIRST, _NUMBER = re.compile(FIRST), re.compile(NUMBER)
_INNER = re.compile(f"({BREAKS})(?={INNER})")
_GUARDED_FIRST = re.compile(f"\\A'(?={FIRST})")
_GUARDED_INNER = re.compile(f"({BREAKS})'(?={INNER})")


def safe(cell: str) -> str:
    """Return the cell with a ' wherever a spreadsheet would begin a formula; a number stays one.

    `plain` takes exactly these off again.
    """
    guarded = _INNER.sub(r"\1'", cell)
    return f"'{guarded}" if _FIRST.match(cell) and not _NUMBER.fullmatch(cell) else guarded


def plain(cell: str) -> str:
    """Return the cell as it was before `safe`."""
    return _GUARDED_FIRST.sub("", _GUARDED_INNER.sub(r"\1", cell), count=1)
