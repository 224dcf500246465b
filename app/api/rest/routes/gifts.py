"""API routes for gifts: list, read, record, reverse, thank."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from app import gifts
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, now, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Done, InPath, Made
from app.api.rest.schemas.gifts import (
    ChangedGift,
    Gift,
    GiftList,
    Gifts,
    NewGift,
    RecordedGift,
    Reversal,
    Thanks,
    changed_details,
    details_of,
    parts_of,
    to_gift,
)
from app.db import Session
from app.gifts import GiftFilter
from app.kit.dates.days import Span
from app.kit.errors import InvalidError
from app.kit.money import Money

router = APIRouter(prefix="/gifts", tags=["gifts"])


@router.get("", summary="List gifts", operation_id="list_gifts")
def listed(actor: CurrentActor, query: Annotated[Gifts, Query()]) -> GiftList:
    """Return a page of the gifts you may access, the newest first; none for a coach.

    `sort` is the order of the whole list. “largest” compares what gifts are worth in the
    organisation's currency: those that wait for an exchange rate come after all others, and before
    the reversals.
    """
    kind = _cursor_kind(query.sort)
    after = query.after and cursors.decode_cursor(kind, query.after, tuple[str, int])

    def find(db: Session) -> tuple[list[Gift], gifts.Cursor | None]:
        lines, next_key = gifts.lines(
            db,
            actor,
            filter=_filter(query),
            sort=query.sort,
            page_size=query.limit,
            after=gifts.Cursor(*after) if after else None,
        )
        parts = gifts.parts(db, actor, [line.gift_id for line in lines])
        return [to_gift(line, parts.get(line.gift_id, ())) for line in lines], next_key

    items, next_key = read_only(actor, find)
    return GiftList(
        items=items,
        next=cursors.encode_cursor(kind, next_key.value, next_key.gift_id) if next_key else None,
    )


def _cursor_kind(sort: str) -> str:
    """Return the kind of a cursor, so that a page of one order is not continued in another."""
    return "gifts" if sort == "newest" else f"gifts by {sort}"


@router.get("/{id}", summary="Read a gift", operation_id="read_gift")
def read(actor: CurrentActor, id: InPath) -> Gift:  # noqa: A002
    """Return one gift."""
    return read_only(actor, lambda db: _gift(db, actor, id))


def _gift(db: Session, actor: Actor, gift_id: int) -> Gift:
    line = gifts.get(db, actor, gift_id)
    return to_gift(line, gifts.parts(db, actor, [gift_id]).get(gift_id, ()))


@router.post("", status_code=201, summary="Record a gift", operation_id="record_gift")
def record(actor: CurrentActor, body: NewGift, once: OnlyOnce) -> RecordedGift:
    """Record a gift, and update the pledge, the alerts and all sums."""
    amount = Money.of(body.amount, body.currency)

    def make() -> RecordedGift:
        recorded = gifts.record(
            db,
            actor,
            donor_id=body.donor_id,
            amount=amount,
            on=body.date,
            method=body.method,
            fund_id=body.fund_id,
            campaign_id=body.campaign_id,
            pledge_id=body.pledge_id,
            note=body.note,
            splits=parts_of(body.parts, body.currency),
            details=details_of(body, body.currency),
            today=today(actor),
            now=now(),
        )
        return RecordedGift(
            id=recorded.gift_id,
            donor_id=recorded.donor_id,
            amount=str(amount),
            currency=amount.currency,
            date=body.date,
            pledge_id=recorded.pledge_id,
            alerts_answered=recorded.settled,
            awaiting_rate=recorded.awaiting_rate,
        )

    with work(actor) as db:
        recorded = once(db, actor, body, RecordedGift, make)
    once.set_location(f"gifts/{recorded.id}")
    return recorded


@router.patch("/{id}", summary="Correct a gift", operation_id="correct_gift")
def correct(actor: CurrentActor, id: InPath, body: ChangedGift) -> Gift:  # noqa: A002
    """Save corrections to `version`; 409 if the gift was changed meanwhile."""
    with work(actor) as db:
        old, sent = gifts.get(db, actor, id), body.model_fields_set
        currency = body.currency or old.amount.currency
        gifts.correct(
            db,
            actor,
            gift_id=id,
            version=body.version,
            amount=Money.of(str(old.amount) if body.amount is None else body.amount, currency),
            on=body.date or old.on,
            method=body.method if "method" in sent else old.method,
            fund_id=body.fund_id if "fund_id" in sent else old.fund_id,
            campaign_id=body.campaign_id if "campaign_id" in sent else old.campaign_id,
            pledge_id=body.pledge_id if "pledge_id" in sent else old.pledge_id,
            note=body.note if "note" in sent else old.note,
            splits=None if body.parts is None else parts_of(body.parts, currency),
            details=changed_details(body, old.details, currency),
            today=today(actor),
            now=now(),
        )
        return _gift(db, actor, id)


@router.post(
    "/{id}/reverse", status_code=201, summary="Reverse a gift", operation_id="reverse_gift"
)
def reverse(actor: CurrentActor, id: InPath, body: Reversal, once: OnlyOnce) -> Made:  # noqa: A002
    """Reverse a gift fully or partly; `id` in the response is that of the reversal."""

    def make() -> Made:
        currency = gifts.get(db, actor, id).amount.currency
        back = None if body.amount is None else Money.of(body.amount, currency)
        reversal_id = gifts.reverse(
            db,
            actor,
            gift_id=id,
            amount=back,
            on=body.date,
            reason=body.reason,
            today=today(actor),
            now=now(),
        )
        return Made(id=reversal_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, make)
    once.set_location(f"gifts/{created.id}")
    return created


@router.post("/{id}/thank", summary="Mark a gift as thanked", operation_id="thank_gift")
def thank(actor: CurrentActor, id: InPath, body: Thanks) -> Done:  # noqa: A002
    """Mark a gift as thanked; repeating the request has no effect."""
    with work(actor) as db:
        gifts.thank(db, actor, gift_id=id, how=body.how, now=now())
    return Done()


def _filter(query: Gifts) -> GiftFilter:
    span = None
    if query.since or query.until:
        first, last = query.since or date.min, query.until or date.max - timedelta(days=1)
        if last < first or last == date.max:
            msg = "“until” must be a day after “since”, and not the last day there is."
            raise InvalidError(msg)
        span = Span(first, last + timedelta(days=1))
    return GiftFilter(
        span=span,
        fund_id=query.fund_id,
        campaign_id=query.campaign_id,
        method=query.method,
        thanked=query.thanked,
        awaiting_rate=query.awaiting_rate,
        donor_id=query.donor_id,
        owner_id=query.owner_id,
        import_id=query.import_id,
        import_rows=query.import_rows,
    )
