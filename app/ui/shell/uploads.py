"""How many bytes of files a screen's session takes, and how many all sessions together.

A session takes files only while one of its upload fields is open. The framework keeps them in
memory until the field is cleared or the page has been closed for two minutes.
"""

from typing import Any

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from app.settings import settings

MB = 1024 * 1024
# what a session may hold in memory: a file of the largest size, and the one that replaces it
MOST_HELD = 2 * (200 * MB + 64 * 1024)
FILES = "file_uploader_state_value"
_REFUSED = "upload_refused"


def room(session_id: str) -> int:
    """Return how many bytes of files a session takes just now; 0 without an upload field."""
    if not Runtime.exists():
        return 0
    runtime = Runtime.instance()
    session = runtime.get_app_session(session_id)
    if session is None or not has_uploader(session.session_state):
        return 0
    return max(0, MOST_HELD - _held(runtime.uploaded_file_mgr, session_id))


def spare() -> int:
    """Return how many bytes of files all sessions of this process take together just now."""
    most = settings().uploads_most_mb * MB
    if not Runtime.exists():
        return most
    runtime = Runtime.instance()
    manager = runtime.uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return most
    _forget_closed(runtime, manager)
    return max(0, most - sum(_held(manager, one) for one in tuple(manager.file_storage)))


def refused(session_id: str, sentence: str) -> None:
    """Have a session's screen say why it did not take a file: the field shows a number only."""
    session = Runtime.instance().get_app_session(session_id) if Runtime.exists() else None
    if session is not None:
        session.session_state[_REFUSED] = sentence
        session.request_rerun(session._client_state)  # noqa: SLF001 - draw the same page again


def say_refused() -> None:
    """Draw, once, why the last file was not taken."""
    sentence = st.session_state.pop(_REFUSED, None)
    if sentence:
        st.error(sentence, icon=":material/upload_file:")


def _forget_closed(runtime: Runtime, manager: MemoryUploadedFileManager) -> None:
    """Free the files of pages that were closed and cannot be gone on with.

    The framework itself does so when another page is closed, however late that is.
    """
    sessions = runtime._session_mgr.list_sessions()  # noqa: SLF001 - there is no other list
    open_ones = {one.session.id for one in sessions}
    for session_id in tuple(manager.file_storage):
        if session_id not in open_ones:
            manager.remove_session_files(session_id)


def has_uploader(state: Any) -> bool:
    """Whether an upload field is on the screen of a session, from its state.

    The framework keeps the state of the widgets that its last run drew, and forgets the others;
    what each of them is stays in its list of all widgets.
    """
    new = state._new_widget_state  # noqa: SLF001 - the framework has no other way to ask
    drawn = {*tuple(new.states), *tuple(state._old_state)}  # noqa: SLF001
    known = (new.widget_metadata.get(widget) for widget in drawn)
    return any(one is not None and one.value_type == FILES for one in known)


def _held(manager: Any, session_id: str) -> int:
    if not isinstance(manager, MemoryUploadedFileManager):
        return 0
    return sum(len(file.data) for file in tuple(manager.file_storage.get(session_id, {}).values()))
