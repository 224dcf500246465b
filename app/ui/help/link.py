"""The question mark at the top of every page: it opens the page's part of the guide."""

import streamlit as st

from app.accounts import Actor
from app.ui.base.screens import SCREENS, part_of, screen
from app.ui.widgets import tables


def show(actor: Actor, url_path: str) -> None:
    """Draw the link to the part about the screen with this address.

    The stylesheet places it in the header. A page that is not for the actor's role, or only for a
    link in a mail, has the link to the part on finding one's way.
    """
    own = [known for known in SCREENS if known.url_path == url_path and actor.role in known.roles]
    shown = own[0] if own else screen("help")
    with st.container(key="help_link", width="content"):
        st.page_link(
            tables.screen_page("help"),
            label="Help",
            icon=":material/help:",
            help="What this page shows, and how to use it",
            query_params={"part": part_of(shown)},
        )
