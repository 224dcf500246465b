"""The script of every page: links, tabs of the browser, the order of tables, keys and palette."""

from functools import cache

import streamlit as st

from app.accounts import Actor
from app.settings import ROOT
from app.ui.base import theme
from app.ui.shell import commands

_FOLDER = ROOT / "app" / "ui" / "assets"
_PARTS = ("navigation.js", "palette.js", "page.js")
_KEY = "page_script"


def mount(actor: Actor) -> None:
    """Add the script, and the look of tables, lists and palette; the shell calls this once.

    The browser is told which pages and actions the actor may open, and it names an action that a
    key or the palette chose.
    """
    theme.apply_to_rows()
    st.components.v2.component(_KEY, js=_script())(
        key=_KEY,
        data={
            "places": commands.places(actor),
            "actions": commands.actions(),
            "thanks": commands.thanks_address(actor),
        },
        on_action_change=_store,
    )


def _store() -> None:
    state = st.session_state.get(_KEY)
    commands.store(str(state.get("action")) if state is not None else "")


@cache
def _script() -> str:
    return "\n".join((_FOLDER / part).read_text("utf-8") for part in _PARTS)
