"""Several uploaded files as one import: each with its questions and plan, then all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import imports
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count, escape, number
from app.ui.base.session import current_actor
from app.ui.imports import actions as import_actions
from app.ui.imports import file_choices, one_file, read_options
from app.ui.imports import plan as import_plan
from app.ui.imports import preview as import_preview
from app.ui.imports.one_file import Upload
from app.ui.imports.rows import made_rows, problem_table
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import background, tables


@dataclass(slots=True)
class _File:
    """An uploaded file, its columns or why they cannot be read, and its part of the screen."""

    upload: Upload
    layout: imports.Layout | None = None
    error: DonorCrmError | None = None
    request: imports.ImportRequest | None = None
    section: DeltaGenerator | None = None

    @property
    def kind(self) -> str | None:
        """What its rows are, as chosen or detected; None if it cannot be read."""
        chosen: str | None = st.session_state.get(f"{self.upload.prefix}_kind")
        return chosen or (self.layout.kind if self.layout else None)


def show(uploads: Sequence[Upload]) -> None:
    """Show several files in the order in which they are imported, and one button for all."""
    if len(uploads) > imports.MAX_FILES:
        st.error(f"Choose at most {imports.MAX_FILES} files at once.")
        return
    try:
        files = sorted((_load(upload) for upload in uploads), key=_rank)
    except imports.ReadingStoppedError:
        background.show_cancelled(*_slots(uploads))
        return
    st.markdown(
        f"These {len(files)} files are imported together, in this order. A gift finds its donor, "
        "pledge and fund by the ids in the other files."
    )
    owner = file_choices.ask_owner()
    for place, file in enumerate(files, 1):
        _show_file(file, place, owner)
    if all(file.request for file in files):
        _show_plans(files)
    for file in files:
        unreadable = file.error if isinstance(file.error, imports.UnreadableError) else None
        with _section(file):
            read_options.ask(file.layout, unreadable, prefix=file.upload.prefix)


def _load(upload: Upload) -> _File:
    """Read the columns of a file.

    Raises:
        ReadingStoppedError: the user cancelled it.
    """
    file = _File(upload)
    try:
        file.layout = read_options.load_layout(upload.data, prefix=upload.prefix)
    except imports.ReadingStoppedError:
        raise
    except DonorCrmError as error:
        file.error = error
    return file


def _slots(uploads: Sequence[Upload]) -> list[str]:
    slots = [
        read_options.slot_of(slot, upload.prefix)
        for upload in uploads
        for slot in read_options.SLOTS
    ]
    return [*slots, import_actions.PREVIEW]


def _rank(file: _File) -> int:
    return len(imports.ORDER) if file.kind is None else imports.ORDER.index(file.kind)


def _section(file: _File) -> DeltaGenerator:
    if file.section is None:
        file.section = st.container(border=True)
    return file.section


def _show_file(file: _File, place: int, owner: str | None) -> None:
    """Show what a file is recognised as, or ask for its columns, or how to read it."""
    prefix = file.upload.prefix
    with _section(file):
        holds = file.layout.holds if file.layout and file.layout.recognised else file.kind
        what = f" :gray[· {holds}]" if holds else ""
        st.markdown(f"#### {place}. {escape(file.upload.name)}{what}")
        if isinstance(file.error, imports.UndecidedError):
            read_options.ask_encoding(file.error, prefix=prefix)
        elif file.error is not None:
            st.error(escape(str(file.error)))
        if file.layout is None:
            return
        try:
            with _columns(file.layout):
                mapping = one_file.ask_columns(file.upload, file.layout)
            if mapping is not None:
                file.request = one_file.request(
                    file.upload, file.layout, mapping=mapping, owner=owner, conventions=prefix
                )
        except DonorCrmError as error:
            st.error(escape(str(error)))


def _columns(layout: imports.Layout) -> DeltaGenerator:
    """Return the place for a file's columns: closed if every required field has one."""
    if layout.recognised:
        return st.container()
    mapped = set(layout.mapping.values())
    complete = all(mapped & set(group) for group in imports.REQUIRED[layout.kind])
    return st.expander(
        f"{number(len(layout.mapping))} of {count(len(layout.columns), 'column')} matched",
        icon=":material/view_column:",
        expanded=bool(layout.kind_question) or not complete,
    )


