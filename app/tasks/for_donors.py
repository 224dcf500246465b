"""The same task for many donors at once, and its undo."""

from collections.abc import Collection, Sequence
from datetime import date

from app.accounts import Actor, require_own
from app.db import Session
from app.kit.errors import InvalidError, NotAllowedError
from app.tasks import service
from app.tasks.queries import write as queries

MOST = 5_000
TOO_MANY = f"At most {MOST:,} donors get a task at once. Filter the list, or do it in parts."


def create_for_donors(
    db: Session,
    actor: Actor,
    *,
    donor_ids: Collection[int],
    title: str,
    type: str = "call",  # noqa: A002 - the name of the field
    due_on: date | None = None,
    priority: int = 2,
    note: str | None = None,
) -> tuple[int, ...]:
    """Create a task about each of the donors, assigned to the actor; return the tasks' ids.

    Passed over are donors that the actor may not change.

    Raises:
        InvalidError: as `create`, or there are too many donors.
        NotAllowedError: the actor may change none of the donors.
    """
    require_own(actor)
    if len(donor_ids) > MOST:
        raise InvalidError(TOO_MANY)
    values = service.checked(
        title=title,
        type=type,
        due_on=due_on,
        due_at=None,
        priority=priority,
        note=note,
        repeats=None,
    )
    rows = queries.add_for_donors(db, actor, donor_ids, **values)
    if donor_ids and not rows:
        msg = "You may change none of these donors. Ask their owner or an administrator."
        raise NotAllowedError(msg)
    return service.record_many(db, actor, "created", rows)


def remove_created(db: Session, actor: Actor, *, task_ids: Sequence[int]) -> int:
    """Delete tasks that the actor has created for donors; return how many.

    Tasks that were changed or done since stay.
    """
    require_own(actor)
    rows = queries.remove_unchanged(db, actor, task_ids)
    return len(service.record_many(db, actor, "deleted", rows))
