"""Sessions of closed browser tabs are freed when their time is over."""

import gc
import weakref
from unittest.mock import Mock

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from app.ui.shell import closed_tabs
from app.ui.shell.closed_tabs import INTERVAL_SECONDS, expire, forget_expired


class Session:
    """A session that can be watched."""

    def __init__(self, name: str) -> None:
        self.id = name


class Clock:
    """A clock that a test can move."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_sessions_are_freed_when_they_cannot_be_resumed() -> None:
    clock, storage = Clock(), MemorySessionStorage()
    assert isinstance(storage._cache, TTLCache)  # noqa: SLF001 - as the framework has it
    storage._cache = TTLCache(128, 120, timer=clock)  # noqa: SLF001
    manager = WebsocketSessionManager(storage, Mock(), Mock(), None)
    first, second = store(storage, "first"), store(storage, "second", clock, at=90)
    clock.time = 119
    expire(manager)
    assert first() is not None
    clock.time = 121
    gc.collect()
    assert first() is not None, "the framework itself keeps it"
    expire(manager)
    gc.collect()
    assert (first(), second() is None) == (None, False)


def test_clicks_look_for_expired_sessions_twice_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, looked = Clock(), list[object]()
    manager = Mock(spec=WebsocketSessionManager)
    monkeypatch.setattr(Runtime, "exists", lambda: True)
    monkeypatch.setattr(Runtime, "instance", lambda: Mock(_session_mgr=manager))
    monkeypatch.setattr(closed_tabs, "expire", looked.append)
    monkeypatch.setattr("app.ui.shell.closed_tabs.time.monotonic", clock)
    monkeypatch.setattr(closed_tabs, "_schedule", closed_tabs._Schedule())  # noqa: SLF001
    for seconds in (1.0, 2.0, 20.0, INTERVAL_SECONDS + 1, INTERVAL_SECONDS + 2):
        clock.time = seconds
        forget_expired()
    assert looked == [manager] * 2


def store(
    storage: MemorySessionStorage, name: str, clock: Clock | None = None, at: float = 0.0
) -> weakref.ref[Session]:
    session = Session(name)
    if clock is not None:
        clock.time = at
    storage.save(SessionInfo(None, session, 0))  # type: ignore[arg-type]
    return weakref.ref(session)
