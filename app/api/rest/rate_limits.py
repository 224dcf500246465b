"""Rate limits of the API, by user and by IP address.

Counters are not in the database: a write per request would cost more than most requests. Where
Redis is set, all web processes share the counters (`app.cache`); otherwise, and while Redis is not
available, each process counts in its own memory, so that a client gets at most the limit times the
number of processes. Wrong passwords are counted in the database (`accounts.sign_in`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from limits.strategies import MovingWindowRateLimiter

from app.api.rest.problems import TooManyError
from app.cache import process_counters, wait_for_turn
from app.settings import settings

SIGN_INS_A_MINUTE = 20


@dataclass(slots=True)
class RateLimit:
    """A limit of requests in any minute for each caller."""

    per_minute: Callable[[], int]
    name: str
    local: MovingWindowRateLimiter = field(default_factory=process_counters)

    def take(self, caller: str) -> None:
        """Count a request of a caller.

        Raises:
            TooManyError: the caller exceeds the limit; `wait` is the number of seconds to wait.
        """
        wait = wait_for_turn(self.name, caller, per_minute=self.per_minute(), local=self.local)
        if wait is not None:
            raise TooManyError(wait)

    def forget(self) -> None:
        """Reset the counters of this process."""
        self.local = process_counters()


def _requests() -> int:
    return settings().api_requests_a_minute


def _sign_ins() -> int:
    return SIGN_INS_A_MINUTE


PEOPLE = RateLimit(_requests, "people")
ADDRESSES = RateLimit(_requests, "addresses")
SIGN_INS = RateLimit(_sign_ins, "sign-ins")
