"""API routes for people: the accounts with their goals, a goal's history, deactivation."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from app import accounts, goals
from app.accounts import organisation
from app.api.rest.dependencies import CurrentActor, now, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Day,
    Decimal,
    Id,
    InPath,
    Sum,
    Yes,
    total,
)
from app.db import Session
from app.kit.money import Money

router = APIRouter(prefix="/people", tags=["people"])

MONTH = "First day of the month."


class Person(Answer):
    """An account."""

    id: int = Field(description="ID of the account.")
    name: str = Field(description="The person's name.")
    email: str = Field(description="The address they sign in with.")
    role: str = Field(description="What they may see and do.", examples=["fundraiser"])
    active: bool = Field(description="False once the account is deactivated.")
    last_sign_in_at: datetime | None = Field(description="Null before the first sign-in.")
    goal: Sum | None = Field(description="This month's goal; null without one.")


class PersonList(Answer):
    """All accounts."""

    items: list[Person]


class GoalVersion(Answer):
    """A monthly goal from a month on, until the next one."""

    month: Day = Field(description=MONTH)
    goal: Sum | None = Field(description="The amount; zero where the goal ended.")
    set_by: str | None = Field(description="Who set it; null where that is not known.")
    set_at: datetime = Field(description="When it was set.")


class GoalHistory(Answer):
    """All goals of a person that were set, the latest month first."""

    items: list[GoalVersion]


class NewGoal(Body):
    """A monthly goal to set. Past months keep the goal they had."""

    month: Day = Field(description="Any day of the first month.", examples=["2026-12-01"])
    goal: Decimal = Field(description="Amount in the organisation's currency; 0 for no goal.")


class GoalChange(Answer):
    """What setting a goal did."""

    changed: bool = Field(description="False if the month has this goal already.")


class Deactivation(Body):
    """Who takes over what the person has."""

    hand_to: Id | None = Field(None, description="Account that gets the donors and open tasks.")
    with_goal: Yes = Field(False, description="With `hand_to`: the goal is added to theirs.")


class Deactivated(Answer):
    """What the deactivation moved and ended."""

    donors: int = Field(description="Donors that were handed over.")
    tasks: int = Field(description="Open tasks that were handed over.")
    goal_ended: Sum | None = Field(description="Monthly goal that no longer counts.")
    goal_handed: Sum | None = Field(description="Monthly goal that was added to another.")


@router.get("", summary="List people", operation_id="list_people")
def listed(actor: CurrentActor) -> PersonList:
    """Return all accounts, active ones first. Administrators and finance only."""

    def find(db: Session) -> PersonList:
        people = accounts.list_users(db, actor)
        of_month = goals.goal_by_user(db, actor, today=today(actor))
        return PersonList(
            items=[
                Person(
                    id=person.user_id,
                    name=person.name,
                    email=person.email,
                    role=person.role,
                    active=person.active,
                    last_sign_in_at=person.last_sign_in_at,
                    goal=total(actor, of_month.get(person.user_id)),
                )
                for person in people
            ]
        )

    return read_only(actor, find)


@router.get("/{id}/goals", summary="Show a person's goals", operation_id="list_goals")
def goal_history(actor: CurrentActor, id: InPath) -> GoalHistory:  # noqa: A002
    """Return all goals of a person whose donors you see; 403 for a coach."""
    versions = read_only(actor, lambda db: goals.goal_history(db, actor, user_id=id))
    return GoalHistory(
        items=[
            GoalVersion(
                month=version.month,
                goal=total(actor, version.goal),
                set_by=version.set_by,
                set_at=version.set_at,
            )
            for version in versions
        ]
    )


@router.post("/{id}/goals", status_code=201, summary="Set a monthly goal", operation_id="set_goal")
def set_goal(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    body: NewGoal,
    once: OnlyOnce,
) -> GoalChange:
    """Set a goal from a month on: your own, or anybody's as an administrator."""

    def make() -> GoalChange:
        goal = Money.of(body.goal, organisation(db).currency)
        changed = goals.set_goal(
            db, actor, user_id=id, month=body.month, minor=goal.minor, today=today(actor)
        )
        return GoalChange(changed=changed)

    with work(actor) as db:
        return once(db, actor, body, GoalChange, make)


@router.post("/{id}/deactivate", summary="Deactivate a person", operation_id="deactivate_person")
def deactivate(actor: CurrentActor, id: InPath, body: Deactivation) -> Deactivated:  # noqa: A002
    """Deactivate an account: sessions and tokens end at once. Administrators only.

    Not your own account, and not that of the only administrator.
    """
    with work(actor) as db:
        moved = accounts.deactivate(
            db,
            actor,
            user_id=id,
            now=now(),
            hand_to=body.hand_to,
            with_goal=body.with_goal,
        )
        currency = organisation(db).currency
    return Deactivated(
        donors=moved.donors,
        tasks=moved.tasks,
        goal_ended=total(actor, Money(moved.goal_ended, currency)),
        goal_handed=total(actor, Money(moved.goal_handed, currency)),
    )
