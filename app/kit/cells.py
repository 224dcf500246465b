"""Cells of the files we write: no spreadsheet may take a text for a formula."""

import re

_FORMULA = re.compile(r"^'*[=+\-@\t\r]")
_NUMBER = re.compile(r"^[-+]?\d+([.,]\d+)*$")


def safe(cell: str) -> str:
    """Return the cell with a leading ' where a spreadsheet would run it; numbers stay numbers.

    The importer takes exactly this ' off again.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell
