"""Files are read in child processes: the same cells, and no file harms the application."""

import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipExtFile

import psutil
import pytest
from sqlalchemy import Table

from app.file_reader import presets, workbook_limits
from app.file_reader.read_options import Reading
from app.file_reader.sandbox import pool, protocol
from app.file_reader.sandbox.cancellation import ReadingStoppedError, Stop
from app.file_reader.table import read
from app.kit.errors import ConflictError, InvalidError
from benchmarks import hostile_files
from tests.semaphores import free_turns

FIXTURES = Path(__file__).parents[2] / "fixtures" / "csv"
GOOD = b"donor_id,amount,date\n7,12.50,2026-03-04\n"


def is_header(row: Sequence[str]) -> bool:
    return presets.recognise(row) is not None


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    pool.end_all()
    yield
    pool.end_all()


@pytest.mark.parametrize("file", sorted(FIXTURES.rglob("*.csv")), ids=lambda file: file.name)
def test_a_child_process_returns_the_same_cells(file: Path) -> None:
    data = file.read_bytes()
    expected, answer = presets.with_headers(read(data, is_header=is_header)), pool.table(data)
    assert answer.cells.equals(expected.cells)
    assert answer.rows.tolist() == expected.rows.tolist()
    for fact in ("columns", "left_out", "encoding", "delimiter", "header_row", "ragged"):
        assert getattr(answer, fact) == getattr(expected, fact)


def test_read_options_reach_the_child_process() -> None:
    options = Reading(encoding="cp1252", separator=";", header=2)
    data = "a note\nn;à\n1;é\n".encode("cp1252")
    assert pool.table(data, options).columns == ("n", "à")
    assert pool.table(data, options).first_rows[1] == ("n", "à")


SAID = {
    "five million blank lines": "5,000,001 blank lines",
    "a hundred million lines": "100,000,001 lines",
    "short rows under a wide header": "50,000,000 cells is the most",
    "lines of every separator": "20,001 columns; 2,000 is the most",
    "totals and nothing else": "More than 20,000 rows are not data",
    "rows longer than the header": "More than 50,000 rows have more cells",
    "quotation marks in every way": "a cell longer than 128 KB",
    "nothing but line ends": "is empty",
    "noise called .csv": "is not text",
    "a line of ten million commas": "more than 2,000 columns",
    "a million columns": "more than 2,000 columns",
    "one cell of 50 MB": "a cell longer than 128 KB",
    "a quotation mark never closed": "The header is repeated in 750,000 rows",
    "larger than what is taken": "larger than 200 MB",
    "a zip bomb": "too large to read",
    "a compressed file": "a compressed file",
    "a workbook with a cell far away": "reaches to cell XFD1048576",
    "a cell far below": "reaches to row 1,048,576",
    "a cell far away, spelled otherwise": "too large to read",
    "twenty million cells": "too large to read",
    "one text shown 400,000 times": "too large to read",
    "two thousand sheets": "2,000 sheets; 100 is the most",
    "a zip that lies about sizes": "is damaged",
    "a zip of overlapping parts": "is damaged",
    "a zip in a zip": "a zip archive",
    "a directory of a million parts": "too large to read",
    "a workbook that doubles itself": "cannot be read",
    "a sheet that repeats itself": "cannot be read",
    "a workbook cut off": "is damaged",
    "half a character, again and again": "is not text",
}


@pytest.mark.parametrize("name", sorted(hostile_files.FILES))
def test_hostile_files_are_refused_and_the_next_one_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # which limit refuses it, and not only how long it takes on this machine
    monkeypatch.setattr(pool, "PATIENCE", 60.0)
    with pytest.raises(InvalidError, match=SAID[name]):
        pool.table(hostile_files.FILES[name]())
    assert pool.table(GOOD).height == 1


def test_a_workbook_is_inflated_piece_by_piece_and_no_further_than_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = []
    inflated = zipfile.ZipExtFile.read

    def counted(self: ZipExtFile, size: int = -1) -> bytes:
        piece = inflated(self, size)
        read.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    bomb = hostile_files.FILES["a zip bomb"]()
    with pytest.raises(InvalidError, match="too large"):
        workbook_limits.checked(bomb)
    assert max(read) <= 2**20
    assert sum(read) <= min(workbook_limits.MOST_UNZIPPED, 100 * len(bomb)) + 2**20


def test_the_declared_dimension_of_a_sheet_is_ignored() -> None:
    data = hostile_files.workbook_of(
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        b'<row r="2"><c r="A2" t="inlineStr"><is><t>Ann</t></is></c></row>',
        dimension=b"A1:XFD1048576",
    )
    assert pool.table(data).height == 1


