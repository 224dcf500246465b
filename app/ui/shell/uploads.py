"""Limits on the bytes of uploaded files, per session and for all sessions of the process.

A session accepts files only while one of its upload fields is open. Streamlit keeps them in
memory until the field is cleared or the page has been closed for two minutes.
"""

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.state import SessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileManager

from app.settings import settings

MB = 1024 * 1024
# per session in memory: a file of the maximum size, and another one that replaces it
MAX_BYTES_PER_SESSION = 2 * (200 * MB + 64 * 1024)
UPLOADER_VALUE_TYPE = "file_uploader_state_value"
_REFUSED = "upload_refused"


def free_space(session_id: str) -> int:
    """Return how many more bytes a session accepts now; 0 without an upload field."""
    if not Runtime.exists():
        return 0
    runtime = Runtime.instance()
    session = runtime.get_app_session(session_id)
    if session is None or not has_uploader(session.session_state):
        return 0
    return max(0, MAX_BYTES_PER_SESSION - _stored_bytes(runtime.uploaded_file_mgr, session_id))


def free_space_of_process() -> int:
    """Return how many more bytes all sessions of this process together accept now."""
    most = settings().uploads_most_mb * MB
    if not Runtime.exists():
        return most
    runtime = Runtime.instance()
    manager = runtime.uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return most
    _forget_closed(runtime, manager)
    return max(
        0,
        most
        - sum(_stored_bytes(manager, session_id) for session_id in tuple(manager.file_storage)),
    )


def refuse(session_id: str, sentence: str) -> None:
    """Make a session's screen show why a file was refused: the field shows only a status code."""
    session = Runtime.instance().get_app_session(session_id) if Runtime.exists() else None
    if session is not None:
        session.session_state[_REFUSED] = sentence
        session.request_rerun(session._client_state)  # noqa: SLF001 - draw the same page again


def show_refusal() -> None:
    """Show once why the last file was refused."""
    sentence = st.session_state.pop(_REFUSED, None)
    if sentence:
        st.error(sentence, icon=":material/upload_file:")


def _forget_closed(runtime: Runtime, manager: MemoryUploadedFileManager) -> None:
    """Free the files of closed pages whose session cannot be resumed.

    Streamlit itself does this only when another page is closed, which may be much later.
    """
    sessions = runtime._session_mgr.list_sessions()  # noqa: SLF001 - there is no other list
    open_ones = {info.session.id for info in sessions}
    for session_id in tuple(manager.file_storage):
        if session_id not in open_ones:
            manager.remove_session_files(session_id)


def has_uploader(state: SessionState) -> bool:
    """Return whether a session's screen shows an upload field, from the session state.

    Streamlit keeps the state only of widgets that the last run drew; their types are in its
    metadata of all widgets.
    """
    new = state._new_widget_state  # noqa: SLF001 - Streamlit has no public API for this
    widget_ids = {*tuple(new.states), *tuple(state._old_state)}  # noqa: SLF001
    metadata = (new.widget_metadata.get(widget) for widget in widget_ids)
    return any(entry is not None and entry.value_type == UPLOADER_VALUE_TYPE for entry in metadata)


def _stored_bytes(manager: UploadedFileManager, session_id: str) -> int:
    if not isinstance(manager, MemoryUploadedFileManager):
        return 0
    return sum(len(file.data) for file in tuple(manager.file_storage.get(session_id, {}).values()))
