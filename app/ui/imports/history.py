"""History of imports, each with buttons to undo it or import the file again."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from app import imports
from app.db import transaction
from app.ui.base import formats
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import current_actor, today
from app.ui.exports import downloads
from app.ui.imports import plan as import_plan
from app.ui.imports.rows import made_rows

STATES = {
    "done": ":material/task_alt: Done",
    "failed": ":material/error: Refused",
    "cancelled": ":material/block: Cancelled",
    "undone": ":material/undo: Undone",
}
_TOGETHER = " · together with other files"
# called with the id of a run
Action = Callable[[int], None]


def show(*, undo: Action, undo_batch: Action, again: Action) -> None:
    """List the imports in the actor's scope, newest first."""
    st.subheader("Earlier imports")
    actor = current_actor()
    with transaction(actor) as db:
        # waiting and running imports are shown above, with their progress
        runs = [run for run in imports.history(db, actor) if run.state not in imports.WAITING]
        funds = imports.funds(db, actor, run_ids=[run.id for run in runs])
    if not runs:
        st.caption(
            "Nothing was imported yet. Choose a file above; what you import is listed here and "
            "can be undone."
        )
        return
    with st.container(key="list_imports"):
        for run in runs:
            _draw_run(run, undo, undo_batch, again, made_rows.fund_sentence(funds.get(run.id)))


def _draw_run(
    run: imports.Run, undo: Action, undo_batch: Action, again: Action, fund_sentence: str
) -> None:
    text, buttons = st.columns([6, 1], vertical_alignment="center")
    when = moment(run.committed_at or run.created_at, current_actor().time_zone, today=today())
    text.markdown(
        f"**{escape(run.file_name)}** · {_state(run)}  \n{escape(run.person)} "
        f":gray[{when}{_TOGETHER if run.batch_id else ''}]  \n{_result(run)}"
        + (f"  \n{escape(run.error)}" if run.error else "")
    )
    if current_actor().looking:
        return
    with (
        buttons,
        st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", wrap=False),
    ):
        if run.state == "done":
            st.button("Undo", key=f"undo_{run.id}", on_click=_ask_undo, args=(run.id,))
        _show_more(run, again, fund_sentence)
    if run.state == "done" and st.session_state.get("import_undo") == run.id:
        _undo_dialog(run, _imported_together(run), undo, undo_batch)


def _state(run: imports.Run) -> str:
    if run.state == "cancelled" and run.canceller is not None:
        return f"{STATES[run.state]} by {escape(run.canceller)}"
    return STATES[run.state]


def _result(run: imports.Run) -> str:
    """Return the result of an import; a plan that was not carried out changed nothing."""
    if run.state in {"cancelled", "failed"}:
        return "Nothing was changed"
    new, changed, refused = (
        formats.number(each)
        for each in (run.counts.get("create", 0), run.counts.get("update", 0), _refused(run))
    )
    figures = f"{new} new, {changed} changed, {refused} not imported"
    if run.undone_at is None:
        return figures
    zone = current_actor().time_zone
    when = moment(run.undone_at, zone, today=today())
    stayed = f", {count(run.kept_rows, 'row')} stayed" if run.kept_rows else ""
    return f"{figures}; taken back {when}{stayed}"


def _refused(run: imports.Run) -> int:
    return int(run.counts.get("conflict", 0)) + int(run.counts.get("error", 0))


def _show_more(run: imports.Run, again: Action, fund_sentence: str) -> None:
    """Draw the links to the rows of an import, and the actions for the stored file."""
    with st.popover(
        # the key changes after an action, which closes the popover
        ":material/more_horiz:",
        type="tertiary",
        key=f"more_{run.id}_{st.session_state.get('import_round', 0)}",
        help="See what it made, import the file again, or download it",
    ):
        if run.state == "done":
            made_rows.show_links(run)
            if fund_sentence:
                st.caption(escape(fund_sentence))
        if not run.has_file:
            st.caption("The file is no longer stored. Choose it above to import it again.")
            return
        st.button(
            "Import this file again",
            icon=":material/refresh:",
            key=f"again_{run.id}",
            on_click=again,
            args=(run.id,),
        )
        downloads.show_button("Download the file", f"imports/{run.id}/file")
        if refused := _refused(run):
            import_plan.offer_error_file(run.id, refused)


def _ask_undo(run_id: int) -> None:
    st.session_state["import_undo"] = run_id


def _forget_undo() -> None:
    st.session_state["import_undo"] = None


def _records(run: imports.Run, action: str) -> int:
    """Return how many records a run created or updated, the donors of its gifts among them."""
    parts = run.counts.get("parts") or [run.counts]
    return sum(part.get(action, 0) for part in parts)


def _undone_records(run: imports.Run) -> str:
    """Say how many records an undo removes and puts back; a number of none is left out."""
    created, changed = _records(run, "create"), _records(run, "update")
    removed = f"{count(created, 'new record')} {_are(created)} removed"
    restored = f"{count(changed, 'changed record')} {_are(changed)} put back as before"
    return " and ".join([removed] * bool(created) + [restored] * bool(changed)) or "nothing"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


@st.dialog("Undo import", on_dismiss=_forget_undo)
def _undo_dialog(
    run: imports.Run, together: list[imports.Run], undo: Action, undo_batch: Action
) -> None:
    st.markdown(
        f"This takes back **{escape(run.file_name)}**: {_undone_records(run)}. Later changes by "
        "users stay and are listed."
    )
    label = "Undo this file" if together else "Undo import"
    kind: Literal["primary", "secondary"] = "secondary" if together else "primary"
    clicked = st.button(label, type=kind, on_click=undo, args=(run.id,))
    if together:
        names = ", ".join(escape(other.file_name) for other in together)
        st.caption(f"Imported together: {names}.")
        clicked |= st.button(
            f"Undo all {len(together)} files",
            type="primary",
            on_click=undo_batch,
            args=(run.batch_id,),
        )
    if clicked:
        # a dialog reruns only itself, but the page behind it has changed as well
        st.rerun()


def _imported_together(run: imports.Run) -> list[imports.Run]:
    """Return the files imported together with a run that are not undone, if there are others."""
    with transaction(current_actor()) as db:
        runs = imports.batch(db, current_actor(), run_id=run.id)
    done = [other for other in runs if other.state == "done"]
    return done if len(done) > 1 else []
