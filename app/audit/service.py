"""Writing one line of the record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from app.audit.queries import entries as queries
from app.db import Session

_whence: list[Callable[[], str | None]] = []
# of the request that is being answered, when it is no screen's
_request: ContextVar[tuple[str | None] | None] = ContextVar("request", default=None)


def ask_address(answer: Callable[[], str | None]) -> None:
    """Have `answer` say from which address the person at work comes, for every line written."""
    _whence[:] = [answer]


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Write lines with this address inside: a request's, where no screen is asked."""
    before = _request.set((address,))
    try:
        yield
    finally:
        _request.reset(before)


def current_address() -> str | None:
    """Return from which network address the person at work comes, where that is known."""
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
    """Add what somebody did, in the same transaction as the deed; return the line's number.

    `action` is "<entity>.<verb in the past>" ("gift.recorded"); `sentence` is what the timeline
    shows; `before` and `after` hold the changed fields only, as JSON values. Actor 0 (the
    scheduler) is kept as nobody.
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
        address=current_address(),
    )
