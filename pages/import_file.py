"""Screen for importing a file: recognise or map it, preview, import, and undo."""

import hashlib

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
    file_choices,
    read_options,
    saved_mappings,
    templates,
    unknown_values,
    update_policies,
)
from app.ui.imports import history as import_history
from app.ui.imports import plan as import_plan
from app.ui.imports import preview as import_preview
from app.ui.imports import rerun as import_rerun
from app.ui.shell import uploads
from app.ui.widgets import background

state = st.session_state


st.title("Import")
st.caption("Donors, gifts, pledges or funds from a file. Nothing is saved before you confirm.")
if message := state.pop("import_said", None):
    st.info(escape(message[0]))
    for sentence in message[1]:
        st.caption(escape(sentence))
slot = f"import_file_{state.get('import_round', 0)}"
if state.get(slot) is None and (done_run := state.get("import_done")):
    import_plan.show_result(done_run)
with transaction(current_actor()) as db:
    runs = imports.history(db, current_actor())
for run in runs:
    if run.state in imports.WAITING:
        import_plan.show_progress(run.id, import_actions.cancel)

file = st.file_uploader(
    "CSV or spreadsheet", type=["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods"], key=slot
)
uploads.show_refusal()
if file is None and state.get("import_again"):
    import_rerun.show(state["import_again"])
elif file is None:
    templates.show()
else:
    state.pop("import_done", None)
    state.pop("import_again", None)
    data = file.getvalue()
    prefix = hashlib.sha256(data).hexdigest()[:16]
    layout = None
    unreadable: imports.UnreadableError | None = None
    try:
        layout = read_options.load_layout(data, prefix=prefix)
        kind, mapping, saved = None, None, None
        if layout.recognised:
            st.success(
                f"Recognised as {layout.recognised}: {layout.holds}, {count(layout.rows, 'row')}.",
                icon=":material/check:",
            )
        else:
            kind, mapping, saved = column_mapping.ask(data, layout, prefix=prefix)
        chosen = file_choices.answers(prefix)
        request = imports.ImportRequest(
            file_name=file.name,
            data=data,
            kind=kind,
            mapping=mapping,
            saved_mapping=saved,
            date_order=state.get("import_date_order"),
            decimal=state.get("import_decimal"),
            owner=file_choices.ask_owner(),
            words=unknown_values.answers(prefix, layout.words),
            people=ambiguous_donors.answers(prefix),
            policies=update_policies.choices(prefix),
            reading=read_options.overrides(prefix),
            currency=chosen.currency,
            fund=chosen.fund,
            method=chosen.method,
            repeats=chosen.repeats,
            source=chosen.source,
        )
        try:
            preview = import_actions.load_plan(
                request, key=prefix, read_table=read_options.table_reader(data, prefix=prefix)
            )
        except imports.UndecidedError as error:
            import_plan.ask_convention(error)
        else:
            import_preview.show(preview, prefix=prefix)
    except imports.UndecidedError as error:
        read_options.ask_encoding(error, prefix=prefix)
    except imports.ReadingStoppedError:
        background.show_cancelled(*read_options.SLOTS)
    except imports.UnreadableError as error:
        unreadable = error
        st.error(escape(str(error)))
    except DonorCrmError as error:
        st.error(escape(str(error)))
    read_options.ask(layout, unreadable, prefix=prefix)
import_history.show(undo=import_actions.undo, again=import_actions.import_again)
saved_mappings.show()
