"""Sign in with a passkey (WebAuthn)."""

from datetime import datetime
from typing import Any

from app import audit
from app.accounts.authentication import login_throttle, passkeys
from app.accounts.authentication import passkey_ceremony as ceremony
from app.accounts.authentication.sessions import digest
from app.accounts.authorization import Actor
from app.accounts.queries import passkeys as store
from app.accounts.queries import users as queries
from app.db import Session


def begin_passkey_sign_in(db: Session, *, now: datetime) -> dict[str, Any]:
    """Return the browser's options to sign in with any passkey for this host.

    Raises:
        InvalidError: passkeys do not work at this address.
    """
    passkeys.require_available()
    return ceremony.request_options(
        passkeys.new_challenge(db, purpose=passkeys.SIGN_IN_PURPOSE, now=now)
    )


def sign_in_with_passkey(
    db: Session, *, response: object, now: datetime, caller: str = ""
) -> Actor | None:
    """Return the owner of the passkey that signed the challenge, or None; wrong tries count.

    The device has verified its user, so no further code is required. If the signature counter did
    not rise, the sign-in is refused and audited: the passkey may have been copied.
    """
    assertion = ceremony.parse_assertion(response) if ceremony.available() else None
    if assertion is None:
        return None
    # there is no e-mail address: the rate limit counts the credential instead
    key = f"passkey:{assertion.credential_id.hex()}"
    tries = login_throttle.begin_attempt(db, email=key, caller=caller, now=now)
    challenge_valid = store.use_challenge(
        db, code_hash=digest(assertion.challenge), purpose=passkeys.SIGN_IN_PURPOSE, now=now
    )
    person_id = (
        _verified_user_id(db, assertion, now=now) if challenge_valid and tries.allowed else None
    )
    if person_id is None:
        if tries.allowed:
            _record_refusal(db, assertion)
        return None
    login_throttle.attempt_succeeded(db, tries)
    queries.set_user(db, person_id, last_sign_in_at=now)
    audit.record_sign_in(db, user_id=person_id, method="a passkey")
    return queries.actor(db, user_id=person_id)


def _record_refusal(db: Session, assertion: ceremony.Assertion) -> None:
    known = store.by_credential(db, assertion.credential_id)
    if known is None:
        audit.record_failed_sign_in(db, reason="the passkey is unknown")
        return
    person = known[1]
    audit.record_failed_sign_in(
        db, reason="the passkey was refused", user_id=person.id, email=person.email
    )


def _verified_user_id(db: Session, assertion: ceremony.Assertion, *, now: datetime) -> int | None:
    """Return the id of the passkey's active owner, or None when the assertion is invalid."""
    passkey_and_owner = store.by_credential(db, assertion.credential_id)
    if passkey_and_owner is None:
        return None
    passkey, person = passkey_and_owner
    key = passkey.public_key
    if not person.active or not ceremony.verify_assertion(
        assertion, user_id=person.id, public_key=key
    ):
        return None
    if not store.count_up(
        db, passkey.id, sign_count=assertion.sign_count, backed_up=assertion.backed_up, now=now
    ):
        sentence = (
            f"Refused the passkey “{passkey.name}” of {person.name}: its signature counter did "
            "not rise, so it may have been copied."
        )
        audit.record_user_event(db, user_id=person.id, verb="passkey_refused", sentence=sentence)
        return None
    return person.id
