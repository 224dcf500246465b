"""Idempotency keys: a repeated request gets the first response and creates nothing twice."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import StringConstraints

from app.accounts import Actor
from app.api.rest.dependencies import now
from app.api.rest.schemas.common import Answer, Body
from app.db import Session, idempotency_keys
from app.kit.errors import InvalidError

Made = TypeVar("Made", bound=Answer)
OTHER = "This Idempotency-Key was used for another request. Take a new key for a new request."
Key = Annotated[
    str | None,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$"),
    Header(
        description="A word of your own, new for each thing to be made: sent again with the same "
        "body within 24 hours, you get the first answer and nothing is made twice.",
        examples=["7f4c2a1e-gift-1"],
    ),
]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A request that creates a record, with its idempotency key."""

    key: str | None
    where: str
    response: Response

    def __call__(
        self, db: Session, actor: Actor, body: Body, shape: type[Made], make: Callable[[], Made]
    ) -> Made:
        """Create the record with `make`, or return the stored response of the first request.

        The response is stored in the same transaction as the record.

        Raises:
            InvalidError: the key was used for a different request.
        """
        if self.key is None:
            return make()
        who, key = actor.user_id, _hash(self.key)
        request = _hash(f"{self.where}\n{body.model_dump_json()}")
        known = idempotency_keys.claim(
            db, user_id=who, key_hash=key, request_hash=request, now=now()
        )
        if known is None:
            made = make()
            idempotency_keys.store_response(
                db, user_id=who, key_hash=key, answer=made.model_dump(mode="json")
            )
            return made
        if known.request_hash != request:
            raise InvalidError(OTHER)
        self.response.headers["idempotent-replayed"] = "true"
        return shape.model_validate(known.answer)

    def at(self, address: str) -> None:
        """Set the Location header to the URL of the new record."""
        self.response.headers["location"] = f"/api/v1/{address}"


def _asked(request: Request, response: Response, idempotency_key: Key = None) -> Idempotency:
    return Idempotency(idempotency_key, f"{request.method} {request.scope['path']}", response)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


OnlyOnce = Annotated[Idempotency, Depends(_asked)]
