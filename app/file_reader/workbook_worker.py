"""Child process that converts a workbook (stdin) to CSV (stdout) within tight limits.

It runs as a file, not as a module, so that it loads nothing but the reader. Its argument is the
name of the sheet as JSON, null for the first one with a table. The first line on stdout is JSON
about the sheets. An error of the workbook is one sentence on stderr, with exit code 2.
"""

import csv
import io
import json
import re
import resource
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TypeAlias

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


_Rows: TypeAlias = Sequence[Sequence[object]]


class WorkbookError(Exception):
    """The workbook cannot be read as one table; the message says why."""


def main() -> int:
    """Read the workbook from stdin and write CSV to stdout; return the exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    data = sys.stdin.buffer.read()
    memory = MEMORY + MEMORY_A_BYTE * len(data)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        sheets = _filled_sheets(data)
        name = _chosen(sheets, json.loads(sys.argv[1]))
        _write(name, sheets)
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


def _filled_sheets(data: bytes) -> dict[str, _Rows]:
    """Return the sheets that have a filled cell."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = book.sheet_names
    if len(names) > MANY_SHEETS:
        message = f"The workbook has {len(names):,} sheets; {MANY_SHEETS} is the most."
        raise WorkbookError(message)
    filled: dict[str, _Rows] = {}
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
    return filled


def _chosen(sheets: Mapping[str, _Rows], name: str | None) -> str:
    """Return the sheet to read: the named one, else the first with a table, else the first."""
    if name is not None and name not in sheets:
        message = f"The workbook has no sheet “{name}” with rows. It has: {', '.join(sheets)}."
        raise WorkbookError(message)
    if name is not None:
        return name
    names = [each for each in sheets if not _HELP.match(each)] or list(sheets)
    return next((each for each in names if _is_table(sheets[each])), names[0])


def _is_table(rows: _Rows) -> bool:
    """Return whether two rows have two filled cells, which a cover page has not."""
    return sum(sum(cell != "" for cell in row) > 1 for row in rows) > 1


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


def _write(name: str, sheets: Mapping[str, _Rows]) -> None:
    """Write a sheet to stdout as CSV, up to the size limit of a CSV file."""
    rows = sheets[name]
    stdout = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    stdout.write(json.dumps({"sheet": name, "sheets": list(sheets)}) + "\n")
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
