"""Passkeys (WebAuthn): add, rename and remove the actor's own."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import audit, mail
from app.accounts.authentication import mfa_policy
from app.accounts.authentication import passkey_ceremony as ceremony
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, require_own
from app.accounts.organisation import organisation
from app.accounts.queries import passkeys as store
from app.db import Session
from app.kit import formatting
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.settings import settings

ADD_PURPOSE, SIGN_IN_PURPOSE = "passkey_add", "passkey_sign_in"
CHALLENGE_BYTES = 32
CHALLENGE_LASTS = timedelta(minutes=2)
MAX_PASSKEYS = 20
MAX_NAME_LENGTH = 60
VERIFICATION_FAILED = "This passkey could not be verified. Try again."
NO_PASSKEYS_HERE = (
    "Passkeys work only where DonorCRM is opened by a name over https. Ask an administrator."
)


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey, as shown to its owner; `backed_up` means that it is synchronised."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool


def passkeys_available() -> bool:
    """Return whether browsers offer passkeys at this installation's address."""
    return ceremony.available()


def passkey_origin() -> str:
    """Return the only origin from which passkeys are accepted."""
    return ceremony.origin()


def own_passkeys(db: Session, actor: Actor) -> list[Passkey]:
    """Return the actor's own passkeys, the oldest first."""
    require_own(actor)
    return [
        Passkey(row.id, row.name, row.created_at, row.last_used_at, row.backed_up)
        for row in store.of_user(db, actor.user_id)
    ]


def begin_passkey(db: Session, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Return the browser's options to create a passkey, valid once and for two minutes.

    Raises:
        InvalidError: passkeys do not work at this address. ConflictError: there are too many.
        MfaRequiredError: the session was opened without the user's existing second factor.
        ConfirmFirstError: the actor must confirm the password first; not raised when the session
            may only set up a second factor.
    """
    _require_may_add(db, actor)
    if not actor.must_set_up:
        require_confirmed(db, actor, now=now)
    credential_ids = [row.credential_id for row in store.of_user(db, actor.user_id)]
    challenge = new_challenge(
        db, purpose=ADD_PURPOSE, user_id=actor.user_id, session_id=actor.session_id, now=now
    )
    return ceremony.creation_options(
        user_id=actor.user_id,
        email=actor.email,
        name=actor.name,
        challenge=challenge,
        existing=credential_ids,
    )


def add_passkey(db: Session, actor: Actor, *, response: object, name: str, now: datetime) -> int:
    """Store a new passkey, queue a mail to its owner, and return its id.

    Raises:
        InvalidError: the browser's response is invalid, too late or used, or the name is invalid.
        ConflictError: the passkey is registered already, or there are too many.
    """
    _require_may_add(db, actor)
    name = _valid_name(name)
    registration = _registration(db, actor, response, now=now)
    if registration is None:
        raise InvalidError(VERIFICATION_FAILED)
    passkey_id = store.add(
        db,
        user_id=actor.user_id,
        credential_id=registration.credential_id,
        public_key=registration.public_key,
        sign_count=registration.sign_count,
        name=name,
        transports=registration.transports,
        backed_up=registration.backed_up,
        created_at=now,
    )
    if passkey_id is None:
        msg = "This passkey is registered already."
        raise ConflictError(msg)
    mfa_policy.factor_added(db, actor)
    sentence = f"Added the passkey “{name}”."
    audit.record_user_event(db, user_id=actor.user_id, verb="passkey_added", sentence=sentence)
    _queue_mail(db, actor, f"The passkey “{name}” was added to", now=now)
    return passkey_id


def _registration(
    db: Session, actor: Actor, response: object, *, now: datetime
) -> ceremony.Registration | None:
    """Return the verified passkey of a response that signs an unused challenge, or None."""
    challenge = ceremony.challenge_of(response)
    challenge_valid = challenge is not None and store.use_challenge(
        db,
        code_hash=digest(challenge),
        purpose=ADD_PURPOSE,
        now=now,
        user_id=actor.user_id,
        session_id=actor.session_id,
    )
    if challenge is None or not challenge_valid:
        return None
    return ceremony.parse_registration(response, challenge=challenge)


def rename_passkey(db: Session, actor: Actor, *, passkey_id: int, name: str) -> None:
    """Rename one of the actor's own passkeys.

    Raises:
        NotFoundError: it is not the actor's, or was removed. InvalidError: the name is invalid.
    """
    require_own(actor)
    name = _valid_name(name)
    before = store.rename(db, user_id=actor.user_id, passkey_id=passkey_id, name=name)
    if before is None:
        raise NotFoundError(ALREADY_REMOVED)
    if before != name:
        sentence = f"Renamed the passkey “{before}” to “{name}”."
        audit.record_user_event(
            db, user_id=actor.user_id, verb="passkey_renamed", sentence=sentence
        )


def remove_passkey(db: Session, actor: Actor, *, passkey_id: int, now: datetime) -> None:
    """Remove one of the actor's own passkeys and queue a mail to its owner.

    Raises:
        NotFoundError: it is not the actor's, or was removed.
        ConflictError: the role needs a second factor, and this is the last.
        ConfirmFirstError: the actor must confirm the password first.
    """
    require_own(actor)
    require_confirmed(db, actor, now=now)
    mfa_policy.require_not_last(db, actor.user_id, passkeys=1)
    name = store.drop(db, user_id=actor.user_id, passkey_id=passkey_id)
    if name is None:
        raise NotFoundError(ALREADY_REMOVED)
    mfa_policy.factor_removed(db, actor.user_id)
    sentence = f"Removed the passkey “{name}”."
    audit.record_user_event(db, user_id=actor.user_id, verb="passkey_removed", sentence=sentence)
    _queue_mail(db, actor, f"The passkey “{name}” was removed from", now=now)


ALREADY_REMOVED = "This passkey was removed already."


def new_challenge(
    db: Session,
    *,
    purpose: str,
    now: datetime,
    user_id: int | None = None,
    session_id: str | None = None,
) -> bytes:
    """Store a new challenge, valid once for a purpose (add or sign in), and return it."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    store.add_challenge(
        db,
        now=now,
        code_hash=digest(ceremony.base64url(challenge)),
        purpose=purpose,
        user_id=user_id,
        session_id=session_id,
        expires_at=now + CHALLENGE_LASTS,
    )
    return challenge


