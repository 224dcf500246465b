"""Invitations of new users: create, resend, withdraw and accept them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import audit
from app.accounts.authentication import passwords
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, Role, require
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.accounts.users import admin_notices
from app.accounts.users.directory import known_user, search_name, valid_email
from app.db import Session
from app.db.models import User
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

INVITATION_LASTS = timedelta(days=7)
INVITATION_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Data of the invitation mail: recipient, inviter, and the code of the link."""

    user_id: int
    name: str
    email: str
    inviter: str
    code: str


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """An invited user who has not signed in yet; `until` is when the newest link expires.

    It is None when there is no unused link.
    """

    user_id: int
    name: str
    email: str
    role: str
    until: datetime | None

    def expired(self, now: datetime) -> bool:
        """Return whether the link has expired, so that the user has to be invited again."""
        return self.until is None or self.until <= now


def invite(
    db: Session, actor: Actor, *, email: str, name: str, role: str, now: datetime
) -> Invitation:
    """Create an account without a password, and return the invitation with its link's code.

    Administrators may invite users of any role, supervisors only fundraisers into their own team.

    Raises:
        ConflictError: the e-mail is taken. InvalidError: a field is invalid.
        NotAllowedError: the actor may not give this role.
        ConfirmFirstError: inviting an administrator needs a confirmed password first.
    """
    require(actor, Role.ADMIN, Role.SUPERVISOR)
    if actor.role == Role.SUPERVISOR and role != Role.FUNDRAISER:
        msg = "Supervisors invite fundraisers. Ask an administrator for another role."
        raise NotAllowedError(msg)
    if role not in set(Role) - {Role.SYSTEM}:
        msg = f"There is no role called {role}."
        raise InvalidError(msg)
    email, name = valid_email(email), search_name(name)
    known = _withdrawn(db, actor, email=email, role=role)
    if role == Role.ADMIN:
        require_confirmed(db, actor, now=now)
    fields = {"name": name, "invited_by": actor.user_id}
    if known is None:
        user_id = queries.add_user(db, email=email, password_hash=None, role=role, **fields)
    else:
        user_id = known.id
        if known.role != role:
            fields["role"] = role
        queries.set_user(db, user_id, active=True, **fields)
    if actor.role == Role.SUPERVISOR:
        queries.join_team(db, lead_id=actor.user_id, member_id=user_id)
    _log(db, actor, user_id, "invited", f"Invited {name} ({role.replace('_', ' ')}).")
    return _link(db, actor, known_user(db, user_id), now)


def _withdrawn(db: Session, actor: Actor, *, email: str, role: str) -> User | None:
    """Return the locked account of a withdrawn invitation, or None if the e-mail is unused.

    Raises:
        ConflictError: the e-mail is taken. NotAllowedError: a supervisor would change the role of
            the account; the database lets only administrators change one.
    """
    known = queries.user_by_email(db, email)
    if known is None:
        return None
    if not known.active and never_accepted(known):
        if actor.role == Role.SUPERVISOR and known.role != role:
            msg = f"{email} was invited with another role before. Ask an administrator."
            raise NotAllowedError(msg)
        # of two concurrent invitations the second waits here and finds the account active again
        known = queries.user_by_email(db, email, lock=True)
    if known is None or known.active or not never_accepted(known):
        msg = f"Someone already has the e-mail {email}."
        if known and known.active and never_accepted(known):
            msg = f"{email} is invited already. Resend the link from the list."
        raise ConflictError(msg)
    return known


