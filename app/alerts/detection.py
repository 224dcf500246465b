"""Detection of alerts: one per cause, resolved when the cause no longer holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import donors, pledges, tasks
from app.accounts import SYSTEM, Actor
from app.alerts import notifications, service
from app.alerts.notifications import AT_RISK, LATE, late_key, risk_key
from app.alerts.queries import alerts as queries
from app.db import Session

WORST = 3


@dataclass(frozen=True, slots=True)
class Raised:
    """The result of a check: alerts raised, alerts resolved as no longer true, mails queued."""

    raised: int
    resolved: int
    mailed: int


def raise_late_pledges(db: Session, *, today: date, now: datetime) -> Raised:
    """Raise one alert per late pledge and oldest due date, with a call for the owner."""
    awake = queries.wake_for_system(db, today=today)
    found = pledges.late(db, SYSTEM, today=today)
    rows = [_late_row(one, today) for one in found]
    again = [*awake, *queries.reopen_for_system(db, [row["key"] for row in rows])]
    new = queries.raise_for_system(db, rows)
    ended = _end(db, LATE, [row["key"] for row in rows], now=now)
    return Raised(len(new), ended, _tell(db, found, new, again, today=today, now=now))


def review(
    db: Session, *, donor_ids: Sequence[int], today: date, now: datetime
) -> tuple[int, ...]:
    """Update the alerts of some donors to the current state; return the new ones' ids.

    For changes that can both end and begin lateness, in their transaction: a gift reversed, moved
    or corrected. An alert that a gift had resolved is reopened when that gift is gone.
    """
    if not donor_ids:
        return ()
    service.settle(db, donor_ids=donor_ids, today=today, now=now)
    found = pledges.late(db, SYSTEM, today=today, donor_ids=donor_ids)
    rows = [_late_row(one, today) for one in found]
    again = queries.reopen_for_system(db, [row["key"] for row in rows])
    new = queries.raise_for_system(db, rows)
    _tell(db, found, new, again, today=today, now=now)
    queries.reopen_at_risk_for_system(db, donor_ids)
    return tuple(row.id for row in new)


def _tell(
    db: Session,
    found: Sequence[pledges.LatePledge],
    new: Sequence[Any],
    again: Sequence[int],
    *,
    today: date,
    now: datetime,
) -> int:
    """Create the tasks for late pledges and queue their mails; return how many mails."""
    _open_tasks(db, [*again, *(row.id for row in new)], today=today)
    ids = {row.key: row.id for row in new}
    fresh = [one for one in found if late_key(one) in ids]
    return notifications.mail_late(db, fresh, ids, today=today, now=now)


def _open_tasks(db: Session, alert_ids: Sequence[int], *, today: date) -> None:
    """Create the tasks for late pledges, except for owners who want none."""
    unwanted = queries.unwanted_for_system(db, alert_ids)
    wanted = [one for one in alert_ids if one not in unwanted]
    tasks.open_for_alerts(db, alert_ids=wanted, today=today)


def raise_at_risk(db: Session, *, today: date, now: datetime) -> Raised:
    """Raise one alert per donor and last gift, for donors at risk or slipping.

    The scores come from `donors.score`, which the same job runs first. If a donor lapses
    meanwhile, the alert remains, at the highest severity.
    """
    told = {one.donor_id for one in pledges.late(db, SYSTEM, today=today)}
    every = donors.at_risk(db, SYSTEM, today=today)
    found = [one for one in every if one.donor_id not in told]
    rows = [_risk_row(one, today) for one in found]
    queries.reopen_for_system(db, [row["key"] for row in rows])
    ids = {row.key: row.id for row in queries.raise_for_system(db, rows)}
    keys = [*(row["key"] for row in rows), *queries.lapsed_for_system(db)]
    ended = _end(db, AT_RISK, keys, now=now)
    fresh = [one for one in found if risk_key(one) in ids]
    return Raised(
        len(ids), ended, notifications.mail_at_risk(db, fresh, ids, today=today, now=now)
    )


def raise_for_donor(
    db: Session, actor: Actor, *, donor_id: int, today: date, again: bool = False
) -> None:
    """Raise the alerts of one visible donor that the daily check has not raised yet.

    For a user who acts on them at once, so no mail is sent. With `again`, alerts that were
    resolved automatically and are true again are reopened.
    """
    late = pledges.late(db, SYSTEM, today=today, donor_ids=[donor_id])
    rows = [_late_row(one, today) for one in late]
    if not late:
        risky = donors.at_risk(db, actor, today=today, donor_id=donor_id)
        rows = [_risk_row(one, today) for one in risky]
    keys = [row["key"] for row in rows]
    known = queries.known_for_system(db, keys)
    new = queries.raise_for_system(db, [row for row in rows if row["key"] not in known])
    asked = [row.id for row in new]
    if again:
        asked += queries.reopen_for_system(db, keys)
    if late:
        _open_tasks(db, asked, today=today)


def _end(db: Session, kind: str, keys: Sequence[str], *, now: datetime) -> int:
    """Resolve the alerts of a kind that no longer hold, close their tasks, return how many."""
    ended = queries.no_longer_for_system(db, kind=kind, keys=keys, now=now)
    tasks.close_of_alerts(db, alert_ids=ended, now=now)
    return len(ended)


def _late_row(one: pledges.LatePledge, today: date) -> dict[str, Any]:
    return {
        "key": late_key(one),
        "kind": LATE,
        "donor_id": one.donor_id,
        "pledge_id": one.pledge_id,
        "severity": min(WORST, max(1, one.missed)),
        "reason": one.sentence,
        "since": one.oldest_due,
        "raised_on": today,
        "facts": {"missed": one.missed, "behind": str(one.behind)},
    }


def _risk_row(one: donors.AtRisk, today: date) -> dict[str, Any]:
    return {
        "key": risk_key(one),
        "kind": AT_RISK,
        "donor_id": one.donor_id,
        "pledge_id": None,
        "severity": 2 if one.status == "at risk" else 1,
        "reason": one.sentence,
        "since": one.last_gift_date,
        "raised_on": today,
        "facts": {"risk": round(one.risk, 3), "status": one.status},
    }
