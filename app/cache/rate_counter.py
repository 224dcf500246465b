"""Counts that all web processes share, in Redis, where one is set; without it each has its own.

When Redis dies nobody is kept waiting and nobody let through: for a while it is not asked, and
each process counts for itself again.
"""

import hashlib
import time

import redis

from app.cache.redis_client import asked

MINUTE = 60


def asked_this_minute(name: str, caller: str) -> int | None:
    """Count a request of a caller, by all processes together; None when they share nothing now.

    `caller` is kept as a hash, for a minute.
    """
    hashed = hashlib.sha256(caller.encode()).hexdigest()[:32]
    key = f"donorcrm:asked:{name}:{hashed}:{int(time.time()) // MINUTE}"

    def count(client: "redis.Redis") -> int:
        # with its end from the start: a count nobody ends would stay for ever
        client.set(key, 0, ex=MINUTE * 2, nx=True)
        return int(client.incr(key))

    return asked(count)
