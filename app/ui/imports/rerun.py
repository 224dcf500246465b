"""Import of an earlier file again: the plan for the stored file as of today."""

import streamlit as st

from app import imports
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import escape
from app.ui.base.session import current_actor
from app.ui.imports import actions as import_actions
from app.ui.imports import ambiguous_donors, unknown_values
from app.ui.imports import plan as import_plan
from app.ui.widgets import background

state = st.session_state


def show(run_id: int) -> None:
    """Show the plan for the stored file with its open questions, and a button to leave."""
    prefix = f"again_{run_id}"
    try:
        with transaction(current_actor()) as db:
            run = imports.get(db, current_actor(), run_id=run_id)
            words, people = imports.answers(db, current_actor(), run_id=run_id)
        st.success(
            f"{escape(run.file_name)} once more, read as it was then. This is what it would do "
            "now.",
            icon=":material/refresh:",
        )
        st.button("Leave it", icon=":material/close:", on_click=_leave)
        said = unknown_values.said(prefix, words)
        meant = ambiguous_donors.said(prefix, people)
        seen = import_actions.planned_again(
            f"{prefix}{said}{meant}", run_id=run_id, words=said, people=meant
        )
        unknown_values.ask(seen.unknown, prefix=prefix)
        ambiguous_donors.ask(seen.people, prefix=prefix)
        import_plan.plan(seen, import_actions.bring_in)
    except imports.ReadingStoppedError:
        background.show_cancelled(import_actions.SEEN)
    except DonorCrmError as error:
        state.pop("import_again", None)
        st.error(escape(str(error)))


def _leave() -> None:
    state.pop("import_again", None)
    state.pop("import_seen", None)
