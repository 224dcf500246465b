"""Mails to every administrator about actions that give access to the organisation's data.

They are queued in the transaction of the action, state who did what, when and from where, name no
donor, and cannot be turned off.
"""

import getpass
import socket
from dataclasses import dataclass
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from app import audit, mail
from app.accounts.authorization import Actor
from app.accounts.organisation import organisation
from app.accounts.queries import users as queries
from app.db import Session
from app.db.models import User
from app.kit import formatting
from app.kit.formatting import count
from app.kit.roles import Role
from app.settings import settings

MAIL = "admin_notice"
ROLE_ADVICE = (
    "Administrators see and change everything. If this was not agreed, give the account another "
    "role or deactivate it on the People screen."
)
PROGRAM_KEY_ADVICE = (
    "A program that has the token can do this in the person's name until the token ends. If this "
    "was not agreed, ask the person to end it under My settings; deactivating the account ends it "
    "at once."
)
PROGRAM_ADVICE = (
    "You are told of the first such sign-in, and again after days without one. If this was not "
    "agreed, the person should change the password, which ends it."
)
EXPORT_ADVICE = (
    "The file holds personal data and is now outside DonorCRM. If this was not agreed, talk to "
    "whoever did it, and deactivate the account on the People screen if you have to."
)
RESTORE_ADVICE = (
    "What was entered after the backup is no longer here, and everybody has to sign in again. If "
    "this was not agreed, talk to whoever looks after the server."
)


@dataclass(frozen=True, slots=True)
class _Notice:
    """Content of a notice: subject, what happened, advice, and the screen to link to."""

    subject: str
    description: str
    advice: str
    screen: str = "audit"


def new_administrator(db: Session, actor: Actor, *, person: User, event: str) -> None:
    """Notify every administrator of a new one; `event` ends the sentence ("was made …").

    Does nothing if `person` has another role.
    """
    if person.role == Role.ADMIN:
        description = f"{person.name} ({person.email}) {event}"
        subject = f"New administrator: {person.name}"
        _queue(db, actor, _Notice(subject, description, ROLE_ADVICE, "people"))


def invitation_accepted(db: Session, person: User) -> None:
    """Notify every administrator that an invited one has signed in for the first time."""
    actor = Actor(person.id, Role(person.role), person.name, person.email)
    event = "was invited as an administrator, and has signed in for the first time."
    new_administrator(db, actor, person=person, event=event)


def new_token(db: Session, actor: Actor, *, name: str, uses: str) -> None:
    """Notify every administrator of a new API token."""
    description = f"{actor.name} made the API token “{name}”. It may be used to: {uses}."
    _queue(db, actor, _Notice(f"New API token of {actor.name}", description, PROGRAM_KEY_ADVICE))


def api_token_used(db: Session, actor: Actor) -> None:
    """Notify every administrator of the first program that signs in with an account's password."""
    description = (
        f"A program signed in with the password of {actor.name} and was given API tokens."
    )
    subject = f"A program signed in as {actor.name}"
    _queue(db, actor, _Notice(subject, description, PROGRAM_ADVICE))


def exported(db: Session, actor: Actor, *, description: str) -> None:
    """Notify every administrator of an export of all records of a kind, or of all data."""
    _queue(
        db, actor, _Notice("Everything was exported", f"{description} exported.", EXPORT_ADVICE)
    )


def restored(db: Session, actor: Actor, *, made_at: str, rows: int) -> None:
    """Notify every administrator that a backup has replaced the database, and audit it."""
    description = f"A backup made at {made_at} was restored: {count(rows, 'row')}."
    audit.record(
        db, actor_id=actor.user_id, action="backup.restored", entity="backup", sentence=description
    )
    _queue(db, actor, _Notice("A backup was restored", description, RESTORE_ADVICE))


def _queue(db: Session, actor: Actor, notice: _Notice) -> None:
    """Queue the mail to each active administrator who has ever signed in, the actor included."""
    moment, event_id = queries.database_time(db), token_urlsafe(12)
    name, actor_text, address = organisation(db).name, _actor_text(actor), _actor_address(actor)
    for administrator in queries.administrators(db):
        local = moment.astimezone(ZoneInfo(administrator.time_zone))
        notice_mail = mail.NoticeMail(
            subject=notice.subject,
            name=administrator.name.split()[0] if administrator.name else "",
            organisation=name,
            user_name=actor_text,
            action=notice.description,
            when=formatting.moment(local, today=local.date(), locale=administrator.locale),
            address=address,
            advice=notice.advice,
            link=f"{settings().public_url}/{notice.screen}",
        )
        mail.admin_notice(
            db,
            key=f"notice:{event_id}:{administrator.user_id}",
            to=administrator.email,
            user_id=administrator.user_id,
            mail=notice_mail,
            now=moment,
        )


def _actor_text(actor: Actor) -> str:
    if actor.role != Role.SYSTEM:
        return f"{actor.name} ({actor.email})"
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "an unnamed user"
    return f"{user}, on the command line of the server"


def _actor_address(actor: Actor) -> str:
    if actor.role == Role.SYSTEM:
        return socket.gethostname()
    return audit.current_client_address() or "unknown"
