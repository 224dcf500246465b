"""SQL of lists and sums of gifts, always restricted to what the actor may see."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app.accounts import Actor, visible_owners
from app.db import Session
from app.db.models import (
    Campaign,
    Donor,
    DonorSummary,
    Fund,
    Gift,
    GiftLine,
    ImportRun,
    User,
)
from app.donors.anonymity import marked_anonymous, shown, shown_name
from app.donors.queries.used_contacts import used_email, used_phone
from app.gifts.queries.filters import OF_PART, PART, in_scope, purposes
from app.gifts.queries.rows import GiftRow, SortedGiftRow, UnthankedGift
from app.gifts.queries.sorting import sorted_page
from app.gifts.results import BY_AMOUNT, Cursor, GiftFilter
from app.kit.dates.days import Span

# with fewer gifts, "largest gift so far" is not meaningful
ENOUGH_GIFTS = 3


def page(
    db: Session,
    actor: Actor,
    gift_filter: GiftFilter,
    *,
    sort: str = "newest",
    after: Cursor | None = None,
    limit: int,
) -> Sequence[SortedGiftRow]:
    """Return one sorted page of gifts."""
    statement = in_scope(_lines(actor), actor, gift_filter)
    if sort in BY_AMOUNT:
        # no index helps: the narrow rows are sorted first, and only the page is read wholly
        found = select(Gift.id).join(Donor, Donor.id == Gift.donor_id)
        found = sorted_page(
            in_scope(found, actor, gift_filter), actor, sort=sort, after=after, limit=limit
        )
        ids = select(found.cte("found").c.id)
        statement = in_scope(_lines(actor), actor, GiftFilter()).where(Gift.id.in_(ids))
    ordered = sorted_page(statement, actor, sort=sort, after=after, limit=limit)
    return db.execute(ordered).all()


def ids(
    db: Session, actor: Actor, gift_filter: GiftFilter, *, limit: int | None = None
) -> tuple[int, ...]:
    """Return the ids of every gift and reversal that passes the filter, or of any `limit`."""
    rows = select(Gift.id).join(Donor, Donor.id == Gift.donor_id)
    return tuple(db.scalars(in_scope(rows, actor, gift_filter).limit(limit)))


def by_id(db: Session, actor: Actor, gift_id: int) -> GiftRow | None:
    """Return one gift as a line, or None when it is not visible to the actor."""
    statement = in_scope(_lines(actor), actor, GiftFilter()).where(Gift.id == gift_id)
    return db.execute(statement).one_or_none()


def _purpose_name(
    model: type[Fund | Campaign],
    own: Any,
    part: Any,
    missing: str | None,
) -> ColumnElement[str | None]:
    """Return the name of a gift's fund or campaign, or the names of its parts in order."""
    name = model.name if missing is None else func.coalesce(model.name, missing)
    of_parts = (
        select(func.string_agg(name, ", "))
        .select_from(GiftLine)
        .outerjoin(model, model.id == part)
        .where(GiftLine.gift_id == Gift.id)
        .scalar_subquery()
    )
    return func.coalesce(select(model.name).where(model.id == own).scalar_subquery(), of_parts)


def _lines(actor: Actor) -> Select[Any]:
    columns: list[Any] = [
        Gift.id,
        Gift.version,
        Gift.donor_id,
        shown_name(actor).label("donor_name"),
        marked_anonymous(actor).label("anonymous"),
        Donor.owner_id,
        Gift.kind,
        Gift.amount_minor,
        Gift.currency,
        Gift.base_minor,
        Gift.gift_date,
        Gift.method,
        _purpose_name(Fund, Gift.fund_id, GiftLine.fund_id, "no fund").label("fund"),
        _purpose_name(Campaign, Gift.campaign_id, GiftLine.campaign_id, None).label("campaign"),
        Gift.fund_id,
        Gift.campaign_id,
        Gift.pledge_id,
        Gift.pledge_reason,
        Gift.reverses_id,
        Gift.returned_minor.label("taken_back"),
        Gift.thanked_at,
        Gift.thanked_how,
        Gift.note,
        Gift.awaiting_rate,
        Gift.fee_minor,
        Gift.receipt_wanted,
        Gift.check_number,
        Gift.tribute,
        Gift.tribute_name,
        Gift.notify_name,
        Gift.notify_address,
    ]
    return select(*columns).select_from(Gift).join(Donor, Donor.id == Gift.donor_id)


