"""Screen for importing a file: recognise or map it, preview, import, and undo."""

import hashlib
from typing import Any

import streamlit as st

from app import imports
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count, escape
from app.ui.base.session import current_actor
from app.ui.imports import actions as import_actions
from app.ui.imports import (
    ambiguous_donors,
    column_mapping,
    read_options,
    unknown_values,
    update_policies,
)
from app.ui.imports import history as import_history
from app.ui.imports import plan as import_plan
from app.ui.imports import rerun as import_rerun
from app.ui.shell import uploads
from app.ui.widgets import background

state = st.session_state


def options() -> dict[str, Any]:
    """Return the import options chosen by the user."""
    chosen: dict[str, Any] = {
        "date_order": state.get("import_date_order"),
        "decimal": state.get("import_decimal"),
    }
    if current_actor().role == "admin":
        with transaction(current_actor()) as db:
            people = dict(imports.owners(db, current_actor()))
        email = st.selectbox(
            "New donors belong to",
            [None, *people],
            format_func=lambda one: people[one] if one else "Nobody yet",
        )
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
    import_plan.result(done)
with transaction(current_actor()) as db:
    waiting = [r.id for r in imports.history(db, current_actor()) if r.state in imports.WAITING]
for run_id in waiting:
    import_plan.progress_of(run_id, import_actions.cancel)

file = st.file_uploader(
    "CSV or spreadsheet", type=["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods"], key=slot
)
uploads.show_refusal()
if file is None and state.get("import_again"):
    import_rerun.show(state["import_again"])
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
    reading = read_options.said(name)
    layout = None
    first_rows: imports.Rows = ()
    try:
        layout = read_options.looked(data, prefix=name)
        first_rows = layout.first_rows
        how: dict[str, Any] = {"file_name": file.name, "data": data, "reading": dict(reading)}
        if layout.recognised:
            st.success(
                f"Recognised as {layout.recognised}: {layout.holds}, {count(layout.rows, 'row')}.",
                icon=":material/check:",
            )
        else:
            how["kind"], how["mapping"] = column_mapping.ask(data, layout, prefix=name)
        how |= options() | {
            "words": unknown_values.said(name, layout.words),
            "people": ambiguous_donors.said(name),
            "policies": update_policies.said(name),
        }
        key = f"{name}{ {k: v for k, v in how.items() if k != 'data'} }"
        try:
            seen = import_actions.planned(key, read_options.table_of(data, prefix=name), **how)
        except imports.UndecidedError as error:
            import_plan.answer_choice(error)
        else:
            unknown_values.ask(seen.unknown, prefix=name)
            ambiguous_donors.ask(seen.people, prefix=name)
            update_policies.ask(seen.policies, prefix=name)
            import_plan.plan(seen, import_actions.bring_in)
    except imports.ReadingStoppedError:
        background.show_cancelled(*read_options.SLOTS)
    except imports.UnreadableError as error:
        first_rows = error.first_rows
        st.error(escape(str(error)))
    except DonorCrmError as error:
        st.error(escape(str(error)))
    read_options.ask(layout.found if layout else None, first_rows, prefix=name)
import_history.show(undo=import_actions.take_back, again=import_actions.ask_again)
