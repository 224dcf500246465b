"""SQL of the list of donors at risk."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, literal, or_, select

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import (
    Alert,
    Donor,
    DonorRhythm,
    DonorSummary,
    Pledge,
    PledgePause,
    RhythmModel,
)
from app.donors.anonymity import shown, shown_name
from app.donors.queries.rows import AtRiskRow
from app.donors.queries.used_contacts import used_email, used_phone


def at_risk(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None,
    donor_ids: Sequence[int] | None,
    limit: int | None,
) -> Sequence[AtRiskRow]:
    """Return the donors to warn about, highest risk first within each status."""
    statement = (
        select(*_at_risk_columns(actor, today))
        .join(DonorRhythm, DonorRhythm.donor_id == Donor.id)
        .join(DonorSummary, DonorSummary.donor_id == Donor.id)
        .where(
            visible_donors(actor),
            or_(DonorRhythm.status.in_(("at risk", "slipping")), _lapsed_since()),
            # a gift since the last scoring makes the warning obsolete
            DonorSummary.last_gift_date <= DonorRhythm.last_gift,
            ~Donor.deceased,
            ~and_(Donor.no_email, Donor.no_phone, Donor.no_mail),
            ~_has_late_pledge_alert(),
            ~pledge_paused(today),
        )
        .order_by(
            DonorRhythm.status, risk_on(today).desc(), DonorSummary.total_minor.desc(), Donor.id
        )
        .limit(limit)
    )
    if owner_id is not None:
        statement = statement.where(Donor.owner_id == owner_id)
    if donor_ids is not None:
        statement = statement.where(Donor.id.in_(donor_ids))
    return db.execute(statement).all()


def risk_on(today: date) -> ColumnElement[float]:
    """Return the risk of a score on a day, which was computed ahead when the donor was scored."""
    days = literal(today) - DonorRhythm.as_of
    return func.coalesce(DonorRhythm.risk_ahead[days], DonorRhythm.risk)


def scored_on() -> ColumnElement[date]:
    """Return the day of the last scoring, since when a score holds although it may be older."""
    last = select(func.max(RhythmModel.scored_on)).scalar_subquery()
    return func.greatest(DonorRhythm.as_of, last)


def _at_risk_columns(actor: Actor, today: date) -> list[Any]:
    return [
        Donor.id,
        shown_name(actor).label("name"),
        Donor.owner_id,
        DonorRhythm.status,
        risk_on(today).label("risk"),
        DonorRhythm.gifts,
        DonorRhythm.last_gift,
        DonorRhythm.rhythm_days,
        DonorRhythm.regular,
        DonorRhythm.expected_by,
        DonorRhythm.peers,
        DonorRhythm.peers_returned,
        shown(actor, used_email(Donor.id)).label("email"),
        shown(actor, used_phone(Donor.id)).label("phone"),
    ]


def pledge_paused(
    today: date | SQLColumnExpression[date], donor: type[Donor] = Donor
) -> ColumnElement[bool]:
    """Return a condition: a pledge of the donor is paused on `today`, a day or a date column."""
    paused_now = exists().where(
        PledgePause.pledge_id == Pledge.id,
        PledgePause.starts_on <= today,
        or_(PledgePause.ends_on.is_(None), PledgePause.ends_on >= today),
    )
    paused = or_(Pledge.status == "paused", and_(Pledge.status == "active", paused_now))
    return exists().where(Pledge.donor_id == donor.id, paused)


def _lapsed_since() -> ColumnElement[bool]:
    """Return a condition: the donor has lapsed since an alert that is still active was raised."""
    warned = exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "at_risk",
        Alert.since == DonorRhythm.last_gift,
        Alert.state.in_(("open", "snoozed")),
    )
    return and_(DonorRhythm.status == "lapsed", warned.correlate(Donor, DonorRhythm))


def _has_late_pledge_alert() -> ColumnElement[bool]:
    return exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "late_pledge",
        Alert.state.in_(("open", "snoozed")),
    )
