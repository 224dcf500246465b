"""Alerts as SQL. Those of everybody are raised for the scheduler; people see their donors'."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts import Actor, editable_donors, visible_donors
from app.db import Session
from app.db.models import Alert, Donor, DonorSummary, Gift, User

ACTIVE = ("open", "snoozed")


def add_for_system(db: Session, rows: list[dict[str, Any]]) -> Sequence[Any]:
    """Insert the alerts whose key is new and return (id, donor, pledge) of these."""
    if not rows:
        return []
    statement = insert(Alert).on_conflict_do_nothing(index_elements=["key"])
    return db.execute(statement.returning(Alert.id, Alert.key), rows).all()


def worsen_for_system(db: Session, rows: list[dict[str, Any]]) -> None:
    """Raise the severity and renew the sentence of known alerts; severity never falls."""
    for row in rows:
        db.execute(
            update(Alert)
            .where(Alert.key == row["key"], Alert.state.in_(ACTIVE))
            .where(or_(Alert.severity < row["severity"], Alert.reason != row["reason"]))
            .values(
                severity=func.greatest(Alert.severity, row["severity"]),
                reason=row["reason"],
                facts=row["facts"],
            )
        )


def wake_for_system(db: Session, *, today: date) -> int:
    """Open the alerts whose snooze is over."""
    woken = (
        update(Alert)
        .where(Alert.state == "snoozed", Alert.snoozed_until <= today)
        .values(state="open", snoozed_until=None)
        .returning(Alert.id)
    )
    return len(db.execute(woken).all())


def no_longer_for_system(
    db: Session, *, kind: str, keys: Sequence[str], now: datetime
) -> Sequence[int]:
    """Resolve the active alerts of a kind that are no longer true; return their ids."""
    gone = (
        update(Alert)
        .where(Alert.kind == kind, Alert.state.in_(ACTIVE), Alert.key.not_in(keys))
        .values(state="resolved", resolved_at=now)
        .returning(Alert.id)
    )
    return db.scalars(gone).all()


def active_of_donors_for_system(
    db: Session, *, donor_ids: Sequence[int] | None, import_run_id: int | None
) -> Sequence[Any]:
    """The active alerts of some donors, or of those a run brought gifts for.

    Each comes with its donor's latest gift, to say what answered it.
    """
    latest = (
        select(Gift.id)
        .where(Gift.donor_id == Alert.donor_id, Gift.kind == "gift")
        .order_by(Gift.gift_date.desc(), Gift.id.desc())
        .limit(1)
        .correlate(Alert)
        .scalar_subquery()
    )
    statement = select(
        Alert.id,
        Alert.kind,
        Alert.key,
        Alert.since,
        Alert.donor_id,
        DonorSummary.last_gift_date,
        latest.label("gift_id"),
    ).join(DonorSummary, DonorSummary.donor_id == Alert.donor_id)
    statement = statement.where(Alert.state.in_(ACTIVE))
    if donor_ids is not None:
        statement = statement.where(Alert.donor_id.in_(donor_ids))
    if import_run_id is not None:
        touched = select(Gift.donor_id).where(Gift.import_run_id == import_run_id)
        statement = statement.where(Alert.donor_id.in_(touched))
    return db.execute(statement).all()


def resolve_for_system(db: Session, *, alert_id: int, now: datetime, gift_id: int | None) -> None:
    """Mark one alert as answered by a gift."""
    db.execute(
        update(Alert)
        .where(Alert.id == alert_id)
        .values(state="resolved", resolved_at=now, resolved_gift_id=gift_id)
    )


def open_for(
    db: Session, actor: Actor, *, today: date, kinds: Sequence[str], owner_id: int | None
) -> Sequence[Any]:
    """The alerts to act on now, those of donors in sight, the most severe and oldest first."""
    statement = (
        select(Alert, Donor.name, Donor.owner_id)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(
            visible_donors(actor),
            Alert.kind.in_(kinds),
            or_(
                Alert.state == "open", (Alert.state == "snoozed") & (Alert.snoozed_until <= today)
            ),
        )
        .order_by(Alert.severity.desc(), Alert.since, Alert.id)
    )
    if owner_id is not None:
        statement = statement.where(Donor.owner_id == owner_id)
    return db.execute(statement).all()


def mine(db: Session, actor: Actor, alert_id: int) -> Alert | None:
    """An alert of a donor the actor may change."""
    return db.scalar(
        select(Alert)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(Alert.id == alert_id, editable_donors(actor))
        .execution_options(populate_existing=True)
    )


def set_alert(db: Session, alert_id: int, **values: Any) -> None:
    """Change an alert's fields."""
    db.execute(update(Alert).where(Alert.id == alert_id).values(**values))


def people_for_system(db: Session, donor_ids: Sequence[int]) -> dict[int, User]:
    """The active owner of each donor."""
    rows = db.execute(
        select(Donor.id, User)
        .join(User, User.id == Donor.owner_id)
        .where(Donor.id.in_(donor_ids), User.active)
    )
    return {row.id: row.User for row in rows}


def mailed_for_system(db: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """Remember that these alerts went out by mail."""
    db.execute(update(Alert).where(Alert.id.in_(alert_ids)).values(mailed_at=now))
