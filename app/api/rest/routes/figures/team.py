"""API route for the team: one line of figures for each fundraiser one looks after."""

from datetime import date

from fastapi import APIRouter
from pydantic import Field

from app import insights
from app.api.rest.dependencies import CurrentActor, read_only, today
from app.api.rest.schemas.common import Answer, Sum, WaitingForRate, waiting_for_rate
from app.donors import STATUSES
from app.kit.money import Money

router = APIRouter(prefix="/team", tags=["figures"])


class SupportAtMonthEnd(Answer):
    """Monthly support on the last day of a month."""

    on: date
    support: Sum


class MemberGiving(Answer):
    """What the donors of one member give."""

    goal: Sum = Field(description="The monthly goal; 0 without one.")
    support: Sum = Field(description="Monthly support today.")
    share: float | None = Field(description="0.8 is 80 % of the goal; null without a goal.")
    three_months_ago: Sum = Field(
        description="Monthly support at the end of the third month before this one."
    )
    history: list[SupportAtMonthEnd] = Field(description="The last six ends of months.")
    thank_yous_waiting: int = Field(description="Gifts of 60 days that are not thanked for.")
    gifts: int = Field(description="Gifts of the last seven days.")
    pledges_not_counted: int = Field(
        description="Pledges that are not in `support`, for lack of an exchange rate."
    )
    waiting_for_rate: WaitingForRate = Field(description="Gifts that are not in `support`.")


class Member(Answer):
    """One member of the team; the figures are those that the member sees."""

    user_id: int
    name: str
    role: str
    late_pledges: int = Field(description="Late pledges to act on.")
    donors_at_risk: int = Field(description="Donors at risk to act on.")
    contacts: int = Field(
        description="Contacts with the member's donors in the last seven days, without notes."
    )
    overdue_tasks: int = Field(
        description="Open tasks of the member about donors that were due before today."
    )
    donors_by_status: dict[str, int] = Field(description="Number of donors by status.")
    giving: MemberGiving | None = Field(description="Null for a coach.")


class TeamOfToday(Answer):
    """The members of the team, by name."""

    today: date
    since: date = Field(description="First of the seven days of `contacts` and `gifts`.")
    members: list[Member]


@router.get("", summary="Read the figures of the team", operation_id="team")
def team(actor: CurrentActor) -> TeamOfToday:
    """Return the fundraisers you look after: all for an administrator; 403 for other roles."""
    day = today(actor)
    found = read_only(actor, lambda db: insights.team(db, actor, today=day))
    return TeamOfToday(
        today=day, since=found.week.start, members=[_member(line) for line in found.lines]
    )


def _member(line: insights.TeamLine) -> Member:
    return Member(
        user_id=line.user_id,
        name=line.name,
        role=line.role,
        late_pledges=line.late,
        donors_at_risk=line.at_risk,
        contacts=line.contacts,
        overdue_tasks=line.overdue,
        donors_by_status={status: line.statuses.get(status, 0) for status in STATUSES},
        giving=None if line.giving is None else _giving(line.giving),
    )


def _giving(giving: insights.TeamGiving) -> MemberGiving:
    progress = giving.progress
    return MemberGiving(
        goal=_sum(progress.goal),
        support=_sum(progress.support),
        share=progress.share,
        three_months_ago=_sum(giving.three_months_ago),
        history=[
            SupportAtMonthEnd(on=end, support=_sum(support)) for end, support in giving.history
        ],
        thank_yous_waiting=giving.thanks,
        gifts=giving.gifts,
        pledges_not_counted=sum(uncounted.pledges for uncounted in progress.uncounted),
        waiting_for_rate=waiting_for_rate(giving.awaiting_rate),
    )


def _sum(money: Money) -> Sum:
    return Sum(amount=str(money), currency=money.currency)
