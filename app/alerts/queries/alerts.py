"""SQL of alerts: detection by the scheduler, for all donors, and changes of single alerts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol, TypedDict

from sqlalchemy import Boolean, and_, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.models import Alert, Donor, DonorRhythm, DonorSummary, Gift, User
from app.donors import pledge_paused

ACTIVE = ("open", "snoozed")
WORST = 3


class NewAlert(TypedDict):
    """The columns of an alert to raise."""

    key: str
    kind: str
    donor_id: int
    pledge_id: int | None
    severity: int
    reason: str
    since: date
    raised_on: date
    facts: dict[str, object]


class RaisedAlert(Protocol):
    """The id and the key of an alert."""

    id: int
    key: str


class ActiveAlert(Protocol):
    """An active alert, with the day of its donor's last gift."""

    id: int
    kind: str
    key: str
    since: date
    donor_id: int
    last_gift_date: date | None


def known_for_system(db: Session, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that an alert has, whatever its state."""
    return set(db.scalars(select(Alert.key).where(Alert.key.in_(keys)))) if keys else set()


def reopen_for_system(db: Session, keys: Sequence[str]) -> Sequence[int]:
    """Reopen alerts that were resolved automatically and are true again; return their ids."""
    reopened = (
        update(Alert)
        .where(Alert.key.in_(keys), Alert.state == "resolved", Alert.resolved_by.is_(None))
        .values(state="open", resolved_at=None, resolved_gift_id=None, updated_at=func.now())
        .returning(Alert.id)
    )
    return db.scalars(reopened).all()


def reopen_at_risk_for_system(db: Session, donor_ids: Sequence[int]) -> None:
    """Reopen the at-risk alerts of donors whose last gift is the one they were raised for.

    A gift had resolved them and is gone; alerts resolved by a user stay resolved.
    """
    reopened = (
        update(Alert)
        .where(
            Alert.donor_id.in_(donor_ids),
            Alert.kind == "at_risk",
            Alert.state == "resolved",
            Alert.resolved_gift_id.is_not(None),
            Alert.resolved_by.is_(None),
            DonorSummary.donor_id == Alert.donor_id,
            DonorSummary.last_gift_date == Alert.since,
        )
        .values(state="open", resolved_at=None, resolved_gift_id=None, updated_at=func.now())
    )
    db.execute(reopened.execution_options(synchronize_session=False))


def raise_for_system(db: Session, rows: Sequence[NewAlert]) -> Sequence[RaisedAlert]:
    """Insert alerts and return (id, key) of the new ones.

    Active ones that exist get today's sentence and facts; their severity never decreases.
    """
    if not rows:
        return []
    statement = insert(Alert)
    excluded = statement.excluded
    renewed = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "severity": func.greatest(Alert.severity, excluded.severity),
            "reason": excluded.reason,
            # what a user did about a snoozed alert stays, so that it can be undone
            "facts": Alert.facts.op("||")(excluded.facts),
            "updated_at": func.now(),
        },
        # not `in_`: a list cannot be bound when many rows are sent at once
        where=or_(Alert.state == "open", Alert.state == "snoozed"),
    )
    # PostgreSQL leaves xmax 0 in a row that this statement inserted
    new = literal_column("alert.xmax = 0", Boolean).label("new")
    ordered = sorted(rows, key=lambda row: row["key"])
    raised = db.execute(renewed.returning(Alert.id, Alert.key, new), ordered).all()
    return [row for row in raised if row.new]


def escalate_lapsed_for_system(db: Session) -> Sequence[str]:
    """Set at-risk alerts of lapsed donors to the highest severity; return their keys."""
    late_alert = aliased(Alert)
    has_late_pledge = exists().where(
        late_alert.donor_id == Alert.donor_id,
        late_alert.kind == "late_pledge",
        late_alert.state.in_(ACTIVE),
    )
    escalated = (
        update(Alert)
        .where(
            Alert.kind == "at_risk",
            Alert.state.in_(ACTIVE),
            Donor.id == Alert.donor_id,
            DonorRhythm.donor_id == Alert.donor_id,
            DonorRhythm.status == "lapsed",
            DonorRhythm.last_gift == Alert.since,
            ~Donor.deceased,
            ~and_(Donor.no_email, Donor.no_phone, Donor.no_mail),
            ~has_late_pledge,
        )
        .values(severity=WORST)
        .returning(Alert.key)
        .execution_options(synchronize_session=False)
    )
    return db.scalars(escalated).all()


def end_snoozes_for_system(db: Session, *, today: date) -> Sequence[int]:
    """Reopen alerts whose snooze is over; return the ids of those about late pledges."""
    reopened = (
        update(Alert)
        .where(Alert.state == "snoozed", Alert.snoozed_until <= today)
        .values(state="open", snoozed_until=None)
        .returning(Alert.id, Alert.kind)
    )
    return [row.id for row in db.execute(reopened) if row.kind == "late_pledge"]


def resolve_ended_for_system(
    db: Session, *, kind: str, keys: Sequence[str], now: datetime
) -> Sequence[int]:
    """Resolve the active alerts of a kind that no longer hold; return their ids."""
    ended = (
        update(Alert)
        .where(Alert.kind == kind, Alert.state.in_(ACTIVE), Alert.key.not_in(keys))
        .values(state="resolved", resolved_at=now)
        .returning(Alert.id)
    )
    return db.scalars(ended).all()


def active_of_donors_for_system(
    db: Session, *, donor_ids: Sequence[int] | None, import_run_id: int | None
) -> Sequence[ActiveAlert]:
    """Return the active alerts of some donors, or of the donors with gifts in an import run."""
    statement = select(
        Alert.id,
        Alert.kind,
        Alert.key,
        Alert.since,
        Alert.donor_id,
        DonorSummary.last_gift_date,
    ).join(DonorSummary, DonorSummary.donor_id == Alert.donor_id)
    statement = statement.where(Alert.state.in_(ACTIVE))
    if donor_ids is not None:
        statement = statement.where(Alert.donor_id.in_(donor_ids))
    if import_run_id is not None:
        donors_with_gifts = select(Gift.donor_id).where(Gift.import_run_id == import_run_id)
        statement = statement.where(Alert.donor_id.in_(donors_with_gifts))
    return db.execute(statement).all()


def resolve_for_system(db: Session, alert_ids: Sequence[int], *, now: datetime) -> None:
    """Mark alerts as resolved by the latest gifts of their donors, or for their pledges."""
    latest = (
        select(Gift.id)
        .where(
            or_(Gift.donor_id == Alert.donor_id, Gift.pledge_id == Alert.pledge_id),
            Gift.effective,
        )
        .order_by(Gift.gift_date.desc(), Gift.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    db.execute(
        update(Alert)
        .where(Alert.id.in_(alert_ids))
        .values(state="resolved", resolved_at=now, resolved_gift_id=latest, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


def late_of_donors_for_system(
    db: Session, donor_ids: Sequence[int], *, unless: Sequence[str]
) -> Sequence[int]:
    """Return donors' active alerts about late pledges, except those with one of the keys."""
    statement = select(Alert.id).where(
        Alert.donor_id.in_(donor_ids),
        Alert.kind == "late_pledge",
        Alert.state.in_(ACTIVE),
        Alert.key.not_in(unless),
    )
    return db.scalars(statement).all()


def of_deceased_for_system(db: Session, donor_ids: Sequence[int]) -> Sequence[int]:
    """Return the active alerts of the deceased among these donors."""
    statement = (
        select(Alert.id)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(Alert.donor_id.in_(donor_ids), Alert.state.in_(ACTIVE), Donor.deceased)
    )
    return db.scalars(statement).all()


def unwanted_at_risk_for_system(
    db: Session, donor_ids: Sequence[int], *, today: date | None
) -> Sequence[int]:
    """Return active at-risk alerts of donors who refuse contact or have a paused pledge.

    Without a day, pauses are not checked.
    """
    unwanted = and_(Donor.no_email, Donor.no_phone, Donor.no_mail)
    statement = (
        select(Alert.id)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(
            Alert.donor_id.in_(donor_ids),
            Alert.kind == "at_risk",
            Alert.state.in_(ACTIVE),
            unwanted if today is None else or_(unwanted, pledge_paused(today)),
        )
    )
    return db.scalars(statement).all()


def resolve_without_gift_for_system(db: Session, alert_ids: Sequence[int]) -> None:
    """Resolve alerts without an answering gift."""
    db.execute(
        update(Alert)
        .where(Alert.id.in_(alert_ids))
        .values(state="resolved", resolved_at=func.now(), updated_at=func.now())
    )


def set_alert(db: Session, alert_id: int, **values: object) -> None:
    """Update columns of an alert."""
    db.execute(update(Alert).where(Alert.id == alert_id).values(**values))


def owners_for_system(db: Session, donor_ids: Sequence[int]) -> dict[int, User]:
    """Return the owner of each donor, if the owner may receive mails about donors."""
    rows = db.execute(
        select(Donor.id, User)
        .join(User, User.id == Donor.owner_id)
        .where(Donor.id.in_(donor_ids), User.participates)
    )
    return {row.id: row.User for row in rows}


def muted_for_system(db: Session, alert_ids: Sequence[int]) -> set[int]:
    """Return the alerts of a kind for which the donor's owner chose the channel "none"."""
    rows = db.scalars(
        select(Alert.id)
        .join(Donor, Donor.id == Alert.donor_id)
        .join(User, User.id == Donor.owner_id)
        .where(Alert.id.in_(alert_ids), User.alert_channels[Alert.kind].astext == "none")
    )
    return set(rows)
