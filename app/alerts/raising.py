"""Turning verdicts into alerts: once per cause, taken back when it is no longer true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import donors, pledges, tasks
from app.accounts import SYSTEM
from app.alerts import mails, queries
from app.alerts.mails import AT_RISK, LATE, late_key, risk_key
from app.db import Session

WORST = 3


@dataclass(frozen=True, slots=True)
class Raised:
    """What a check did: alerts raised, resolved because no longer true, mails queued."""

    raised: int
    resolved: int
    mailed: int


def raise_late_pledges(db: Session, *, today: date, now: datetime) -> Raised:
    """Raise one alert a late pledge and oldest due date, with a call for its owner."""
    queries.wake_for_system(db, today=today)
    found = pledges.late(db, SYSTEM, today=today)
    gone = queries.deceased_for_system(db, [one.donor_id for one in found])
    found = [one for one in found if one.donor_id not in gone]
    new, ended = _raise(db, LATE, [_late_row(one, today) for one in found], now=now)
    tasks.open_for_alerts(db, alert_ids=new.asked, today=today)
    fresh = [one for one in found if late_key(one) in new.ids]
    mailed = mails.mail_late(db, fresh, new.ids, today=today, now=now)
    return Raised(len(new.ids), ended, mailed)


def raise_at_risk(db: Session, *, today: date, now: datetime) -> Raised:
    """Raise one alert a donor and last gift, for donors at risk or slipping.

    The scores come from `donors.score`, which the same job runs first. Who lapses meanwhile keeps
    the alert, at the highest severity.
    """
    found = donors.at_risk(db, SYSTEM, today=today)
    new, ended = _raise(db, AT_RISK, [_risk_row(one, today) for one in found], now=now)
    fresh = [one for one in found if risk_key(one) in new.ids]
    mailed = mails.mail_at_risk(db, fresh, new.ids, today=today, now=now)
    return Raised(len(new.ids), ended, mailed)


@dataclass(frozen=True, slots=True)
class _New:
    """The new alerts' numbers by key, and all that ask for a task: new or open again."""

    ids: Mapping[str, int]
    asked: tuple[int, ...]


def _raise(
    db: Session, kind: str, rows: list[dict[str, Any]], *, now: datetime
) -> tuple[_New, int]:
    """Raise what is new, renew what is known, resolve what is no longer true."""
    keys = [row["key"] for row in rows]
    again = queries.reopen_for_system(db, keys)
    new = queries.raise_for_system(db, rows)
    keys += queries.lapsed_for_system(db) if kind == AT_RISK else []
    ended = queries.no_longer_for_system(db, kind=kind, keys=keys, now=now)
    tasks.close_of_alerts(db, alert_ids=ended, now=now)
    asked = [*again, *(row.id for row in new)]
    unwanted = queries.unwanted_for_system(db, asked)
    wanted = tuple(one for one in asked if one not in unwanted)
    return _New({row.key: row.id for row in new}, wanted), len(ended)


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