def totals(db: Session, actor: Actor, gift_filter: GiftFilter) -> tuple[int, int, int]:
    """Return (gifts, donors, net minor units) of a filter.

    For a fund or campaign only its own parts count.
    """
    designated = gift_filter.fund_id is not None or gift_filter.campaign_id is not None
    statement = select(
        func.count(Gift.id.distinct()).filter(Gift.effective)
        if designated
        else func.count().filter(Gift.effective),
        func.count(Gift.donor_id.distinct()),
        func.coalesce(func.sum(PART.c.base_minor if designated else Gift.base_minor), 0),
    ).select_from(Gift)
    if designated:
        part_of_filter = and_(PART.c.gift_id == Gift.id, *purposes(OF_PART, gift_filter))
        statement = statement.join(PART, part_of_filter)
    row = db.execute(
        in_scope(statement.join(Donor, Donor.id == Gift.donor_id), actor, gift_filter)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def received(
    db: Session, actor: Actor, span: Span, *, fund_id: int | None, owner_id: int | None
) -> int:
    """Return the net minor units received within the span."""
    return totals(db, actor, GiftFilter(span=span, fund_id=fund_id, owner_id=owner_id))[2]


def thank_queue(
    db: Session, actor: Actor, gift_filter: GiftFilter, *, limit: int | None
) -> Sequence[UnthankedGift]:
    """Return the gifts of the filter for a thank-you, newest first."""
    other = aliased(Gift)
    as_large = exists().where(
        other.donor_id == Gift.donor_id,
        other.id != Gift.id,
        other.effective,
        # a gift whose worth is not known may have been larger
        or_(other.left_base_minor >= Gift.left_base_minor, other.awaiting_rate),
    )
    columns: list[Any] = [
        Gift.id,
        Gift.donor_id,
        shown_name(actor).label("donor_name"),
        marked_anonymous(actor).label("anonymous"),
        Donor.owner_id,
        Gift.left_minor.label("amount_minor"),
        Gift.currency,
        Gift.gift_date,
        Fund.name.label("fund"),
        (DonorSummary.gifts == 1).label("first"),
        and_(DonorSummary.gifts >= ENOUGH_GIFTS, ~as_large).label("largest"),
        shown(actor, used_email(Gift.donor_id)).label("email"),
        shown(actor, used_phone(Gift.donor_id)).label("phone"),
    ]
    statement = (
        select(*columns)
        .select_from(Gift)
        .join(Donor, Donor.id == Gift.donor_id)
        .join(DonorSummary, DonorSummary.donor_id == Gift.donor_id)
        .outerjoin(Fund, Fund.id == Gift.fund_id)
        .order_by(Gift.gift_date.desc(), Gift.id.desc())
        .limit(limit)
    )
    return db.execute(in_scope(statement, actor, gift_filter)).all()


def unthanked_by_owner(db: Session, actor: Actor, gift_filter: GiftFilter) -> dict[int, int]:
    """Return owner → number of the gifts that `thank_queue` lists without a limit."""
    columns: list[Any] = [Donor.owner_id, func.count()]
    statement = (
        select(*columns)
        .select_from(Gift)
        .join(Donor, Donor.id == Gift.donor_id)
        .group_by(Donor.owner_id)
    )
    rows = db.execute(in_scope(statement, actor, gift_filter)).all()
    return {row[0]: row[1] for row in rows if row[0] is not None}


def funds(db: Session) -> Sequence[Row[int, str, bool, int, str | None]]:
    """Return (id, name, open, version, code) of every fund, open funds first."""
    is_open = Fund.status == "active"
    statement = select(Fund.id, Fund.name, is_open.label("open"), Fund.version, Fund.gl_code)
    statement = statement.where(Fund.merged_into_id.is_(None))
    return db.execute(statement.order_by(is_open.desc(), func.lower(Fund.name), Fund.id)).all()


def last_gift_date(db: Session, actor: Actor) -> date | None:
    """Return the day of the newest gift visible to the actor."""
    statement = select(func.max(DonorSummary.last_gift_date))
    return db.scalar(statement.where(visible_owners(actor, DonorSummary.owner_id)))


def last_import(db: Session) -> Row[datetime | None, str] | None:
    """Return (when, by whom) of the newest committed import."""
    statement = (
        select(ImportRun.committed_at, User.name)
        .join(User, User.id == ImportRun.user_id)
        .where(ImportRun.state == "done", ImportRun.committed_at.is_not(None))
        .order_by(ImportRun.committed_at.desc(), ImportRun.id.desc())
        .limit(1)
    )
    return db.execute(statement).one_or_none()
