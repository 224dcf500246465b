"""Immediate e-mails about alerts, to the donor's owner, outside quiet hours, with action links."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from app import donors, mail, pledges
from app.accounts import DOERS, SYSTEM, Actor, Role, organisation
from app.alerts.queries import alerts as queries
from app.db import Session
from app.db.models import User
from app.kit import formatting
from app.kit.amount_masking import without_amounts
from app.kit.dates.cadence import INTERVALS, Frequency
from app.kit.dates.quiet_hours import end_of_quiet_hours
from app.settings import settings

LATE, AT_RISK = "late_pledge", "at_risk"
AT_ONCE, SUMMARY, APP, NONE = CHANNELS = ("at once", "summary", "app", "none")
# donors listed in a mail; further ones are on the Today screen
MOST = 20


def late_key(pledge: pledges.LatePledge) -> str:
    """Return the key of a late pledge's alert: one per pledge and oldest due date."""
    return f"{LATE}:{pledge.pledge_id}:{pledge.oldest_due}"


def risk_key(donor: donors.AtRisk) -> str:
    """Return the key of an at-risk alert: one per donor and last gift."""
    return f"{AT_RISK}:{donor.donor_id}:{donor.last_gift_date}"


def channel(channels: Mapping[str, str], kind: str) -> str:
    """Return the user's channel for a kind of alert; the default is the weekly summary."""
    selected = channels.get(kind, SUMMARY)
    return selected if selected in CHANNELS else SUMMARY


def reader(db: Session, user: User | None = None) -> Actor:
    """Return the scheduler writing in a user's locale, by default in the organisation's."""
    return replace(SYSTEM, locale=(user and user.locale) or organisation(db).locale)


def contact(db: Session, actor: Actor, donor_id: int, *, today: date) -> str:
    """Return a donor's contact details, "phone · e-mail", without channels they refuse."""
    view = donors.get(db, actor, donor_id, today=today)
    phone = None if view.fields.no_phone else donors.used_contact(view.contact.phones, today)
    email = None if view.fields.no_email else donors.used_contact(view.contact.emails, today)
    return " · ".join(str(way) for way in (phone, email) if way is not None)


def donor_link(donor_id: int) -> str:
    """Return the URL of a donor's page."""
    return f"{settings().public_url}/donor?id={donor_id}"


def mail_late(
    db: Session,
    late_pledges: Sequence[pledges.LatePledge],
    alerts: Mapping[str, int],
    *,
    today: date,
    now: datetime,
) -> int:
    """Queue a mail for each newly late pledge; `alerts` maps alert keys to ids."""
    owners = queries.owners_for_system(db, [pledge.donor_id for pledge in late_pledges])
    queued = 0
    for pledge in late_pledges:
        user = owners.get(pledge.donor_id)
        if user is None or channel(user.alert_channels, LATE) != AT_ONCE:
            continue
        queued += mail.late_pledge_alert(
            db,
            key=f"mail:{late_key(pledge)}",
            to=user.email,
            user_id=user.id,
            now=now,
            after=_after_quiet_hours(db, user, now),
            mail=_late_mail(db, pledge, user, alerts.get(late_key(pledge)), today=today, now=now),
        )
    return queued


def _late_mail(
    db: Session,
    pledge: pledges.LatePledge,
    user: User,
    alert_id: int | None,
    *,
    today: date,
    now: datetime,
) -> mail.LateMail:
    mask = without_amounts if user.role == Role.COACH else str
    locale = reader(db, user).locale
    money = partial(formatting.money, locale=locale)
    last = "never"
    if pledge.last_gift_date:
        last = formatting.day(pledge.last_gift_date, today=today, locale=locale)
    days_late = formatting.count(pledge.days_late, "day", locale=locale)
    return mail.LateMail(
        subject=f"{pledge.donor_name} is {days_late} late",
        name=user.name,
        organisation=organisation(db).name,
        line=mail.Line(
            pledge.donor_name,
            mask(_late_sentence(db, user, pledge, today)),
            donor_link(pledge.donor_id),
            contact(db, SYSTEM, pledge.donor_id, today=today),
            _actions(user, mail.ABOUT_LATE, alert_id, now),
        ),
        pledge=mask(f"{money(pledge.amount)} {INTERVALS[Frequency(pledge.frequency)]}"),
        received=mask(f"Last gift: {last}. Behind by {money(pledge.behind)}."),
        settings_link=f"{settings().public_url}/settings",
    )


