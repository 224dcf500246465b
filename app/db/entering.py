"""Making a transaction a person's: refused once they are not who they were when recognised."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.kit.errors import NotAllowedError, SignedOutError

_ASKED = "(:who, :by, :role, :session, :program, :moment)"
ENTER, CHECK = text(f"select wall_enter{_ASKED}"), text(f"select wall_problem{_ASKED}")
ENDED = "You are signed out. Nothing was saved; sign in again."
_STALE = {
    "role": "Your role has changed. Nothing was saved; load the page again.",
    "view": "Whose eyes you look with has changed. Nothing was saved; load the page again.",
}


class Somebody(Protocol):
    """Who is asking: a person, or somebody who looks through that person's eyes."""

    @property
    def user_id(self) -> int:
        """The person."""

    @property
    def viewer_id(self) -> int | None:
        """Who looks as that person, and may change nothing."""

    @property
    def role(self) -> str:
        """The role the person had when recognised."""

    @property
    def session_id(self) -> str | None:
        """The signed-in session, where there is one."""

    @property
    def program(self) -> str | None:
        """The API token, as "family:<id>" or "personal:<id>", where there is one."""


def enter(db: Session, who: Somebody | None) -> None:
    """Make this transaction that person's, in one statement; nobody sees no donor at all.

    The same statement looks whether session, token, role and account are still what they were
    when the person was recognised.

    Raises:
        SignedOutError: the session, the token or the account has ended.
        NotAllowedError: the role, or whose eyes are looked through, is another by now.
    """
    _ask(db, ENTER, who)
    db.info["nobody"] = who is None


def require_current(db: Session, who: Somebody) -> None:
    """Refuse whom `enter` would refuse, in a transaction that stays the system's.

    Raises:
        SignedOutError, NotAllowedError: as `enter` does.
    """
    _ask(db, CHECK, who)


def _ask(db: Session, statement: TextClause, who: Somebody | None) -> None:
    values = {
        "who": who.user_id if who else None,
        "by": who.viewer_id if who else None,
        "role": str(who.role) if who else None,
        "session": who.session_id if who else None,
        "program": who.program if who else None,
        "moment": datetime.now(UTC),
    }
    found = db.execute(statement, values).scalar_one()
    if found == "ended":
        raise SignedOutError(ENDED)
    if found is not None:
        raise NotAllowedError(_STALE[found])


def become(db: Session, who: Somebody) -> None:
    """Let a transaction that was nobody's go on as the person just recognised in it."""
    if db.info.get("nobody"):
        enter(db, who)
