"""Convert workbooks (.xlsx, .xlsm, .xls, .ods) to CSV in a child process with limits."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.file_reader import workbook_limits
from app.kit.errors import InvalidError

PATIENCE = 8
# exit code of the child: stderr holds a message for the user
REFUSED = 2
TOO_LONG = "The workbook takes too long to read. Open it and save it as CSV."
CHILD = Path(__file__).with_name("workbook_worker.py")
_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"


def is_workbook(data: bytes) -> bool:
    """Return whether the bytes begin like a workbook (any zip archive does, too)."""
    return data.startswith((_ZIP, _OLD))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as CSV in UTF-8, with its name and the names of all sheets with rows."""

    data: bytes
    name: str
    sheets: tuple[str, ...]


def as_csv(data: bytes) -> bytes:
    """Return the first sheet with a table as CSV in UTF-8.

    Raises:
        InvalidError: as in `read_sheet`.
    """
    return read_sheet(data).data


def read_sheet(data: bytes, name: str | None = None) -> Sheet:
    """Return a sheet, or the first one with a table; row numbers stay as in the workbook.

    Raises:
        InvalidError: no workbook, no such sheet, or built to overload a parser.
    """
    if data.startswith(_ZIP):
        data = workbook_limits.checked(data)
    try:
        process = subprocess.run(
            [sys.executable, "-I", str(CHILD), json.dumps(name)],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InvalidError(TOO_LONG) from None
    if process.returncode == 0:
        facts, _, rows = process.stdout.partition(b"\n")
        read = json.loads(facts)
        return Sheet(rows, read["sheet"], tuple(read["sheets"]))
    refused = process.returncode == REFUSED
    message = process.stderr.decode("utf-8", "replace").strip() if refused else ""
    # a child killed by its limits writes no message
    raise InvalidError(message or workbook_limits.TOO_LARGE)
