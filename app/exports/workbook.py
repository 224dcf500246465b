"""Conversion of rows to an Excel workbook, in a child process from a CSV file on disk."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO

from app.db.statements import timeouts
from app.exports.columns import Column
from app.kit.errors import InvalidError
from app.kit.formatting import DEFAULT, day_pattern
from app.settings import ROOT
from app.workbook_writer.cells import MOST_LETTERS, SEND_CSV, TOO_LONG, is_too_long

# the limit of the xlsx format, without the header row
MOST_ROWS = 1_048_575
REFUSED = 2
FAILED = f"The workbook could not be made. {SEND_CSV}"
_CHILD = ROOT / "app" / "workbook_writer" / "worker.py"

Rows = Callable[[IO[bytes]], int]
# callables that complete a file after the transaction has ended
Later = list[Callable[[], None]]


def write_workbook(
    columns: Mapping[str, Column],
    rows: Rows,
    out: IO[bytes],
    *,
    name: str,
    locale: str,
    later: Later | None = None,
) -> int:
    """Write `rows` as CSV and convert it to a workbook with one sheet; return the row count.

    Days are shown in the order of `locale`; the marks within numbers are those of the reader's
    own spreadsheet program.
    Both files are on disk in a temporary folder and never entirely in memory. On failure nothing
    is written to `out`. With `later`, the conversion runs when the callable appended there is
    called: it needs no database, and takes longer than reading the rows.

    Raises:
        InvalidError: there are more rows, or a longer text, than a workbook can hold.
    """
    folder = TemporaryDirectory()
    try:
        table = Path(folder.name) / "rows.csv"
        with table.open("wb") as file:
            number = rows(file)
        _check_limits(table, number)
    except BaseException:
        folder.cleanup()
        raise

    def finish() -> None:
        with folder:
            convert(table, columns, out, rows=number, name=name, locale=locale)

    if later is None:
        finish()
    else:
        later.append(finish)
    return number


def _check_limits(table: Path, number: int) -> None:
    """Raise InvalidError if the data exceeds a workbook, before the export is recorded."""
    if number > MOST_ROWS:
        msg = f"A workbook holds {MOST_ROWS:,} rows; these are {number:,}. {SEND_CSV}"
        raise InvalidError(msg)
    with table.open("rb") as lines:
        for line in lines:
            # a line may hold many cells, and a character several bytes: decode only long lines
            if len(line) > MOST_LETTERS and any(map(is_too_long, line.decode().split(","))):
                raise InvalidError(TOO_LONG)


def convert(
    table: Path,
    columns: Mapping[str, Column],
    out: IO[bytes],
    *,
    rows: int,
    name: str,
    locale: str,
) -> None:
    """Write a CSV file of `rows` rows as a workbook to `out`, in a child process.

    Raises:
        InvalidError: the child refuses the data, or fails.
    """
    workbook = table.with_name("made.xlsx")
    request = {
        "table": str(table),
        "made": str(workbook),
        "rows": rows,
        "name": name,
        # American days would be read as European ones wherever the file is passed on
        "days": "YYYY-MM-DD" if locale == DEFAULT else day_pattern(locale),
        "holds": [column.holds for column in columns.values()],
    }
    process = subprocess.run(
        [sys.executable, str(_CHILD), json.dumps(request)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=timeouts.EXPORT.total_seconds(),
    )
    if process.returncode == REFUSED:
        raise InvalidError(process.stderr.decode("utf-8", "replace"))
    if process.returncode:
        raise InvalidError(FAILED)
    with workbook.open("rb") as file:
        copyfileobj(file, out)
