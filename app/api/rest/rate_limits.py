"""How fast one may ask: for each person and each address.

Not in the database: a count that costs a write would cost more than most of the requests it
counts. Where a Redis is set, all web processes count together (`app.cache`); otherwise, and
while it is away, each counts in its own memory, so that a program gets at most that many times
more. Wrong passwords are counted in the database (`accounts.sign_in`).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock

from app.api.rest.problems import TooManyError
from app.cache import asked_this_minute
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
    # what is counted, where processes count together
    name: str = ""
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, caller: str) -> None:
        """Count a request.

        Raises:
            TooManyError: the caller has asked too much lately; it says how long to wait.
        """
        most = self.a_minute()
        together = asked_this_minute(self.name, caller)
        if together is not None:
            if together > most:
                raise TooManyError(ceil(MINUTE - time.time() % MINUTE))
            return
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


PEOPLE = Limit(_requests, name="people")
ADDRESSES = Limit(_requests, name="addresses")
SIGN_INS = Limit(_sign_ins, name="sign-ins")
