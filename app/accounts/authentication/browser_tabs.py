"""Session that each open browser tab belongs to.

The framework identifies a tab by its own id, and accepts every sender of that id as the tab. This
module stores the owner of each tab, so that the web process can require the matching cookie as
well. The data is held in the memory of the process, as the framework holds the tab itself.
"""

import threading
from datetime import datetime

from cachetools import FIFOCache

from app.accounts.queries import sessions as session_queries
from app.db import Session

# an item is two short strings; the tabs stored longest ago are dropped first
MAX_TABS = 50_000
_lock = threading.Lock()
_owners: FIFOCache[str, str] = FIFOCache(MAX_TABS)


def remember_tab(tab: str, *, session_id: str | None, browser: str) -> None:
    """Store the owner of a tab: a session, or the browser before a sign-in.

    `browser` is a secret cookie that the browser has had since its first visit.
    """
    with _lock:
        _owners[tab] = _owner(session_id, browser)


def is_own_tab(tab: str, *, session_id: str | None, browser: str) -> bool:
    """Return whether the tab belongs to this session, or to this browser before a sign-in."""
    with _lock:
        owner = _owners.get(tab)
    return owner is not None and owner in {
        _owner(session_id, browser),
        # the tab of the sign-in form, in a browser that has a session by now
        _owner(None, browser),
    } - {_owner(None, "")}


def is_taken_tab(db: Session, tab: str, *, now: datetime) -> bool:
    """Return whether the tab belongs to a live session, or to a browser before a sign-in."""
    with _lock:
        owner = _owners.get(tab)
    if owner is None:
        return False
    kind, _, session_id = owner.partition(":")
    return kind == "browser" or session_queries.live_session(db, session_id, now) is not None


def _owner(session_id: str | None, browser: str) -> str:
    return f"session:{session_id}" if session_id else f"browser:{browser}"
