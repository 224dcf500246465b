"""SQL of lists and sums of gifts, always restricted to what the actor may see."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
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
)
from sqlalchemy.orm import aliased

from app.accounts import Actor, rows_of_import, visible_amounts, visible_owners
from app.db import Session
from app.db.models import (
    Donor,
    DonorEmail,
    DonorPhone,
    DonorSearch,
    DonorSummary,
    Fund,
    Gift,
    GiftLine,
    ImportRun,
    User,
)
from app.donors.anonymity import hidden, marked_anonymous, shown, shown_name
from app.gifts.queries.rows import GiftRow, UnthankedGift
from app.gifts.results import Cursor, GiftFilter
from app.kit.dates.days import Span

# with fewer gifts, "largest gift so far" is not meaningful
ENOUGH_GIFTS = 3
# unsplit gifts and the parts of split ones: each amount once, with its fund
PART = table(
    "gift_part",
    column("gift_id", BigInteger),
    column("fund_id", BigInteger),
    column("base_minor", BigInteger),
)


def in_scope(statement: Select[Any], actor: Actor, gift_filter: GiftFilter) -> Select[Any]:
    """Restrict a select over gift and donor to the actor's gifts that pass the filter."""
    statement = statement.where(visible_amounts(actor, Donor.owner_id))
    conditions: list[tuple[object, ColumnElement[bool]]] = [
        (gift_filter.donor_id, Gift.donor_id == gift_filter.donor_id),
        (gift_filter.owner_id, Donor.owner_id == gift_filter.owner_id),
        (gift_filter.method, Gift.method == gift_filter.method),
        (gift_filter.fund_id, _for_fund(gift_filter.fund_id)),
    ]
    for value, condition in conditions:
        if value is not None:
            statement = statement.where(condition)
    if gift_filter.span is not None:
        statement = statement.where(_within(gift_filter.span))
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


def _within(span: Span) -> ColumnElement[bool]:
    return and_(Gift.gift_date >= span.start, Gift.gift_date < span.end)


def _for_fund(fund_id: int | None) -> ColumnElement[bool]:
    part = exists().where(GiftLine.gift_id == Gift.id, GiftLine.fund_id == fund_id)
    return or_(Gift.fund_id == fund_id, part.correlate(Gift))


def page(
    db: Session, actor: Actor, gift_filter: GiftFilter, *, after: Cursor | None, limit: int
) -> Sequence[GiftRow]:
    """Return one page of gifts, newest first."""
    statement = in_scope(_lines(actor), actor, gift_filter)
    if after is not None:
        statement = statement.where(
            Gift.gift_date <= after.on,
            or_(Gift.gift_date < after.on, Gift.id < after.gift_id),
        )
    ordered = statement.order_by(Gift.gift_date.desc(), Gift.id.desc())
    return db.execute(ordered.limit(limit)).all()


def ids(db: Session, actor: Actor, gift_filter: GiftFilter) -> tuple[int, ...]:
    """Return the ids of every gift and reversal that passes the filter."""
    rows = select(Gift.id).join(Donor, Donor.id == Gift.donor_id)
    return tuple(db.scalars(in_scope(rows, actor, gift_filter)))


def by_id(db: Session, actor: Actor, gift_id: int) -> GiftRow | None:
    """Return one gift as a line, or None when it is not visible to the actor."""
    statement = in_scope(_lines(actor), actor, GiftFilter()).where(Gift.id == gift_id)
    return db.execute(statement).one_or_none()


def _lines(actor: Actor) -> Select[Any]:
    split_funds = (
        select(func.string_agg(func.coalesce(Fund.name, "no fund"), ", "))
        .select_from(GiftLine)
        .outerjoin(Fund, Fund.id == GiftLine.fund_id)
        .where(GiftLine.gift_id == Gift.id)
        .scalar_subquery()
    )
    own_fund = select(Fund.name).where(Fund.id == Gift.fund_id).scalar_subquery()
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
        func.coalesce(own_fund, split_funds).label("fund"),
        Gift.pledge_id,
        Gift.pledge_reason,
        Gift.reverses_id,
        Gift.returned_minor.label("taken_back"),
        Gift.thanked_at,
        Gift.thanked_how,
        Gift.note,
    ]
    return select(*columns).select_from(Gift).join(Donor, Donor.id == Gift.donor_id)


def totals(db: Session, actor: Actor, gift_filter: GiftFilter) -> tuple[int, int, int]:
    """Return (gifts, donors, net minor units) of a filter; for a fund only its own parts count."""
    statement = select(
        func.count(Gift.id.distinct()).filter(Gift.effective)
        if gift_filter.fund_id is not None
        else func.count().filter(Gift.effective),
        func.count(Gift.donor_id.distinct()),
        func.coalesce(
            func.sum(PART.c.base_minor if gift_filter.fund_id is not None else Gift.base_minor), 0
        ),
    ).select_from(Gift)
    if gift_filter.fund_id is not None:
        part_for_fund = and_(PART.c.gift_id == Gift.id, PART.c.fund_id == gift_filter.fund_id)
        statement = statement.join(PART, part_for_fund)
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
    db: Session, actor: Actor, span: Span, *, owner_id: int | None, limit: int | None
) -> Sequence[UnthankedGift]:
    """Return the gifts of the span that were not thanked for, newest first."""
    other = aliased(Gift)
    as_large = exists().where(
        other.donor_id == Gift.donor_id,
        other.id != Gift.id,
        other.effective,
        other.left_base_minor >= Gift.left_base_minor,
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
        shown(actor, _first_of(DonorEmail, DonorEmail.email)).label("email"),
        shown(actor, _first_of(DonorPhone, DonorPhone.phone)).label("phone"),
    ]
    statement = (
        select(*columns)
        .select_from(Gift)
        .join(Donor, Donor.id == Gift.donor_id)
        .join(DonorSummary, DonorSummary.donor_id == Gift.donor_id)
        .outerjoin(Fund, Fund.id == Gift.fund_id)
        .where(_within(span))
        .order_by(Gift.gift_date.desc(), Gift.id.desc())
        .limit(limit)
    )
    gift_filter = GiftFilter(thanked=False, owner_id=owner_id, living=True)
    return db.execute(in_scope(statement, actor, gift_filter)).all()


def _first_of(
    model: type[DonorEmail | DonorPhone], contact_column: SQLColumnExpression[str]
) -> ScalarSelect[str]:
    return (
        select(contact_column)
        .where(model.donor_id == Gift.donor_id)
        .order_by(model.is_primary.desc(), model.id)
        .limit(1)
        .scalar_subquery()
    )


def funds(db: Session) -> Sequence[Row[int, str, bool]]:
    """Return (id, name, open) of every fund, open funds first."""
    is_open = Fund.status == "active"
    statement = select(Fund.id, Fund.name, is_open.label("open"))
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
