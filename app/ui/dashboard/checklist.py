"""The first steps of a new organisation on Today."""

from collections.abc import Sequence

import streamlit as st

from app import organisation_settings
from app.db import Session
from app.organisation_settings import ChecklistStep
from app.ui.base.session import current_actor
from app.ui.widgets import forms, tables

# step → the screen where it is done
SCREENS = {
    "donors": "import_file",
    "gifts": "import_file",
    "pledges": "import_file",
    "mail": "organisation",
    "people": "people",
    "goals": "settings",
    "summary": "settings",
    "backups": "system",
}


def show(steps: Sequence[ChecklistStep]) -> None:
    """List the steps with a link to where each is done; nothing without steps."""
    if not steps:
        return
    done = sum(step.done for step in steps)
    with st.container(border=True, key="first_steps"):
        head = st.container(horizontal=True, vertical_alignment="center")
        head.subheader("First steps", width="stretch")
        head.button(
            "Hide",
            key="hide_first_steps",
            type="tertiary",
            on_click=forms.run_and_announce,
            args=("hide_first_steps", _hide),
        )
        st.progress(done / len(steps), f"{done} of {len(steps)} done")
        for step in steps:
            if step.done:
                st.markdown(f":material/check_circle: :grey[~~{step.sentence}~~]")
            else:
                st.page_link(
                    tables.screen_page(SCREENS[step.name]),
                    label=step.sentence,
                    icon=":material/radio_button_unchecked:",
                )


def _hide(db: Session) -> str:
    organisation_settings.hide_first_steps(db, current_actor())
    return "The first steps are hidden."
