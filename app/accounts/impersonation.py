"""Impersonation ("View as"): impersonate another user, read-only and within one's own rights."""

from dataclasses import replace

from app import audit
from app.accounts.authorization import Actor
from app.accounts.organisation import actor_by_id
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.db import Session
from app.kit.errors import NotAllowedError


def impersonation_choices(db: Session, actor: Actor) -> dict[int, str]:
    """Return the users whom this actor may impersonate: id → name, by name; empty in a View as."""
    return {row.id: row.name for row in queries.impersonatable_users(db, actor)}


def impersonate(db: Session, actor: Actor, *, session_id: str, user_id: int) -> None:
    """Start a View as of a user within the actor's scope in this session, until it is ended.

    Raises:
        NotAllowedError: the user is not within the actor's scope, does not exist (the message is
            the same), or the session is already in a View as.
    """
    row = session_queries.session_row(db, session_id, lock=True)
    is_own_session = row is not None and row.user_id == actor.user_id and row.viewing_id is None
    allowed = queries.impersonatable_users(db, actor, user_id=user_id) if is_own_session else []
    if not allowed:
        msg = "You may not look at the app as this person."
        raise NotAllowedError(msg)
    session_queries.set_session(db, session_id, viewing_id=user_id)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="view.started",
        entity="user",
        entity_id=user_id,
        sentence=f"Began to view as {allowed[0].name}.",
    )


def end_impersonation(db: Session, actor: Actor, *, session_id: str) -> None:
    """End the session's View as; do nothing if there is none.

    Raises:
        NotAllowedError: it is another user's session.
    """
    row = session_queries.session_row(db, session_id)
    if row is None or row.user_id != (actor.viewer_id or actor.user_id):
        msg = "This session is not yours."
        raise NotAllowedError(msg)
    impersonation_ends_at(db, session_id=session_id)


def impersonating(db: Session, viewer: Actor, *, session_id: str, user_id: int) -> Actor:
    """Return the viewed user as an actor that names its viewer.

    If the View as is no longer allowed, it is ended and the result is `viewer`.
    """
    if not queries.impersonatable_users(db, viewer, user_id=user_id):
        impersonation_ends_at(db, session_id=session_id)
        return viewer
    return replace(
        actor_by_id(db, user_id),
        viewer_id=viewer.user_id,
        viewer_name=viewer.name,
        session_id=viewer.session_id,
    )


def impersonation_ends_at(db: Session, *, session_id: str) -> None:
    """End a session's View as, if there is one, and record that in the audit log."""
    row = session_queries.session_row(db, session_id, lock=True)
    if row is None or row.viewing_id is None:
        return
    viewed = row.viewing_id
    session_queries.set_session(db, session_id, viewing_id=None)
    person = queries.user(db, viewed)
    name = person.name if person else "somebody"
    audit.record(
        db,
        actor_id=row.user_id,
        action="view.ended",
        entity="user",
        entity_id=viewed,
        sentence=f"Stopped viewing as {name}.",
    )
