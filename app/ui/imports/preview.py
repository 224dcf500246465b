"""The preview of a file: questions first, then the figures, the rows, the choices, the button."""

import streamlit as st

from app import imports
from app.ui.imports import (
    actions,
    ambiguous_donors,
    file_choices,
    plan,
    unknown_values,
    update_policies,
)


def show(preview: imports.Preview, *, prefix: str) -> None:
    """Show the plan of an uploaded file with the button that imports it.

    `prefix` begins the session state keys of the answers.
    """
    show_plan(preview, prefix=prefix)
    _show_button(preview, prefix=prefix)


def show_plan(preview: imports.Preview, *, prefix: str, compact: bool = False) -> None:
    """Show the plan of an uploaded file; an answer or a choice recomputes it.

    `prefix` begins the session state keys of the answers. `compact` writes the figures as a line,
    for one of several files.
    """
    if preview.unknown or preview.people or file_choices.has_repeats(preview, prefix=prefix):
        st.subheader("Questions about this file")
    file_choices.ask_repeats(preview, prefix=prefix)
    _ask(preview, prefix=prefix)
    plan.show(preview, compact=compact)
    if preview.policies or file_choices.has_choices(preview):
        st.subheader("Choices")
    update_policies.ask(preview.policies, prefix=prefix)
    file_choices.ask(preview, prefix=prefix)
    if compact:
        ambiguous_donors.show_unanswered(preview.people, prefix=prefix)


def show_again(preview: imports.Preview, *, prefix: str) -> None:
    """Show the plan of a stored file, which is read with the choices of its earlier import."""
    if preview.unknown or preview.people:
        st.subheader("Questions about this file")
    _ask(preview, prefix=prefix)
    plan.show(preview)
    _show_button(preview, prefix=prefix)


def _ask(preview: imports.Preview, *, prefix: str) -> None:
    unknown_values.ask(preview.unknown, prefix=prefix)
    ambiguous_donors.ask(preview.people, prefix=prefix)


def _show_button(preview: imports.Preview, *, prefix: str) -> None:
    ambiguous_donors.show_unanswered(preview.people, prefix=prefix)
    plan.show_button(preview, actions.start_import)
