"""Rate limits of the API, by user and by IP address.

Counters are not in the database: a write per request would cost more than most requests. Where
Redis is set, all web processes share the counters (`app.cache`); otherwise, and while Redis is not
available, each process counts in its own memory, so that a client gets at most the limit times the
number of processes. Wrong passwords are counted in the database (`accounts.sign_in`).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock

from app.api.rest.problems import TooManyError
from app.cache import requests_this_minute
from app.settings import settings

MINUTE = 60.0
# counters are kept for this many callers; the least recently used are dropped
MOST_CALLERS = 10_000
SIGN_INS_A_MINUTE = 20


@dataclass(slots=True)
class Bucket:
    """A token bucket: it refills steadily, and each request takes one token."""

    left: float
    at: float


@dataclass(slots=True)
class RateLimit:
    """A limit of requests per minute and caller; a burst up to the limit is allowed."""

    a_minute: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    # the name of the counter in Redis
    name: str = ""
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, caller: str) -> None:
        """Count a request of a caller.

        Raises:
            TooManyError: the caller exceeds the limit; `wait` is the number of seconds to wait.
        """
        most = self.a_minute()
        together = requests_this_minute(self.name, caller)
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
        """Reset the counters of this process."""
        self._buckets.clear()


def _requests() -> int:
    return settings().api_requests_a_minute


def _sign_ins() -> int:
    return SIGN_INS_A_MINUTE


PEOPLE = RateLimit(_requests, name="people")
ADDRESSES = RateLimit(_requests, name="addresses")
SIGN_INS = RateLimit(_sign_ins, name="sign-ins")
