"""Bring a file in: recognise or map it, look at what it will do, do it, take it back."""

import hashlib
from typing import Any

import streamlit as st

from app import imports
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui import (
    background,
    import_again,
    import_columns,
    import_history,
    import_people,
    import_policies,
    import_reading,
    import_run,
    import_words,
    importing,
    uploads,
)
from app.ui.formats import count, escape
from app.ui.session import current_actor

state = st.session_state


def options() -> dict[str, Any]:
    """Return what the person answered beside the file."""
    chosen: dict[str, Any] = {
        "date_order": state.get("import_date_order"),
        "decimal": state.get("import_decimal"),
    }
    if current_actor().role == "admin":
        with transaction(current_actor()) as db:
            people = dict(imports.owners(db, current_actor()))
        email = st.selectbox(
            "New donors belong to", [None, *people],
            format_func=lambda one: people[one] if one else "Nobody yet",
        )  # fmt: skip
        chosen["owner"] = email
    return chosen


st.title("Import")
st.caption("Donors, gifts, pledges or funds from a file. Nothing is saved before you say so.")
if said := state.pop("import_said", None):
    st.info(escape(said[0]))
    for sentence in said[1]:
        st.caption(escape(sentence))
slot = f"import_file_{state.get('import_round', 0)}"
if state.get(slot) is None and (done := state.get("import_done")):
    importing.result(done)
with transaction(current_actor()) as db:
    waiting = [r.id for r in imports.history(db, current_actor()) if r.state in imports.WAITING]
for run_id in waiting:
    importing.progress_of(run_id, import_run.cancel)

file = st.file_uploader(
    "CSV or spreadsheet", type=["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods"], key=slot
)
uploads.say_refused()
if file is None and state.get("import_again"):
    import_again.show(state["import_again"])
elif file is None:
    st.caption(
        f"Known by their columns: {' · '.join(imports.formats())}. "
        "Of any other file you say what each column is."
    )
else:
    state.pop("import_done", None)
    state.pop("import_again", None)
    data = file.getvalue()
    name = hashlib.sha256(data).hexdigest()[:16]
    reading = import_reading.said(name)
    layout = None
    first_rows: imports.Rows = ()
    try:
        layout = import_reading.looked(data, prefix=name)
        first_rows = layout.first_rows
        how: dict[str, Any] = {"file_name": file.name, "data": data, "reading": dict(reading)}
        if layout.recognised:
            st.success(
                f"Recognised as {layout.recognised}: {layout.holds}, "
                f"{count(layout.rows, 'row')}.", icon=":material/check:",
            )  # fmt: skip
        else:
            how["kind"], how["mapping"] = import_columns.ask(data, layout, prefix=name)
        how |= options() | {
            "words": import_words.said(name, layout.words), "people": import_people.said(name),
            "policies": import_policies.said(name),
        }  # fmt: skip
        key = f"{name}{ {k: v for k, v in how.items() if k != 'data'} }"
        try:
            seen = import_run.planned(key, import_reading.table_of(data, prefix=name), **how)
        except imports.UndecidedError as error:
            importing.answer_choice(error)
        else:
            import_words.ask(seen.unknown, prefix=name)
            import_people.ask(seen.people, prefix=name)
            import_policies.ask(seen.policies, prefix=name)
            importing.plan(seen, import_run.bring_in)
    except imports.ReadingStoppedError:
        background.ask_again(*import_reading.SLOTS)
    except imports.UnreadableError as error:
        first_rows = error.first_rows
        st.error(escape(str(error)))
    except DonorCrmError as error:
        st.error(escape(str(error)))
    import_reading.ask(layout.found if layout else None, first_rows, prefix=name)
import_history.show(undo=import_run.take_back, again=import_run.ask_again)
