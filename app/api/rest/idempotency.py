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
        description="A unique value for each new record. A request repeated with the same key and "
        "body within 24 hours returns the first response and creates nothing.",
        examples=["7f4c2a1e-gift-1"],
    ),
]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A request that creates a record, with its idempotency key."""

    key: str | None
    operation: str
    response: Response

    def __call__(
        self, db: Session, actor: Actor, body: Body, schema: type[Made], make: Callable[[], Made]
    ) -> Made:
        """Create the record with `make`, or return the stored response of the first request.

        The response is stored in the same transaction as the record.

        Raises:
            InvalidError: the key was used for a different request.
        """
        if self.key is None:
            return make()
        user_id, key = actor.user_id, _hash(self.key)
        request = _hash(f"{self.operation}\n{body.model_dump_json()}")
        stored = idempotency_keys.claim(
            db, user_id=user_id, key_hash=key, request_hash=request, now=now()
        )
        if stored is None:
            response = make()
            idempotency_keys.store_response(
                db, user_id=user_id, key_hash=key, answer=response.model_dump(mode="json")
            )
            return response
        if stored.request_hash != request:
            raise InvalidError(OTHER)
        self.response.headers["idempotent-replayed"] = "true"
        return schema.model_validate(stored.answer)

    def set_location(self, address: str) -> None:
        """Set the Location header to the URL of the new record."""
        self.response.headers["location"] = f"/api/v1/{address}"


def _idempotency(request: Request, response: Response, idempotency_key: Key = None) -> Idempotency:
    return Idempotency(idempotency_key, f"{request.method} {request.scope['path']}", response)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


OnlyOnce = Annotated[Idempotency, Depends(_idempotency)]
