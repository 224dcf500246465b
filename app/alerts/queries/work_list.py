"""SQL of the work list: the alerts a user sees and acts on."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import Row, and_, func, or_, select

from app.accounts import Actor, editable_donors, visible_donors
from app.alerts.queries.alerts import ACTIVE
from app.db import Session
from app.db.models import Alert, Donor
from app.donors.anonymity import shown_name
from app.kit.dates.days import Span


class AlertChange(Protocol):
    """An alert raised or answered within a span, with the donor's name."""

    name: str
    kind: str
    answered: bool
    raised: bool


def open_for(
    db: Session,
    actor: Actor,
    *,
    today: date,
    kinds: Sequence[str],
    owner_id: int | None,
    donor_id: int | None = None,
) -> Sequence[Row[Alert, str, int | None]]:
    """Return the alerts to act on now, of visible donors, most severe and oldest first."""
    statement = (
        select(Alert, shown_name(actor), Donor.owner_id)
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
    if donor_id is not None:
        statement = statement.where(Donor.id == donor_id)
    return db.execute(statement).all()


def handled(db: Session, actor: Actor, keys: Sequence[str], *, today: date) -> set[str]:
    """Return the keys that a user snoozed until after a day, dismissed or resolved."""
    statement = (
        select(Alert.key)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(
            visible_donors(actor),
            Alert.key.in_(keys),
            or_(
                and_(Alert.state == "snoozed", Alert.snoozed_until > today),
                Alert.state == "dismissed",
                and_(Alert.state == "resolved", Alert.resolved_by.is_not(None)),
            ),
        )
    )
    return set(db.scalars(statement)) if keys else set()


def id_of(
    db: Session, actor: Actor, kind: str, donor_id: int, pledge_id: int | None, since: date
) -> int | None:
    """Return the id of the active alert of a work-list line, if the actor may change it."""
    statement = (
        select(Alert.id)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(
            editable_donors(actor),
            Alert.kind == kind,
            Alert.donor_id == donor_id,
            Alert.pledge_id.is_not_distinct_from(pledge_id),
            Alert.since == since,
            Alert.state.in_(ACTIVE),
        )
    )
    return db.scalar(statement)


def open_of_donor(db: Session, actor: Actor, donor_id: int, *, raised_by: date) -> Sequence[Alert]:
    """Return a donor's editable alerts raised by a day that are open, or whose snooze is over."""
    statement = (
        select(Alert)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(
            editable_donors(actor),
            Alert.donor_id == donor_id,
            or_(
                Alert.state == "open",
                and_(Alert.state == "snoozed", Alert.snoozed_until <= raised_by),
            ),
            Alert.raised_on <= raised_by,
        )
        .execution_options(populate_existing=True)
    )
    return db.scalars(statement).all()


def may_edit(db: Session, actor: Actor, donor_id: int) -> bool:
    """Return whether the actor may change a donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, editable_donors(actor))
    return db.scalar(statement) is not None


def editable(db: Session, actor: Actor, alert_id: int) -> Alert | None:
    """Return an alert of a donor the actor may change, or None."""
    return db.scalar(
        select(Alert)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(Alert.id == alert_id, editable_donors(actor))
        .execution_options(populate_existing=True)
    )


def changes(db: Session, actor: Actor, *, span: Span) -> Sequence[AlertChange]:
    """Return alerts raised or answered by a gift within the span, with the donor's name.

    Alerts about donors who have died since are left out.
    """
    answered = (
        (Alert.resolved_gift_id.is_not(None))
        & (func.date(Alert.resolved_at) >= span.start)
        & (func.date(Alert.resolved_at) < span.end)
    )
    # alerts snoozed, dismissed or resolved by a user since are not reported as new
    raised = and_(Alert.raised_on >= span.start, Alert.raised_on < span.end, Alert.state == "open")
    return db.execute(
        select(
            shown_name(actor).label("name"),
            Alert.kind,
            answered.label("answered"),
            raised.label("raised"),
        )
        .join(Donor, Donor.id == Alert.donor_id)
        .where(visible_donors(actor), ~Donor.deceased, or_(answered, raised))
        .order_by(Alert.severity.desc(), func.lower(shown_name(actor)), Alert.id)
    ).all()
