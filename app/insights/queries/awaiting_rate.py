"""SQL of donors whose gifts of a period wait for an exchange rate: they gave an unknown sum."""

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts import Actor, visible_amounts
from app.db.models import Donor, Gift, GiftLine, SoftCredit
from app.donors import Credit, Unit
from app.donors.queries.units import giving_units
from app.insights.queries.periods import ComparedPeriods, within
from app.kit.dates.days import Span


def gave_without_rate(
    actor: Actor, compared: ComparedPeriods, units: FromClause, span: Span
) -> ColumnElement[bool]:
    """Return a condition: a unit, by its `donor_id`, has a gift of the span that waits for a rate.

    Sums count nothing for it, and the donor has given all the same. Where soft credits count,
    whoever is credited with such a gift has given as well.
    """
    rows = []
    if compared.credit != Credit.SOFT:
        rows.append(_waiting(actor, compared, Gift.donor_id, span))
    if compared.credit != Credit.HARD:
        credited = _waiting(actor, compared, SoftCredit.donor_id, span)
        rows.append(credited.where(SoftCredit.gift_id == Gift.id))
    return or_(*(units.c.donor_id.in_(donor_ids) for donor_ids in rows))


def _waiting(
    actor: Actor,
    compared: ComparedPeriods,
    donor_id: InstrumentedAttribute[int],
    span: Span,
) -> Select[int]:
    """Return the units of the donors of the gifts that wait, or of those credited with them."""
    rows = (
        select(donor_id)
        .join(Donor, Donor.id == donor_id)
        .where(Gift.awaiting_rate, Gift.effective, visible_amounts(actor, Donor.owner_id))
        .where(within(Gift.gift_date, span))
    )
    if compared.fund_id is not None:
        part = and_(GiftLine.gift_id == Gift.id, GiftLine.fund_id == compared.fund_id)
        rows = rows.where(
            (Gift.fund_id == compared.fund_id) | exists().where(part).correlate(Gift)
        )
    if compared.unit == Unit.HOUSEHOLD:
        members = giving_units.members(actor)
        unit_id = func.coalesce(members.c.household_id, donor_id)
        rows = rows.outerjoin(members, members.c.id == donor_id).with_only_columns(unit_id)
    return rows


def years_without_rate(actor: Actor) -> Select[int, int]:
    """Return (donor_id, fiscal year) of the gifts that wait for a rate."""
    year: ColumnElement[int] = func.fiscal_year(Gift.gift_date, func.fiscal_start_month())
    visible = visible_amounts(actor, Donor.owner_id)
    statement = select(Gift.donor_id, year).join(Donor, Donor.id == Gift.donor_id)
    return statement.where(Gift.awaiting_rate, Gift.effective, visible)