def _show_plans(files: Sequence[_File]) -> None:
    """Show the plan of each file in its section, and the sums of all with the button."""
    uploads = [file.upload for file in files]
    try:
        batch = import_actions.load_batch(
            [file.request for file in files if file.request],
            key=" ".join(upload.prefix for upload in uploads),
            readers=[
                read_options.table_reader(upload.data, prefix=upload.prefix) for upload in uploads
            ],
        )
    except imports.ReadingStoppedError:
        background.show_cancelled(*_slots(uploads))
        return
    except DonorCrmError as error:
        st.error(escape(str(error)))
        return
    for planned in batch.files:
        file = files[planned.place]
        with _section(file):
            _show_plan(planned, prefix=file.upload.prefix)
    if batch.batch_id is not None:
        _show_sums(batch)


def _show_plan(planned: imports.BatchFile, *, prefix: str) -> None:
    if planned.preview is not None:
        import_preview.show_plan(planned.preview, prefix=prefix, compact=True)
    elif isinstance(planned.error, imports.UndecidedError):
        import_plan.ask_convention(planned.error, prefix=prefix)
    elif planned.error is not None:
        st.error(escape(str(planned.error)))
    else:
        st.caption("Its figures are shown when the other files can be read.")


def _show_sums(batch: imports.Batch) -> None:
    """Show the sums of all files, and the button that imports them."""
    sums: Counter[str] = Counter()
    for preview in batch.previews:
        sums.update(dict(import_plan.figures_of(imports.as_json(preview.plan))))
    st.markdown(f"#### All {len(batch.previews)} files")
    import_plan.show_figures(list(sums.items()))
    if sums["New"] + sums["Changed"]:
        st.button(
            f"Import {count(len(batch.previews), 'file')}",
            type="primary",
            on_click=import_actions.start_batch,
            args=(batch,),
        )
        st.caption("All of them are imported, or none. Each can be undone alone or with the rest.")
    else:
        st.info("There is nothing to import: no row of these files is new or changed.")


def show_result(run_id: int) -> None:
    """Show the result of an import, of one file or of several."""
    with transaction(current_actor()) as db:
        runs = imports.batch(db, current_actor(), run_id=run_id)
        funds = imports.funds(db, current_actor(), run_ids=[run.id for run in runs])
        waiting = {run.id: import_plan.waiting_gifts(db, run.id) for run in runs}
        notes = {run.id: imports.notes(db, current_actor(), run_id=run.id) for run in runs}
    if len(runs) == 1:
        import_plan.show_result(run_id)
        return
    st.success(f"{count(len(runs), 'file')} imported.", icon=":material/task_alt:")
    st.page_link(tables.screen_page("dashboard"), label="Dashboard", icon=":material/monitoring:")
    for run in runs:
        st.markdown(f"**{escape(run.file_name)}**: {import_plan.figures_line(run.counts)}")
        import_plan.show_awaiting_rate(waiting[run.id])
        with st.container(horizontal=True):
            made_rows.show_links(run)
        if run.id in funds:
            st.caption(escape(made_rows.fund_sentence(funds[run.id])))
        not_imported = run.counts["conflict"] + run.counts["error"]
        if not_imported:
            import_plan.offer_error_file(run.id, not_imported)
        problem_table.show_notes(notes[run.id])
    # those of other files are offered on the screen of pledges
    for run in [run for run in runs if run.kind == "gifts"][-1:]:
        gift_suggestions.show(import_run_id=run.id)
