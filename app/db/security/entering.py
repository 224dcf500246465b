"""Set the user of a transaction and check that session, token, role and account are current."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.kit.errors import NotAllowedError, SignedOutError

_ASKED = "(:who, :by, :role, :session, :program, :moment)"
ENTER, CHECK = text(f"select rls_enter{_ASKED}"), text(f"select rls_problem{_ASKED}")
# one statement, so that reading costs no further round trip
ENTER_TO_READ = text(f"select rls_enter{_ASKED}, set_config('transaction_read_only', 'on', true)")
ENDED = "You are signed out. Nothing was saved; sign in again."
_STALE = {
    "role": "Your role has changed. Nothing was saved; load the page again.",
    "view": "Whose eyes you look with has changed. Nothing was saved; load the page again.",
}


class DatabaseIdentity(Protocol):
    """The acting user, possibly impersonated by an administrator in "View as"."""

    @property
    def user_id(self) -> int:
        """The user."""

    @property
    def viewer_id(self) -> int | None:
        """The administrator who impersonates the user (read-only), if any."""

    @property
    def role(self) -> str:
        """The user's role at the time of authentication."""

    @property
    def session_id(self) -> str | None:
        """The session, if any."""

    @property
    def program(self) -> str | None:
        """The API token as "family:<id>" or "personal:<id>", if any."""


def set_identity(
    db: Session, identity: DatabaseIdentity | None, *, read_only: bool = False
) -> None:
    """Set the user of this transaction in one statement; without a user no donor is visible.

    The same statement checks that session, token, role and account are unchanged since the user
    was authenticated; with `read_only` it makes the transaction read-only.

    Raises:
        SignedOutError: the session, the token or the account is no longer valid.
        NotAllowedError: the role or the impersonated user has changed.
    """
    _ask(db, ENTER_TO_READ if read_only else ENTER, identity)
    db.info["nobody"] = identity is None


def require_current(db: Session, identity: DatabaseIdentity) -> None:
    """Make the checks of `enter` in a transaction that keeps the system's rights.

    Raises:
        SignedOutError, NotAllowedError: as `enter` does.
    """
    _ask(db, CHECK, identity)


def _ask(db: Session, statement: TextClause, identity: DatabaseIdentity | None) -> None:
    values = {
        "who": identity.user_id if identity else None,
        "by": identity.viewer_id if identity else None,
        "role": str(identity.role) if identity else None,
        "session": identity.session_id if identity else None,
        "program": identity.program if identity else None,
        "moment": datetime.now(UTC),
    }
    answer = db.execute(statement, values).one()[0]
    if answer == "ended":
        raise SignedOutError(ENDED)
    if answer is not None:
        raise NotAllowedError(_STALE[answer])


def set_system_identity(db: Session, identity: DatabaseIdentity) -> None:
    """Set the user of a transaction that was opened without one."""
    if db.info.get("nobody"):
        set_identity(db, identity)
