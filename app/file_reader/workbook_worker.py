"""Child process that converts a workbook (stdin) to CSV (stdout) within tight limits.

It runs as a file, not as a module, so that it loads nothing but the reader. An error of the
workbook is one sentence on stderr, with exit code 2.
"""

import csv
import io
import re
import resource
import sys
from collections.abc import Sequence
from datetime import date, datetime, time

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

# bytes of memory per workbook, and per byte of its inflated parts
MEMORY, MEMORY_A_BYTE = 2**29, 8
SECONDS = 8
# exit code: stderr holds a message for the user
REFUSED = 2
# a float represents every whole number below this exactly
WHOLE = 10**15
MANY_COLUMNS = 2_000
MANY_SHEETS = 100
# includes the empty cells between the first and the last one
MANY_CELLS = 5_000_000
MANY_BYTES = 200 * 2**20
_HELP = re.compile(r"(?i)^\s*(instructions?|read ?me|help|lists?|lookups?)\s*$")


class WorkbookError(Exception):
    """The workbook cannot be read as one table; the message says why."""


def main() -> int:
    """Read the workbook from stdin and write CSV to stdout; return the exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    data = sys.stdin.buffer.read()
    memory = MEMORY + MEMORY_A_BYTE * len(data)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        _write(_rows(data))
    except WorkbookError as error:
        sys.stderr.write(str(error))
        return REFUSED
    except PasswordError:
        sys.stderr.write("The workbook has a password. Save it without one.")
        return REFUSED
    except MemoryError:
        sys.stderr.write("The workbook is too large to read. Open it and save it as CSV.")
        return REFUSED
    except (CalamineError, ValueError, OSError):
        sys.stderr.write("The workbook cannot be read. Open it and save it as CSV.")
        return REFUSED
    return 0


def _rows(data: bytes) -> Sequence[Sequence[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = book.sheet_names
    if len(names) > MANY_SHEETS:
        message = f"The workbook has {len(names):,} sheets; {MANY_SHEETS} is the most."
        raise WorkbookError(message)
    filled = {}
    left = MANY_CELLS
    for name in names:
        sheet = book.get_sheet_by_name(name)
        left -= _area(name, sheet, left)
        # empty rows above the table are included, so that row numbers match the workbook
        rows = sheet.to_python(skip_empty_area=False)
        if any(cell != "" for row in rows for cell in row):
            filled[name] = rows
    if not filled:
        message = "The workbook is empty."
        raise WorkbookError(message)
    sheets = {name: rows for name, rows in filled.items() if not _HELP.match(name)} or filled
    if len(sheets) > 1:
        message = (
            f"The workbook has {len(sheets)} sheets with rows: {', '.join(sheets)}. "
            "Save the one to import as a file of its own."
        )
        raise WorkbookError(message)
    return next(iter(sheets.values()))


def _area(name: str, sheet: CalamineSheet, most: int) -> int:
    """Return the number of cells of a sheet from A1 to the last one, empty cells included."""
    # the library counts rows and columns from 0
    high, wide = sheet.total_height + 1, sheet.total_width + 1
    if wide > MANY_COLUMNS:
        message = f"The sheet {name} has {wide:,} columns; {MANY_COLUMNS:,} is the most."
        raise WorkbookError(message)
    if high * wide > most:
        message = (
            f"The sheet {name} reaches to row {high:,} and has {wide} columns, more than the "
            f"{MANY_CELLS:,} cells that are read. Delete what is outside the table, or split it "
            "by year."
        )
        raise WorkbookError(message)
    return int(high * wide)


def _write(rows: Sequence[Sequence[object]]) -> None:
    """Write rows to stdout as CSV, up to the size limit of a CSV file."""
    stdout = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    table = csv.writer(stdout, lineterminator="\n")
    written = 0
    for row in rows:
        cells = [_text(cell) for cell in row]
        written += sum(map(len, cells)) + len(cells)
        if written > MANY_BYTES:
            message = f"The workbook holds more than {MANY_BYTES // 2**20} MB of text. Split it."
            raise WorkbookError(message)
        table.writerow(cells)
    stdout.flush()


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    raise SystemExit(main())
