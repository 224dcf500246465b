"""Settling of alerts by gifts and other changes, and the changes of alerts in a span."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app import pledges, tasks
from app.accounts import SYSTEM, Actor
from app.alerts.notifications import AT_RISK, LATE
from app.alerts.queries import alerts as queries
from app.alerts.queries import work_list as work_list_queries
from app.db import Session
from app.kit.dates.days import Span


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of alerts in a span, as donors' names."""

    newly_late: tuple[str, ...]
    newly_at_risk: tuple[str, ...]
    answered: tuple[str, ...]


def changes(
    db: Session, actor: Actor, *, span: Span, kinds: Sequence[str] = (LATE, AT_RISK)
) -> Changes:
    """Return whose alerts of some kinds are new in a span, and whose a gift answered."""
    rows = [row for row in work_list_queries.changes(db, actor, span=span) if row.kind in kinds]

    def names_where(condition: Callable[[work_list_queries.AlertChange], bool]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.name for row in rows if condition(row)))

    return Changes(
        newly_late=names_where(
            lambda row: row.raised and not row.answered and row.kind == "late_pledge"
        ),
        newly_at_risk=names_where(
            lambda row: row.raised and not row.answered and row.kind == "at_risk"
        ),
        answered=names_where(lambda row: row.answered),
    )


def settle(
    db: Session,
    *,
    donor_ids: Sequence[int] | None = None,
    import_run_id: int | None = None,
    today: date,
    now: datetime,
) -> int:
    """Resolve the alerts that gifts have answered and close their tasks; return how many.

    Called in the gift's own transaction, for some donors or for those with gifts in an import run.
    """
    active = queries.active_of_donors_for_system(
        db, donor_ids=donor_ids, import_run_id=import_run_id
    )
    if not active:
        return 0
    late = set()
    if any(row.kind == "late_pledge" for row in active):
        alerted_donors = sorted({row.donor_id for row in active})
        late = {
            f"late_pledge:{pledge.pledge_id}:{pledge.oldest_due}"
            for pledge in pledges.late(db, SYSTEM, today=today, donor_ids=alerted_donors)
        }
    answered = [
        row
        for row in active
        if (row.kind == "late_pledge" and row.key not in late)
        or (row.kind == "at_risk" and row.last_gift_date and row.last_gift_date > row.since)
    ]
    ids = [row.id for row in answered]
    if ids:
        queries.resolve_for_system(db, ids, now=now)
        tasks.close_of_alerts(db, alert_ids=ids, now=now)
    return len(ids)


def settle_pledges(db: Session, *, donor_ids: Sequence[int], today: date) -> None:
    """Resolve the alerts of donors' pledges that are no longer late, and close their tasks."""
    if not donor_ids:
        return
    late = pledges.late(db, SYSTEM, today=today, donor_ids=donor_ids)
    keys = [f"late_pledge:{pledge.pledge_id}:{pledge.oldest_due}" for pledge in late]
    ended = queries.late_of_donors_for_system(db, donor_ids, unless=keys)
    _resolve_and_close_tasks(
        db, [*ended, *queries.unwanted_at_risk_for_system(db, donor_ids, today=today)]
    )


def settle_donors(db: Session, donor_ids: Sequence[int]) -> None:
    """Resolve the alerts of donors who have died or refuse all contact, and close their tasks."""
    _resolve_and_close_tasks(
        db,
        [
            *queries.of_deceased_for_system(db, donor_ids),
            *queries.unwanted_at_risk_for_system(db, donor_ids, today=None),
        ],
    )


def _resolve_and_close_tasks(db: Session, alert_ids: Sequence[int]) -> None:
    if alert_ids:
        queries.resolve_without_gift_for_system(db, alert_ids)
        tasks.close_of_alerts(db, alert_ids=alert_ids, now=None)
