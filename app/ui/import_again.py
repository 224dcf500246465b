"""The file of an earlier import once more: what it would do today, from the file we kept."""

import streamlit as st

from app import imports
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui import background, import_people, import_run, import_words, importing
from app.ui.formats import escape
from app.ui.session import current_actor

state = st.session_state


def show(run_id: int) -> None:
    """Show the plan of the kept file, with the questions it leaves, and the way out."""
    prefix = f"again_{run_id}"
    try:
        with transaction(current_actor()) as db:
            run = imports.get(db, current_actor(), run_id=run_id)
            words, people = imports.answers(db, current_actor(), run_id=run_id)
        st.success(
            f"{escape(run.file_name)} once more, read as it was then. This is what it would do "
            "now.", icon=":material/refresh:",
        )  # fmt: skip
        st.button("Leave it", icon=":material/close:", on_click=_leave)
        said = import_words.said(prefix, words)
        meant = import_people.said(prefix, people)
        seen = import_run.planned_again(
            f"{prefix}{said}{meant}", run_id=run_id, words=said, people=meant
        )
        import_words.ask(seen.unknown, prefix=prefix)
        import_people.ask(seen.people, prefix=prefix)
        importing.plan(seen, import_run.bring_in)
    except imports.ReadingStoppedError:
        background.ask_again(import_run.SEEN)
    except DonorCrmError as error:
        state.pop("import_again", None)
        st.error(escape(str(error)))


def _leave() -> None:
    state.pop("import_again", None)
    state.pop("import_seen", None)
