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
from app.accounts.authorization import Actor, Role, require, require_own
from app.accounts.queries import mfa as queries
from app.accounts.queries import passkeys as passkey_queries
from app.accounts.users.directory import known_user
from app.db import Session
from app.kit.encryption import seal, unseal
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.formatting import count
from app.settings import settings

PURPOSE = "second factor"
ISSUER = "DonorCRM"
STEP, DIGITS = 30, 6
# phone clocks differ: the time steps before and after the current one are accepted as well
AROUND = (0, -1, 1)
RECOVERY_CODES = 10
# an enrolment that is not confirmed within this time starts again with a new secret
ENROLMENT_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Data for the authenticator app: the secret, and the same as a link for the QR code."""

    secret: str
    link: str


@dataclass(frozen=True, slots=True)
class Guard:
    """The state of a user's TOTP factor; `since` is None when the sign-in needs no code."""

    since: datetime | None
    recovery_left: int = 0


def guard(db: Session, actor: Actor) -> Guard:
    """Return the state of the actor's own TOTP factor."""
    require_own(actor, setting_up=True)
    row = queries.of_person(db, actor.user_id)
    if row is None or row.confirmed_at is None:
        return Guard(None)
    return Guard(row.confirmed_at, queries.recovery_left(db, actor.user_id))


def begin_second_factor(db: Session, actor: Actor, *, now: datetime) -> Enrolment:
    """Return a secret for the actor's phone; sign-ins need a code only once it is confirmed.

    A code confirms critical actions, so that without a confirmation here anybody at an unlocked
    computer could enrol a phone of their own and confirm everything with it.

    Raises:
        ConflictError: the actor's sign-in requires a code already.
        SecondFactorNeededError: the session was opened without the user's passkey.
        ConfirmFirstError: the actor must confirm the password first; not raised when the session
            may only set up a second factor.
    """
    require_own(actor, setting_up=True)
    mfa_policy.require_addable(db, actor)
    row = queries.of_person(db, actor.user_id, lock=True)
    if row is not None and row.confirmed_at is not None:
        msg = "Your sign-in asks for a code already."
        raise ConflictError(msg)
    if not actor.must_set_up:
        require_confirmed(db, actor, now=now)
    fresh = row is not None and now - row.created_at < ENROLMENT_LASTS
    secret = _secret(row.secret) if row is not None and fresh else None
    if secret is None:
        secret = pyotp.random_base32()
        key = settings().signing_key
        queries.put(db, user_id=actor.user_id, secret=seal(key, PURPOSE, secret.encode()), now=now)
    link = pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name=ISSUER)
    return Enrolment(secret, link)


def confirm_second_factor(db: Session, actor: Actor, *, code: str, now: datetime) -> list[str]:
    """Activate the second factor with a first code; return the recovery codes, shown only once.

    Raises:
        InvalidError: the code is wrong. NotFoundError: there is no enrolment to confirm.
    """
    require_own(actor, setting_up=True)
    mfa_policy.require_addable(db, actor)
    row = queries.of_person(db, actor.user_id, lock=True)
    if row is None or row.confirmed_at is not None:
        msg = "Begin again: there is nothing to confirm."
        raise NotFoundError(msg)
    if not _code_is_right(db, actor.user_id, code, now):
        msg = "This code is not right. Type the six digits the app shows now."
        raise InvalidError(msg)
    queries.confirm(db, user_id=actor.user_id, now=now)
    mfa_policy.added(db, actor)
    _log(db, actor, actor.user_id, "second_factor_on", "Turned the second factor on.")
    return _new_recovery(db, actor.user_id)


def renew_recovery(db: Session, actor: Actor, *, now: datetime) -> list[str]:
    """Replace the actor's recovery codes and return the new ones, shown only once.

    Raises:
        ConfirmFirstError: the actor must confirm the password first. NotFoundError: there is no
            active second factor.
    """
    require_own(actor)
    row = queries.of_person(db, actor.user_id)
    if row is None or row.confirmed_at is None:
        msg = "Your sign-in does not ask for a code."
        raise NotFoundError(msg)
    require_confirmed(db, actor, now=now)
    _log(db, actor, actor.user_id, "recovery_renewed", "Made new recovery codes.")
    return _new_recovery(db, actor.user_id)


def end_second_factor(db: Session, actor: Actor, *, now: datetime) -> None:
    """Turn off the actor's own TOTP factor.

    Raises:
        ConfirmFirstError: the actor must confirm the password first.
        ConflictError: the role needs a second factor, and there is no other.
    """
    require_own(actor)
    require_confirmed(db, actor, now=now)
    mfa_policy.require_not_last(db, actor.user_id, codes=1)
    if queries.drop(db, actor.user_id):
        mfa_policy.taken_away(db, actor.user_id)
        _log(db, actor, actor.user_id, "second_factor_off", "Turned the second factor off.")


def lift_second_factor(
    db: Session, actor: Actor, *, user_id: int, now: datetime | None = None
) -> None:
    """Turn off the codes, and remove the passkeys, of a user who has lost the phone.

    Raises:
        NotFoundError: the user has neither.
        ConfirmFirstError: the actor must confirm the password first, or `now` is missing in a
            session.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    require_confirmed(db, actor, now=now)
    person = known_user(db, user_id)
    codes, passkeys = queries.drop(db, user_id), passkey_queries.drop_all(db, user_id)
    if not codes and not passkeys:
        msg = f"{person.name} has no second factor."
        raise NotFoundError(msg)
    mfa_policy.taken_away(db, user_id)
    sentence = f"Turned the second factor of {person.name} off."
    if passkeys:
        sentence += f" Removed {count(passkeys, 'passkey')}."
    _log(db, actor, user_id, "second_factor_off", sentence)


def is_guarded(db: Session, user_id: int) -> bool:
    """Return whether a user's sign-in requires a code."""
    row = queries.of_person(db, user_id)
    return row is not None and row.confirmed_at is not None


def passes(db: Session, user_id: int, *, code: str, now: datetime) -> bool:
    """Return whether a TOTP or recovery code is right, and use it up; each works once."""
    typed = "".join(code.split())
    if len(typed) == DIGITS and typed.isdecimal():
        return _code_is_right(db, user_id, typed, now)
    return queries.use_recovery(db, user_id=user_id, code_hash=_kept(user_id, typed), now=now)


def _code_is_right(db: Session, user_id: int, code: str, now: datetime) -> bool:
    row = queries.of_person(db, user_id, lock=True)
    secret = row and _secret(row.secret)
    typed = "".join(code.split())
    if not secret or not typed.isascii():
        return False
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in (here + one for one in AROUND):
        if hmac.compare_digest(totp.generate_otp(step), typed):
            return queries.take_step(db, user_id=user_id, step=step)
    return False


def _secret(sealed: bytes) -> str | None:
    found = unseal(settings().signing_keys, PURPOSE, sealed)
    return found.decode() if found else None


def _new_recovery(db: Session, user_id: int) -> list[str]:
    made = [secrets.token_hex(8) for _ in range(RECOVERY_CODES)]
    queries.replace_recovery(db, user_id=user_id, hashes=[_kept(user_id, one) for one in made])
    return ["-".join(one[i : i + 4] for i in range(0, len(one), 4)) for one in made]


def _kept(user_id: int, code: str) -> str:
    return digest(f"{user_id}:{code.replace('-', '').lower()}")


def _log(db: Session, actor: Actor, user_id: int, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"user.{verb}",
        entity="user",
        entity_id=user_id,
        sentence=sentence,
    )
