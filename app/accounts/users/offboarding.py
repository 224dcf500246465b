"""Offboarding: hand over a user's donors, tasks and goal, and deactivate the account."""

from dataclasses import dataclass, replace
from datetime import datetime

from app import audit
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, require
from app.accounts.queries import api_tokens as api_token_queries
from app.accounts.queries import offboarding as offboarding_queries
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.accounts.users import admin_notices, monthly_goals
from app.accounts.users.directory import existing_user, require_another_administrator
from app.db import Session
from app.kit.errors import InvalidError
from app.kit.formatting import count
from app.kit.roles import Role


@dataclass(frozen=True, slots=True)
class OwnedRecords:
    """The number of a user's donors, open tasks, and running pledges of these donors."""

    donors: int = 0
    tasks: int = 0
    # not counted in the result of a hand-over: they follow their donors
    pledges: int = 0
    # set by `deactivate`: a monthly goal, in minor units, that no longer counts towards the
    # organisation's, and one that a colleague took over
    goal_ended: int = 0
    goal_handed: int = 0

    def __str__(self) -> str:
        """Return what is handed over as text: "12 donors and 1 open task"."""
        return f"{count(self.donors, 'donor')} and {count(self.tasks, 'open task')}"


def owned_records(db: Session, actor: Actor) -> dict[int, OwnedRecords]:
    """Return the belongings of every user by user id, without users who have none."""
    require(actor, Role.ADMIN)
    return {
        user_id: OwnedRecords(*counts)
        for user_id, counts in offboarding_queries.count_owned(db, actor).items()
    }


def hand_over(
    db: Session, actor: Actor, *, user_id: int, to_id: int, now: datetime, with_goal: bool = False
) -> OwnedRecords:
    """Give a user's donors and open tasks to a colleague; gifts and pledges follow their donors.

    With `with_goal` the user's monthly goal is added to the colleague's, from this month on.

    Raises:
        InvalidError: the colleague cannot own donors.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    person, colleague = existing_user(db, user_id), existing_user(db, to_id)
    if not colleague.active or colleague.role == Role.READ_ONLY or to_id == user_id:
        msg = f"{colleague.name} cannot take over donors. Choose an active colleague."
        raise InvalidError(msg)
    moved = OwnedRecords(*offboarding_queries.hand_over(db, user_id=user_id, to_id=to_id))
    moved_text = str(moved)
    if with_goal and (goal := monthly_goals.end_goal(db, actor, user_id=user_id, now=now)):
        moved = replace(moved, goal_handed=goal)
        moved_text = f"{moved} and the monthly goal"
        monthly_goals.add_to_goal(db, actor, user_id=to_id, minor=goal, now=now)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="user.handed_over",
        entity="user",
        entity_id=user_id,
        sentence=f"Handed {moved_text} of {person.name} to {colleague.name}.",
        before={"owner_id": user_id},
        after={"owner_id": to_id},
    )
    return moved


def tasks_follow(
    db: Session, *, donor_id: int, old_id: int | None, new_id: int | None, by_id: int
) -> int:
    """Give a donor's open tasks to the new owner, as `hand_over` does; return how many.

    This includes the old owner's tasks, also those opened by alerts, and tasks of deactivated
    users. Without a new owner tasks keep their assignee; those of a deactivated user go to the
    account `by_id`, which makes the change.

    For `app.donors`, which has checked that the actor may change the owner.
    """
    old_owner_id = old_id if new_id is not None else None
    to_id = by_id if new_id is None else new_id
    if not to_id:
        return 0
    matching = offboarding_queries.tasks_of_donor(donor_id, owner_id=old_owner_id)
    moved = offboarding_queries.give_tasks(db, matching, to_id=to_id)
    if moved:
        new_owner = existing_user(db, to_id).name
        audit.record(
            db,
            actor_id=by_id,
            action="task.handed_over",
            entity="donor",
            entity_id=donor_id,
            donor_id=donor_id,
            sentence=f"Handed {count(moved, 'open task')} to {new_owner}.",
            before={"assignee_id": old_id},
            after={"assignee_id": to_id},
        )
    return moved


def deactivate(
    db: Session,
    actor: Actor,
    *,
    user_id: int,
    now: datetime,
    hand_to: int | None = None,
    with_goal: bool = False,
) -> OwnedRecords:
    """Deactivate an account: its history stays, and its sessions and tokens end at once.

    With `hand_to`, a colleague takes over the donors and open tasks in the same transaction, and
    with `with_goal` also the monthly goal. Otherwise the goal ends with this month: the result's
    `goal_ended` is its amount in minor units.

    Raises:
        InvalidError: the account is the actor's own or that of the only administrator, the
            colleague cannot own donors, or nobody takes over the goal.
        NotAllowedError: the actor is no longer an administrator.
    """
    _require_may_end(db, actor, user_id)
    if with_goal and hand_to is None:
        msg = "Choose who takes over, so that the goal can be added to theirs."
        raise InvalidError(msg)
    person = existing_user(db, user_id)
    moved = OwnedRecords()
    if hand_to is not None:
        moved = hand_over(db, actor, user_id=user_id, to_id=hand_to, now=now, with_goal=with_goal)
    ended = monthly_goals.end_goal(db, actor, user_id=user_id, now=now)
    moved = replace(moved, goal_ended=ended)
    _end_access(db, user_id, now)
    goal_note = " The monthly goal no longer counts." if moved.goal_ended else ""
    sentence = f"Deactivated {person.name}.{goal_note}"
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="deactivated", sentence=sentence
    )
    return moved


def _require_may_end(db: Session, actor: Actor, user_id: int) -> None:
    require(actor, Role.ADMIN, Role.SYSTEM)
    require_another_administrator(db, actor, user_id=user_id)
    if user_id == actor.user_id:
        msg = "You cannot deactivate yourself. Ask another administrator."
        raise InvalidError(msg)


def _end_access(db: Session, user_id: int, now: datetime) -> None:
    queries.set_user(db, user_id, active=False)
    session_queries.revoke(db, user_id=user_id, reason="deactivated", now=now)
    api_token_queries.end(db, user_id=user_id, reason="deactivated", now=now)
    session_queries.drop_codes(db, user_id=user_id, purposes=("reset", "sign_in", "invitation"))


def reactivate(db: Session, actor: Actor, *, user_id: int, now: datetime | None = None) -> None:
    """Reactivate an account; what was handed over is not returned, and the goal stays ended.

    Raises:
        ConfirmFirstError: for an administrator, in a session not confirmed or without `now`.
    """
    require(actor, Role.ADMIN)
    person = existing_user(db, user_id)
    if person.role == Role.ADMIN:
        require_confirmed(db, actor, now=now)
    queries.set_user(db, user_id, active=True)
    sentence = f"Reactivated {person.name}."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="reactivated", sentence=sentence
    )
    notice = "is an administrator whose ended account was reactivated."
    admin_notices.new_administrator(db, actor, person=person, event=notice)
