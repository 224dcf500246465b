"""Answers that were dear to make, kept for one state of the data.

An answer is found only by who asked, what was asked and the state of the data it was made from
(`db.state`): a gift that is committed makes another state, so nobody is shown what was before.
Where a Redis is set all web processes share them. What it holds is sealed: it names donors, and
what comes back must be ours. Without one each process keeps the last few in its own memory.
"""

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from dogpile.cache import CacheRegion, make_region
from dogpile.cache.api import NO_VALUE
from dogpile.cache.proxy import ProxyBackend
from pydantic import TypeAdapter

from app import VERSION
from app.cache.redis_client import asked, the_client
from app.kit.encryption import seal, unseal
from app.settings import settings

Answer = TypeVar("Answer")
PURPOSE = "kept answers"
KEPT_SECONDS = 600
# in a process's own memory, some 20 kB each
MOST = 256
# made once for each kind of answer: that costs more than to use it
_FORMS: dict[type[Any], TypeAdapter[Any]] = {}


def kept_answer(
    kind: type[Answer],
    asked_for: tuple[object, ...],
    state: Callable[[], str | None],
    make: Callable[[], Answer],
) -> Answer:
    """Return the answer that is kept, or make it and keep it for ten minutes.

    `kind` is a dataclass; `asked_for` says who asked and everything the answer depends on besides
    the data, in words that differ where answers may; `state` names the state of the data, or is
    None for one that nobody else can see, of which nothing is kept.
    """
    at = state()
    if at is None:
        return make()
    key = "\x1f".join(map(repr, (VERSION, kind.__qualname__, at, *asked_for)))
    form, made = _form(kind), list[bytes]()

    def making() -> bytes:
        made.append(form.dump_json(make()))
        return made[0]

    found: bytes = _region(settings().redis_url).get_or_create(key, making)
    _tally.add(found=not made)
    return form.validate_json(found)


def tally() -> dict[bool, int]:
    """Return how many answers this process found kept (True), and how many it made (False)."""
    return _tally.now()


class _Tally:
    def __init__(self) -> None:
        self._lock, self._counts = threading.Lock(), {True: 0, False: 0}

    def add(self, *, found: bool) -> None:
        with self._lock:
            self._counts[found] += 1

    def now(self) -> dict[bool, int]:
        with self._lock:
            return dict(self._counts)


_tally = _Tally()


class _Sealed(ProxyBackend):
    """Between the region and Redis: seals, and finds nothing while Redis is away."""

    def get_serialized(self, key: str) -> Any:
        """Return what is kept and ours."""
        sealed = asked(lambda _: self.proxied.get_serialized(key))
        if not isinstance(sealed, bytes):
            return NO_VALUE
        opened = unseal(settings().signing_keys, PURPOSE, sealed)
        return NO_VALUE if opened is None else opened

    def set_serialized(self, key: str, value: bytes) -> None:
        """Keep it, if Redis is there."""
        sealed = seal(settings().secret_key, PURPOSE, value)
        # the backend's own way is a command that Redis no longer wants
        asked(lambda client: client.set(key, sealed, ex=KEPT_SECONDS))


class _Few(dict[str, Any]):
    """Forgets the oldest of too many."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def __setitem__(self, key: str, value: Any) -> None:
        with self._lock:
            super().__setitem__(key, value)
            while len(self) > MOST:
                del self[next(iter(self))]


@cache
def _region(address: str) -> CacheRegion:
    # what is kept is bytes already: a backend's own way would be pickle
    region = make_region(key_mangler=_named, serializer=bytes, deserializer=bytes)
    client = the_client(address)
    if client is None:
        return region.configure(
            "dogpile.cache.memory",
            expiration_time=KEPT_SECONDS,
            arguments={"cache_dict": _Few()},
        )
    return region.configure(
        "dogpile.cache.redis",
        expiration_time=KEPT_SECONDS,
        arguments={"connection_pool": client.connection_pool},
        wrap=[_Sealed],
    )


def _named(key: str) -> str:
    return f"donorcrm:kept:{hashlib.sha256(key.encode()).hexdigest()}"


def _form(kind: type[Answer]) -> "TypeAdapter[Answer]":
    if kind not in _FORMS:
        _FORMS[kind] = TypeAdapter(kind)
    return _FORMS[kind]
