"""Read access to gifts; nothing here writes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.accounts import Actor, organisation
from app.db import Session
from app.gifts.queries import details as details_queries
from app.gifts.queries import lists as queries
from app.gifts.queries.rows import GiftRow
from app.gifts.results import (
    BY_AMOUNT,
    SORTS,
    Cursor,
    Freshness,
    FundName,
    GiftDetails,
    GiftFilter,
    GiftLine,
    GiftPage,
    Part,
    ThankYou,
)
from app.kit import text
from app.kit.dates.days import Span
from app.kit.errors import InvalidError, NotFoundError
from app.kit.money import Money

NOT_FOUND = "There is no such gift, or it is not yours to see."
PAGE_SIZE = 50
THANK_WITHIN = timedelta(days=60)


def page(
    db: Session,
    actor: Actor,
    *,
    filter: GiftFilter,  # noqa: A002
    sort: str = "newest",
    page_size: int = PAGE_SIZE,
    after: Cursor | None = None,
) -> GiftPage:
    """Return one page of gifts, sorted over the whole set, with the totals of the whole filter.

    Raises:
        InvalidError: the sort key is not one of SORTS, or needs amounts the actor may not see.
    """
    found, next_key = lines(db, actor, filter=filter, sort=sort, page_size=page_size, after=after)
    gifts, donors, minor = queries.totals(db, actor, filter)
    return GiftPage(
        lines=found,
        gifts=gifts,
        donors=donors,
        total=Money(minor, organisation(db).currency),
        next=next_key,
    )


def cursor_at(
    db: Session,
    actor: Actor,
    *,
    filter: GiftFilter,  # noqa: A002
    sort: str = "newest",
    skip: int = PAGE_SIZE,
) -> Cursor | None:
    """Return the cursor after the first `skip` gifts of `page`, None if there are not so many."""
    return lines(db, actor, filter=filter, sort=sort, page_size=skip)[1]


def lines(
    db: Session,
    actor: Actor,
    *,
    filter: GiftFilter,  # noqa: A002
    sort: str = "newest",
    page_size: int = PAGE_SIZE,
    after: Cursor | None = None,
) -> tuple[list[GiftLine], Cursor | None]:
    """Return one sorted page of gifts and the next cursor, without totals.

    Raises:
        InvalidError: the sort key is not one of SORTS, or needs amounts the actor may not see.
    """
    if sort not in SORTS or (sort in BY_AMOUNT and not actor.sees_amounts):
        msg = f"Gifts cannot be sorted by {sort}."
        raise InvalidError(msg)
    text.search(filter.query)
    base = organisation(db).currency
    rows = queries.page(db, actor, filter, sort=sort, after=after, limit=page_size + 1)
    last = rows[page_size - 1] if len(rows) > page_size else None
    gift_lines = [_line(row, base) for row in rows[:page_size]]
    return gift_lines, Cursor(last.sort_value, last.id) if last else None


def filtered_ids(
    db: Session,
    actor: Actor,
    *,
    filter: GiftFilter,  # noqa: A002
) -> tuple[int, ...]:
    """Return the ids of every gift and reversal that passes the filter, for an export."""
    text.search(filter.query)
    return queries.ids(db, actor, filter)


def recent(
    db: Session,
    actor: Actor,
    *,
    limit: int = 10,
    donor_id: int | None = None,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> list[GiftLine]:
    """Return the newest gifts and reversals, at most `limit`."""
    base = organisation(db).currency
    gift_filter = GiftFilter(donor_id=donor_id, owner_id=owner_id, fund_id=fund_id)
    rows = queries.page(db, actor, gift_filter, limit=limit)
    return [_line(row, base) for row in rows]


def get(db: Session, actor: Actor, gift_id: int) -> GiftLine:
    """Return one gift.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
    """
    row = queries.by_id(db, actor, gift_id)
    if row is None:
        raise NotFoundError(NOT_FOUND)
    return _line(row, organisation(db).currency)


def _line(row: GiftRow, base: str) -> GiftLine:
    return GiftLine(
        gift_id=row.id,
        version=row.version,
        donor_id=row.donor_id,
        donor_name=row.donor_name,
        owner_id=row.owner_id,
        kind=row.kind,
        amount=Money(row.amount_minor, row.currency),
        base=Money(row.base_minor, base),
        on=row.gift_date,
        method=row.method,
        fund=row.fund,
        campaign=row.campaign,
        pledge_id=row.pledge_id,
        pledge_reason=row.pledge_reason,
        reverses_id=row.reverses_id,
        taken_back=Money(int(row.taken_back), row.currency),
        thanked_at=row.thanked_at,
        thanked_how=row.thanked_how,
        note=row.note,
        anonymous=row.anonymous,
        awaiting_rate=row.awaiting_rate,
        fund_id=row.fund_id,
        campaign_id=row.campaign_id,
        details=GiftDetails(
            fee=None if row.fee_minor is None else Money(row.fee_minor, row.currency),
            receipt=row.receipt_wanted,
            check_number=row.check_number,
            tribute=row.tribute,
            tribute_name=row.tribute_name,
            notify_name=row.notify_name,
            notify_address=row.notify_address,
        ),
    )


def parts(db: Session, actor: Actor, gift_ids: Sequence[int]) -> dict[int, tuple[Part, ...]]:
    """Return the parts of split gifts by gift; gifts that are not split are missing."""
    by_gift: dict[int, tuple[Part, ...]] = {}
    for row in details_queries.parts(db, actor, gift_ids) if gift_ids else ():
        part = Part(Money(row.amount_minor, row.currency), row.fund_id, row.campaign_id)
        by_gift[row.gift_id] = (*by_gift.get(row.gift_id, ()), part)
    return by_gift


def received(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    fund_id: int | None = None,
    owner_id: int | None = None,
) -> Money:
    """Return gifts minus reversals within the span, in the organisation's currency."""
    minor = queries.received(db, actor, span, fund_id=fund_id, owner_id=owner_id)
    return Money(minor, organisation(db).currency)


