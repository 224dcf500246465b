"""The user of this screen, their session, device and local time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from app.accounts import Actor, device_cookie_name
from app.kit.errors import NotAllowedError


def current_actor() -> Actor:
    """Return the signed-in user; the app shell has checked the session in this rerun.

    Raises:
        NotAllowedError: no user is signed in.
    """
    actor = st.session_state.get("actor")
    if not isinstance(actor, Actor):
        msg = "Please sign in."
        raise NotAllowedError(msg)
    return actor


def locale_or(default: str) -> str:
    """Return the locale of the signed-in user, or `default` if no user is signed in."""
    actor = st.session_state.get("actor")
    return actor.locale if isinstance(actor, Actor) else default


def current_session() -> str | None:
    """Return the id of the session this screen belongs to."""
    actor = st.session_state.get("actor")
    session_id = st.session_state.get("session_id")
    if isinstance(actor, Actor) and actor.session_id is not None:
        return actor.session_id
    return session_id if isinstance(session_id, str) else None


def caller() -> str:
    """Return the client's network address, or "" if unknown."""
    return st.context.ip_address or ""


def device() -> str:
    """Return the device cookie of this browser, or "" if there is none."""
    return st.context.cookies.get(device_cookie_name(), "")


def now() -> datetime:
    """Return the current time (UTC)."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Return the current time in the user's time zone."""
    return now().astimezone(ZoneInfo(current_actor().time_zone))


def today() -> date:
    """Return the current date in the user's time zone."""
    return local_now().date()
