"""Screens are drawn a few at a time: the others wait for their turn instead of slowing all.

A process draws with one processor. Of a hundred screens drawn at once each takes a hundred times
as long and none is done early; one after the other, the first is there at once, and all are done
sooner, because threads that fight for the processor lose a third of it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# more than one: while one waits for the database another is drawn
AT_ONCE = 4
# a screen that takes so long must not keep the others from trying
PATIENCE_SECONDS = 10.0
_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn to draw, and give it back however the drawing ends."""
    mine = _turns.acquire(timeout=PATIENCE_SECONDS)
    try:
        yield
    finally:
        if mine:
            _turns.release()
