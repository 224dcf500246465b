"""Protection against CSV injection: a spreadsheet must not read a text cell as a formula.

A program that splits a file at another delimiter than ours, and at line breaks, sees a cell begin
in the middle of ours. So a ' is inserted before everything that looks like a formula at the
beginning of a cell and after each semicolon, tab and line break in it. The importer removes
exactly these again: the pattern after the ' may itself begin with ', so that the encoding is
unambiguous.
"""

import re

# characters that begin a formula, also in full width; some programs skip quotation marks and
# blanks before them
LEAD, SIGN = "['\" ]*", "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
INNER = f"{LEAD}{SIGN}"
# some programs also skip a leading tab or carriage return
FIRST = f"(?:{INNER}|'*[\t\r])"
BREAKS = "[;\t\r\n]"
NUMBER = "[-+]?[0-9]+([.,][0-9]+)*"
_FIRST, _NUMBER = re.compile(FIRST), re.compile(NUMBER)
_INNER = re.compile(f"({BREAKS})(?={INNER})")
_GUARDED_FIRST = re.compile(f"\\A'(?={FIRST})")
_GUARDED_INNER = re.compile(f"({BREAKS})'(?={INNER})")


def safe(cell: str) -> str:
    """Insert a ' wherever a spreadsheet would begin a formula; numbers stay unchanged.

    `plain` is the exact inverse.
    """
    guarded = _INNER.sub(r"\1'", cell)
    return f"'{guarded}" if _FIRST.match(cell) and not _NUMBER.fullmatch(cell) else guarded


def plain(cell: str) -> str:
    """Return the original cell: the inverse of `safe`."""
    return _GUARDED_FIRST.sub("", _GUARDED_INNER.sub(r"\1", cell), count=1)
