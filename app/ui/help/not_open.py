"""What a page shows that is not open to the user: another role, or a module switched off."""

from dataclasses import replace

import streamlit as st

from app.accounts import Actor, Role
from app.organisation_settings import MODULES
from app.ui.base.screens import Screen
from app.ui.widgets import tables


def show(screen: Screen, actor: Actor) -> None:
    """Show why the actor may not open the screen."""
    off = screen.module is not None and screen.module not in actor.modules
    if off and replace(screen, module=None).open_to(actor):
        _show_switched_off(screen, actor)
    else:
        show_not_allowed()


def show_not_allowed() -> None:
    """Show that the role may not open this page, without naming the page."""
    st.title("This page is not for your role")
    st.write("Ask an administrator if you need it.")


def _show_switched_off(screen: Screen, actor: Actor) -> None:
    module = MODULES[screen.module or ""]
    st.title(f"{screen.title} is switched off")
    sentence = f"Your organisation does not use the module “{module}”."
    if actor.role != Role.ADMIN or actor.looking:
        st.write(f"{sentence} An administrator can switch it on.")
        return
    st.write(
        f"{sentence} You can switch it on under Modules on the page Organisation. What was "
        "recorded while it was on is still there."
    )
    st.page_link(
        tables.screen_page("organisation"),
        label="Open Organisation",
        icon=":material/arrow_forward:",
    )
