"""Write entries about sign-ins and sign-outs, successful and refused."""

from app.audit import service
from app.db import Session

ENTITY = "sign_in"
SUCCEEDED, FAILED, ENDED = f"{ENTITY}.succeeded", f"{ENTITY}.failed", f"{ENTITY}.ended"


def record_sign_in(db: Session, *, user_id: int, method: str) -> int:
    """Record that a user has signed in, and return the entry's id.

    `method` completes the sentence "Signed in with …": "a password", "a passkey".
    """
    return service.record(
        db,
        actor_id=user_id,
        action=SUCCEEDED,
        entity=ENTITY,
        entity_id=user_id,
        sentence=f"Signed in with {method}.",
    )


def record_failed_sign_in(
    db: Session, *, reason: str, user_id: int | None = None, email: str | None = None
) -> int:
    """Record a refused sign-in, and return the entry's id.

    `user_id` and `email` are those of the account it was aimed at; without an account nothing
    that was typed is stored, because it may be a password typed into the wrong field. The entry
    has no actor: nobody has proved to be that user.
    """
    account = f" as {email}" if email else ""
    return service.record(
        db,
        actor_id=None,
        action=FAILED,
        entity=ENTITY,
        entity_id=user_id,
        sentence=f"Failed to sign in{account}: {reason}.",
    )


def record_sign_out(db: Session, *, user_id: int, sentence: str = "Signed out.") -> int:
    """Record the end of a session before its time, and return the entry's id."""
    return service.record(
        db,
        actor_id=user_id,
        action=ENDED,
        entity=ENTITY,
        entity_id=user_id,
        sentence=sentence,
    )
