"""Counts that all web processes share, in Redis, where one is set; without it each has its own.

When Redis dies nobody is kept waiting and nobody let through: for a while it is not asked, and
each process counts for itself again.
"""

import hashlib
import time
from functools import cache

import redis
import structlog

from app.settings import settings

TIMEOUT_SECONDS = 0.2
# not asked again for so long after it failed
REST_SECONDS = 5.0
MINUTE = 60
log = structlog.get_logger("app.api.shared_counts")
_asleep_until = 0.0


def asked_this_minute(name: str, caller: str) -> int | None:
    """Count a request of a caller, by all processes together; None when they share nothing now.

    `caller` is kept as a hash, for a minute.
    """
    global _asleep_until  # noqa: PLW0603 - one breaker a process
    client = _client(settings().redis_url)
    if client is None or time.monotonic() < _asleep_until:
        return None
    hashed = hashlib.sha256(caller.encode()).hexdigest()[:32]
    key = f"donorcrm:asked:{name}:{hashed}:{int(time.time()) // MINUTE}"
    try:
        # with its end from the start: a count nobody ends would stay for ever
        client.set(key, 0, ex=MINUTE * 2, nx=True)
        return int(client.incr(key))
    except (redis.RedisError, OSError) as error:
        _asleep_until = time.monotonic() + REST_SECONDS
        log.warning("redis is away", fault=type(error).__name__, rests_seconds=REST_SECONDS)
        return None


def reachable() -> bool | None:
    """Whether Redis answers; None when none is set."""
    client = _client(settings().redis_url)
    if client is None:
        return None
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def forget() -> None:
    """Ask Redis again at once, as after its address changed."""
    global _asleep_until  # noqa: PLW0603
    _asleep_until = 0.0


@cache
def _client(address: str) -> "redis.Redis | None":
    if not address:
        return None
    return redis.Redis.from_url(
        address, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS,
        retry_on_timeout=False, health_check_interval=0,
    )  # fmt: skip
