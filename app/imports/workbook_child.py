"""A process of its own that turns a workbook (stdin) into CSV (stdout), within narrow limits.

Run as a file, not as a module, so that it starts with nothing but the reader. What is wrong with
the workbook is one sentence on stderr, with exit code 2.
"""

import csv
import io
import re
import resource
import sys
from collections.abc import Sequence
from datetime import date, datetime, time

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MEMORY = 2 * 2**30
SECONDS = 60
# a float holds every whole number below
WHOLE = 10**15
MANY_COLUMNS = 200
_HELP = re.compile(r"(?i)^\s*(instructions?|read ?me|help|lists?|lookups?)\s*$")


class WorkbookError(Exception):
    """The workbook cannot be read as one table; the message says why."""


def main() -> int:
    """Read the workbook from stdin, write CSV to stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        rows = _rows(sys.stdin.buffer.read())
    except WorkbookError as error:
        sys.stderr.write(str(error))
        return 2
    except PasswordError:
        sys.stderr.write("The workbook has a password. Save it without one.")
        return 2
    except (CalamineError, MemoryError, ValueError, OSError):
        sys.stderr.write("The workbook cannot be read. Open it and save it as CSV.")
        return 2
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    csv.writer(out, lineterminator="\n").writerows([_text(cell) for cell in row] for row in rows)
    out.flush()
    return 0


def _rows(data: bytes) -> Sequence[Sequence[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    filled = {}
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.width > MANY_COLUMNS:
            message = f"The sheet {name} has {sheet.width} columns; {MANY_COLUMNS} is the most."
            raise WorkbookError(message)
        # the empty rows above stay, so that rows keep the numbers people see
        rows = sheet.to_python(skip_empty_area=False)
        if any(cell != "" for row in rows for cell in row):
            filled[name] = rows
    if not filled:
        message = "The workbook is empty."
        raise WorkbookError(message)
    told = {name: rows for name, rows in filled.items() if not _HELP.match(name)} or filled
    if len(told) > 1:
        message = (
            f"The workbook has {len(told)} sheets with rows: {', '.join(told)}. "
            "Save the one to import as a file of its own."
        )
        raise WorkbookError(message)
    return next(iter(told.values()))


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
