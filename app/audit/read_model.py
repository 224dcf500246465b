"""Read the audit log page by page, filtered by user, entity, record and day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit import sign_ins
from app.audit.queries import read_model as read_model_queries
from app.audit.queries.read_model import ActivityFilter, ActivityRow
from app.db import Session

PAGE_SIZE = 50
BATCH = 1000


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One entry: who did what to which record, with the values before and after."""

    activity_id: int
    at: datetime
    who: str
    action: str
    entity: str
    entity_id: int | None
    donor_id: int | None
    sentence: str
    before: dict[str, Any]
    after: dict[str, Any]
    address: str | None


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Up to fifty entries, newest first; `total` counts to 10,001 at most."""

    lines: tuple[ActivityLine, ...]
    total: int
    next: int | None


def page(db: Session, *, filter: ActivityFilter, after: int | None = None) -> ActivityPage:  # noqa: A002
    """Return the entries older than entry `after`; the caller checks for an administrator."""
    rows = read_model_queries.lines(db, filter, after=after, most=PAGE_SIZE + 1)
    shown = tuple(_line(row) for row in rows[:PAGE_SIZE])
    following = shown[-1].activity_id if len(rows) > PAGE_SIZE else None
    return ActivityPage(shown, read_model_queries.total(db, filter), following)


def iter_lines(db: Session, *, filter: ActivityFilter) -> Iterator[ActivityLine]:  # noqa: A002
    """Yield every matching entry, newest first, without loading all of them at once."""
    after: int | None = None
    while rows := read_model_queries.lines(db, filter, after=after, most=BATCH):
        yield from (_line(row) for row in rows)
        after = rows[-1].id


def first_recorded_at(db: Session, *, action: str, after: dict[str, Any]) -> datetime | None:
    """Return when an action with these `after` values was first recorded, or None if never."""
    return read_model_queries.first_at(db, action=action, after=after)


def entities(db: Session) -> list[str]:
    """Return the entity names that occur in the entries."""
    return read_model_queries.entities(db)


def _nobody(row: ActivityRow) -> str:
    """Return who has acted in an entry without an existing user."""
    if row.actor_id:
        return "somebody who is gone"
    return "somebody not signed in" if row.action == sign_ins.FAILED else "DonorCRM"


def _line(row: ActivityRow) -> ActivityLine:
    return ActivityLine(
        activity_id=row.id,
        at=row.at,
        who=row.who or _nobody(row),
        action=row.action,
        entity=row.entity,
        entity_id=row.entity_id,
        donor_id=row.donor_id,
        sentence=row.sentence,
        before=row.before or {},
        after=row.after or {},
        address=row.address,
    )
