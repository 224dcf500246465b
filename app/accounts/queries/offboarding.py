"""Queries that count a user's donors and tasks and hand them over to another."""

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from app.accounts.authorization import Actor, visible_donors
from app.db import Session
from app.db.models import Donor, Pledge, Task, User
from app.kit.roles import Role


def lock_administrators(db: Session) -> dict[int, bool]:
    """Lock the row of every active administrator; return id → whether they can sign in.

    An invited one who has never signed in may never do. If two administrators deactivate each
    other at once, the second waits here and then finds its own account deactivated.
    """
    can_sign_in = or_(User.invited_by.is_(None), User.accepted)
    statement = (
        select(User.id, can_sign_in)
        .where(User.role == Role.ADMIN, User.active)
        .order_by(User.id)
        .with_for_update()
    )
    return {row[0]: bool(row[1]) for row in db.execute(statement)}


def count_owned(db: Session, actor: Actor) -> dict[int, tuple[int, int, int]]:
    """Return user id → numbers of (donors, open tasks, running pledges) of users who have any."""
    owned = Donor.owner_id.is_not(None) & visible_donors(actor)
    donors = select(Donor.owner_id, func.count()).where(owned)
    tasks = select(Task.assignee_id, func.count()).where(Task.done_at.is_(None))
    pledges = (
        select(Donor.owner_id, func.count())
        .join(Pledge, Pledge.donor_id == Donor.id)
        .where(owned, Pledge.status.in_(("active", "paused")))
    )
    of_donors = {row[0]: row[1] for row in db.execute(donors.group_by(Donor.owner_id)) if row[0]}
    of_tasks = {row[0]: row[1] for row in db.execute(tasks.group_by(Task.assignee_id))}
    of_pledges = {row[0]: row[1] for row in db.execute(pledges.group_by(Donor.owner_id))}
    return {
        user_id: (
            of_donors.get(user_id, 0),
            of_tasks.get(user_id, 0),
            of_pledges.get(user_id, 0),
        )
        for user_id in {*of_donors, *of_tasks}
    }


def hand_over(db: Session, *, user_id: int, to_id: int) -> tuple[int, int]:
    """Give a user's donors and open tasks to another; return how many of each."""
    donors = db.execute(
        update(Donor)
        .where(Donor.owner_id == user_id)
        .values(owner_id=to_id, version=Donor.version + 1, updated_at=func.now())
        .returning(Donor.id)
    )
    return len(donors.all()), give_tasks(db, Task.assignee_id == user_id, to_id=to_id)


def tasks_of_donor(donor_id: int, *, owner_id: int | None) -> ColumnElement[bool]:
    """Return the condition for a donor's tasks assigned to this owner or a deactivated user."""
    by_deactivated = Task.assignee_id.in_(select(User.id).where(~User.active))
    return and_(Task.donor_id == donor_id, or_(Task.assignee_id == owner_id, by_deactivated))


def give_tasks(db: Session, condition: ColumnElement[bool], *, to_id: int) -> int:
    """Assign the matching open tasks to a user; return how many."""
    statement = (
        update(Task)
        .where(condition, Task.done_at.is_(None), Task.assignee_id != to_id)
        .values(assignee_id=to_id, version=Task.version + 1, updated_at=func.now())
        .returning(Task.id)
    )
    return len(db.execute(statement).all())
