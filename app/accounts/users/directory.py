"""Directory of user accounts: list and create them, change roles and teams."""

from dataclasses import dataclass
from datetime import datetime

from app import audit
from app.accounts.authentication import passwords
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import AUDITORS, Actor, require
from app.accounts.queries import api_tokens as api_token_queries
from app.accounts.queries import offboarding as offboarding_queries
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.accounts.users import admin_notices
from app.db import Session
from app.db.models import User
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.roles import USER_ROLES, Role


@dataclass(frozen=True, slots=True)
class UserLine:
    """One account, for the people screen and its owner."""

    user_id: int
    name: str
    email: str
    role: str
    active: bool
    last_sign_in_at: datetime | None
    time_zone: str | None
    summary_on: bool
    summary_weekday: int
    summary_hour: int
    alert_channels: dict[str, str]
    quiet_from: int | None
    quiet_until: int | None
    locale: str | None


def list_users(db: Session, actor: Actor) -> list[UserLine]:
    """Return every account, active ones first, by name. For administrators and finance."""
    require(actor, *AUDITORS, Role.SYSTEM)
    return [_user_line(row) for row in queries.users(db)]


def owners(db: Session, actor: Actor) -> list[UserLine]:
    """Return the active users whose donors this actor may see, by name."""
    return [_user_line(row) for row in queries.visible_users(db, actor)]


def profile(db: Session, actor: Actor) -> UserLine:
    """Return the actor's own account."""
    return _user_line(existing_user(db, actor.user_id))


def create_user(
    db: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    password: str | None,
    now: datetime | None = None,
    signs_in: bool = False,
) -> int:
    """Create an account and return its id; without `password` the user must reset it first.

    With `signs_in` the person is there and signs in at `now`: mails reach the account at once.

    Raises:
        InvalidError: a field is invalid. ConflictError: the e-mail is taken.
        ConfirmFirstError: for an administrator, in a session not confirmed or without `now`.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    email, name = valid_email(email), search_name(name)
    _require_role(role)
    _require_unused_email(db, email)
    if password is not None:
        passwords.require_strong_password(password, name=name, email=email)
    if role == Role.ADMIN:
        require_confirmed(db, actor, now=now)
    user_id = queries.add_user(
        db,
        email=email,
        name=name,
        role=role,
        password_hash=passwords.hash_password(password) if password else None,
    )
    sentence = f"Made an account for {name} ({role})."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="created", sentence=sentence
    )
    _welcome(db, actor, user_id, signs_in_at=now if signs_in else None)
    return user_id


def _welcome(db: Session, actor: Actor, user_id: int, *, signs_in_at: datetime | None) -> None:
    """Notify the other administrators of a new one, and then note the first sign-in."""
    event = "was given an account as an administrator."
    admin_notices.new_administrator(db, actor, person=existing_user(db, user_id), event=event)
    if signs_in_at is not None:
        queries.set_user(db, user_id, last_sign_in_at=signs_in_at)


def change_role(db: Session, actor: Actor, *, user_id: int, role: str, now: datetime) -> None:
    """Change a user's role; end their sessions and API tokens, so that none uses the old role.

    Raises:
        InvalidError: there is no such role, or the actor or the only administrator would lose
            the administrator's role.
        NotAllowedError: the actor is no longer an administrator.
        ConfirmFirstError: the actor must confirm the password first.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    _require_role(role)
    require_another_administrator(db, actor, user_id=None if role == Role.ADMIN else user_id)
    if user_id == actor.user_id and role != Role.ADMIN:
        msg = "You cannot take the administrator's role from yourself."
        raise InvalidError(msg)
    person = existing_user(db, user_id)
    before = person.role
    require_confirmed(db, actor, now=now)
    queries.set_user(db, user_id, role=role)
    if user_id != actor.user_id:
        session_queries.revoke(db, user_id=user_id, reason="another role", now=now)
        api_token_queries.end(db, user_id=user_id, reason="another role", now=now)
    sentence = f"{person.name} is now {role}."
    audit.record_user_event(
        db,
        actor_id=actor.user_id,
        user_id=user_id,
        verb="changed",
        sentence=sentence,
        before={"role": before},
    )
    if role != before:
        event = f"is now an administrator; the role before was {before.replace('_', ' ')}."
        admin_notices.new_administrator(db, actor, person=existing_user(db, user_id), event=event)


