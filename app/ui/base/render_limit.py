"""Limit how many screens are rendered at once: the others wait instead of slowing all of them.

A process renders on one processor. Of a hundred screens rendered at once, each takes a hundred
times as long and none ends early; one after the other, the first ends at once, and all end
sooner, because threads that compete for the processor lose a third of its time.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# more than one: while one waits for the database, another is rendered
AT_ONCE = 4
# after this wait a screen renders without a turn, so that slow ones do not block the others
PATIENCE_SECONDS = 10.0
TURNS = threading.BoundedSemaphore(AT_ONCE)


class _Thread(threading.local):
    """Thread state: whether it renders a screen, and whether it holds a turn for that."""

    drawing = False
    holds = False


_thread = _Thread()


@contextmanager
def render_slot() -> Iterator[None]:
    """Wait for a turn to render, and release it when the block ends or raises."""
    _thread.drawing = True
    _acquire()
    try:
        yield
    finally:
        _thread.drawing = False
        _release()


@contextmanager
def released() -> Iterator[None]:
    """Release the turn while the thread waits in the block, and take one again afterwards.

    None is taken if the rendering ends meanwhile, for example when the user leaves the screen.
    """
    _release()
    yield
    if _thread.drawing:
        _acquire()


def _acquire() -> None:
    _thread.holds = TURNS.acquire(timeout=PATIENCE_SECONDS)


def _release() -> None:
    if _thread.holds:
        _thread.holds = False
        TURNS.release()
