"""Columns of a pledge, with its donor, owner, fund, history and gifts received."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import FromClause, Label, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts import Actor, editable_donors
from app.db.models import (
    Campaign,
    Donor,
    Fund,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeSkip,
    PledgeTerms,
    User,
)
from app.donors.anonymity import shown_name


class PledgeRow(Protocol):
    """A row of `pledge_columns`. The histories are parallel arrays, ordered by day."""

    id: int
    version: int
    donor_id: int
    donor_name: str
    owner_id: int | None
    owner_name: str | None
    amount_minor: int
    currency: str
    frequency: str
    anchor_day: int | None
    start_date: date
    end_date: date | None
    instalments: int | None
    total_minor: int | None
    grace_days: int | None
    status: str
    method: str | None
    note: str | None
    fund_id: int | None
    fund: str | None
    campaign_id: int | None
    campaign: str | None
    received: int
    latest: date | None
    deceased: bool
    changed_on: Sequence[date]
    changed_to: Sequence[int]
    paused_on: Sequence[date]
    paused_to: Sequence[date | None]
    skips: Sequence[date]
    past_until: Sequence[date]
    past_frequency: Sequence[str]
    past_anchor: Sequence[int | None]
    past_grace: Sequence[int | None]
    editable: bool


def pledge_columns(actor: Actor, paid: FromClause) -> list[Any]:
    """Return the columns of a pledge for a scoped select; `paid` has the gifts received."""
    return [
        Pledge.id,
        Pledge.version,
        Pledge.donor_id,
        shown_name(actor).label("donor_name"),
        Donor.owner_id,
        User.name.label("owner_name"),
        Pledge.amount_minor,
        Pledge.currency,
        Pledge.frequency,
        Pledge.anchor_day,
        Pledge.start_date,
        Pledge.end_date,
        Pledge.instalments,
        Pledge.total_minor,
        Pledge.grace_days,
        Pledge.status,
        Pledge.method,
        Pledge.note,
        Pledge.fund_id,
        Fund.name.label("fund"),
        Pledge.campaign_id,
        select(Campaign.name)
        .where(Campaign.id == Pledge.campaign_id)
        .scalar_subquery()
        .label("campaign"),
        func.coalesce(paid.c.received, 0).label("received"),
        paid.c.latest,
        Donor.deceased,
        *_history(),
        editable_donors(actor).label("editable"),
    ]


def _history() -> list[Any]:
    """Return columns with amount changes, pauses, skips and terms as arrays, ordered by day."""

    def history(
        column: InstrumentedAttribute[Any], order_by: InstrumentedAttribute[Any], name: str
    ) -> Label[Any]:
        of_pledge = column.class_.pledge_id == Pledge.id
        rows = select(column).where(of_pledge).order_by(order_by)
        return func.array(rows.scalar_subquery()).label(name)

    return [
        history(PledgeAmount.effective_from, PledgeAmount.effective_from, "changed_on"),
        history(PledgeAmount.amount_minor, PledgeAmount.effective_from, "changed_to"),
        history(PledgePause.starts_on, PledgePause.id, "paused_on"),
        history(PledgePause.ends_on, PledgePause.id, "paused_to"),
        history(PledgeSkip.due_on, PledgeSkip.due_on, "skips"),
        history(PledgeTerms.until_date, PledgeTerms.until_date, "past_until"),
        history(PledgeTerms.frequency, PledgeTerms.until_date, "past_frequency"),
        history(PledgeTerms.anchor_day, PledgeTerms.until_date, "past_anchor"),
        history(PledgeTerms.grace_days, PledgeTerms.until_date, "past_grace"),
    ]