def require_available() -> None:
    """Raise InvalidError if passkeys do not work at this address."""
    if not ceremony.available():
        raise InvalidError(NO_PASSKEYS_HERE)


def _require_may_add(db: Session, actor: Actor) -> None:
    require_own(actor, setting_up=True)
    require_available()
    mfa_policy.require_addable(db, actor)
    if store.count_of_user(db, actor.user_id) >= MAX_PASSKEYS:
        msg = f"{MAX_PASSKEYS} passkeys are enough. Remove one that you no longer use."
        raise ConflictError(msg)


def _valid_name(name: str) -> str:
    folded = " ".join(name.split())
    if not folded or len(folded) > MAX_NAME_LENGTH or not folded.isprintable():
        msg = f"Name the passkey for its device, in at most {MAX_NAME_LENGTH} characters."
        raise InvalidError(msg)
    return folded


def _queue_mail(db: Session, actor: Actor, description: str, *, now: datetime) -> None:
    local = now.astimezone(ZoneInfo(actor.time_zone))
    passkey_mail = mail.PasskeyMail(
        subject=f"{description} your DonorCRM account",
        name=actor.name.split()[0] if actor.name else "",
        organisation=organisation(db).name,
        change=description,
        when=f"on {formatting.moment(local, today=local.date(), locale=actor.locale)}",
        link=f"{settings().public_url}/settings",
    )
    mail.passkey_changed(
        db,
        key=f"passkey:{secrets.token_urlsafe(12)}",
        to=actor.email,
        user_id=actor.user_id,
        mail=passkey_mail,
        now=now,
    )
