"""The request to stop a scheduler or worker process: SIGTERM or SIGINT."""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType


class StopRequest:
    """Notes SIGTERM and SIGINT, so that they interrupt nothing half way.

    An exception raised by a signal may end any line, such as one of the database driver, whose
    loop then waits for ever; a noted signal ends the process at the next place made for it.
    """

    def __init__(self) -> None:
        self.made = False
        self._wake: Callable[[], object] = lambda: None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    async def wait(self) -> None:
        """Return as soon as the process is asked to stop, at once if it has been."""
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(asked.set)
        try:
            if not self.made:
                await asked.wait()
        finally:
            self._wake = lambda: None

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.made = True
        self._wake()
