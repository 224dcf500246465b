"""API routes for gifts: list, read, record, reverse, thank."""

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app import gifts
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, now, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Currency,
    Day,
    Decimal,
    Done,
    Id,
    InPath,
    Made,
    Note,
    PagedImported,
    QueryId,
    Sum,
)
from app.gifts import GiftFilter, GiftLine
from app.kit.dates.days import Span
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.kit.payment_methods import Method, ThankedHow

router = APIRouter(prefix="/gifts", tags=["gifts"])


class Gifts(PagedImported):
    """Filter and page of a list of gifts."""

    donor_id: QueryId | None = Field(None, description="Gifts of one donor.")
    owner_id: QueryId | None = Field(None, description="Gifts of donors of this owner.")
    fund_id: QueryId | None = Field(None, description="Gifts to one fund.")
    method: Method | None = Field(None, description="Payment method.")
    since: Day | None = Field(None, description="First date, inclusive.")
    until: Day | None = Field(None, description="Last date, inclusive.")
    thanked: bool | None = Field(None, description="Only thanked gifts, or only the others.")


class NewGift(Body):
    """A gift to record."""

    donor_id: Id = Field(description="The donor of the gift.", examples=[1])
    amount: Decimal
    currency: Currency
    date: Day = Field(description="Date of the gift.", examples=["2026-11-23"])
    method: Method | None = Field(None, description="Payment method.")
    fund_id: Id | None = Field(None, description="The fund of the gift.")
    pledge_id: Id | None = Field(
        None, description="The pledge that the gift pays; null: the donor's only matching pledge."
    )
    note: Note | None = Field(None, description="Note.")


class RecordedGift(Answer):
    """A recorded gift."""

    id: int
    donor_id: int
    amount: str
    currency: str
    date: date
    pledge_id: int | None = Field(description="The pledge that the gift pays.")
    alerts_answered: int = Field(description="Number of alerts resolved by the gift.")


class Reversal(Body):
    """A full or partial reversal of a gift."""

    date: Day = Field(description="Date of the reversal.", examples=["2026-11-23"])
    amount: Decimal | None = Field(None, description="Null: the remaining amount.")
    reason: Note | None = Field(None, description="Reason for the reversal.")


class Thanks(Body):
    """How the donor was thanked."""

    how: ThankedHow | None = Field(None, description="Channel of the thanks.")


class Gift(Answer):
    """A gift, or a reversal with a negative amount."""

    id: int
    version: int
    donor_id: int
    donor_name: str
    kind: str = Field(examples=["gift"])
    amount: str = Field(examples=["12.50"])
    currency: str = Field(examples=["USD"])
    worth: Sum = Field(description="Amount in the organisation's base currency.")
    date: date
    method: str | None
    fund: str | None
    pledge_id: int | None
    reverses_id: int | None = Field(description="The gift that this entry reverses.")
    taken_back: str = Field(description="Reversed amount.")
    thanked_at: datetime | None
    thanked_how: str | None
    note: str | None


class GiftList(Answer):
    """A page of gifts, the newest first."""

    items: list[Gift]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


@router.get("", summary="List gifts", operation_id="list_gifts")
def listed(actor: CurrentActor, query: Annotated[Gifts, Query()]) -> GiftList:
    """Return a page of the gifts you may access, the newest first; none for a coach."""
    after = query.after and cursors.decode_cursor("gifts", query.after, tuple[date, int])
    with work(actor) as db:
        lines, next_key = gifts.lines(
            db,
            actor,
            filter=_filter(query),
            page_size=query.limit,
            after=gifts.Cursor(*after) if after else None,
        )
    return GiftList(
        items=[_to_gift(line) for line in lines],
        next=cursors.encode_cursor("gifts", next_key.on.isoformat(), next_key.gift_id)
        if next_key
        else None,
    )


@router.get("/{id}", summary="Read a gift", operation_id="read_gift")
def read(actor: CurrentActor, id: InPath) -> Gift:  # noqa: A002
    """Return one gift."""
    with work(actor) as db:
        return _to_gift(gifts.get(db, actor, id))


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
            pledge_id=body.pledge_id,
            note=body.note,
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
        )

    with work(actor) as db:
        recorded = once(db, actor, body, RecordedGift, make)
    once.set_location(f"gifts/{recorded.id}")
    return recorded


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
        method=query.method,
        thanked=query.thanked,
        donor_id=query.donor_id,
        owner_id=query.owner_id,
        import_id=query.import_id,
        import_rows=query.import_rows,
    )


def _to_gift(line: GiftLine) -> Gift:
    return Gift(
        id=line.gift_id,
        version=line.version,
        donor_id=line.donor_id,
        donor_name=line.donor_name,
        kind=line.kind,
        amount=str(line.amount),
        currency=line.amount.currency,
        worth=Sum(amount=str(line.base), currency=line.base.currency),
        date=line.on,
        method=line.method,
        fund=line.fund,
        pledge_id=line.pledge_id,
        reverses_id=line.reverses_id,
        taken_back=str(line.taken_back),
        thanked_at=line.thanked_at,
        thanked_how=line.thanked_how,
        note=line.note,
    )
