"""API route for the dashboard's figures: the goal, the months, the fiscal year."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app import insights, pledges
from app.accounts import Role, require
from app.api.rest.dependencies import CurrentActor, read_only, today
from app.api.rest.schemas.common import (
    Answer,
    Body,
    QueryId,
    Sum,
    WaitingForRate,
    waiting_for_rate,
)
from app.donors import Credit, Unit
from app.insights import Change, Dashboard, DashboardFilter, Period
from app.kit.money import Money

router = APIRouter(prefix="/figures", tags=["figures"])

# the same roles as for the dashboard screen
READERS = (Role.FUNDRAISER, Role.SUPERVISOR, Role.FINANCE, Role.READ_ONLY, Role.ADMIN)


class Figures(Body):
    """Filter and period of the figures."""

    period: Period = Field(
        Period.TWELVE_MONTHS,
        description="Period; it is compared with the preceding period of equal length.",
    )
    fund_id: QueryId | None = Field(None, description="Only gifts to this fund; without the goal.")
    owner_id: QueryId | None = Field(None, description="Only donors of this owner.")
    team_of: QueryId | None = Field(None, description="Only donors of this supervisor's team.")
    unit: Unit = Field(
        Unit.PERSON,
        description="Whether `compared` counts persons, or households with all their members.",
    )
    credit: Credit = Field(
        Credit.HARD,
        description="What `compared` counts for a donor: own gifts, soft credits for the gifts of"
        " others, or both.",
    )


class LeftOut(Answer):
    """A pledge that is not included in a sum."""

    pledge_id: int
    donor_id: int
    donor_name: str
    amount: Sum
    frequency: str


class Uncounted(Answer):
    """Pledges in a currency without a known exchange rate."""

    currency: str
    pledges: int = Field(description="Number of pledges.")
    first: list[LeftOut] = Field(description="The first pledges, by the donor's name.")


class Goal(Answer):
    """Monthly support compared with the monthly goal."""

    pledged: Sum = Field(description="Pledged amount per month.")
    one_time: Sum = Field(description="A twelfth of the year's gifts without a pledge.")
    support: Sum = Field(description="Sum of `pledged` and `one_time`.")
    goal: Sum
    gap: Sum = Field(description="Amount missing to reach the goal; never negative.")
    share: float | None = Field(description="0.8 is 80 %; null without a goal.")
    uncounted: list[Uncounted] = Field(
        description="Pledges that are not in `pledged`, for lack of an exchange rate."
    )
    waiting_for_rate: WaitingForRate = Field(description="Gifts that are not in `one_time`.")


class Year(Answer):
    """The fiscal year so far."""

    start: date
    given: Sum
    last_year: Sum = Field(description="The same period of the previous year.")
    growth: float | None = Field(description="0.1 is 10 % more; null without gifts before.")
    expected: Sum = Field(description="Expected from pledges until the end of the year.")
    until: date = Field(description="Last day of the year.")
    outlook: Sum = Field(description="Sum of `given` and `expected`.")
    uncounted: list[Uncounted] = Field(
        description="Pledges that are not in `expected`, for lack of an exchange rate."
    )
    waiting_for_rate: WaitingForRate = Field(
        description="Gifts that are not in `given` or `last_year`."
    )


class Month(Answer):
    """A month's gifts."""

    month: date = Field(description="First day of the month.")
    recurring: Sum
    one_time: Sum
    total: Sum
    last_year: Sum = Field(description="The same month of the previous year.")
    goal: Sum | None = Field(description="The goal of the month; null when filtered by fund.")


class Compared(Answer):
    """The period compared with the same number of days before."""

    start: date
    last: date
    unit: Unit
    credit: Credit
    before: Sum
    now: Sum = Field(
        description="Each gift is counted once. With `credit` soft or both this is not income."
    )
    donors_before: int
    donors_now: int
    donors_kept: int = Field(description="Donors of both periods.")
    donors_new: int = Field(description="Donors who gave for the first time.")
    donors_back: int = Field(description="Donors who gave again after a pause.")
    donors_lapsed: int = Field(description="Donors of the period before who gave no more.")
    average: Sum | None = Field(description="What a donor gave on average; null without donors.")
    retention: float | None = Field(description="0.6 is 60 % of the donors; null without donors.")
    waiting_for_rate: WaitingForRate = Field(
        description="Gifts that are not in `before` or `now`; their donors count as having given."
    )


