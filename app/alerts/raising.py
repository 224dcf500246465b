"""Turning verdicts into alerts: once per cause, taken back when it is no longer true."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import donors, mail, pledges, tasks
from app.accounts import SYSTEM, Actor, Role, organisation
from app.alerts import queries
from app.db import Session
from app.db.models import User
from app.kit import words
from app.kit.cadence import WORDS, Frequency
from app.kit.discreet import without_amounts
from app.settings import settings

LATE, AT_RISK = "late_pledge", "at_risk"
WORST = 3
AT_ONCE = "at once"


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
    fresh = [one for one in found if _late_key(one) in new.keys]
    mailed = _mail_late(db, fresh, today=today, now=now)
    return Raised(len(new.keys), ended, mailed)


def raise_at_risk(db: Session, *, today: date, now: datetime) -> Raised:
    """Raise one alert a donor and last gift, for donors at risk or slipping.

    The scores come from `donors.score`, which the same job runs first. Who lapses meanwhile keeps
    the alert, at the highest severity.
    """
    found = donors.at_risk(db, SYSTEM, today=today)
    new, ended = _raise(db, AT_RISK, [_risk_row(one, today) for one in found], now=now)
    fresh = [one for one in found if _risk_key(one) in new.keys]
    mailed = _mail_at_risk(db, fresh, today=today, now=now)
    return Raised(len(new.keys), ended, mailed)


@dataclass(frozen=True, slots=True)
class _New:
    """The keys of new alerts, and the ids of all that ask for a task: new or open again."""

    keys: frozenset[str]
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
    asked = (*again, *(row.id for row in new))
    return _New(frozenset(row.key for row in new), asked), len(ended)


def _late_key(one: pledges.LatePledge) -> str:
    return f"{LATE}:{one.pledge_id}:{one.oldest_due}"


def _risk_key(one: donors.AtRisk) -> str:
    return f"{AT_RISK}:{one.donor_id}:{one.last_gift_date}"


def _late_row(one: pledges.LatePledge, today: date) -> dict[str, Any]:
    return {
        "key": _late_key(one),
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
        "key": _risk_key(one),
        "kind": AT_RISK,
        "donor_id": one.donor_id,
        "pledge_id": None,
        "severity": 2 if one.status == "at risk" else 1,
        "reason": one.sentence,
        "since": one.last_gift_date,
        "raised_on": today,
        "facts": {"risk": round(one.risk, 3), "status": one.status},
    }


def contact(db: Session, actor: Actor, donor_id: int, *, today: date) -> str:
    """Return how a donor may be reached, "phone · e-mail", without what they do not want."""
    view = donors.get(db, actor, donor_id, today=today)
    phones = () if view.fields.no_phone else view.phones[:1]
    emails = () if view.fields.no_email else view.emails[:1]
    return " · ".join((*phones, *emails))


def donor_link(donor_id: int) -> str:
    """Return the address of a donor's page."""
    return f"{settings().public_url}/donor?id={donor_id}"


def _wants(user: User, kind: str) -> bool:
    return bool(user.alert_channels.get(kind, "summary") == AT_ONCE)


def _mail_late(
    db: Session, found: Sequence[pledges.LatePledge], *, today: date, now: datetime
) -> int:
    people = queries.people_for_system(db, [one.donor_id for one in found])
    queued = 0
    for one in found:
        user = people.get(one.donor_id)
        if user is None or not _wants(user, LATE):
            continue
        said = without_amounts if user.role == Role.COACH else str
        amount = f"{words.money(one.amount)} {WORDS[Frequency(one.frequency)]}"
        last = words.day(one.last_gift_date, today=today) if one.last_gift_date else "never"
        queued += mail.late_pledge_alert(
            db,
            key=f"mail:{_late_key(one)}",
            to=user.email,
            user_id=user.id,
            now=now,
            mail=mail.LateMail(
                subject=f"{one.donor_name} is {words.count(one.days_late, 'day')} late",
                name=user.name,
                organisation=organisation(db).name,
                line=mail.Line(
                    one.donor_name,
                    said(one.sentence),
                    donor_link(one.donor_id),
                    contact(db, SYSTEM, one.donor_id, today=today),
                ),
                pledge=said(amount),
                received=said(f"Last gift: {last}. Behind by {words.money(one.behind)}."),
                settings_link=f"{settings().public_url}/settings",
            ),
        )
    return queued


def _mail_at_risk(
    db: Session, found: Sequence[donors.AtRisk], *, today: date, now: datetime
) -> int:
    people = queries.people_for_system(db, [one.donor_id for one in found])
    by_user: dict[int, list[donors.AtRisk]] = defaultdict(list)
    users = {user.id: user for user in people.values()}
    for one in found:
        user = people.get(one.donor_id)
        if user is not None and _wants(user, AT_RISK):
            by_user[user.id].append(one)
    return sum(
        _one_mail(db, users[user_id], theirs, today=today, now=now)
        for user_id, theirs in by_user.items()
    )


def _one_mail(
    db: Session, user: User, theirs: list[donors.AtRisk], *, today: date, now: datetime
) -> bool:
    who = words.count(len(theirs), "donor")
    lines = tuple(
        mail.Line(
            one.donor_name,
            one.sentence,
            donor_link(one.donor_id),
            contact(db, SYSTEM, one.donor_id, today=today),
        )
        for one in theirs
    )
    return mail.at_risk_donors_alert(
        db,
        key=f"mail:{AT_RISK}:{user.id}:{today}:{theirs[0].donor_id}",
        to=user.email,
        user_id=user.id,
        now=now,
        mail=mail.AtRiskMail(
            subject=f"{who} may be stopping",
            name=user.name,
            organisation=organisation(db).name,
            opening=f"{who} of yours gave later than they usually do.",
            lines=lines,
            settings_link=f"{settings().public_url}/settings",
        ),
    )
