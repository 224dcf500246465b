"""Import of an earlier file again: the plan for the stored file as of today."""

import streamlit as st

from app import imports
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import escape
from app.ui.base.session import current_actor
from app.ui.imports import actions as import_actions
from app.ui.imports import ambiguous_donors, unknown_values
from app.ui.imports import preview as import_preview
from app.ui.widgets import background

state = st.session_state


def show(run_id: int) -> None:
    """Show the plan for the stored file with its open questions, and a button to leave."""
    prefix = f"again_{run_id}"
    try:
        with transaction(current_actor()) as db:
            run = imports.get(db, current_actor(), run_id=run_id)
            words, people = imports.earlier_answers(db, current_actor(), run_id=run_id)
        st.success(
            f"{escape(run.file_name)} once more, read as it was then. This is what it would do "
            "now.",
            icon=":material/refresh:",
        )
        st.button("Leave it", icon=":material/close:", on_click=_leave)
        preview = import_actions.load_plan_again(
            run_id,
            key=prefix,
            words=unknown_values.answers(prefix, words),
            people=ambiguous_donors.answers(prefix, people),
        )
        import_preview.show_again(preview, prefix=prefix)
    except imports.ReadingStoppedError:
        background.show_cancelled(import_actions.PREVIEW)
    except DonorCrmError as error:
        state.pop("import_again", None)
        st.error(escape(str(error)))


def _leave() -> None:
    state.pop("import_again", None)
    state.pop("import_seen", None)
