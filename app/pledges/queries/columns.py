"""Columns of a pledge, with its donor, owner, fund, history and gifts received."""

from typing import Any

from sqlalchemy import FromClause, func, select

from app.accounts import Actor, editable_donors
from app.db.models import (
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
        func.coalesce(paid.c.received, 0).label("received"),
        paid.c.latest,
        Donor.deceased,
        *_history(),
        editable_donors(actor).label("editable"),
    ]


def _history() -> list[Any]:
    """Return columns with amount changes, pauses, skips and terms as arrays, ordered by day."""

    def listed(column: Any, model: Any, by: Any) -> Any:
        rows = select(column).where(model.pledge_id == Pledge.id).order_by(by)
        return func.array(rows.scalar_subquery())

    return [
        listed(PledgeAmount.effective_from, PledgeAmount, PledgeAmount.effective_from).label(
            "changed_on"
        ),
        listed(PledgeAmount.amount_minor, PledgeAmount, PledgeAmount.effective_from).label(
            "changed_to"
        ),
        listed(PledgePause.starts_on, PledgePause, PledgePause.id).label("paused_on"),
        listed(PledgePause.ends_on, PledgePause, PledgePause.id).label("paused_to"),
        listed(PledgeSkip.due_on, PledgeSkip, PledgeSkip.due_on).label("skips"),
        *(
            listed(column, PledgeTerms, PledgeTerms.until_date).label(f"past_{name}")
            for name, column in (
                ("until", PledgeTerms.until_date),
                ("frequency", PledgeTerms.frequency),
                ("anchor", PledgeTerms.anchor_day),
                ("grace", PledgeTerms.grace_days),
            )
        ),
    ]
