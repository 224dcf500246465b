"""Claim: an export as a workbook takes a third of the time of writing it cell by cell.

The same gifts are read from one private server and written as a CSV file, as a workbook by the
application and as a workbook by XlsxWriter cell by cell, all in one run, each workbook in a child
process with the same priority. The peak memory is that of the child process.
`python -m benchmarks.workbook [--rows N] [--donors N] [--rounds N] [--json]`
"""

import argparse
import contextlib
import io
import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from unittest.mock import patch

import psutil

from benchmarks import dashboard
from benchmarks.support.private_server import private_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.accounts import Actor

TODAY = date(2026, 11, 23)
LIMIT = 3.0
MB = 1024 * 1024
POLL_S = 0.02


class Figures(TypedDict):
    """Seconds of an export and of its parts, peak memory of the child processes and file sizes."""

    rows: int
    csv_s: float
    workbook_s: float
    cell_by_cell_s: float
    ratio: float
    written_s: float
    cell_by_cell_written_s: float
    workbook_mb: float
    cell_by_cell_mb: float
    size_mb: float
    cell_by_cell_size_mb: float


class Child(TypedDict):
    """What one child process took."""

    seconds: float
    megabytes: float
    size: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--donors", type=int, default=12_500)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with private_server():
        dashboard.fill(chosen.donors, chosen.rows)
        figures = measure(chosen.rounds)
    print(json.dumps(figures) if chosen.json else format_report(figures))
    if figures["ratio"] < LIMIT or figures["workbook_mb"] > figures["cell_by_cell_mb"]:
        sys.exit("A limit is missed.")


def measure(rounds: int) -> Figures:
    """Return the least times of the rounds, which are taken in turn."""
    from app import accounts  # noqa: PLC0415 - after the settings are chosen
    from app.db import transaction_for_system  # noqa: PLC0415
    from app.exports import workbook  # noqa: PLC0415

    with transaction_for_system() as db:
        actor = accounts.actor_by_email(db, dashboard.ADA)
    ways = {
        "new": [str(workbook._CHILD)],  # noqa: SLF001
        "old": ["-m", "benchmarks.workbook.cell_by_cell"],
    }
    reading, csv, children = list[float](), list[float](), dict[str, list[Child]]()
    for _ in range(rounds):
        seconds, rows = export(actor, "csv")
        csv.append(seconds)
        with tempfile.TemporaryDirectory() as folder:
            seconds, arguments = read(actor, Path(folder))
            reading.append(seconds)
            for name, program in ways.items():
                children.setdefault(name, []).append(convert(program, arguments))
    new, old = (min(children[name], key=lambda child: child["seconds"]) for name in ways)
    read_s = min(reading)
    return {
        "rows": rows,
        "csv_s": min(csv),
        "workbook_s": read_s + new["seconds"],
        "cell_by_cell_s": read_s + old["seconds"],
        "ratio": (read_s + old["seconds"]) / (read_s + new["seconds"]),
        "written_s": new["seconds"],
        "cell_by_cell_written_s": old["seconds"],
        "workbook_mb": new["megabytes"],
        "cell_by_cell_mb": old["megabytes"],
        "size_mb": new["size"],
        "cell_by_cell_size_mb": old["size"],
    }


def export(actor: "Actor", form: str) -> tuple[float, int]:
    """Export the gifts; return the seconds and the number of rows."""
    from app import exports  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    began = time.perf_counter()
    with tempfile.TemporaryFile() as file, transaction_for_system() as db:
        rows = exports.write(db, actor, kind="gifts", out=file, form=form, today=TODAY)
    return time.perf_counter() - began, rows


def read(actor: "Actor", folder: Path) -> tuple[float, dict[str, object]]:
    """Do the part of an export as a workbook before its conversion; return its argument."""
    from app.db import transaction_for_system  # noqa: PLC0415
    from app.exports import service  # noqa: PLC0415

    later: list[Callable[[], None]] = []
    arguments: dict[str, object] = {}

    def keep(words: "Sequence[str]", **_: object) -> None:
        request = json.loads(words[2])
        table = Path(request["table"]).rename(folder / "rows.csv")
        arguments.update(request, table=str(table), made=str(folder / "made.xlsx"))
        raise _KeptError

    began = time.perf_counter()
    with transaction_for_system() as db:
        service.write(
            db, actor, kind="gifts", out=io.BytesIO(), form="xlsx", today=TODAY, later=later
        )
    seconds = time.perf_counter() - began
    with (
        patch("app.exports.workbook.subprocess.run", keep),
        contextlib.suppress(_KeptError),
    ):
        later[0]()
    return seconds, arguments


class _KeptError(Exception):
    """The table is taken over; it is not converted here."""


def convert(program: "Sequence[str]", arguments: dict[str, object]) -> Child:
    """Run a child process that writes a workbook."""
    began = time.perf_counter()
    words = [sys.executable, *program, json.dumps(arguments)]
    most = 0
    process = psutil.Popen(words)
    # the peak that the system reports of a child includes that of its parent before exec
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            most = max(most, process.memory_info().rss)
        time.sleep(POLL_S)
    seconds = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"{program[-1]} failed.")
    made = Path(str(arguments["made"]))
    size = made.stat().st_size
    made.unlink()
    return {
        "seconds": seconds,
        "megabytes": most / MB,
        "size": size / 1_000_000,
    }


def format_report(figures: Figures) -> str:
    """Return the results as text."""
    return (
        f"{figures['rows']:,} gifts as a CSV file: {figures['csv_s']:.1f} s\n"
        f"as a workbook: {figures['workbook_s']:.1f} s, of which {figures['written_s']:.1f} s in "
        f"the child process; {figures['workbook_mb']:.1f} MB at most, "
        f"{figures['size_mb']:.1f} MB of file\n"
        f"cell by cell: {figures['cell_by_cell_s']:.1f} s, of which "
        f"{figures['cell_by_cell_written_s']:.1f} s; {figures['cell_by_cell_mb']:.1f} MB, "
        f"{figures['cell_by_cell_size_mb']:.1f} MB of file\n"
        f"{figures['ratio']:.1f} × as fast (to reach: {LIMIT:.0f} × with no more memory)"
    )


if __name__ == "__main__":
    main()
