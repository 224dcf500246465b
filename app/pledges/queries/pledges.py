"""SQL of pledges with what was received for each, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on

from app.accounts import Actor, rows_of_import, visible_donors, visible_owners
from app.db import Session
from app.db.models import (
    Campaign,
    Donor,
    DonorSummary,
    Fund,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeTerms,
    User,
)
from app.donors.anonymity import shown_name
from app.kit.dates.cadence import GRACE_DAYS, Frequency
from app.pledges.queries.columns import PledgeRow, pledge_columns
from app.pledges.results import PledgeFilter

# what was received per pledge; a view, as coaches may not read gifts but see a pledge's status
INCOME = table(
    "pledge_income",
    column("id", BigInteger),
    column("pledge_id", BigInteger),
    column("gift_date", Date),
    column("amount_minor", BigInteger),
).c

# Half of the shortest gap between two instalments, in days. A gift counts for the instalment
# nearest to it, so the first open one is due at least that many days later.
HALF_GAP = {
    Frequency.WEEKLY: 3,
    Frequency.BIWEEKLY: 7,
    Frequency.SEMIMONTHLY: 6,
    Frequency.MONTHLY: 14,
    Frequency.BIMONTHLY: 29,
    Frequency.QUARTERLY: 44,
    Frequency.SEMIANNUAL: 90,
    Frequency.ANNUAL: 182,
    Frequency.ONCE: 0,
}


@dataclass(frozen=True, slots=True)
class PledgeSubset:
    """Restrict a query to some pledges, some donors, or pledges that can be late at all."""

    pledge_ids: tuple[int, ...] = ()
    donor_ids: tuple[int, ...] = ()
    maybe_late: bool = False


def facts(
    db: Session,
    actor: Actor,
    pledge_filter: PledgeFilter,
    *,
    today: date,
    subset: PledgeSubset | None = None,
) -> Sequence[PledgeRow]:
    """Return pledges with donor, owner, fund, history, and sum and last day of gifts.

    `received` is minor units up to and including `today`; `latest` the last positive gift's day.
    """
    subset = subset or PledgeSubset()
    selected_ids = in_scope(
        select(Pledge.id).join(Donor, Donor.id == Pledge.donor_id), actor, pledge_filter
    )
    if subset.pledge_ids:
        selected_ids = selected_ids.where(Pledge.id.in_(subset.pledge_ids))
    if subset.donor_ids:
        selected_ids = selected_ids.where(Pledge.donor_id.in_(subset.donor_ids))
    # users in time zones further east may have recorded gifts dated tomorrow
    paid = _paid(today + timedelta(days=1) if subset.maybe_late else today)
    statement = (
        select(*pledge_columns(actor, paid))
        .join(Donor, Donor.id == Pledge.donor_id)
        .outerjoin(User, User.id == Donor.owner_id)
        .outerjoin(Fund, Fund.id == Pledge.fund_id)
        .join(paid, true())
        .where(Pledge.id.in_(selected_ids))
        .order_by(func.lower(shown_name(actor)), Pledge.start_date.desc(), Pledge.id)
    )
    if subset.maybe_late:
        statement = statement.where(
            Pledge.status == "active", ~Donor.deceased, _maybe_late(paid, today)
        )
    rows: Sequence[Any] = db.execute(statement).all()
    return rows


def in_scope_and_expected(
    statement: Select[Any], actor: Actor, pledge_filter: PledgeFilter
) -> Select[Any]:
    """Restrict a select over pledge to expected pledges; joins donors only if needed.

    Nothing is expected of a deceased donor.
    """
    statement = statement.where(Pledge.donor_id.not_in(select(Donor.id).where(Donor.deceased)))
    if not actor.sees_everyone or pledge_filter.owner_id is not None:
        own = select(DonorSummary.donor_id).where(visible_owners(actor, DonorSummary.owner_id))
        if pledge_filter.owner_id is not None:
            own = own.where(DonorSummary.owner_id == pledge_filter.owner_id)
        # an array, so that the pledges are looked up by donor instead of being read all
        statement = statement.where(Pledge.donor_id == func.any(func.array(own.scalar_subquery())))
        return in_scope(statement.join(Donor, Donor.id == Pledge.donor_id), actor, pledge_filter)
    return in_scope(statement, actor, pledge_filter)


def in_scope(statement: Select[Any], actor: Actor, pledge_filter: PledgeFilter) -> Select[Any]:
    """Restrict a select over pledge and donor to the actor's pledges that pass the filter."""
    statement = statement.where(visible_donors(actor))
    if pledge_filter.donor_id is not None:
        statement = statement.where(Pledge.donor_id == pledge_filter.donor_id)
    if pledge_filter.owner_id is not None:
        statement = statement.where(Donor.owner_id == pledge_filter.owner_id)
    for model, key, purpose_id in (
        (Fund, Pledge.fund_id, pledge_filter.fund_id),
        (Campaign, Pledge.campaign_id, pledge_filter.campaign_id),
    ):
        if purpose_id is not None:
            # a filter saved before a merge selects what is now in the other fund or campaign
            merged = select(model.merged_into_id).where(model.id == purpose_id)
            statement = statement.where(key == func.coalesce(merged.scalar_subquery(), purpose_id))
    if pledge_filter.statuses:
        statement = statement.where(Pledge.status.in_(pledge_filter.statuses))
    if pledge_filter.import_id is not None:
        of_import = rows_of_import(
            actor, Pledge, pledge_filter.import_id, rows=pledge_filter.import_rows
        )
        statement = statement.where(of_import)
    return statement


