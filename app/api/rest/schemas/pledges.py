"""Schemas of pledges: what a request sends, what a response has."""

from datetime import date
from typing import Literal

from pydantic import Field

from app.accounts import Actor
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Currency,
    Day,
    Decimal,
    Id,
    Note,
    PagedImported,
    QueryId,
    Whole,
    Yes,
    amount,
)
from app.api.rest.schemas.donors import Version
from app.kit.payment_methods import Method
from app.pledges import PledgeLine

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
    campaign_id: QueryId | None = Field(None, description="Pledges of one campaign.")
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
    campaign_id: Id | None = Field(None, description="The campaign of the pledge.")
    method: Method | None = Field(None, description="Payment method.")
    grace_days: Whole | None = Field(
        None, description="Days of grace; null: the default of the frequency.", ge=0, le=366
    )
    note: Note | None = Field(None, description="Note.")


class ChangedPledge(Body):
    """The end, the method and the note of a pledge; fields that are left out stay unchanged."""

    version: Version
    end: Day | None = Field(None, description="Last day; null: open-ended.")
    instalments: Whole | None = Field(
        None, description="Total number of instalments; null: no number.", ge=1, le=2_000
    )
    total: Decimal | None = Field(None, description="Total amount; null: no total.")
    method: Method | None = Field(None, description="Payment method; null: none.")
    note: Note | None = Field(None, description="Note; null: none.")


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
    campaign_id: Id | None = Field(
        None, description="The campaign of the pledge; null: no campaign."
    )


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
    campaign: str | None
    method: str | None
    note: str | None
    day_of_month: int | None = Field(description="Due day of the month; null: that of `start`.")
    grace_days: int | None = Field(
        description="Days of grace; null: the default of the frequency."
    )
    fund_id: int | None
    campaign_id: int | None


class PledgeList(Answer):
    """A page of pledges, in the order in which they were added."""

    items: list[Pledge]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


def to_pledge(actor: Actor, line: PledgeLine) -> Pledge:
    """Return a pledge as the response; without amounts for who may not see them."""
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
        campaign=line.campaign,
        method=line.method,
        note=line.note,
        day_of_month=line.anchor,
        grace_days=line.grace,
        fund_id=line.fund_id,
        campaign_id=line.campaign_id,
    )