def mail_at_risk(
    db: Session,
    at_risk: Sequence[donors.AtRisk],
    alerts: Mapping[str, int],
    *,
    today: date,
    now: datetime,
) -> int:
    """Queue one mail per user with all donors newly at risk; `alerts` as for `mail_late`."""
    owners = queries.owners_for_system(db, [donor.donor_id for donor in at_risk])
    by_user: dict[int, list[donors.AtRisk]] = defaultdict(list)
    users = {user.id: user for user in owners.values()}
    for donor in at_risk:
        user = owners.get(donor.donor_id)
        if user is not None and channel(user.alert_channels, AT_RISK) == AT_ONCE:
            by_user[user.id].append(donor)
    return sum(
        _mail_owner(db, users[user_id], owned, alerts, today=today, now=now)
        for user_id, owned in by_user.items()
    )


def _mail_owner(
    db: Session,
    user: User,
    at_risk: list[donors.AtRisk],
    alerts: Mapping[str, int],
    *,
    today: date,
    now: datetime,
) -> bool:
    donor_count = formatting.count(len(at_risk), "donor", locale=reader(db, user).locale)
    sentences = _risk_sentences(db, user, at_risk[:MOST], today)
    overflow = f" The first {MOST} are listed here, all on Today." if len(at_risk) > MOST else ""
    lines = tuple(
        mail.Line(
            donor.donor_name,
            sentences[donor.donor_id],
            donor_link(donor.donor_id),
            contact(db, SYSTEM, donor.donor_id, today=today),
            _actions(user, mail.ABOUT_AT_RISK, alerts.get(risk_key(donor)), now),
        )
        for donor in at_risk[:MOST]
    )
    return mail.at_risk_donors_alert(
        db,
        key=f"mail:{AT_RISK}:{user.id}:{today}:{at_risk[0].donor_id}",
        to=user.email,
        user_id=user.id,
        now=now,
        after=_after_quiet_hours(db, user, now),
        mail=mail.AtRiskMail(
            subject=f"{donor_count} may be stopping",
            name=user.name,
            organisation=organisation(db).name,
            opening=f"{donor_count} of yours gave later than they usually do.{overflow}",
            lines=lines,
            settings_link=f"{settings().public_url}/settings",
        ),
    )


def _actions(
    user: User, actions: tuple[str, ...], alert_id: int | None, now: datetime
) -> tuple[mail.Action, ...]:
    if alert_id is None or user.role not in DOERS:
        return ()
    return mail.link_actions(
        user.id, actions, alert_id, access_version=user.access_version, now=now
    )


def _late_sentence(db: Session, user: User, pledge: pledges.LatePledge, today: date) -> str:
    """Return the sentence on a late pledge in the user's own locale, if there is one."""
    own = reader(db, user)
    if own == reader(db):
        return pledge.sentence
    late = pledges.late(db, own, today=today, donor_ids=[pledge.donor_id])
    return next(line.sentence for line in late if line.pledge_id == pledge.pledge_id)


def _risk_sentences(
    db: Session, user: User, at_risk: Sequence[donors.AtRisk], today: date
) -> dict[int, str]:
    own = reader(db, user)
    if own != reader(db):
        ids = [donor.donor_id for donor in at_risk]
        at_risk = donors.at_risk(db, own, today=today, donor_ids=ids)
    return {donor.donor_id: donor.sentence for donor in at_risk}


def _after_quiet_hours(db: Session, user: User, now: datetime) -> datetime:
    zone = user.time_zone or organisation(db).time_zone
    return end_of_quiet_hours(now, zone=zone, start=user.quiet_from, until=user.quiet_until)
