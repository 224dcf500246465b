"""Request counters for rate limits, shared by all web processes through Redis.

Without Redis each process has its own counters. When Redis fails, requests are neither delayed
nor exempt from the limit: Redis is not used for a while and each process counts for itself again.
"""

import hashlib
import time

import redis

from app.cache.redis_client import redis_wanted

MINUTE = 60


def requests_this_minute(name: str, caller: str) -> int | None:
    """Count a request and return the caller's requests of this minute across all processes.

    Return None when no Redis is set or it is not in use now. `caller` is stored as a hash, in a
    key that expires after two minutes.
    """
    hashed = hashlib.sha256(caller.encode()).hexdigest()[:32]
    key = f"donorcrm:asked:{name}:{hashed}:{int(time.time()) // MINUTE}"

    def count(client: "redis.Redis") -> int:
        # created with its expiry: a counter without one would stay for ever
        client.set(key, 0, ex=MINUTE * 2, nx=True)
        return int(client.incr(key))

    return redis_wanted(count)
