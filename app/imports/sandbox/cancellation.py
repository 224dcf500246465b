"""Cancelling the reading of a file from another thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from app.kit.errors import ConflictError

CANCELLED = "Reading this file was cancelled."


class ReadingStoppedError(ConflictError):
    """Somebody cancelled the reading; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__(CANCELLED)


class Stop:
    """A request to stop, which calls what can stop the work."""

    def __init__(self) -> None:
        self._lock, self._set = Lock(), False
        self._act: Callable[[], None] | None = None

    @property
    def is_set(self) -> bool:
        """Whether the work is to stop."""
        return self._set

    def set(self) -> None:
        """Ask the work to stop, now and whenever it begins a further step."""
        with self._lock:
            self._set = True
            if self._act is not None:
                self._act()

    @contextmanager
    def calling(self, act: Callable[[], None]) -> Iterator[None]:
        """Call `act` when a stop is asked for meanwhile, or was asked for before."""
        with self._lock:
            self._act = act
            if self._set:
                act()
        try:
            yield
        finally:
            with self._lock:
                self._act = None


class _Never(Stop):
    """Work that nobody can stop; shared, so it remembers nothing."""

    def set(self) -> None:
        """Do nothing."""

    @contextmanager
    def calling(self, act: Callable[[], None]) -> Iterator[None]:
        """Do nothing."""
        del act
        yield


NEVER: Stop = _Never()
