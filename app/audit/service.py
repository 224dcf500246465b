"""Write audit log entries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from app.audit.queries import entries as queries
from app.db import Session

_address_sources: list[Callable[[], str | None]] = []
# address of the current API request; None outside a request, where `_whence` answers
_request_address: ContextVar[tuple[str | None] | None] = ContextVar("request", default=None)


def client_address_from(answer: Callable[[], str | None]) -> None:
    """Register the function that returns the user's network address for every entry."""
    _address_sources[:] = [answer]


@contextmanager
def client_address(address: str | None) -> Iterator[None]:
    """Write the entries inside this context with a request's address, without a screen session."""
    before = _request_address.set((address,))
    try:
        yield
    finally:
        _request_address.reset(before)


def current_client_address() -> str | None:
    """Return the user's network address, or None when it is not known."""
    if (request := _request_address.get()) is not None:
        return request[0]
    return _address_sources[0]() if _address_sources else None


def record(
    db: Session,
    *,
    actor_id: int | None,
    action: str,
    entity: str,
    sentence: str,
    entity_id: int | None = None,
    donor_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> int:
    """Add an audit log entry in the transaction of the change, and return the entry's id.

    `action` is "<entity>.<verb in the past>" ("gift.recorded"); `sentence` is what the timeline
    shows; `before` and `after` hold the changed fields only, as JSON values. Actor 0 (the
    scheduler) is stored as null.
    """
    return queries.add(
        db,
        actor_id=actor_id or None,
        action=action,
        entity=entity,
        entity_id=entity_id,
        donor_id=donor_id,
        sentence=sentence,
        before=before,
        after=after,
        address=current_client_address(),
    )


def record_user_event(
    db: Session,
    *,
    user_id: int,
    verb: str,
    sentence: str,
    actor_id: int | None = None,
    before: dict[str, Any] | None = None,
) -> int:
    """Record the action `user.<verb>` on a user account, and return the entry's id.

    Without `actor_id` the user has acted on their own account.
    """
    return record(
        db,
        actor_id=user_id if actor_id is None else actor_id,
        action=f"user.{verb}",
        entity="user",
        entity_id=user_id,
        sentence=sentence,
        before=before,
    )
