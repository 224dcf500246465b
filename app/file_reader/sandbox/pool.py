"""A pool of child processes that read files within limits of time and memory.

A child that crashes does not harm the application. It is reused while files are small, and ended
after a big one to release its memory. It answers with JSON facts and the cells as an Arrow stream.
"""

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import BoundedSemaphore, Lock, Timer
from typing import Any

import numpy as np
import pyarrow as pa

from app.file_reader.encoding import refuse_too_large
from app.file_reader.notes import Note
from app.file_reader.read_options import AS_FOUND, Reading
from app.file_reader.sandbox.cancellation import NEVER, ReadingStoppedError, Stop
from app.file_reader.table import LeftOut, Table
from app.kit.errors import ConflictError, InvalidError
from app.settings import ROOT

# seconds for one file once a child has it; files bigger than SMALL get more
PATIENCE = 10.0
SECONDS_A_MB = 0.5
# bytes; a child is not reused after a bigger file
SMALL = 8 * 2**20
MOST_IDLE = 2
# files read at the same time; others wait
READERS = 2
WAIT_SECONDS = 60.0
TOO_COMPLEX = (
    "The file is too large, or too tangled, to be read here. Split it by year, or open it and "
    "save it anew as CSV."
)
TOO_MANY_READERS = "Other files are being read just now. Try again in a minute."
_HEAD = struct.Struct("<QQ")
# run as a file: run as a module, the package's __init__ would load the database code
CHILD = Path(__file__).with_name("worker.py")
_LOOK_EVERY = 0.1

idle_children: list[subprocess.Popen[bytes]] = []
_lock = Lock()
reader_slots = BoundedSemaphore(READERS)


class UnreadableError(InvalidError):
    """The file cannot be read as a table; `first_rows` are its first rows, if it has any.

    `sheets` are the sheets of a workbook that have rows. `readings` has the encodings that are
    equally plausible, with words of the file in each.
    """

    def __init__(
        self,
        message: str,
        first_rows: tuple[tuple[str, ...], ...] = (),
        readings: Mapping[str, Sequence[str]] | None = None,
        sheets: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.sheets = tuple(sheets)
        self.first_rows = first_rows
        self.readings = dict(readings or {})


def table(data: bytes, options: Reading = AS_FOUND, stop: Stop = NEVER) -> Table:
    """Read a file as a table of cells, recognising the headers of every preset.

    Raises:
        UnreadableError: it is no table, or exceeds the reader's limits.
        ReadingStoppedError: `stop` was set.
        ConflictError: too many other files are being read.
    """
    refuse_too_large(data)
    with _reading_slot(stop):
        facts, cells = _request(data, options, stop)
    rows = tuple(tuple(map(str, row)) for row in facts.get("first_rows", ()))
    if "refused" in facts:
        raise UnreadableError(
            facts["refused"], rows, facts.get("readings"), facts.get("sheets", ())
        )
    if "broken" in facts:
        msg = f"The reader of files failed: {facts['broken']}"
        raise RuntimeError(msg)
    answer = pa.ipc.open_stream(pa.py_buffer(cells)).read_all()
    numbers = answer.column(answer.num_columns - 1).to_numpy()
    return Table(
        columns=tuple(facts["columns"]),
        cells=answer.select(list(range(answer.num_columns - 1))),
        rows=np.array(numbers, dtype=np.int64),
        left_out=tuple(LeftOut(*row) for row in facts["left_out"]),
        encoding=facts["encoding"],
        delimiter=facts["delimiter"],
        header_row=facts["header_row"],
        ragged={int(row): width for row, width in facts["ragged"].items()},
        first_rows=rows,
        sheet=facts["sheet"],
        sheets=tuple(facts["sheets"]),
        notes=tuple(Note(*note) for note in facts["notes"]),
    )


@contextmanager
def _reading_slot(stop: Stop) -> Iterator[None]:
    """Wait until fewer than READERS files are being read."""
    until = time.monotonic() + WAIT_SECONDS
    while not reader_slots.acquire(timeout=_LOOK_EVERY):
        if stop.is_set:
            raise ReadingStoppedError
        if time.monotonic() > until:
            raise ConflictError(TOO_MANY_READERS)
    try:
        yield
    finally:
        reader_slots.release()


def _request(data: bytes, options: Reading, stop: Stop) -> tuple[Mapping[str, Any], bytes]:
    until = time.monotonic() + PATIENCE + max(0, len(data) - SMALL) / 2**20 * SECONDS_A_MB
    child, fresh = take_child()
    try:
        answer = _answer(child, data, options, stop, until)
    except BrokenPipeError:
        # an idle child may have been killed meanwhile from outside
        if fresh:
            raise UnreadableError(TOO_COMPLEX) from None
        child, _ = take_child(new=True)
        with suppress(BrokenPipeError):
            answer = _answer(child, data, options, stop, until)
    if answer is None:
        raise ReadingStoppedError if stop.is_set else UnreadableError(TOO_COMPLEX)
    keep_or_end(child, len(data))
    return answer


def _answer(
    child: subprocess.Popen[bytes], data: bytes, options: Reading, stop: Stop, until: float
) -> tuple[Mapping[str, Any], bytes] | None:
    """Send one file and return the answer; None when the child crashed or had to be killed.

    Raises:
        BrokenPipeError: the child died before it received the whole file.
    """
    assert child.stdin is not None  # noqa: S101
    assert child.stdout is not None  # noqa: S101
    question = json.dumps({"options": asdict(options)}).encode()
    clock = Timer(max(0.0, until - time.monotonic()), _kill, (child,))
    clock.start()
    try:
        with stop.calling(lambda: _kill(child)):
            child.stdin.write(_HEAD.pack(len(question), len(data)))
            child.stdin.write(question)
            child.stdin.write(data)
            child.stdin.flush()
            head = child.stdout.read(_HEAD.size)
            if len(head) == _HEAD.size:
                facts, cells = (child.stdout.read(length) for length in _HEAD.unpack(head))
                return json.loads(facts), cells
    except BrokenPipeError:
        _end(child)
        raise
    except ValueError:
        # an incomplete answer
        pass
    finally:
        clock.cancel()
    _end(child)
    return None


def take_child(*, new: bool = False) -> tuple[subprocess.Popen[bytes], bool]:
    """Return an idle or a new child, and whether it has just been started."""
    with _lock:
        while idle_children and not new:
            idle = idle_children.pop()
            if idle.poll() is None:
                return idle, False
            _end(idle)
    started = subprocess.Popen(
        [sys.executable, str(CHILD)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # a traceback would quote the file
        stderr=subprocess.DEVNULL,
        # own process group, so that killing it also kills the workbook reader that it started
        start_new_session=True,
    )
    return started, True


def keep_or_end(child: subprocess.Popen[bytes], size: int) -> None:
    """Keep a child for the next file, or end it after a big file or beside enough idle ones."""
    with _lock:
        if size <= SMALL and len(idle_children) < MOST_IDLE and child.poll() is None:
            idle_children.append(child)
            return
    _end(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and its process group."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes]) -> None:
    _kill(child)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            # unwritten input is discarded
            with suppress(BrokenPipeError):
                pipe.close()
    child.wait()


@atexit.register
def end_all() -> None:
    """End the idle children, when the program exits."""
    with _lock:
        while idle_children:
            _end(idle_children.pop())
