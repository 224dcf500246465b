"""What people do with alerts, and what a gift does to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import audit, donors, pledges, tasks
from app.accounts import SYSTEM, Actor
from app.alerts import queries
from app.db import Session
from app.db.models import Alert
from app.kit.days import Span
from app.kit.discreet import without_amounts
from app.kit.errors import InvalidError, NotFoundError

KINDS = ("late_pledge", "at_risk")


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert to act on; `since` is the oldest due date or the last gift's day."""

    alert_id: int
    kind: str
    donor_id: int
    donor_name: str
    owner_id: int | None
    pledge_id: int | None
    severity: int
    reason: str
    since: date
    raised_on: date


def open_for(
    db: Session,
    actor: Actor,
    *,
    today: date,
    kinds: Sequence[str] = KINDS,
    owner_id: int | None = None,
) -> list[OpenAlert]:
    """List the alerts to act on now, the most severe and oldest first."""
    rows = queries.open_for(db, actor, today=today, kinds=kinds, owner_id=owner_id)
    return [
        OpenAlert(
            alert_id=alert.id,
            kind=alert.kind,
            donor_id=alert.donor_id,
            donor_name=name,
            owner_id=owner,
            pledge_id=alert.pledge_id,
            severity=alert.severity,
            reason=alert.reason if actor.sees_amounts else without_amounts(alert.reason),
            since=alert.since,
            raised_on=alert.raised_on,
        )
        for alert, name, owner in rows
    ]


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to alerts in a span of days, as donors' names."""

    newly_late: tuple[str, ...]
    newly_at_risk: tuple[str, ...]
    answered: tuple[str, ...]


def changes(db: Session, actor: Actor, *, span: Span, kinds: Sequence[str] = KINDS) -> Changes:
    """Say whose alerts of some kinds are new in these days, and whose a gift answered."""
    rows = [row for row in queries.changes(db, actor, span=span) if row.kind in kinds]

    def named(wanted: Callable[[Any], bool]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.name for row in rows if wanted(row)))

    return Changes(
        newly_late=named(lambda r: r.raised and not r.answered and r.kind == "late_pledge"),
        newly_at_risk=named(lambda r: r.raised and not r.answered and r.kind == "at_risk"),
        answered=named(lambda r: r.answered),
    )


def settle(
    db: Session,
    *,
    donor_ids: Sequence[int] | None = None,
    import_run_id: int | None = None,
    today: date,
    now: datetime,
) -> int:
    """Resolve the alerts that gifts have answered, and close their tasks; return how many.

    Called in the gift's own transaction, for some donors or for all a run brought gifts for.
    """
    active = queries.active_of_donors_for_system(
        db, donor_ids=donor_ids, import_run_id=import_run_id
    )
    if not active:
        return 0
    late = set()
    if any(row.kind == "late_pledge" for row in active):
        only = sorted({row.donor_id for row in active})
        late = {
            f"late_pledge:{one.pledge_id}:{one.oldest_due}"
            for one in pledges.late(db, SYSTEM, today=today, donor_ids=only)
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


def settle_pledge(db: Session, pledge_id: int, donor_id: int, today: date) -> None:
    """Resolve what was said of a pledge that is no longer late, as after a pause or its end.

    Connected to `pledges.changed`; the alert's task is closed with it.
    """
    late = pledges.late(db, SYSTEM, today=today, donor_ids=[donor_id])
    keys = [f"late_pledge:{one.pledge_id}:{one.oldest_due}" for one in late]
    ended = queries.active_of_pledge_for_system(db, pledge_id, unless=keys)
    _close(db, [*ended, *queries.unwanted_at_risk_for_system(db, [donor_id], today=today)])


def settle_donors(db: Session, donor_ids: Sequence[int]) -> None:
    """Resolve the alerts of donors who have died or want no contact at all.

    Connected to `donors.changed`; the alerts' tasks are closed with them.
    """
    _close(db, [
        *queries.of_deceased_for_system(db, donor_ids),
        *queries.unwanted_at_risk_for_system(db, donor_ids, today=None),
    ])  # fmt: skip


def _close(db: Session, alert_ids: Sequence[int]) -> None:
    if alert_ids:
        queries.end_for_system(db, alert_ids)
        tasks.close_of_alerts(db, alert_ids=alert_ids, now=None)


pledges.changed.connect(settle_pledge)
donors.changed.connect(settle_donors)


def snooze(db: Session, actor: Actor, *, alert_id: int, until: date, today: date) -> None:
    """Hide an alert until a day."""
    if until <= today:
        msg = "Choose a day after today."
        raise InvalidError(msg)
    alert = _mine(db, actor, alert_id)
    queries.set_alert(db, alert.id, state="snoozed", snoozed_until=until)
    _log(db, actor, alert, "snoozed", f"Snoozed an alert until {until}.")


def dismiss(
    db: Session, actor: Actor, *, alert_id: int, reason: str, today: date, now: datetime
) -> None:
    """Say that an alert is not one, and why; a late pledge's instalments are excused.

    Raises:
        InvalidError: no reason was given.
    """
    why = " ".join(reason.split())
    if not why:
        msg = "Say in a few words why; it teaches the next check."
        raise InvalidError(msg)
    alert = _mine(db, actor, alert_id)
    if alert.pledge_id is not None:
        _excuse(db, actor, alert.donor_id, alert.pledge_id, why, today)
    queries.set_alert(
        db, alert.id, state="dismissed", dismissed_why=why, resolved_by=actor.user_id
    )
    tasks.close_of_alerts(db, alert_ids=[alert.id], now=now)
    _log(db, actor, alert, "dismissed", f"Dismissed an alert: {why}.")


def _excuse(
    db: Session, actor: Actor, donor_id: int, pledge_id: int, why: str, today: date
) -> None:
    """Excuse the pledge's missed instalments one by one until it is no longer late."""
    before: date | None = None
    while True:
        late = pledges.late(db, actor, today=today, donor_ids=[donor_id])
        due = next((one.oldest_due for one in late if one.pledge_id == pledge_id), None)
        if due is None or due == before:
            return
        pledges.skip(db, actor, pledge_id=pledge_id, due=due, reason=why, today=today)
        before = due


def resolve(db: Session, actor: Actor, *, alert_id: int, now: datetime) -> None:
    """Say that an alert is dealt with."""
    alert = _mine(db, actor, alert_id)
    queries.set_alert(db, alert.id, state="resolved", resolved_at=now, resolved_by=actor.user_id)
    tasks.close_of_alerts(db, alert_ids=[alert.id], now=now)
    _log(db, actor, alert, "resolved", "Dealt with an alert.")


def _mine(db: Session, actor: Actor, alert_id: int) -> Alert:
    alert = queries.mine(db, actor, alert_id)
    if alert is None:
        msg = "This alert does not exist, or is not yours."
        raise NotFoundError(msg)
    return alert


def _log(db: Session, actor: Actor, alert: Alert, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"alert.{verb}",
        entity="alert",
        entity_id=alert.id,
        donor_id=alert.donor_id,
        sentence=sentence,
    )
