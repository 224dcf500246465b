"""Cache for expensive results, keyed by data version.

The key of a result is the user, the query and the version of the data it was computed from
(`db.data_version`): a committed gift makes a new version, so a stale result is never shown.
Where Redis is set all web processes share the results. They are encrypted and authenticated
there, because they name donors and must come from this application. Without Redis each process
keeps the last few in its own memory.
"""

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from cachetools import FIFOCache
from dogpile.cache import CacheRegion, make_region
from dogpile.cache.api import NO_VALUE, SerializedReturnType
from dogpile.cache.proxy import ProxyBackend
from pydantic import TypeAdapter

from app import VERSION
from app.cache.redis_client import redis_client, redis_wanted
from app.kit.security.encryption import seal, unseal
from app.settings import settings

Answer = TypeVar("Answer")
PURPOSE = "kept answers"
EXPIRATION_SECONDS = 600
# entries in the memory of one process, some 20 kB each; 0 turns the cache off, as for measuring
MOST = 256
# one adapter per result type: building it costs more than using it
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def cached(
    kind: type[Answer],
    asked_for: tuple[object, ...],
    state: Callable[[], str | None],
    make: Callable[[], Answer],
) -> Answer:
    """Return the cached result, or compute it with `make` and cache it for ten minutes.

    `kind` is a dataclass; `asked_for` holds the user and everything else the result depends on
    besides the data, as values whose repr differs wherever results may differ; `state` returns
    the data version, or None for data that no other transaction can see: that result is not
    cached.
    """
    version = state()
    if version is None or not MOST:
        return make()
    key = "\x1f".join(map(repr, (VERSION, kind.__qualname__, version, *asked_for)))
    form, computed = _type_adapter(kind), list[bytes]()

    def making() -> bytes:
        computed.append(form.dump_json(make()))
        return computed[0]

    serialized: bytes = _region(settings().redis_url).get_or_create(key, making)
    _tally.add(hit=not computed)
    return form.validate_json(serialized)


def hit_counts() -> dict[bool, int]:
    """Return the number of cache hits (True) and misses (False) of this process."""
    return _tally.now()


def forget() -> None:
    """Drop what this process has cached in its own memory."""
    _region.cache_clear()


class _HitCounter:
    def __init__(self) -> None:
        self._lock, self._counts = threading.Lock(), {True: 0, False: 0}

    def add(self, *, hit: bool) -> None:
        with self._lock:
            self._counts[hit] += 1

    def now(self) -> dict[bool, int]:
        with self._lock:
            return dict(self._counts)


_tally = _HitCounter()


class _EncryptedProxy(ProxyBackend):
    """Dogpile proxy that encrypts entries in Redis and reports a miss while Redis is down."""

    def get_serialized(self, key: str) -> SerializedReturnType:
        """Return the decrypted entry; NO_VALUE when it is missing or not authentic."""
        sealed = redis_wanted(lambda _: self.proxied.get_serialized(key))
        if not isinstance(sealed, bytes):
            return NO_VALUE
        opened = unseal(settings().signing_keys, PURPOSE, sealed)
        return NO_VALUE if opened is None else opened

    def set_serialized(self, key: str, value: bytes) -> None:
        """Store the entry encrypted, if Redis is available."""
        sealed = seal(settings().secret_key, PURPOSE, value)
        # the backend itself uses a command that Redis has deprecated
        redis_wanted(lambda client: client.set(key, sealed, ex=EXPIRATION_SECONDS))


class _ProcessCache(FIFOCache[str, object]):
    """At most MOST entries; the oldest is dropped. Reading changes nothing and needs no lock."""

    def __init__(self) -> None:
        super().__init__(MOST)
        self._lock = threading.Lock()

    def __setitem__(self, key: str, value: object) -> None:
        with self._lock:
            super().__setitem__(key, value)


@cache
def _region(address: str) -> CacheRegion:
    # values are bytes already: the backend would serialize with pickle
    region = make_region(key_mangler=_mangle_key, serializer=bytes, deserializer=bytes)
    client = redis_client(address)
    if client is None:
        return region.configure(
            "dogpile.cache.memory",
            expiration_time=EXPIRATION_SECONDS,
            arguments={"cache_dict": _ProcessCache()},
        )
    return region.configure(
        "dogpile.cache.redis",
        expiration_time=EXPIRATION_SECONDS,
        arguments={"connection_pool": client.connection_pool},
        wrap=[_EncryptedProxy],
    )


def _mangle_key(key: str) -> str:
    return f"donorcrm:kept:{hashlib.sha256(key.encode()).hexdigest()}"


def _type_adapter(kind: type[Answer]) -> "TypeAdapter[Answer]":
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
