"""Limits on slow requests: a waiting one holds neither a thread nor a database connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.kit.errors import DonorCrmError

WAIT_SECONDS = 20.0
STEP_SECONDS = 0.1
RETRY_SECONDS = 30


class BusyError(DonorCrmError):
    """The maximum number of such requests is already being answered."""

    status = 503
    wait = RETRY_SECONDS


class Turns:
    """So many requests of one kind at the same time; `busy` tells a refused client why.

    `free` is counted without a lock: it changes only in the event loop, which serves all requests.
    """

    def __init__(self, at_once: int, busy: str) -> None:
        self._busy = busy
        self.free = at_once

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and give it back when the block ends.

        Raises:
            BusyError: no turn became free within WAIT_SECONDS.
        """
        waited = 0.0
        while not self.free:
            if waited >= WAIT_SECONDS:
                raise BusyError(self._busy)
            await asyncio.sleep(STEP_SECONDS)
            waited += STEP_SECONDS
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1
