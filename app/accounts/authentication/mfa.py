"""Optional TOTP two-factor authentication (RFC 6238) with recovery codes."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from app import audit
from app.accounts.authentication import mfa_policy
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, require, require_own
from app.accounts.queries import mfa as queries
from app.accounts.queries import passkeys as passkey_queries
from app.accounts.users.directory import existing_user
from app.db import Session
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.formatting import count
from app.kit.roles import Role
from app.kit.security.encryption import seal, unseal
from app.settings import settings

PURPOSE = "second factor"
ISSUER = "DonorCRM"
STEP, DIGITS = 30, 6
# phone clocks differ: the time steps before and after the current one are accepted as well
ACCEPTED_OFFSETS = (0, -1, 1)
RECOVERY_CODES = 10
# an enrolment that is not confirmed within this time starts again with a new secret
ENROLMENT_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class MfaEnrolment:
    """Data for the authenticator app: the secret, and the same as a link for the QR code."""

    secret: str
    link: str


@dataclass(frozen=True, slots=True)
class MfaStatus:
    """The state of a user's TOTP factor; `since` is None when the sign-in needs no code."""

    since: datetime | None
    recovery_left: int = 0


def mfa_status(db: Session, actor: Actor) -> MfaStatus:
    """Return the state of the actor's own TOTP factor."""
    require_own(actor, setting_up=True)
    row = queries.of_user(db, actor.user_id)
    if row is None or row.confirmed_at is None:
        return MfaStatus(None)
    return MfaStatus(row.confirmed_at, queries.count_unused_recovery(db, actor.user_id))


def begin_mfa_enrolment(db: Session, actor: Actor, *, now: datetime) -> MfaEnrolment:
    """Return a secret for the actor's phone; sign-ins need a code only once it is confirmed.

    A code confirms critical actions, so that without a confirmation here anybody at an unlocked
    computer could enrol a phone of their own and confirm everything with it.

    Raises:
        ConflictError: the actor's sign-in requires a code already.
        MfaRequiredError: the session was opened without the user's passkey.
        ConfirmFirstError: the actor must confirm the password first; not raised when the session
            may only set up a second factor.
    """
    require_own(actor, setting_up=True)
    mfa_policy.require_addable(db, actor)
    row = queries.of_user(db, actor.user_id, lock=True)
    if row is not None and row.confirmed_at is not None:
        msg = "Your sign-in asks for a code already."
        raise ConflictError(msg)
    if not actor.must_set_up:
        require_confirmed(db, actor, now=now)
    still_valid = row is not None and now - row.created_at < ENROLMENT_LASTS
    secret = _decrypted_secret(row.secret) if row is not None and still_valid else None
    if secret is None:
        secret = pyotp.random_base32()
        key = settings().signing_key
        queries.save(
            db, user_id=actor.user_id, secret=seal(key, PURPOSE, secret.encode()), now=now
        )
    link = pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name=ISSUER)
    return MfaEnrolment(secret, link)


def confirm_mfa_enrolment(db: Session, actor: Actor, *, code: str, now: datetime) -> list[str]:
    """Activate the second factor with a first code; return the recovery codes, shown only once.

    Raises:
        InvalidError: the code is wrong. NotFoundError: there is no enrolment to confirm.
    """
    require_own(actor, setting_up=True)
    mfa_policy.require_addable(db, actor)
    row = queries.of_user(db, actor.user_id, lock=True)
    if row is None or row.confirmed_at is not None:
        msg = "Begin again: there is nothing to confirm."
        raise NotFoundError(msg)
    if not _code_is_right(db, actor.user_id, code, now):
        msg = "This code is not right. Type the six digits the app shows now."
        raise InvalidError(msg)
    queries.confirm(db, user_id=actor.user_id, now=now)
    mfa_policy.factor_added(db, actor)
    sentence = "Turned the second factor on."
    audit.record_user_event(db, user_id=actor.user_id, verb="second_factor_on", sentence=sentence)
    return _new_recovery_codes(db, actor.user_id)


