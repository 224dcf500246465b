"""What users tick and press in a table: a script without a look of its own beside it."""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any
from zlib import crc32

import streamlit as st

from app.settings import ROOT

_SCRIPT = ROOT / "app" / "ui" / "assets" / "table.js"


def listen(
    key: str,
    ids: Collection[str],
    on_press: Mapping[str, Callable[[str], None]],
    *,
    drawn: str = "",
) -> None:
    """Store what is ticked in the table or list of this key, and call `on_press` for a button.

    `ids` are those of its rows. What comes from a browser may name any row and any button: one
    that is not here does nothing. The session stores what `on_press` holds: ids, and no rows.
    `drawn` is the HTML of the table: when it changes, the new boxes get the ticks of the old.
    """

    def pressed() -> None:
        told = _state(key).get("pressed")
        if not isinstance(told, Mapping):
            return
        action, row_id = on_press.get(str(told.get("name"))), str(told.get("row"))
        if action is not None and row_id in ids:
            action(row_id)

    component = st.components.v2.component("table_events", js=_script())
    component(
        key=_name(key),
        data={"table": key, "ticked": sorted(ticked(key)), "drawn": crc32(drawn.encode())},
        on_ticked_change=_nothing,
        on_pressed_change=pressed,
        height="content",
    )


def ticked(key: str) -> Collection[str]:
    """Return the ids that are ticked in the table of this key; others may be among them."""
    ids = _state(key).get("ticked")
    if not isinstance(ids, list):
        return set()
    return {str(row_id) for row_id in ids}


def _name(key: str) -> str:
    return f"{key}_events"


def _state(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(_name(key))
    return state if isinstance(state, Mapping) else {}


def _nothing() -> None:
    """Do nothing: the state itself is what is wanted."""


@cache
def _script() -> str:
    return _SCRIPT.read_text("utf-8")
