"""Rows as a workbook, made in a child process from a CSV file on disk."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO

from app.db import timeouts
from app.exports.columns import Column
from app.exports.workbook_cells import MOST_LETTERS, SEND_CSV, TOO_LONG
from app.kit.errors import InvalidError
from app.settings import ROOT

# a workbook's own limit; the first row is the header
MOST_ROWS = 1_048_575
REFUSED = 2
FAILED = f"The workbook could not be made. {SEND_CSV}"
_CHILD = Path(__file__).with_name("workbook_worker.py")

Rows = Callable[[IO[bytes]], int]
# what is left to do for a file after the transaction has ended
Later = list[Callable[[], None]]


def write_workbook(
    columns: Mapping[str, Column], rows: Rows, out: IO[bytes], *, name: str,
    later: Later | None = None,
) -> int:  # fmt: skip
    """Have `rows` written as CSV, turn them into a workbook with one sheet; return how many.

    Both wait on disk, in a folder that goes away, and are never whole in memory. What cannot be
    finished leaves nothing in `out`. With `later`, the workbook itself is made when the function
    added there is called: it needs no database, and takes longer than reading the rows.

    Raises:
        InvalidError: more rows, or a longer text, than a workbook holds.
    """
    folder = TemporaryDirectory()
    try:
        table = Path(folder.name) / "rows.csv"
        with table.open("wb") as file:
            number = rows(file)
        _refuse(table, number)
    except BaseException:
        folder.cleanup()
        raise

    def finish() -> None:
        with folder:
            _make(table, columns, out, name=name)

    if later is None:
        finish()
    else:
        later.append(finish)
    return number


def _refuse(table: Path, number: int) -> None:
    """Refuse what a workbook cannot hold while nothing is noted as exported yet."""
    if number > MOST_ROWS:
        msg = f"A workbook holds {MOST_ROWS:,} rows; these are {number:,}. {SEND_CSV}"
        raise InvalidError(msg)
    with table.open("rb") as lines:
        for line in lines:
            # a line may hold many cells, and a letter more than one byte
            if len(line) > MOST_LETTERS and max(map(len, line.decode().split(","))) > MOST_LETTERS:
                raise InvalidError(TOO_LONG)


def _make(table: Path, columns: Mapping[str, Column], out: IO[bytes], *, name: str) -> None:
    made = table.with_name("made.xlsx")
    asked = {
        "table": str(table), "made": str(made), "name": name,
        "holds": [one.holds for one in columns.values()],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(_CHILD), json.dumps(asked)], cwd=ROOT, stdin=subprocess.DEVNULL,
        capture_output=True, check=False, timeout=timeouts.EXPORT.total_seconds(),
    )  # fmt: skip
    if done.returncode == REFUSED:
        raise InvalidError(done.stderr.decode("utf-8", "replace"))
    if done.returncode:
        raise InvalidError(FAILED)
    with made.open("rb") as whole:
        copyfileobj(whole, out)
