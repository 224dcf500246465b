"""The work list: late pledges and donors at risk, for screens, mails and the API.

A line is listed if its cause holds now, unless a user snoozed its alert until a later day,
dismissed or resolved it. A line may be listed before the daily check has raised its alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import donors, pledges
from app.accounts import Actor
from app.alerts.notifications import AT_RISK, LATE, late_key, risk_key
from app.alerts.queries import work_list as work_list_queries
from app.db import Session
from app.kit.amount_masking import without_amounts

KINDS = (LATE, AT_RISK)
WORST = 3


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A line of the work list; `since` is the oldest due date or the last gift's day.

    `alert_id` is None until the daily check has raised the alert.
    """

    alert_id: int | None
    kind: str
    donor_id: int
    donor_name: str
    owner_id: int | None
    pledge_id: int | None
    severity: int
    reason: str
    since: date
    raised_on: date


def late(
    db: Session, actor: Actor, *, today: date, owner_id: int | None = None
) -> list[pledges.LatePledge]:
    """Return the late pledges to act on, longest overdue first."""
    found = pledges.late(db, actor, today=today, owner_id=owner_id)
    handled = work_list_queries.handled(db, actor, [late_key(one) for one in found], today=today)
    return [one for one in found if late_key(one) not in handled]


def at_risk(
    db: Session, actor: Actor, *, today: date, owner_id: int | None = None
) -> list[donors.AtRisk]:
    """Return the donors at risk to act on, highest risk first within each status.

    Donors with a late pledge are left out, whatever was done about that alert.
    """
    promised = pledges.late(db, actor, today=today, owner_id=owner_id)
    told = {one.donor_id for one in promised}
    found = [
        one
        for one in donors.at_risk(db, actor, today=today, owner_id=owner_id)
        if one.donor_id not in told
    ]
    handled = work_list_queries.handled(db, actor, [risk_key(one) for one in found], today=today)
    return [one for one in found if risk_key(one) not in handled]


def open_for(
    db: Session,
    actor: Actor,
    *,
    today: date,
    kinds: Sequence[str] = KINDS,
    owner_id: int | None = None,
) -> list[OpenAlert]:
    """Return the lines to act on now, most severe and oldest first.

    An open alert whose cause ended since the daily check is not listed.
    """
    rows = work_list_queries.open_for(db, actor, today=today, kinds=kinds, owner_id=owner_id)
    known = {(alert.kind, alert.pledge_id or alert.donor_id) for alert, _, _ in rows}
    promised = late(db, actor, today=today, owner_id=owner_id) if LATE in kinds else []
    risky = at_risk(db, actor, today=today, owner_id=owner_id) if AT_RISK in kinds else []
    true = {(LATE, one.pledge_id) for one in promised} | {(AT_RISK, one.donor_id) for one in risky}
    found = [
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
        if (alert.kind, alert.pledge_id or alert.donor_id) in true
    ]
    found += [_late_line(one, today) for one in promised if (LATE, one.pledge_id) not in known]
    found += [_risk_line(one, today) for one in risky if (AT_RISK, one.donor_id) not in known]
    return sorted(found, key=lambda one: (-one.severity, one.since, one.alert_id or 0))


def _late_line(one: pledges.LatePledge, today: date) -> OpenAlert:
    severity = min(WORST, max(1, one.missed))
    return OpenAlert(
        None,
        LATE,
        one.donor_id,
        one.donor_name,
        one.owner_id,
        one.pledge_id,
        severity,
        one.sentence,
        one.oldest_due,
        today,
    )


def _risk_line(one: donors.AtRisk, today: date) -> OpenAlert:
    return OpenAlert(
        None,
        AT_RISK,
        one.donor_id,
        one.donor_name,
        one.owner_id,
        None,
        2 if one.status == "at risk" else 1,
        one.sentence,
        one.last_gift_date,
        today,
    )
