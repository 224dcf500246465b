"""Whether a screen's session takes files: only while one of its upload fields is open."""

from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

# what a session may hold in memory: a file of the largest size, and the one that replaces it
MOST_HELD = 2 * (200 * 1024 * 1024 + 64 * 1024)
FILES = "file_uploader_state_value"


def room(session_id: str) -> int:
    """Return how many bytes of files a session takes just now; 0 without an upload field."""
    if not Runtime.exists():
        return 0
    runtime = Runtime.instance()
    session = runtime.get_app_session(session_id)
    if session is None or not has_uploader(session.session_state):
        return 0
    return max(0, MOST_HELD - _held(runtime.uploaded_file_mgr, session_id))


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
