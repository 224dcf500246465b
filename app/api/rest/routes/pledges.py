"""API routes for pledges: list, read, add, change the schedule, stop."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import pledges
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, today, work
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
    Whole,
    Yes,
    amount,
)
from app.api.rest.schemas.donors import Version
from app.kit.money import Money
from app.kit.payment_methods import Method
from app.pledges import PledgeFilter, PledgeLine

router = APIRouter(prefix="/pledges", tags=["pledges"])

Frequency = Literal[
    "weekly",
    "biweekly",
    "semimonthly",
    "monthly",
    "bimonthly",
    "quarterly",
    "semiannual",
    "annual",
    "once",
]
Status = Literal["active", "paused", "completed", "cancelled"]


class Pledges(PagedImported):
    """Filter and page of a list of pledges."""

    donor_id: QueryId | None = Field(None, description="Pledges of one donor.")
    owner_id: QueryId | None = Field(None, description="Pledges of donors of this owner.")
    fund_id: QueryId | None = Field(None, description="Pledges to one fund.")
    status: list[Status] = Field(
        default=[], description="Statuses; the parameter may be repeated.", max_length=4
    )


class NewPledge(Body):
    """A pledge to add."""

    donor_id: Id = Field(description="The donor of the pledge.", examples=[1])
    amount: Decimal
    currency: Currency
    frequency: Frequency = Field(description="Frequency of the instalments.", examples=["monthly"])
    start: Day = Field(description="Due date of the first instalment.", examples=["2026-12-01"])
    day_of_month: Whole | None = Field(
        None,
        description="Due day of the month; null: the day of `start`; 31: the last day.",
        ge=1,
        le=31,
    )
    end: Day | None = Field(None, description="Last day; null: open-ended.")
    instalments: Whole | None = Field(
        None, description="Total number of instalments.", ge=1, le=2_000
    )
    total: Decimal | None = Field(None, description="Total amount.")
    fund_id: Id | None = Field(None, description="The fund of the pledge.")
    method: Method | None = Field(None, description="Payment method.")
    note: Note | None = Field(None, description="Note.")


class Terms(Body):
    """The schedule of a pledge from a day on; fields that are left out stay unchanged."""

    version: Version
    since: Day = Field(
        description="Effective date; not before the last change.", examples=["2026-12-01"]
    )
    frequency: Frequency | None = Field(
        None, description="Frequency; null: unchanged.", examples=["monthly"]
    )
    day_of_month: Whole | None = Field(
        None,
        description="Due day of the month; null: the day of the start; 31: the last day.",
        ge=1,
        le=31,
    )
    grace_days: Whole | None = Field(
        None, description="Days of grace; null: the default of the frequency.", ge=0, le=366
    )
    fund_id: Id | None = Field(None, description="The fund of the pledge; null: no fund.")


class Stop(Body):
    """The end of a pledge; gifts already given are not changed."""

    date: Day = Field(description="Last day of the pledge.", examples=["2026-11-23"])
    completed: Yes = Field(default=False, description="The pledge was fulfilled, not cancelled.")
    reason: Note | None = Field(None, description="Reason for stopping the pledge.")


class Pledge(Answer):
    """A pledge and its status today; for a coach the amounts are null."""

    id: int
    version: int
    donor_id: int
    donor_name: str
    owner_id: int | None
    amount: str | None = Field(description="Amount of each instalment.", examples=["50.00"])
    currency: str
    frequency: str
    start: date
    end: date | None
    instalments: int | None
    total: str | None
    status: str = Field(description="Status set by a user.")
    state: str = Field(description="Calculated state.", examples=["on track"])
    late: bool
    days_late: int
    missed: int = Field(description="Number of open instalments.")
    behind: str | None = Field(description="Open amount.")
    received: str | None
    next_due: date | None
    last_gift_date: date | None
    fund: str | None
    method: str | None
    note: str | None


class PledgeList(Answer):
    """A page of pledges, in the order in which they were added."""

    items: list[Pledge]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


@router.get("", summary="List pledges", operation_id="list_pledges")
def listed(actor: CurrentActor, query: Annotated[Pledges, Query()]) -> PledgeList:
    """Return a page of the pledges you may see, with their status."""
    after = cursors.decode_cursor("pledges", query.after, tuple[int])[0] if query.after else 0
    chosen = PledgeFilter(
        query.donor_id,
        query.owner_id,
        query.fund_id,
        tuple(query.status),
        import_id=query.import_id,
        import_rows=query.import_rows,
    )
    with work(actor) as db:
        lines, next_key = pledges.page(
            db, actor, filter=chosen, today=today(actor), after=after, page_size=query.limit
        )
    return PledgeList(
        items=[_to_pledge(actor, line) for line in lines],
        next=None if next_key is None else cursors.encode_cursor("pledges", next_key),
    )


@router.get("/{id}", summary="Read a pledge", operation_id="read_pledge")
def read(actor: CurrentActor, id: InPath) -> Pledge:  # noqa: A002
    """Return one pledge with its status."""
    with work(actor) as db:
        return _to_pledge(actor, pledges.get(db, actor, id, today=today(actor)).line)


@router.post("", status_code=201, summary="Add a pledge", operation_id="add_pledge")
def add(actor: CurrentActor, body: NewPledge, once: OnlyOnce) -> Made:
    """Add a pledge."""
    each = Money.of(body.amount, body.currency)
    total = None if body.total is None else Money.of(body.total, body.currency)

    def make() -> Made:
        pledge_id = pledges.create(
            db,
            actor,
            donor_id=body.donor_id,
            amount=each,
            frequency=body.frequency,
            start=body.start,
            anchor=body.day_of_month,
            end=body.end,
            instalments=body.instalments,
            total=total,
            fund_id=body.fund_id,
            method=body.method,
            note=body.note,
        )
        return Made(id=pledge_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, make)
    once.set_location(f"pledges/{created.id}")
    return created


@router.post("/{id}/terms", summary="Change a pledge's schedule", operation_id="change_terms")
def change_terms(actor: CurrentActor, id: InPath, body: Terms, once: OnlyOnce) -> Done:  # noqa: A002
    """Change the schedule from a day on; earlier instalments stay unchanged."""

    def make() -> Done:
        old = pledges.get(db, actor, id, today=today(actor))
        terms = {
            "frequency": old.line.frequency,
            "day_of_month": old.anchor,
            "grace_days": old.grace,
            "fund_id": old.fund_id,
        } | body.model_dump(exclude_unset=True, exclude={"version", "since"})
        pledges.change_terms(
            db,
            actor,
            pledge_id=id,
            version=body.version,
            since=body.since,
            frequency=terms["frequency"] or old.line.frequency,
            anchor=terms["day_of_month"],
            grace=terms["grace_days"],
            fund_id=terms["fund_id"],
            today=today(actor),
        )
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/{id}/stop", summary="Stop a pledge", operation_id="stop_pledge")
def stop(actor: CurrentActor, id: InPath, body: Stop) -> Done:  # noqa: A002
    """End a pledge: no instalments are expected after the day."""
    with work(actor) as db:
        pledges.end(
            db,
            actor,
            pledge_id=id,
            on=body.date,
            completed=body.completed,
            reason=body.reason,
            today=today(actor),
        )
    return Done()


def _to_pledge(actor: Actor, line: PledgeLine) -> Pledge:
    return Pledge(
        id=line.pledge_id,
        version=line.version,
        donor_id=line.donor_id,
        donor_name=line.donor_name,
        owner_id=line.owner_id,
        amount=amount(actor, line.amount),
        currency=line.amount.currency,
        frequency=line.frequency,
        start=line.start,
        end=line.end,
        instalments=line.instalments,
        total=amount(actor, line.total),
        status=line.status,
        state=line.state,
        late=line.late,
        days_late=line.days_late,
        missed=line.missed,
        behind=amount(actor, line.behind),
        received=amount(actor, line.received),
        next_due=line.next_due,
        last_gift_date=line.last_gift_date,
        fund=line.fund,
        method=line.method,
        note=line.note,
    )
