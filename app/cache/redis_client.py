"""Redis client with a circuit breaker: after a failure Redis is not used for some seconds."""

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import structlog

from app.settings import settings

if TYPE_CHECKING:
    import redis

Answer = TypeVar("Answer")
TIMEOUT_SECONDS = 0.2
# how long Redis is not used after a failure
REST_SECONDS = 5.0
log = structlog.get_logger("app.cache")
_asleep_until = 0.0


def redis_wanted(question: Callable[["redis.Redis"], Answer]) -> Answer | None:
    """Call `question` with the client and return its result.

    Return None when no Redis is set, while the circuit breaker is open, or when the call fails.
    """
    global _asleep_until  # noqa: PLW0603 - one circuit breaker per process
    client = redis_client(settings().redis_url)
    if client is None or time.monotonic() < _asleep_until:
        return None
    try:
        return question(client)
    except _failures() as error:
        _asleep_until = time.monotonic() + REST_SECONDS
        log.warning("redis is away", fault=type(error).__name__, rests_seconds=REST_SECONDS)
        return None


def reachable() -> bool | None:
    """Return whether Redis answers; None when none is set."""
    client = redis_client(settings().redis_url)
    if client is None:
        return None
    try:
        return bool(client.ping())
    except _failures():
        return False


def hit_rate() -> float | None:
    """Return the hit rate of all look-ups in Redis (0..1); None when unknown."""
    stats = redis_wanted(lambda client: client.info("stats"))
    if not isinstance(stats, dict):
        return None
    hits, misses = int(stats["keyspace_hits"]), int(stats["keyspace_misses"])
    return hits / (hits + misses) if hits + misses else None


def forget() -> None:
    """Close the circuit breaker, for example after the address of Redis changed."""
    global _asleep_until  # noqa: PLW0603
    _asleep_until = 0.0


@cache
def redis_client(address: str) -> "redis.Redis | None":
    """Return this process's only client for an address; it connects at the first command."""
    if not address:
        return None
    from redis import Redis  # noqa: PLC0415 - slow to import, and only needed where one is set

    return Redis.from_url(
        address,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry_on_timeout=False,
        health_check_interval=0,
    )


def _failures() -> tuple[type[Exception], ...]:
    """Return what is raised when Redis is away."""
    from redis import RedisError  # noqa: PLC0415 - as above

    return RedisError, OSError
