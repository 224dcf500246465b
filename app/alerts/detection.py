"""Detection of alerts: one per cause, resolved when the cause no longer holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app import donors, pledges, tasks
from app.accounts import Actor
from app.alerts import notifications, service
from app.alerts.notifications import AT_RISK, LATE, late_key, reader, risk_key
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
    after_snooze = queries.end_snoozes_for_system(db, today=today)
    late_pledges = pledges.late(db, reader(db), today=today)
    rows = [_late_row(pledge, today) for pledge in late_pledges]
    reopened = [*after_snooze, *queries.reopen_for_system(db, [row["key"] for row in rows])]
    new = queries.raise_for_system(db, rows)
    ended = _resolve_ended(db, LATE, [row["key"] for row in rows], now=now)
    return Raised(
        len(new), ended, _notify_owners(db, late_pledges, new, reopened, today=today, now=now)
    )


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
    late_pledges = pledges.late(db, reader(db), today=today, donor_ids=donor_ids)
    rows = [_late_row(pledge, today) for pledge in late_pledges]
    reopened = queries.reopen_for_system(db, [row["key"] for row in rows])
    new = queries.raise_for_system(db, rows)
    _notify_owners(db, late_pledges, new, reopened, today=today, now=now)
    queries.reopen_at_risk_for_system(db, donor_ids)
    return tuple(row.id for row in new)


def reopen(db: Session, *, donor_ids: Sequence[int], today: date) -> None:
    """Reopen the alerts of some donors that were resolved automatically and are true again.

    For an undo, which brings back what was there before: no new alert is raised, and no mail sent.
    """
    if not donor_ids:
        return
    late_pledges = pledges.late(db, reader(db), today=today, donor_ids=donor_ids)
    reopened = queries.reopen_for_system(db, [late_key(pledge) for pledge in late_pledges])
    _open_tasks(db, reopened, today=today)
    with_late_pledge = {pledge.donor_id for pledge in late_pledges}
    others = [donor_id for donor_id in donor_ids if donor_id not in with_late_pledge]
    at_risk = donors.at_risk(db, reader(db), today=today, donor_ids=others) if others else []
    queries.reopen_for_system(db, [risk_key(donor) for donor in at_risk])


def follow_pledges(db: Session, *, donor_ids: Sequence[int], today: date) -> None:
    """Resolve and reopen the alerts of donors whose pledges changed."""
    service.settle_pledges(db, donor_ids=donor_ids, today=today)
    reopen(db, donor_ids=donor_ids, today=today)


def _follow_pledge(db: Session, pledge_id: int, donor_id: int, today: date) -> None:
    del pledge_id
    follow_pledges(db, donor_ids=[donor_id], today=today)


def _follow_donors(db: Session, donor_ids: Sequence[int], today: date) -> None:
    """Resolve and reopen the alerts of donors who died, refuse contact, or do so no longer."""
    service.settle_donors(db, donor_ids)
    reopen(db, donor_ids=donor_ids, today=today)


pledges.changed.connect(_follow_pledge)
donors.changed.connect(_follow_donors)


def _notify_owners(
    db: Session,
    late_pledges: Sequence[pledges.LatePledge],
    new: Sequence[queries.RaisedAlert],
    reopened: Sequence[int],
    *,
    today: date,
    now: datetime,
) -> int:
    """Create the tasks for late pledges and queue their mails; return how many mails."""
    _open_tasks(db, [*reopened, *(row.id for row in new)], today=today)
    ids = {row.key: row.id for row in new}
    new_pledges = [pledge for pledge in late_pledges if late_key(pledge) in ids]
    return notifications.mail_late(db, new_pledges, ids, today=today, now=now)


def _open_tasks(db: Session, alert_ids: Sequence[int], *, today: date) -> None:
    """Create the tasks for late pledges, except for owners who want none."""
    muted = queries.muted_for_system(db, alert_ids)
    wanted = [alert_id for alert_id in alert_ids if alert_id not in muted]
    tasks.open_for_alerts(db, alert_ids=wanted, today=today)


def raise_at_risk(db: Session, *, today: date, now: datetime) -> Raised:
    """Raise one alert per donor and last gift, for donors at risk or slipping.

    The scores come from `donors.score`, which the same job runs first. If a donor lapses
    meanwhile, the alert remains, at the highest severity.
    """
    all_at_risk = donors.at_risk(db, reader(db), today=today)
    ids = [donor.donor_id for donor in all_at_risk]
    late = pledges.late(db, reader(db), today=today, donor_ids=ids) if ids else []
    with_late_pledge = {pledge.donor_id for pledge in late}
    at_risk = [donor for donor in all_at_risk if donor.donor_id not in with_late_pledge]
    rows = [_risk_row(donor, today) for donor in at_risk]
    queries.reopen_for_system(db, [row["key"] for row in rows])
    new_ids = {row.key: row.id for row in queries.raise_for_system(db, rows)}
    keys = [*(row["key"] for row in rows), *queries.escalate_lapsed_for_system(db)]
    ended = _resolve_ended(db, AT_RISK, keys, now=now)
    new_donors = [donor for donor in at_risk if risk_key(donor) in new_ids]
    mailed = notifications.mail_at_risk(db, new_donors, new_ids, today=today, now=now)
    return Raised(len(new_ids), ended, mailed)


def raise_for_donor(
    db: Session, actor: Actor, *, donor_id: int, today: date, again: bool = False
) -> None:
    """Raise the alerts of one visible donor that the daily check has not raised yet.

    For a user who acts on them at once, so no mail is sent. With `again`, alerts that were
    resolved automatically and are true again are reopened.
    """
    late = pledges.late(db, reader(db), today=today, donor_ids=[donor_id])
    rows = [_late_row(pledge, today) for pledge in late]
    if not late:
        at_risk = donors.at_risk(db, actor, today=today, donor_ids=[donor_id])
        rows = [_risk_row(donor, today) for donor in at_risk]
    keys = [row["key"] for row in rows]
    known = queries.known_for_system(db, keys)
    new = queries.raise_for_system(db, [row for row in rows if row["key"] not in known])
    alert_ids = [row.id for row in new]
    if again:
        alert_ids += queries.reopen_for_system(db, keys)
    if late:
        _open_tasks(db, alert_ids, today=today)


def _resolve_ended(db: Session, kind: str, keys: Sequence[str], *, now: datetime) -> int:
    """Resolve the alerts of a kind that no longer hold, close their tasks, return how many."""
    ended = queries.resolve_ended_for_system(db, kind=kind, keys=keys, now=now)
    tasks.close_of_alerts(db, alert_ids=ended, now=now)
    return len(ended)


def _late_row(pledge: pledges.LatePledge, today: date) -> queries.NewAlert:
    return {
        "key": late_key(pledge),
        "kind": LATE,
        "donor_id": pledge.donor_id,
        "pledge_id": pledge.pledge_id,
        "severity": min(WORST, max(1, pledge.missed)),
        "reason": pledge.sentence,
        "since": pledge.oldest_due,
        "raised_on": today,
        "facts": {"missed": pledge.missed, "behind": str(pledge.behind)},
    }


def _risk_row(donor: donors.AtRisk, today: date) -> queries.NewAlert:
    return {
        "key": risk_key(donor),
        "kind": AT_RISK,
        "donor_id": donor.donor_id,
        "pledge_id": None,
        "severity": 2 if donor.status == "at risk" else 1,
        "reason": donor.sentence,
        "since": donor.last_gift_date,
        "raised_on": today,
        "facts": {"risk": round(donor.risk, 3), "status": donor.status},
    }
