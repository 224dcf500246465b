"""Which signed-in session each open browser tab belongs to.

The framework names a tab by an id of its own, and takes whoever sends that id for the tab. Here it
is written down whose tab it is, so that the web process can ask for the matching cookie as well.
It is kept in this process's memory, as the framework keeps the tab itself.
"""

import threading
from collections import OrderedDict
from datetime import datetime

from app.accounts.queries import sessions as session_queries
from app.db import Session

# one line is two short words; the longest unused go first
MOST = 50_000
_lock = threading.Lock()
_owners: OrderedDict[str, str] = OrderedDict()


def keep_tab(tab: str, *, session_id: str | None, browser: str) -> None:
    """Write down whose tab this is: a session's, or before a sign-in its browser's.

    `browser` is a secret cookie that the browser has had since its first visit.
    """
    with _lock:
        _owners[tab] = _owner(session_id, browser)
        _owners.move_to_end(tab)
        while len(_owners) > MOST:
            _owners.popitem(last=False)


def is_own_tab(tab: str, *, session_id: str | None, browser: str) -> bool:
    """Whether the tab belongs to that session, or to that browser before a sign-in."""
    with _lock:
        owner = _owners.get(tab)
    return owner is not None and owner in {
        _owner(session_id, browser),
        # the tab of the sign-in form, in a browser that meanwhile has a session
        _owner(None, browser),
    } - {_owner(None, "")}


def is_taken_tab(db: Session, tab: str, *, now: datetime) -> bool:
    """Whether the tab is that of a session that lasts, or of a browser before a sign-in."""
    with _lock:
        owner = _owners.get(tab)
    if owner is None:
        return False
    kind, _, session_id = owner.partition(":")
    return kind == "browser" or session_queries.live(db, session_id, now) is not None


def _owner(session_id: str | None, browser: str) -> str:
    return f"session:{session_id}" if session_id else f"browser:{browser}"
