"""File locks of the embedded server: one for starting and stopping, one while it runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive_lock(home: Path) -> Iterator[None]:
    """Hold a file lock, so that two processes never start two servers on one folder."""
    with (home / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def is_alive(home: Path) -> Iterator[int | None]:
    """Yield the handle of the lock on `alive`, or None while a process of a server holds it."""
    handle = os.open(home / "alive", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        acquired = False
    else:
        acquired = True
    try:
        yield handle if acquired else None
    finally:
        os.close(handle)
