"""SQL of giving by person or by household, of own gifts, soft credits, or both.

A unit is a donor without a household, or a household with all its members; its id is that of the
donor row that stands for it. A gift counts once for a unit: a soft credit to a member of the
giver's own unit adds nothing, and two credits for one gift to members of one household count at
most what is left of the gift.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts import Actor, visible_amounts, visible_owners
from app.db.models import Donor, DonorSummary, DonorYear, SoftCredit
from app.donors.results import Credit, Unit


def members(actor: Actor) -> Subquery:
    """Return (id, household_id) of the members whose household the actor sees as well."""
    member, household = aliased(Donor), aliased(Donor)
    return (
        select(member.id, member.household_id)
        .join(household, household.id == member.household_id)
        .where(visible_owners(actor, member.owner_id), visible_owners(actor, household.owner_id))
        .subquery()
    )


def unit_ids(actor: Actor, donors: Select[Any]) -> Select[Any]:
    """Return the ids of the households, or else of the donors themselves, of some donors."""
    chosen, of = donors.cte("chosen"), members(actor)
    donor_id = chosen.c[0]
    unit_id = func.coalesce(of.c.household_id, donor_id)
    return select(unit_id).select_from(chosen).outerjoin(of, of.c.id == donor_id)


def giving(actor: Actor, unit: Unit, credit: Credit, *, fiscal_year: int) -> Subquery:
    """Return the giving of every unit.

    Columns donor_id, gifts, total_minor, year_minor, first_gift_date and last_gift_date.
    """
    sources = []
    if credit != Credit.SOFT:
        sources.append(_own(actor, unit, fiscal_year))
    if credit != Credit.HARD:
        sources.append(_credited(actor, unit, fiscal_year))
    parts = union_all(*sources).subquery()
    return (
        select(
            parts.c.donor_id,
            _sum(parts.c.gifts).label("gifts"),
            _sum(parts.c.total_minor).label("total_minor"),
            _sum(parts.c.year_minor).label("year_minor"),
            func.min(parts.c.first_gift_date).label("first_gift_date"),
            func.max(parts.c.last_gift_date).label("last_gift_date"),
        )
        .group_by(parts.c.donor_id)
        .subquery("giving")
    )


def _own(actor: Actor, unit: Unit, fiscal_year: int) -> Select[Any]:
    of_year = and_(
        DonorYear.donor_id == DonorSummary.donor_id, DonorYear.fiscal_year == fiscal_year
    )
    unit_id, of = _unit(actor, unit, DonorSummary.donor_id)
    columns: list[Any] = [
        unit_id.label("donor_id"),
        DonorSummary.gifts,
        DonorSummary.total_minor,
        func.coalesce(DonorYear.total_minor, 0).label("year_minor"),
        DonorSummary.first_gift_date,
        DonorSummary.last_gift_date,
    ]
    statement = (
        select(*columns)
        .select_from(DonorSummary)
        .outerjoin(DonorYear, of_year)
        .where(visible_owners(actor, DonorSummary.owner_id))
    )
    return statement if of is None else statement.outerjoin(of, of.c.id == DonorSummary.donor_id)


def credited_gifts(actor: Actor, unit: Unit) -> Subquery:
    """Return soft credits as one row per unit and gift.

    Columns donor_id, gift_id, giver_id, gift_date, base_minor (what counts for the unit) and
    left_minor (what is left of the whole gift).
    """
    taker_id, takers = _unit(actor, unit, SoftCredit.donor_id)
    giver_id, givers = _unit(actor, unit, SoftCredit.giver_id)
    counted = func.least(func.sum(SoftCredit.base_minor), func.max(SoftCredit.gift_base_minor))
    statement = (
        select(
            taker_id.label("donor_id"),
            SoftCredit.gift_id,
            func.max(SoftCredit.giver_id).label("giver_id"),
            func.max(SoftCredit.gift_date).label("gift_date"),
            cast(counted, BigInteger).label("base_minor"),
            func.max(SoftCredit.gift_base_minor).label("left_minor"),
        )
        .select_from(SoftCredit)
        .join(Donor, Donor.id == SoftCredit.donor_id)
        .where(visible_amounts(actor, Donor.owner_id))
        .where(SoftCredit.base_minor > 0, taker_id != giver_id)
        .group_by(taker_id, SoftCredit.gift_id)
    )
    if takers is not None and givers is not None:
        statement = statement.outerjoin(takers, takers.c.id == SoftCredit.donor_id)
        statement = statement.outerjoin(givers, givers.c.id == SoftCredit.giver_id)
    return statement.subquery("credits")


def _credited(actor: Actor, unit: Unit, fiscal_year: int) -> Select[Any]:
    rows = credited_gifts(actor, unit)
    year = func.fiscal_year(rows.c.gift_date, func.fiscal_start_month())
    of_year = func.sum(rows.c.base_minor).filter(year == fiscal_year)
    return select(
        rows.c.donor_id,
        func.count().label("gifts"),
        func.sum(rows.c.base_minor).label("total_minor"),
        func.coalesce(of_year, 0).label("year_minor"),
        func.min(rows.c.gift_date).label("first_gift_date"),
        func.max(rows.c.gift_date).label("last_gift_date"),
    ).group_by(rows.c.donor_id)


def _unit(
    actor: Actor, unit: Unit, donor_id: InstrumentedAttribute[int]
) -> tuple[ColumnElement[int], Subquery | None]:
    """Return the id of the unit of a donor, and the members to join for it."""
    if unit == Unit.PERSON:
        return donor_id.expression, None
    of = members(actor)
    return func.coalesce(of.c.household_id, donor_id), of


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.sum(column), BigInteger)
