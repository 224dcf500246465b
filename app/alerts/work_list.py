"""The work list: late pledges and donors at risk, for screens, mails and the API.

A line is listed if its cause holds now, unless a user snoozed its alert until a later day,
dismissed or resolved it. A line may be listed before the daily check has raised its alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import donors, pledges
from app.accounts import Actor, organisation
from app.alerts.notifications import AT_RISK, LATE, late_key, risk_key
from app.alerts.queries import work_list as work_list_queries
from app.db import Session
from app.db.models import Alert
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
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    donor_id: int | None = None,
) -> list[pledges.LatePledge]:
    """Return the late pledges to act on, longest overdue first."""
    late_pledges = _late_pledges(db, actor, today, owner_id, donor_id)
    handled = work_list_queries.handled(
        db, actor, [late_key(pledge) for pledge in late_pledges], today=today
    )
    return [pledge for pledge in late_pledges if late_key(pledge) not in handled]


def _late_pledges(
    db: Session, actor: Actor, today: date, owner_id: int | None, donor_id: int | None
) -> list[pledges.LatePledge]:
    donor_ids = () if donor_id is None else (donor_id,)
    return pledges.late(db, actor, today=today, owner_id=owner_id, donor_ids=donor_ids)


def at_risk(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    donor_id: int | None = None,
) -> list[donors.AtRisk]:
    """Return the donors at risk to act on, highest risk first within each status.

    Donors with a late pledge are left out, whatever was done about that alert.
    """
    late_pledges = _late_pledges(db, actor, today, owner_id, donor_id)
    with_late_pledge = {pledge.donor_id for pledge in late_pledges}
    donor_ids = None if donor_id is None else (donor_id,)
    candidates = [
        donor
        for donor in donors.at_risk(db, actor, today=today, owner_id=owner_id, donor_ids=donor_ids)
        if donor.donor_id not in with_late_pledge
    ]
    handled = work_list_queries.handled(
        db, actor, [risk_key(donor) for donor in candidates], today=today
    )
    return [donor for donor in candidates if risk_key(donor) not in handled]


def open_for(
    db: Session,
    actor: Actor,
    *,
    today: date,
    kinds: Sequence[str] = KINDS,
    owner_id: int | None = None,
    donor_id: int | None = None,
) -> list[OpenAlert]:
    """Return the lines to act on now, most severe and oldest first; those of a donor if given.

    An open alert whose cause ended since the daily check is not listed.
    """
    rows = work_list_queries.open_for(
        db, actor, today=today, kinds=kinds, owner_id=owner_id, donor_id=donor_id
    )
    of = {"owner_id": owner_id, "donor_id": donor_id}
    raised = {_cause(alert) for alert, _, _ in rows}
    current: dict[tuple[str, int], OpenAlert] = {}
    if LATE in kinds:
        for pledge in late(db, actor, today=today, **of):
            current[LATE, pledge.pledge_id] = _late_line(pledge, today)
    if AT_RISK in kinds:
        for donor in at_risk(db, actor, today=today, **of):
            current[AT_RISK, donor.donor_id] = _risk_line(donor, today)
    in_own_locale = actor.locale == organisation(db).locale

    def reason_of(alert: Alert) -> str:
        # the stored reason is in the organisation's locale, and has amounts
        if not in_own_locale:
            return current[_cause(alert)].reason
        return alert.reason if actor.sees_amounts else without_amounts(alert.reason)

    lines = [
        _alert_line(alert, name, owner, reason_of(alert))
        for alert, name, owner in rows
        if _cause(alert) in current
    ]
    lines += [line for cause, line in current.items() if cause not in raised]
    return sorted(lines, key=lambda line: (-line.severity, line.since, line.alert_id or 0))


def _cause(alert: Alert) -> tuple[str, int]:
    """Return the kind of an alert and the id of its pledge, or of its donor without one."""
    return alert.kind, alert.pledge_id or alert.donor_id


def _alert_line(alert: Alert, name: str, owner_id: int | None, reason: str) -> OpenAlert:
    return OpenAlert(
        alert_id=alert.id,
        kind=alert.kind,
        donor_id=alert.donor_id,
        donor_name=name,
        owner_id=owner_id,
        pledge_id=alert.pledge_id,
        severity=alert.severity,
        reason=reason,
        since=alert.since,
        raised_on=alert.raised_on,
    )


def _late_line(pledge: pledges.LatePledge, today: date) -> OpenAlert:
    severity = min(WORST, max(1, pledge.missed))
    return OpenAlert(
        None,
        LATE,
        pledge.donor_id,
        pledge.donor_name,
        pledge.owner_id,
        pledge.pledge_id,
        severity,
        pledge.sentence,
        pledge.oldest_due,
        today,
    )


def _risk_line(donor: donors.AtRisk, today: date) -> OpenAlert:
    return OpenAlert(
        None,
        AT_RISK,
        donor.donor_id,
        donor.donor_name,
        donor.owner_id,
        None,
        2 if donor.status == "at risk" else 1,
        donor.sentence,
        donor.last_gift_date,
        today,
    )
