"""Who is signed in on this screen, and what day it is for them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from app.accounts import Actor, device_cookie_name
from app.kit.errors import NotAllowedError


def current_actor() -> Actor:
    """Return the signed-in person; the frame has checked the session in this very rerun.

    Raises:
        NotAllowedError: nobody is signed in.
    """
    actor = st.session_state.get("actor")
    if not isinstance(actor, Actor):
        msg = "Please sign in."
        raise NotAllowedError(msg)
    return actor


def current_session() -> str | None:
    """Return the id of the session this screen belongs to."""
    actor = st.session_state.get("actor")
    found = st.session_state.get("session_id")
    if isinstance(actor, Actor) and actor.session_id is not None:
        return actor.session_id
    return found if isinstance(found, str) else None


def caller() -> str:
    """Return the network address this screen is asked for from; empty where there is none."""
    return st.context.ip_address or ""


def device() -> str:
    """Return the device cookie of this browser; empty where there is none."""
    return st.context.cookies.get(device_cookie_name(), "")


def now() -> datetime:
    """Return the current moment (UTC)."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Return the current moment on the signed-in person's clock."""
    return now().astimezone(ZoneInfo(current_actor().time_zone))


def today() -> date:
    """Return the signed-in person's own day."""
    return local_now().date()