def invite_again(db: Session, actor: Actor, *, user_id: int, now: datetime) -> Invitation:
    """Create a new link for an invited user who has not signed in; older links stop working.

    Raises:
        NotFoundError: the actor has no pending invitation of this user.
        ConflictError: a link was made within the last minute.
        ConfirmFirstError: inviting an administrator needs a confirmed password first.
    """
    person = _waiting(db, actor, user_id)
    lately = now + INVITATION_LASTS - INVITATION_EVERY
    if session_queries.code_since(db, user_id=user_id, purpose="invitation", since=lately):
        msg = f"A mail to {person.name} has just gone. Wait a minute before another."
        raise ConflictError(msg)
    if person.role == Role.ADMIN:
        require_confirmed(db, actor, now=now)
    _log(db, actor, user_id, "invited", f"Invited {person.name} again.")
    return _link(db, actor, person, now)


def withdraw_invitation(db: Session, actor: Actor, *, user_id: int) -> None:
    """Withdraw an invitation; its link stops working.

    Raises:
        NotFoundError: the actor has no pending invitation of this user.
    """
    person = _waiting(db, actor, user_id)
    queries.set_user(db, user_id, active=False)
    session_queries.drop_codes(db, user_id=user_id, purposes=("invitation", "reset"))
    _log(db, actor, user_id, "withdrawn", f"Took back the invitation of {person.name}.")


def pending_invitation(db: Session, actor: Actor) -> list[PendingInvitation]:
    """Return the pending invitations: all for administrators, the actor's own for supervisors."""
    require(actor, Role.ADMIN, Role.SUPERVISOR)
    return [
        PendingInvitation(row.id, row.name, row.email, row.role, until)
        for row, until in queries.pending_invitations(db, actor)
    ]


def accept_invitation(db: Session, *, code: str, new: str, now: datetime) -> int:
    """Set the first password with the code from the mail and sign in; return the account's id.

    Raises:
        InvalidError: the link is used, withdrawn or expired, or the password is too easy to guess
            (the link then still works).
    """
    found = session_queries.use_code(db, code_hash=digest(code), purpose="invitation", now=now)
    person = known_user(db, found[0]) if found else None
    if person is None or not person.active:
        msg = "This link was used or taken back, or is older than a week. Ask for a new one."
        raise InvalidError(msg)
    passwords.require_strong_password(new, name=person.name, email=person.email)
    queries.set_user(
        db,
        person.id,
        password_hash=passwords.hash_password(new),
        password_changed_at=now,
        last_sign_in_at=now,
    )
    session_queries.drop_codes(db, user_id=person.id, purposes=("invitation", "reset"))
    audit.record(
        db,
        actor_id=person.id,
        action="user.accepted",
        entity="user",
        entity_id=person.id,
        sentence=f"{person.name} accepted the invitation.",
    )
    admin_notices.invitation_accepted(db, person)
    return person.id


def invitation_expired(db: Session, person: User, *, now: datetime) -> bool:
    """Return whether an invited user never signed in and has no valid link.

    No other way of signing in works for such an account until the user is invited again.
    """
    return never_accepted(person) and not session_queries.code_since(
        db, user_id=person.id, purpose="invitation", since=now
    )


def _waiting(db: Session, actor: Actor, user_id: int) -> User:
    require(actor, Role.ADMIN, Role.SUPERVISOR)
    mine = [row for row, _ in queries.pending_invitations(db, actor) if row.id == user_id]
    if not mine:
        msg = "There is no such invitation."
        raise NotFoundError(msg)
    return mine[0]


def never_accepted(person: User) -> bool:
    """Return whether a user was invited and has not signed in yet."""
    return person.invited_by is not None and not person.accepted


def _link(db: Session, actor: Actor, person: User, now: datetime) -> Invitation:
    session_queries.drop_codes(db, user_id=person.id, purposes=("invitation",))
    code = secrets.token_urlsafe(32)
    session_queries.add_code(
        db,
        code_hash=digest(code),
        purpose="invitation",
        user_id=person.id,
        expires_at=now + INVITATION_LASTS,
    )
    return Invitation(person.id, person.name, person.email, actor.name, code)


def _log(db: Session, actor: Actor, user_id: int, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"user.{verb}",
        entity="user",
        entity_id=user_id,
        sentence=sentence,
    )
