"""Files are cut into cells by processes that may die without harm to ours.

A child is kept for the next file while files are small, and ended after a big one, so that its
memory is given back. What it answers is one stream of Arrow with the facts beside the cells.
"""

import atexit
import json
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Lock, Timer
from typing import Any

import numpy as np
import pyarrow as pa

from app.imports.decode import refuse_too_large
from app.imports.read import LeftOut, Table
from app.imports.reading import AS_FOUND, Reading
from app.kit.errors import InvalidError
from app.settings import ROOT

PATIENCE = 90
# above this a child is not used again
SMALL = 8 * 2**20
MOST_IDLE = 2
TANGLED = (
    "The file is too large, or too tangled, to be read here. Split it by year, or open it and "
    "save it anew as CSV."
)
_HEAD = struct.Struct("<QQ")
# as a file: as a module, the room's door would load the database with it
_CHILD = Path(__file__).with_name("cutting_child.py")

_idle: list[subprocess.Popen[bytes]] = []
_lock = Lock()


def table(data: bytes, said: Reading = AS_FOUND) -> Table:
    """Cut a file into a table of cells, looking for the headers of every preset.

    Raises:
        InvalidError: the file cannot be read as a table, or takes more than a reader may have.
    """
    facts, cells = _ask("table", data, said)
    found = pa.ipc.open_stream(pa.py_buffer(cells)).read_all()
    rows = found.column(found.num_columns - 1).to_numpy()
    return Table(
        columns=tuple(facts["columns"]),
        cells=found.select(list(range(found.num_columns - 1))),
        rows=np.array(rows, dtype=np.int64),
        left_out=tuple(LeftOut(*each) for each in facts["left_out"]),
        encoding=facts["encoding"],
        delimiter=facts["delimiter"],
        header_row=facts["header_row"],
        ragged={int(row): width for row, width in facts["ragged"].items()},
    )


def first_rows(data: bytes, said: Reading = AS_FOUND) -> list[list[str]]:
    """Return the first rows of a file as it would be cut.

    Raises:
        InvalidError: as `table` does.
    """
    facts, _ = _ask("first_rows", data, said)
    return [list(map(str, row)) for row in facts["rows"]]


def _ask(what: str, data: bytes, said: Reading) -> tuple[Mapping[str, Any], bytes]:
    refuse_too_large(data)
    child, fresh = _child()
    answer = _answer(child, what, data, said)
    if answer is None and not fresh:
        # a kept child may have been ended meanwhile, by whoever tidies the machine
        child, _ = _child(new=True)
        answer = _answer(child, what, data, said)
    if answer is None:
        raise InvalidError(TANGLED)
    facts, cells = answer
    _keep_or_end(child, len(data))
    if "refused" in facts:
        raise InvalidError(facts["refused"])
    if "broken" in facts:
        msg = f"The reader of files failed: {facts['broken']}"
        raise RuntimeError(msg)
    return facts, cells


def _answer(
    child: subprocess.Popen[bytes], what: str, data: bytes, said: Reading
) -> tuple[Mapping[str, Any], bytes] | None:
    """Put one question; None when the child died of it, or had to be ended."""
    assert child.stdin is not None  # noqa: S101
    assert child.stdout is not None  # noqa: S101
    asked = json.dumps({"what": what, "said": asdict(said)}).encode()
    clock = Timer(PATIENCE, child.kill)
    clock.start()
    try:
        child.stdin.write(_HEAD.pack(len(asked), len(data)))
        child.stdin.write(asked)
        child.stdin.write(data)
        child.stdin.flush()
        head = child.stdout.read(_HEAD.size)
        if len(head) == _HEAD.size:
            facts, cells = (child.stdout.read(length) for length in _HEAD.unpack(head))
            return json.loads(facts), cells
    except (BrokenPipeError, ValueError):
        pass
    finally:
        clock.cancel()
    _end(child)
    return None


def _child(*, new: bool = False) -> tuple[subprocess.Popen[bytes], bool]:
    """Return a child that waits, and whether it has just been started."""
    with _lock:
        while _idle and not new:
            kept = _idle.pop()
            if kept.poll() is None:
                return kept, False
            _end(kept)
    started = subprocess.Popen(
        [sys.executable, str(_CHILD)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # a traceback would quote the file
        stderr=subprocess.DEVNULL,
    )
    return started, True


def _keep_or_end(child: subprocess.Popen[bytes], size: int) -> None:
    with _lock:
        if size <= SMALL and len(_idle) < MOST_IDLE:
            _idle.append(child)
            return
    _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                # what was not yet written is not wanted any more
                continue
    child.wait()


@atexit.register
def end_all() -> None:
    """End the children that wait, as when the program stops."""
    with _lock:
        while _idle:
            _end(_idle.pop())
