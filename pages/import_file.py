"""Screen for importing files: recognise or map them, preview, import, and undo."""

import streamlit as st

from app import imports
from app.db import transaction
from app.ui.base.formats import escape
from app.ui.base.session import current_actor
from app.ui.imports import actions as import_actions
from app.ui.imports import history as import_history
from app.ui.imports import one_file, read_options, saved_mappings, several_files, templates
from app.ui.imports import plan as import_plan
from app.ui.imports import rerun as import_rerun
from app.ui.shell import uploads

state = st.session_state


st.title("Import")
st.caption(
    "Donors, gifts, pledges or funds, from one file or several. Nothing is saved before you "
    "confirm."
)
if message := state.pop("import_said", None):
    st.info(escape(message[0]))
    for sentence in message[1]:
        st.caption(escape(sentence))
slot = f"import_file_{state.get('import_round', 0)}"
if not state.get(slot) and (done_run := state.get("import_done")):
    several_files.show_result(done_run)
with transaction(current_actor()) as db:
    runs = imports.history(db, current_actor())
# of files imported together the first shows the progress of all
waiting = {run.batch_id or run.id: run.id for run in runs if run.state in imports.WAITING}
for run_id in waiting.values():
    import_plan.show_progress(run_id, import_actions.cancel)

files = st.file_uploader(
    "CSV or spreadsheet",
    type=["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods"],
    key=slot,
    accept_multiple_files=True,
    help="Choose the files of another system together: funds, people, pledges and gifts.",
)
uploads.show_refusal()
# the same file twice is read once
chosen = {file.prefix: file for file in (one_file.upload(f.name, f.getvalue()) for f in files)}
state[read_options.SEVERAL] = len(chosen) > 1
if not chosen and state.get("import_again"):
    import_rerun.show(state["import_again"])
elif not chosen:
    templates.show()
else:
    state.pop("import_done", None)
    state.pop("import_again", None)
    if len(chosen) > 1:
        several_files.show(list(chosen.values()))
    else:
        one_file.show(*chosen.values())
import_history.show(
    undo=import_actions.undo,
    undo_batch=import_actions.undo_batch,
    again=import_actions.import_again,
)
saved_mappings.show()