class Board(Answer):
    """The figures of the dashboard."""

    today: date
    goal: Goal | None = Field(description="Null when filtered by fund: goals apply to all funds.")
    year: Year
    months: list[Month] = Field(description="The last months, the current one last.")
    compared: Compared
    waiting_for_rate: WaitingForRate = Field(
        description="Gifts that any of the sums leaves out, the months included."
    )


@router.get("", summary="Read the KPIs", operation_id="figures")
def figures(actor: CurrentActor, query: Annotated[Figures, Query()]) -> Board:
    """Return the figures of the donors you may see; 403 for a coach, who may not see amounts."""
    require(actor, *READERS)
    day = today(actor)
    chosen = DashboardFilter(
        query.period, query.fund_id, query.owner_id, query.team_of, query.unit, query.credit
    )
    return read_only(
        actor, lambda db: _to_board(insights.dashboard(db, actor, filter=chosen, today=day), day)
    )


def _sum(money: Money) -> Sum:
    return Sum(amount=str(money), currency=money.currency)


def _to_board(board: Dashboard, day: date) -> Board:
    year = board.year
    return Board(
        today=day,
        goal=_goal(board),
        year=Year(
            start=year.span.start,
            given=_sum(year.given),
            last_year=_sum(year.last_year),
            growth=year.growth,
            expected=_sum(year.expected),
            until=year.until,
            outlook=_sum(year.outlook),
            uncounted=_uncounted(year.uncounted),
            waiting_for_rate=waiting_for_rate(board.awaiting_rate.year),
        ),
        months=[
            Month(
                month=month.month,
                recurring=_sum(month.income.recurring),
                one_time=_sum(month.income.one_time),
                total=_sum(month.income.total),
                last_year=_sum(month.last_year),
                goal=None if month.goal is None else _sum(month.goal),
            )
            for month in board.months
        ],
        compared=_compared(board),
        waiting_for_rate=waiting_for_rate(board.awaiting_rate.every),
    )


def _compared(board: Dashboard) -> Compared:
    changes = board.changes
    return Compared(
        start=changes.span.start,
        last=changes.span.last,
        unit=board.filter.unit,
        credit=board.filter.credit,
        before=_sum(changes.before),
        now=_sum(changes.now),
        donors_before=changes.donors_before,
        donors_now=changes.donors_now,
        donors_kept=changes.donors_kept,
        donors_new=changes.donors(Change.NEW),
        donors_back=changes.donors(Change.BACK),
        donors_lapsed=changes.donors(Change.LAPSED, Change.LAPSED_NEW),
        average=None if changes.average is None else _sum(changes.average),
        retention=changes.retention,
        waiting_for_rate=waiting_for_rate(board.awaiting_rate.compared),
    )


def _goal(board: Dashboard) -> Goal | None:
    progress = board.progress
    return (
        None
        if progress is None
        else Goal(
            pledged=_sum(progress.pledged),
            one_time=_sum(progress.one_time),
            support=_sum(progress.support),
            goal=_sum(progress.goal),
            gap=_sum(progress.gap),
            share=progress.share,
            uncounted=_uncounted(progress.uncounted),
            waiting_for_rate=waiting_for_rate(board.awaiting_rate.support),
        )
    )


def _uncounted(groups: Iterable[pledges.Uncounted]) -> list[Uncounted]:
    return [
        Uncounted(
            currency=group.currency,
            pledges=group.pledges,
            first=[
                LeftOut(
                    pledge_id=pledge.pledge_id,
                    donor_id=pledge.donor_id,
                    donor_name=pledge.donor_name,
                    amount=_sum(pledge.amount),
                    frequency=pledge.frequency,
                )
                for pledge in group.first
            ],
        )
        for group in groups
    ]
