"""When somebody goes: what is theirs, who takes it over, and the end of their account."""

from dataclasses import dataclass
from datetime import datetime

from app import audit
from app.accounts import queries, queries_leaving, queries_personal, queries_sessions
from app.accounts.people import known_user, require_still
from app.accounts.scope import Actor, Role, require
from app.db import Session
from app.db.models import User
from app.kit.errors import InvalidError
from app.kit.words import count


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a person looks after: donors, and tasks not done yet."""

    donors: int = 0
    tasks: int = 0

    def __str__(self) -> str:
        """Spell both: "12 donors and 1 open task"."""
        return f"{count(self.donors, 'donor')} and {count(self.tasks, 'open task')}"


def belongings(db: Session, actor: Actor) -> dict[int, Belongings]:
    """Return what everybody looks after, by person; who has nothing is not in it."""
    require(actor, Role.ADMIN)
    return {one: Belongings(*owned) for one, owned in queries_leaving.owned(db).items()}


def hand_over(db: Session, actor: Actor, *, user_id: int, to_id: int) -> Belongings:
    """Give a person's donors and open tasks to a colleague; gifts and pledges go with the donors.

    Raises:
        InvalidError: the colleague cannot look after donors.
    """
    require(actor, Role.ADMIN)
    person, colleague = known_user(db, user_id), known_user(db, to_id)
    if not colleague.active or colleague.role == Role.READ_ONLY or to_id == user_id:
        msg = f"{colleague.name} cannot take over donors. Choose an active colleague."
        raise InvalidError(msg)
    moved = Belongings(*queries_leaving.hand_over(db, user_id=user_id, to_id=to_id))
    audit.record(
        db, actor_id=actor.user_id, action="user.handed_over", entity="user", entity_id=user_id,
        sentence=f"Handed {moved} of {person.name} to {colleague.name}.",
        before={"owner_id": user_id}, after={"owner_id": to_id},
    )  # fmt: skip
    return moved


def deactivate(
    db: Session, actor: Actor, *, user_id: int, now: datetime, hand_to: int | None = None
) -> Belongings:
    """End an account: it keeps its history and is signed out everywhere at once.

    With `hand_to`, a colleague takes over the donors and open tasks in the same transaction.

    Raises:
        InvalidError: oneself, or nobody who could take over.
        NotAllowedError: the actor is no administrator any more.
    """
    require(actor, Role.ADMIN)
    if user_id == actor.user_id:
        msg = "You cannot deactivate yourself. Ask another administrator."
        raise InvalidError(msg)
    require_still(db, actor)
    person = known_user(db, user_id)
    moved = Belongings()
    if hand_to is not None:
        moved = hand_over(db, actor, user_id=user_id, to_id=hand_to)
    queries.set_user(db, user_id, active=False)
    queries_sessions.revoke(db, user_id=user_id, why="deactivated", now=now)
    queries_personal.end(db, user_id=user_id, why="deactivated", now=now)
    codes = ("reset", "sign_in", "invitation")
    queries_sessions.drop_codes(db, user_id=user_id, purposes=codes)
    _log(db, actor, person, "deactivated", f"Deactivated {person.name}.")
    return moved


def reactivate(db: Session, actor: Actor, *, user_id: int) -> None:
    """Let an ended account sign in again; what was handed over stays where it is."""
    require(actor, Role.ADMIN)
    person = known_user(db, user_id)
    queries.set_user(db, user_id, active=True)
    _log(db, actor, person, "reactivated", f"Reactivated {person.name}.")


def _log(db: Session, actor: Actor, person: User, verb: str, sentence: str) -> None:
    audit.record(
        db, actor_id=actor.user_id, action=f"user.{verb}", entity="user", entity_id=person.id,
        sentence=sentence,
    )  # fmt: skip
