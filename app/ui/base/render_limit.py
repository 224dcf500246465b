"""Limit how many screens are drawn at once: the others wait instead of slowing all of them.

A process draws with one processor. Of a hundred screens drawn at once each takes a hundred times
as long and none is done early; one after the other, the first is there at once, and all are done
sooner, because threads that compete for the processor lose a third of it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# more than one: while one waits for the database another is drawn
AT_ONCE = 4
# a screen that takes so long must not keep the others from trying
PATIENCE_SECONDS = 10.0
_turns = threading.BoundedSemaphore(AT_ONCE)


class _Thread(threading.local):
    """Whether this thread draws a screen, and whether it holds a turn for that."""

    drawing = False
    holds = False


_thread = _Thread()


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn to draw, and give it back however the drawing ends."""
    _thread.drawing = True
    _take()
    try:
        yield
    finally:
        _thread.drawing = False
        _give_back()


@contextmanager
def released() -> Iterator[None]:
    """Give the turn back while the thread waits for something, and take one before it goes on.

    Where the drawing ends meanwhile, as when the person leaves the screen, none is taken.
    """
    _give_back()
    yield
    if _thread.drawing:
        _take()


def _take() -> None:
    _thread.holds = _turns.acquire(timeout=PATIENCE_SECONDS)


def _give_back() -> None:
    if _thread.holds:
        _thread.holds = False
        _turns.release()