def to_thank_filter(today: date) -> GiftFilter:
    """Return the filter of the gifts to thank for: of the last 60 days, from living donors."""
    span = Span(today - THANK_WITHIN, today + timedelta(days=1))
    return GiftFilter(span=span, thanked=False, living=True)


def thank_queue(
    db: Session,
    actor: Actor,
    *,
    today: date,
    limit: int | None = None,
    owner_id: int | None = None,
) -> list[ThankYou]:
    """Return the gifts of the last 60 days that were not thanked for, newest first.

    `to_thank_filter` selects the same gifts in the list of gifts.
    """
    waiting = replace(to_thank_filter(today), owner_id=owner_id)
    rows = queries.thank_queue(db, actor, waiting, limit=limit)
    within = timedelta(hours=organisation(db).thank_within_hours)
    return [
        ThankYou(
            gift_id=row.id,
            donor_id=row.donor_id,
            donor_name=row.donor_name,
            owner_id=row.owner_id,
            amount=Money(row.amount_minor, row.currency),
            on=row.gift_date,
            days=(today - row.gift_date).days,
            fund=row.fund,
            why="First gift" if row.first else "Largest gift so far" if row.largest else "",
            email=row.email,
            phone=row.phone,
            anonymous=row.anonymous,
            overdue=today - row.gift_date > within,
        )
        for row in rows
    ]


def unthanked_by_owner(db: Session, actor: Actor, *, today: date) -> dict[int, int]:
    """Return how many gifts `thank_queue` lists of each owner's donors, by user id."""
    return queries.unthanked_by_owner(db, actor, to_thank_filter(today))


def funds(db: Session) -> list[FundName]:
    """Return every fund, open funds first, then by name."""
    return [FundName(*row) for row in queries.funds(db)]


def freshness(db: Session, actor: Actor) -> Freshness:
    """Return the day of the newest visible gift, and the last import."""
    imported = queries.last_import(db)
    imported_at, imported_by = (None, None) if imported is None else (imported[0], imported[1])
    return Freshness(queries.last_gift_date(db, actor), imported_at, imported_by)
