"""Answers that were dear to make, kept for all web processes: sealed, and for one state of things.

An answer is found only by who asked, what was asked and the state of the data it was made from
(`db.state`): a gift that is committed makes another state, so nobody is shown what was before.
What Redis holds is sealed: it names donors, and what comes back must be ours.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from dogpile.cache import CacheRegion, make_region
from dogpile.cache.api import NO_VALUE
from dogpile.cache.proxy import ProxyBackend
from pydantic import TypeAdapter

from app import VERSION
from app.kit.sealed import seal, unseal
from app.settings import settings
from app.shared.client import asked, the_client

Answer = TypeVar("Answer")
PURPOSE = "kept answers"
KEPT_SECONDS = 600
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
    address = settings().redis_url
    at = state() if address else None
    if at is None:
        return make()
    key = "\x1f".join(map(repr, (VERSION, kind.__qualname__, at, *asked_for)))
    form = _form(kind)
    found: bytes = _region(address).get_or_create(key, lambda: form.dump_json(make()))
    return form.validate_json(found)


class _Sealed(ProxyBackend):
    """Between the region and Redis: seals, and finds nothing while Redis is away."""

    def get_serialized(self, key: str) -> Any:
        """Return what is kept and ours."""
        sealed = asked(lambda _: self.proxied.get_serialized(key))
        if not isinstance(sealed, bytes):
            return NO_VALUE
        opened = unseal(settings().secret_key, PURPOSE, sealed)
        return NO_VALUE if opened is None else opened

    def set_serialized(self, key: str, value: bytes) -> None:
        """Keep it, if Redis is there."""
        sealed = seal(settings().secret_key, PURPOSE, value)
        # the backend's own way is a command that Redis no longer wants
        asked(lambda client: client.set(key, sealed, ex=KEPT_SECONDS))


@cache
def _region(address: str) -> CacheRegion:
    client = the_client(address)
    # what is kept is bytes already: the backend's own way would be pickle
    region = make_region(key_mangler=_named, serializer=bytes, deserializer=bytes)
    return region.configure(
        "dogpile.cache.redis",
        arguments={"connection_pool": client.connection_pool if client else None},
        wrap=[_Sealed],
    )


def _named(key: str) -> str:
    return f"donorcrm:kept:{hashlib.sha256(key.encode()).hexdigest()}"


def _form(kind: type[Answer]) -> "TypeAdapter[Answer]":
    if kind not in _FORMS:
        _FORMS[kind] = TypeAdapter(kind)
    return _FORMS[kind]