def test_a_child_is_reused_for_small_files() -> None:
    pool.table(GOOD)
    (child,) = pool.idle_children
    pool.table(GOOD)
    with pytest.raises(InvalidError):
        pool.table(b"%PDF-1.7")
    assert pool.idle_children == [child]


def test_a_child_is_ended_after_a_big_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SMALL", len(GOOD))
    pool.table(GOOD)
    (child,) = pool.idle_children
    pool.table(GOOD + b"8,1.00,2026-03-05\n")
    assert not pool.idle_children
    assert child.poll() is not None


def test_a_dead_idle_child_is_replaced() -> None:
    pool.table(GOOD)
    pool.idle_children[0].kill()
    pool.idle_children[0].wait()
    assert pool.table(GOOD).height == 1


def test_files_are_read_in_parallel() -> None:
    with ThreadPoolExecutor(4) as threads:
        heights = list(threads.map(lambda n: pool.table(GOOD * n).height, [1, 2, 3, 4]))
    assert heights[0] == 1
    assert len(pool.idle_children) <= pool.MOST_IDLE


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import sys; sys.stdin.buffer.read(20); sys.stdout.write('too short')",
    ],
    ids=["hangs", "dies", "breaks off"],
)
def test_a_hanging_or_crashing_child_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    child = tmp_path / "child.py"
    child.write_text(program)
    monkeypatch.setattr(pool, "CHILD", child)
    monkeypatch.setattr(pool, "PATIENCE", 0.5)
    began = time.monotonic()
    with pytest.raises(InvalidError, match="too tangled"):
        pool.table(GOOD)
    assert time.monotonic() - began < 20
    assert not pool.idle_children


def test_an_unexpected_error_reports_its_location_without_file_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_table: Table) -> None:
        msg = "Agnes Miller gave 12.50"
        raise KeyError(msg)

    monkeypatch.setattr(presets, "with_headers", fail)
    options = {"encoding": None, "separator": None, "header": None}
    facts, cells = protocol.answer({"options": options}, GOOD)
    assert facts["broken"].startswith("KeyError at test_sandbox.py:")
    assert not cells


def test_a_file_that_is_no_table_still_shows_its_first_rows() -> None:
    with pytest.raises(pool.UnreadableError, match="no row 9") as refused:
        pool.table(b"name;mail\nAnn;a@l.example\n", Reading(header=9))
    assert refused.value.first_rows == (("name", "mail"), ("Ann", "a@l.example"))


def test_stopping_ends_the_child_and_its_subprocess(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child, grandchild = tmp_path / "child.py", tmp_path / "pid"
    child.write_text(
        "import pathlib, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(grandchild)!r}).write_text(str(p.pid))\n"
        "time.sleep(60)"
    )
    monkeypatch.setattr(pool, "CHILD", child)
    stop = Stop()
    began = time.monotonic()
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(pool.table, GOOD, Reading(), stop)
        while not (grandchild.exists() and grandchild.read_text()):
            time.sleep(0.02)
        stop.set()
        with pytest.raises(ReadingStoppedError):
            reading.result(pool.PATIENCE)
    assert time.monotonic() - began < pool.PATIENCE
    until = time.monotonic() + 10
    while is_alive(int(grandchild.read_text())):
        assert time.monotonic() < until
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that was killed may not have been collected yet."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_file_that_crashes_an_idle_child_is_not_retried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child, tries = tmp_path / "child.py", tmp_path / "tries"
    child.write_text(
        "import struct, sys\n"
        "asked, said = sys.stdin.buffer, sys.stdout.buffer\n"
        "sizes = struct.unpack('<QQ', asked.read(16))\n"
        f"open({str(tries)!r}, 'a').write('x')\n"
        "asked.read(sum(sizes))"
    )
    monkeypatch.setattr(pool, "CHILD", child)
    idle, _ = pool.take_child(new=True)
    pool.keep_or_end(idle, 1)
    with pytest.raises(InvalidError, match="too tangled"):
        pool.table(GOOD)
    assert tries.read_text() == "x"


def test_no_more_files_are_read_at_once_than_there_are_readers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = tmp_path / "child.py"
    child.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(pool, "CHILD", child)
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.3)
    stops = [Stop() for _ in range(pool.READERS)]
    with ThreadPoolExecutor(pool.READERS) as threads:
        busy = [threads.submit(pool.table, GOOD, Reading(), stop) for stop in stops]
        while free_turns(pool.reader_slots):
            time.sleep(0.02)
        with pytest.raises(ConflictError, match="Other files are being read"):
            pool.table(GOOD)
        for stop in stops:
            stop.set()
        for reading in busy:
            with pytest.raises(ReadingStoppedError):
                reading.result(10)
    assert free_turns(pool.reader_slots) == pool.READERS
