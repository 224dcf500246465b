"""Cancelling the reading of a file from another thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from app.kit.errors import ConflictError

CANCELLED = "Reading this file was cancelled."


class ReadingStoppedError(ConflictError):
    """The reading of a file was cancelled; nothing of it is stored."""

    def __init__(self) -> None:
        super().__init__(CANCELLED)


class Stop:
    """A stop request, which calls a callback that interrupts the work."""

    def __init__(self) -> None:
        self._lock, self._set = Lock(), False
        self._act: Callable[[], None] | None = None

    @property
    def is_set(self) -> bool:
        """Whether a stop was requested."""
        return self._set

    def set(self) -> None:
        """Request a stop of the current step and of every further step."""
        with self._lock:
            self._set = True
            if self._act is not None:
                self._act()

    @contextmanager
    def calling(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `act` if a stop is requested inside the block, or was requested before it."""
        with self._lock:
            self._act = interrupt
            if self._set:
                interrupt()
        try:
            yield
        finally:
            with self._lock:
                self._act = None


class _Never(Stop):
    """A stop request that is never set; it is shared, so it stores nothing."""

    def set(self) -> None:
        """Do nothing."""

    @contextmanager
    def calling(self, act: Callable[[], None]) -> Iterator[None]:
        """Do nothing."""
        del act
        yield


NEVER: Stop = _Never()
