"""Removal of the sessions of closed browser tabs, once they cannot be resumed any more.

Streamlit stores the session of a closed tab for two minutes, for a tab that lost its connection.
It drops expired ones only when another tab is closed: until then up to 128 of them hold the files
and tables of their imports, however long ago they were closed.
"""

import threading
import time

from streamlit.runtime import Runtime
from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

INTERVAL_SECONDS = 30.0


class _Schedule:
    """When expired sessions are dropped next: looking at every click would be too often."""

    def __init__(self) -> None:
        self._lock, self._next = threading.Lock(), 0.0

    def is_due(self, now: float) -> bool:
        with self._lock:
            if now < self._next:
                return False
            self._next = now + INTERVAL_SECONDS
            return True


_schedule = _Schedule()


def forget_expired() -> None:
    """Drop the expired sessions of closed tabs, at most twice a minute."""
    if Runtime.exists() and _schedule.is_due(time.monotonic()):
        # Streamlit has no public API for this
        manager = getattr(Runtime.instance(), "_session_mgr", None)
        if isinstance(manager, WebsocketSessionManager):
            expire(manager)


def expire(manager: WebsocketSessionManager) -> None:
    """Drop the sessions whose time to be resumed is over."""
    storage = manager._session_storage  # noqa: SLF001 - Streamlit has no public API for this
    cache = storage._cache if isinstance(storage, MemorySessionStorage) else None  # noqa: SLF001
    if isinstance(cache, TTLCache):
        with manager._storage_lock:  # noqa: SLF001
            # a session is shut down when it is freed: after the lock is released
            expired = cache.expire()
        del expired
