"""Removal of what Streamlit stores about widgets that are no longer drawn.

Streamlit drops the value of a widget that a run has not drawn again. Its description stays for as
long as the browser tab is open: the options, and the callback with the rows in its arguments. A
tab in which somebody works all day would keep those of every screen and row it has ever shown.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx
from streamlit.runtime.state import SessionState


@contextmanager
def forgotten() -> Iterator[None]:
    """Drop the descriptions of widgets that the block, which draws the whole page, has not drawn.

    Nothing is dropped when another run replaces this one before all widgets are drawn.
    """
    try:
        yield
    except StopException:
        _forget()
        raise
    _forget()


def _forget() -> None:
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    safe = context.session_state
    with safe._lock:  # noqa: SLF001 - Streamlit has no public API for this
        forget_in(safe._state, context.shared.widget_ids_this_run.snapshot())  # noqa: SLF001


def forget_in(state: SessionState, drawn: AbstractSet[str]) -> None:
    """Drop the descriptions of all widgets but those with the ids in `drawn`."""
    new = state._new_widget_state  # noqa: SLF001 - Streamlit has no public API for this
    # replaced and not changed: requests of uploads read it in other threads
    new.widget_metadata = {
        widget: entry
        for widget, entry in new.widget_metadata.items()
        if widget in drawn or _of_component(widget) in drawn
    }


def _of_component(widget: str) -> str:
    """Return the component whose presses a widget without a place on the screen receives."""
    return widget.removeprefix("$$STREAMLIT_INTERNAL_KEY_").rpartition("__")[0]
