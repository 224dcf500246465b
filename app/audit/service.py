"""Write audit log entries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from app.audit.queries import entries as queries
from app.db import Session

_whence: list[Callable[[], str | None]] = []
# address of the current API request; None outside a request, where `_whence` answers
_request: ContextVar[tuple[str | None] | None] = ContextVar("request", default=None)


def client_address_from(answer: Callable[[], str | None]) -> None:
    """Register the function that returns the user's network address for every entry."""
    _whence[:] = [answer]


@contextmanager
def client_address(address: str | None) -> Iterator[None]:
    """Write the entries inside this context with a request's address, without a screen session."""
    before = _request.set((address,))
    try:
        yield
    finally:
        _request.reset(before)


def current_client_address() -> str | None:
    """Return the user's network address, or None when it is not known."""
    if (request := _request.get()) is not None:
        return request[0]
    return _whence[0]() if _whence else None


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