def set_team(db: Session, actor: Actor, *, lead_id: int, member_ids: list[int]) -> None:
    """Replace the team of fundraisers of a supervisor or coach."""
    require(actor, Role.ADMIN, Role.SYSTEM)
    lead = existing_user(db, lead_id)
    kind = "coach" if lead.role == Role.COACH else "supervisor"
    queries.replace_team(db, lead_id=lead_id, kind=kind, member_ids=member_ids)
    sentence = f"Changed the team of {lead.name}."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=lead_id, verb="changed", sentence=sentence
    )


def teams(db: Session, actor: Actor) -> dict[int, list[int]]:
    """Return lead id → ids of the members: all teams for administrators, else the own one."""
    require(actor, Role.ADMIN, Role.SUPERVISOR, Role.COACH, Role.SYSTEM)
    return queries.teams(db, actor)


def access_version(db: Session, user_id: int) -> int | None:
    """Return the version that links in a user's mails contain, or None for an unknown user.

    It is raised by a new password, another role, a deactivation, and signing out everywhere.
    """
    return queries.access_version(db, user_id)


def require_another_administrator(db: Session, actor: Actor, *, user_id: int | None) -> None:
    """Raise if the account `user_id` is the only administrator, or the actor no longer one.

    The administrators stay locked until the transaction ends, so that two people (or a person
    and a command) cannot take the last two away at the same time.

    Raises:
        InvalidError: without this account nobody could administer the organisation.
        NotAllowedError: the actor is no longer an active administrator.
    """
    administrators = offboarding_queries.lock_administrators(db)
    if actor.role != Role.SYSTEM and actor.user_id not in administrators:
        msg = "You are no administrator any more. Somebody changed that just now."
        raise NotAllowedError(msg)
    others = [key for key, can_sign_in in administrators.items() if can_sign_in and key != user_id]
    if user_id in administrators and not others:
        whose = "You are" if user_id == actor.user_id else "This person is"
        msg = (
            f"{whose} the only administrator who can sign in. Make another person an "
            "administrator first, so that somebody can still manage the organisation."
        )
        raise InvalidError(msg)


def existing_user(db: Session, user_id: int) -> User:
    """Return the account's row.

    Raises:
        NotFoundError: there is no such account.
    """
    row = queries.user(db, user_id)
    if row is None:
        msg = "This account does not exist."
        raise NotFoundError(msg)
    return row


def _user_line(row: User) -> UserLine:
    fields = {name: getattr(row, name) for name in UserLine.__slots__ if name != "user_id"}
    return UserLine(user_id=row.id, **fields)


def valid_email(email: str) -> str:
    """Return a normalised e-mail address.

    Raises:
        InvalidError: it is not an e-mail address.
    """
    # slow to import: it compiles dozens of patterns
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    text.storable(email, "The e-mail")
    try:
        return validate_email(
            email.strip(), check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        msg = f"“{email}” is not an e-mail address."
        raise InvalidError(msg) from error


def search_name(name: str) -> str:
    """Return a name without superfluous whitespace.

    Raises:
        InvalidError: the name is empty, too long or contains control characters.
    """
    folded = text.name(name)
    if not folded:
        msg = "A name is needed."
        raise InvalidError(msg)
    return folded


def _require_unused_email(db: Session, email: str) -> None:
    if queries.user_by_email(db, email) is not None:
        msg = f"Someone already has the e-mail {email}."
        raise ConflictError(msg)


def _require_role(role: str) -> None:
    if role not in USER_ROLES:
        msg = f"There is no role called {role}."
        raise InvalidError(msg)
