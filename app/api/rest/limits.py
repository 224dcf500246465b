"""How fast one may ask: for each person and each address, counted in this process.

In memory and not in the database: a count that costs a write would cost more than most of the
requests it counts. With several web processes each counts for itself, so that a program gets at
most that many times more. Wrong passwords are counted in the database (`accounts.sign_in`).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock

from app.api.rest.problems import TooManyError
from app.settings import settings

MINUTE = 60.0
# more callers than this are not told apart: those who were quiet longest are forgotten
MOST_CALLERS = 10_000
SIGN_INS_A_MINUTE = 20


@dataclass(slots=True)
class Bucket:
    """Fills up steadily, and each request takes one from it."""

    left: float
    at: float


@dataclass(slots=True)
class Limit:
    """So many requests a minute for each caller; they may come all at once."""

    a_minute: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, caller: str) -> None:
        """Count a request.

        Raises:
            TooManyError: the caller has asked too much lately; it says how long to wait.
        """
        most = self.a_minute()
        with self._lock:
            now = self.clock()
            bucket = self._buckets.pop(caller, None) or Bucket(most, now)
            bucket.left = min(most, bucket.left + (now - bucket.at) * most / MINUTE)
            bucket.at = now
            enough = bucket.left >= 1
            bucket.left -= enough
            self._buckets[caller] = bucket
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
        if not enough:
            raise TooManyError(ceil((1 - bucket.left) * MINUTE / most))

    def forget(self) -> None:
        """Forget every caller."""
        self._buckets.clear()


def _requests() -> int:
    return settings().api_requests_a_minute


def _sign_ins() -> int:
    return SIGN_INS_A_MINUTE


PEOPLE = Limit(_requests)
ADDRESSES = Limit(_requests)
SIGN_INS = Limit(_sign_ins)