def _paid(today: date) -> FromClause:
    # a lateral subquery on the index: as fast as one sum over all gifts, also just after an
    # import, when the planner has no statistics of the new rows yet
    return (
        select(
            # PostgreSQL returns a sum of bigint as numeric
            cast(func.sum(INCOME.amount_minor), BigInteger).label("received"),
            func.max(INCOME.gift_date).filter(INCOME.amount_minor > 0).label("latest"),
        )
        .where(INCOME.pledge_id == Pledge.id, INCOME.gift_date <= today)
        .lateral("paid")
    )


def _maybe_late(paid: FromClause, today: date) -> ColumnElement[bool]:
    """Return a condition that excludes open-ended pledges with a gift too recent to be late."""
    quiet_days = case(
        *((Pledge.frequency == name, HALF_GAP[name]) for name in HALF_GAP), else_=0
    ) + func.coalesce(Pledge.grace_days, _grace())
    fixed = or_(Pledge.total_minor.is_not(None), Pledge.instalments.is_not(None))
    changed = exists().where(PledgeTerms.pledge_id == Pledge.id).correlate(Pledge)
    return or_(
        fixed,
        changed,
        paid.c.latest.is_(None),
        paid.c.latest + cast(quiet_days, Integer) < literal(today),
    )


def _grace() -> ColumnElement[int]:
    return case(*((Pledge.frequency == name, days) for name, days in GRACE_DAYS.items()), else_=0)


def gifts_of(db: Session, pledge_ids: Sequence[int]) -> dict[int, list[tuple[date, int]]]:
    """Return pledge → (day, minor units) of every linked gift and reversal.

    The caller has taken the pledge ids from a scoped query.
    """
    statement = (
        select(INCOME.pledge_id, INCOME.gift_date, INCOME.amount_minor)
        .where(INCOME.pledge_id.in_(pledge_ids))
        .order_by(INCOME.gift_date, INCOME.id)
    )
    gifts: dict[int, list[tuple[date, int]]] = {}
    for row in db.execute(statement):
        gifts.setdefault(int(row.pledge_id or 0), []).append((row.gift_date, row.amount_minor))
    return gifts


def in_force(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, *, today: date
) -> Sequence[tuple[str, str, int, int | None]]:
    """Return (currency, frequency, minor units, pledge id) of the pledges in force on a day.

    Pledges are summed, without an id. Those whose support follows their schedule have rows of
    their own, paused or not: they have a fixed sum, or terms since replaced were in force then.
    """
    if not actor.sees_amounts:
        return []
    statement = in_scope_and_expected(_in_force(today), actor, pledge_filter)
    return [(row[0], row[1], int(row[2]), row[3]) for row in db.execute(statement)]


def in_force_by_owner(
    db: Session, actor: Actor, *, today: date
) -> Sequence[tuple[int, str, str, int, int | None]]:
    """Return the rows of `in_force`, each with the owner of its donors before it."""
    if not actor.sees_amounts:
        return []
    statement = _in_force(today)
    if actor.sees_everyone:
        # of somebody who sees everyone the scope needs no donor, and joins none
        statement = statement.join(Donor, Donor.id == Pledge.donor_id)
    statement = in_scope_and_expected(statement, actor, PledgeFilter())
    statement = statement.add_columns(Donor.owner_id).group_by(Donor.owner_id)
    rows = db.execute(statement.where(Donor.owner_id.is_not(None))).all()
    return [(row[4], row[0], row[1], int(row[2]), row[3]) for row in rows]


def _in_force(today: date) -> Select[Any]:
    # the amount in force, joined once: a subquery per pledge would cost four times as much
    changed_amount = (
        select(PledgeAmount.pledge_id, PledgeAmount.amount_minor)
        .ext(distinct_on(PledgeAmount.pledge_id))
        .where(PledgeAmount.effective_from <= today)
        .order_by(PledgeAmount.pledge_id, PledgeAmount.effective_from.desc())
        .subquery("changed")
    )
    paused = Pledge.id.in_(
        select(PledgePause.pledge_id).where(
            PledgePause.starts_on <= today,
            or_(PledgePause.ends_on.is_(None), PledgePause.ends_on >= today),
        )
    )
    scheduled = _by_schedule(today)
    single_id = case((scheduled, Pledge.id))
    amount = func.sum(func.coalesce(changed_amount.c.amount_minor, Pledge.amount_minor))
    return (
        select(Pledge.currency, Pledge.frequency, amount, single_id)
        .outerjoin(changed_amount, changed_amount.c.pledge_id == Pledge.id)
        .where(
            Pledge.status == "active",
            Pledge.start_date <= today,
            or_(Pledge.end_date.is_(None), Pledge.end_date >= today),
            or_(~paused, scheduled),
        )
        .group_by(Pledge.currency, Pledge.frequency, single_id)
    )


def _by_schedule(today: date) -> ColumnElement[bool]:
    """Return a condition: support follows the schedule (fixed, or earlier terms applied)."""
    earlier = select(PledgeTerms.pledge_id).where(PledgeTerms.until_date > today)
    return or_(
        Pledge.total_minor.is_not(None), Pledge.instalments.is_not(None), Pledge.id.in_(earlier)
    )
