"""Garbage collection: none while many modules are imported, and none of them afterwards."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Collect no garbage in this block, and none of what it imports afterwards.

    Imports leave hardly any. To look for it between them and once more at the end of the process
    takes a third of the time of a short command.
    """
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            gc.freeze()
        gc.enable()
