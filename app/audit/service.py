"""Writing one line of the record."""

from typing import Any

from app.audit import queries
from app.db import Session


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
) -> None:
    """Add what somebody did, in the same transaction as the deed.

    `action` is "<entity>.<verb in the past>" ("gift.recorded"); `sentence` is what the timeline
    shows; `before` and `after` hold the changed fields only, as JSON values. Actor 0 (the
    scheduler) is kept as nobody.
    """
    queries.add(
        db,
        actor_id=actor_id or None,
        action=action,
        entity=entity,
        entity_id=entity_id,
        donor_id=donor_id,
        sentence=sentence,
        before=before,
        after=after,
    )
