"""Invitations of new users: create, resend, withdraw and accept them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import audit
from app.accounts.authentication import passwords
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, require
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.accounts.users import admin_notices, monthly_goals
from app.accounts.users.directory import existing_user, search_name, valid_email
from app.db import Session
from app.db.models import User
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.roles import USER_ROLES, Role

INVITATION_LASTS = timedelta(days=7)
INVITATION_INTERVAL = timedelta(minutes=1)


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

    @property
    def sent_at(self) -> datetime | None:
        """When the newest link was sent, or None when there is no unused link."""
        return self.until and self.until - INVITATION_LASTS

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
    if role not in USER_ROLES:
        msg = f"There is no role called {role}."
        raise InvalidError(msg)
    email, name = valid_email(email), search_name(name)
    withdrawn = _withdrawn_user(db, actor, email=email, role=role)
    if role == Role.ADMIN:
        require_confirmed(db, actor, now=now)
    fields = {"name": name, "invited_by": actor.user_id}
    if withdrawn is None:
        user_id = queries.add_user(db, email=email, password_hash=None, role=role, **fields)
    else:
        user_id = withdrawn.id
        if withdrawn.role != role:
            fields["role"] = role
        queries.set_user(db, user_id, active=True, **fields)
    if actor.role == Role.SUPERVISOR:
        queries.join_team(db, lead_id=actor.user_id, member_id=user_id)
    sentence = f"Invited {name} ({role.replace('_', ' ')})."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="invited", sentence=sentence
    )
    return _new_link(db, actor, existing_user(db, user_id), now)


def _withdrawn_user(db: Session, actor: Actor, *, email: str, role: str) -> User | None:
    """Return the locked account of a withdrawn invitation, or None if the e-mail is unused.

    Raises:
        ConflictError: the e-mail is taken. NotAllowedError: a supervisor would change the role of
            the account; the database lets only administrators change one.
    """
    user = queries.user_by_email(db, email)
    if user is None:
        return None
    if not user.active and never_accepted(user):
        if actor.role == Role.SUPERVISOR and user.role != role:
            msg = f"{email} was invited with another role before. Ask an administrator."
            raise NotAllowedError(msg)
        # of two concurrent invitations the second waits here and finds the account active again
        user = queries.user_by_email(db, email, lock=True)
    if user is None or user.active or not never_accepted(user):
        msg = f"Someone already has the e-mail {email}."
        if user and user.active and never_accepted(user):
            msg = f"{email} is invited already. Resend the link from the list."
        raise ConflictError(msg)
    return user


def invite_again(db: Session, actor: Actor, *, user_id: int, now: datetime) -> Invitation:
    """Create a new link for an invited user who has not signed in; older links stop working.

    Raises:
        NotFoundError: the actor has no pending invitation of this user.
        ConflictError: a link was made within the last minute.
        ConfirmFirstError: inviting an administrator needs a confirmed password first.
    """
    person = _pending_user(db, actor, user_id)
    latest_expiry = now + INVITATION_LASTS - INVITATION_INTERVAL
    if session_queries.has_code_since(
        db, user_id=user_id, purpose="invitation", since=latest_expiry
    ):
        msg = f"A mail to {person.name} has just gone. Wait a minute before another."
        raise ConflictError(msg)
    if person.role == Role.ADMIN:
        require_confirmed(db, actor, now=now)
    sentence = f"Invited {person.name} again."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="invited", sentence=sentence
    )
    return _new_link(db, actor, person, now)


def withdraw_invitation(db: Session, actor: Actor, *, user_id: int, now: datetime) -> None:
    """Withdraw an invitation: its link stops working, and a goal that was set ends.

    Raises:
        NotFoundError: the actor has no pending invitation of this user.
    """
    person = _pending_user(db, actor, user_id)
    monthly_goals.end_goal(db, actor, user_id=user_id, now=now)
    queries.set_user(db, user_id, active=False)
    session_queries.drop_codes(db, user_id=user_id, purposes=("invitation", "reset"))
    sentence = f"Took back the invitation of {person.name}."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="withdrawn", sentence=sentence
    )


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
    code_row = session_queries.use_code(db, code_hash=digest(code), purpose="invitation", now=now)
    person = existing_user(db, code_row[0]) if code_row else None
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
    sentence = f"{person.name} accepted the invitation."
    audit.record_user_event(db, user_id=person.id, verb="accepted", sentence=sentence)
    audit.record_sign_in(db, user_id=person.id, method="the link of an invitation")
    admin_notices.invitation_accepted(db, person)
    return person.id


def invitation_expired(db: Session, person: User, *, now: datetime) -> bool:
    """Return whether an invited user never signed in and has no valid link.

    No other way of signing in works for such an account until the user is invited again.
    """
    return never_accepted(person) and not session_queries.has_code_since(
        db, user_id=person.id, purpose="invitation", since=now
    )


def _pending_user(db: Session, actor: Actor, user_id: int) -> User:
    require(actor, Role.ADMIN, Role.SUPERVISOR)
    matching = [row for row, _ in queries.pending_invitations(db, actor) if row.id == user_id]
    if not matching:
        msg = "There is no such invitation."
        raise NotFoundError(msg)
    return matching[0]


def never_accepted(person: User) -> bool:
    """Return whether a user was invited and has not signed in yet."""
    return person.invited_by is not None and not person.accepted


def _new_link(db: Session, actor: Actor, person: User, now: datetime) -> Invitation:
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