def renew_recovery_codes(db: Session, actor: Actor, *, now: datetime) -> list[str]:
    """Replace the actor's recovery codes and return the new ones, shown only once.

    Raises:
        ConfirmFirstError: the actor must confirm the password first. NotFoundError: there is no
            active second factor.
    """
    require_own(actor)
    row = queries.of_user(db, actor.user_id)
    if row is None or row.confirmed_at is None:
        msg = "Your sign-in does not ask for a code."
        raise NotFoundError(msg)
    require_confirmed(db, actor, now=now)
    sentence = "Made new recovery codes."
    audit.record_user_event(db, user_id=actor.user_id, verb="recovery_renewed", sentence=sentence)
    return _new_recovery_codes(db, actor.user_id)


def disable_mfa(db: Session, actor: Actor, *, now: datetime) -> None:
    """Turn off the actor's own TOTP factor.

    Raises:
        ConfirmFirstError: the actor must confirm the password first.
        ConflictError: the role needs a second factor, and there is no other.
    """
    require_own(actor)
    require_confirmed(db, actor, now=now)
    mfa_policy.require_not_last(db, actor.user_id, codes=1)
    if queries.remove(db, actor.user_id):
        mfa_policy.factor_removed(db, actor.user_id)
        sentence = "Turned the second factor off."
        audit.record_user_event(
            db, user_id=actor.user_id, verb="second_factor_off", sentence=sentence
        )


def reset_mfa(db: Session, actor: Actor, *, user_id: int, now: datetime | None = None) -> None:
    """Turn off the codes, and remove the passkeys, of a user who has lost the phone.

    Raises:
        NotFoundError: the user has neither.
        ConfirmFirstError: the actor must confirm the password first, or `now` is missing in a
            session.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    require_confirmed(db, actor, now=now)
    person = existing_user(db, user_id)
    codes, passkeys = queries.remove(db, user_id), passkey_queries.drop_all(db, user_id)
    if not codes and not passkeys:
        msg = f"{person.name} has no second factor."
        raise NotFoundError(msg)
    mfa_policy.factor_removed(db, user_id)
    sentence = f"Turned the second factor of {person.name} off."
    if passkeys:
        sentence += f" Removed {count(passkeys, 'passkey')}."
    audit.record_user_event(
        db, actor_id=actor.user_id, user_id=user_id, verb="second_factor_off", sentence=sentence
    )


def has_mfa(db: Session, user_id: int) -> bool:
    """Return whether a user's sign-in requires a code."""
    row = queries.of_user(db, user_id)
    return row is not None and row.confirmed_at is not None


def verify_code(db: Session, user_id: int, *, code: str, now: datetime) -> bool:
    """Return whether a TOTP or recovery code is right, and use it up; each works once."""
    compact = "".join(code.split())
    if len(compact) == DIGITS and compact.isdecimal():
        return _code_is_right(db, user_id, compact, now)
    return queries.use_recovery_code(
        db, user_id=user_id, code_hash=_recovery_hash(user_id, compact), now=now
    )


def _code_is_right(db: Session, user_id: int, code: str, now: datetime) -> bool:
    row = queries.of_user(db, user_id, lock=True)
    secret = row and _decrypted_secret(row.secret)
    compact = "".join(code.split())
    if not secret or not compact.isascii():
        return False
    totp, current_step = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in (current_step + offset for offset in ACCEPTED_OFFSETS):
        if hmac.compare_digest(totp.generate_otp(step), compact):
            return queries.use_step(db, user_id=user_id, step=step)
    return False


def _decrypted_secret(sealed: bytes) -> str | None:
    decrypted = unseal(settings().signing_keys, PURPOSE, sealed)
    return decrypted.decode() if decrypted else None


def _new_recovery_codes(db: Session, user_id: int) -> list[str]:
    codes = [secrets.token_hex(8) for _ in range(RECOVERY_CODES)]
    queries.replace_recovery_codes(
        db, user_id=user_id, hashes=[_recovery_hash(user_id, code) for code in codes]
    )
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in codes]


def _recovery_hash(user_id: int, code: str) -> str:
    return digest(f"{user_id}:{code.replace('-', '').lower()}")
