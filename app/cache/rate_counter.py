"""Rate limits, counted for all web processes in Redis, or by each process in its own memory.

The counting is that of the package `limits`: a moving window, so that no minute has more requests
than the limit. When Redis fails, requests are neither delayed nor exempt from the limit: Redis is
not used for a while and each process counts for itself again.
"""

import hashlib
import time
from functools import cache
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from app.cache.redis_client import redis_client, redis_wanted
from app.settings import settings

PREFIX = "donorcrm:limits"


def wait_for_turn(
    name: str, caller: str, *, per_minute: int, local: MovingWindowRateLimiter
) -> int | None:
    """Count a request of a caller and return None, or the whole seconds to wait if it is too many.

    Args:
        name: the name of the limit.
        caller: who asks; a shared counter stores only a hash of it.
        per_minute: the most requests in any 60 seconds.
        local: the counters of this process, used while there is no Redis.
    """
    limit = RateLimitItemPerMinute(per_minute)
    key = (name, hashlib.sha256(caller.encode()).hexdigest()[:32])
    shared = redis_wanted(lambda _: _wait(_shared(settings().redis_url), limit, key))
    return _wait(local, limit, key)[1] if shared is None else shared[1]


def process_counters() -> MovingWindowRateLimiter:
    """Return new counters in the memory of this process; expired ones are removed."""
    return MovingWindowRateLimiter(MemoryStorage())


def _wait(
    limiter: MovingWindowRateLimiter, limit: RateLimitItemPerMinute, key: tuple[str, str]
) -> tuple[bool, int | None]:
    if limiter.hit(limit, *key):
        return True, None
    free_at = limiter.get_window_stats(limit, *key).reset_time
    return False, max(1, ceil(free_at - time.time()))


@cache
def _shared(address: str) -> MovingWindowRateLimiter:
    """Return the counters in Redis, with the connections and time-outs of the Redis client."""
    client = redis_client(address)
    pool = client.connection_pool if client is not None else None
    return MovingWindowRateLimiter(RedisStorage(address, connection_pool=pool, key_prefix=PREFIX))
