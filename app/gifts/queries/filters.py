"""SQL conditions of the filter of gifts, always with what the actor may see."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    table,
    true,
)

from app.accounts import Actor, rows_of_import, visible_amounts
from app.db.models import Campaign, Donor, DonorSearch, Fund, Gift, GiftLine
from app.donors.anonymity import hidden
from app.gifts.results import GiftFilter
from app.kit.dates.days import Span

# unsplit gifts and the parts of split ones: each amount once, with its fund
PART = table(
    "gift_part",
    column("gift_id", BigInteger),
    column("fund_id", BigInteger),
    column("campaign_id", BigInteger),
    column("amount_minor", BigInteger),
    column("base_minor", BigInteger),
)


@dataclass(frozen=True, slots=True)
class PurposeColumns:
    """The columns that say what gifts or their parts are for."""

    fund_id: SQLColumnExpression[int | None]
    campaign_id: SQLColumnExpression[int | None]


OF_GIFT = PurposeColumns(Gift.fund_id, Gift.campaign_id)
OF_LINE = PurposeColumns(GiftLine.fund_id, GiftLine.campaign_id)
OF_PART = PurposeColumns(PART.c.fund_id, PART.c.campaign_id)


def in_scope(statement: Select[Any], actor: Actor, gift_filter: GiftFilter) -> Select[Any]:
    """Restrict a select over gift and donor to the actor's gifts that pass the filter."""
    visible = visible_amounts(actor, Donor.owner_id)
    statement = statement.where(visible, _designated(gift_filter))
    conditions: list[tuple[object, ColumnElement[bool]]] = [
        (gift_filter.donor_id, Gift.donor_id == gift_filter.donor_id),
        (gift_filter.owner_id, Donor.owner_id == gift_filter.owner_id),
        (gift_filter.method, Gift.method == gift_filter.method),
        (gift_filter.awaiting_rate, Gift.awaiting_rate == gift_filter.awaiting_rate),
    ]
    for value, condition in conditions:
        if value is not None:
            statement = statement.where(condition)
    if gift_filter.span is not None:
        statement = statement.where(within(gift_filter.span))
    if gift_filter.thanked is not None:
        statement = statement.where(
            Gift.effective, Gift.thanked_at.is_not(None) == gift_filter.thanked
        )
    if gift_filter.recurring is not None:
        statement = statement.where(Gift.recurring == gift_filter.recurring)
    if gift_filter.living is not None:
        statement = statement.where(Donor.deceased != gift_filter.living)
    if gift_filter.import_id is not None:
        of_import = rows_of_import(
            actor, Gift, gift_filter.import_id, rows=gift_filter.import_rows
        )
        statement = statement.where(of_import)
    terms = gift_filter.query.split()[:8]
    if terms:
        # a donor whose name is hidden must not be found by it
        statement = statement.where(~hidden(actor))
    for term in terms:
        pattern = func.concat("%", func.normalise(_escape_like(term)), "%")
        statement = statement.where(
            Gift.donor_id.in_(
                select(DonorSearch.donor_id).where(DonorSearch.text.like(pattern, escape="\\"))
            )
        )
    return statement


def _escape_like(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def within(span: Span) -> ColumnElement[bool]:
    """Return whether a gift is of these days."""
    return and_(Gift.gift_date >= span.start, Gift.gift_date < span.end)


def _designated(gift_filter: GiftFilter) -> ColumnElement[bool]:
    """Return whether a gift, or one of its parts, is for the filter's fund and campaign."""
    if gift_filter.fund_id is None and gift_filter.campaign_id is None:
        return true()
    part = exists().where(GiftLine.gift_id == Gift.id, *purposes(OF_LINE, gift_filter))
    return or_(and_(*purposes(OF_GIFT, gift_filter)), part.correlate(Gift))


def purposes(rows: PurposeColumns, gift_filter: GiftFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on the fund and campaign columns of gifts or parts.

    A filter saved before a merge still selects what is now in the other fund or campaign.
    """
    return [
        column_ == func.coalesce(_merged_into(model, purpose_id), purpose_id)
        for model, column_, purpose_id in (
            (Fund, rows.fund_id, gift_filter.fund_id),
            (Campaign, rows.campaign_id, gift_filter.campaign_id),
        )
        if purpose_id is not None
    ]


def _merged_into(model: type[Fund | Campaign], purpose_id: int) -> ScalarSelect[int | None]:
    return select(model.merged_into_id).where(model.id == purpose_id).scalar_subquery()
