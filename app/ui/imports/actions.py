"""Actions of the import screen: plan, import, cancel, undo and import again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

from app import imports
from app.accounts import Actor
from app.db import Session, transaction, transaction_for_system
from app.db.statements.cancellation import stoppable
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count
from app.ui.base.session import current_actor, now, today
from app.ui.imports import read_options
from app.ui.widgets import background

state = st.session_state
PREVIEW = "import_seen"
PLANNING = "Comparing the file with what is here"
PLANNING_ALL = "Comparing the files with each other and with what is here"


def start_import(run_id: int, plan_hash: str, rows: int) -> None:
    """Carry out the plan now, or queue it for the worker if it is big or must wait its turn."""
    try:
        with transaction_for_system(current_actor()) as db:
            queued = rows > imports.BIG_IMPORT_ROWS or not imports.try_lock(db)
            if queued:
                imports.queue_import(db, current_actor(), run_id=run_id, plan_hash=plan_hash)
            else:
                imports.commit(
                    db,
                    current_actor(),
                    run_id=run_id,
                    plan_hash=plan_hash,
                    today=today(),
                    now=now(),
                )
    except imports.PlanChangedError as error:
        state.pop("import_seen", None)
        state["import_said"] = (str(error), ())
        return
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
        return
    if not queued:
        state["import_done"] = run_id
    state.pop("import_again", None)
    state["import_round"] = state.get("import_round", 0) + 1
    state.pop("import_seen", None)


def start_batch(batch: imports.Batch) -> None:
    """Carry out the plans of several files, or queue them as `start_import` does."""
    rows = sum(preview.plan.main.rows for preview in batch.previews)
    batch_id = batch.previews[0].run_id
    try:
        with transaction_for_system(current_actor()) as db:
            queued = rows > imports.BIG_IMPORT_ROWS or not imports.try_lock(db)
            if queued:
                imports.queue_together(
                    db, current_actor(), batch_id=batch_id, plan_hashes=batch.plan_hashes
                )
            else:
                imports.commit_together(
                    db,
                    current_actor(),
                    batch_id=batch_id,
                    plan_hashes=batch.plan_hashes,
                    today=today(),
                    now=now(),
                )
    except DonorCrmError as error:
        if isinstance(error, imports.PlanChangedError):
            state.pop(PREVIEW, None)
        state["import_said"] = (str(error), ())
        return
    if not queued:
        state["import_done"] = batch_id
    state["import_round"] = state.get("import_round", 0) + 1
    state.pop(PREVIEW, None)


def cancel(run_id: int) -> None:
    """Cancel a waiting or running import, and store the message for the next rerun."""
    try:
        with transaction(current_actor()) as db:
            imports.cancel(db, current_actor(), run_id=run_id, now=now())
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
    else:
        state["import_said"] = ("It is cancelled. Nothing was changed.", ())


def undo(run_id: int) -> None:
    """Undo an import, and store the message for the next rerun."""
    state["import_undo"] = None
    state.pop("import_done", None)
    try:
        with transaction_for_system(current_actor()) as db:
            run = imports.get(db, current_actor(), run_id=run_id)
            if run.counts.get("rows", 0) > imports.BIG_IMPORT_ROWS or not imports.try_lock(db):
                imports.queue_undo(db, current_actor(), run_id=run_id, now=now())
                return
            undone = imports.undo(db, current_actor(), run_id=run_id, now=now())
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
        return
    stayed = f" {count(len(undone.kept), 'row')} stayed." if undone.kept else ""
    state["import_said"] = (f"The import is undone.{stayed}", undone.kept)


def undo_batch(batch_id: int) -> None:
    """Undo all files of an import of several, and store the message for the next rerun."""
    state["import_undo"] = None
    state.pop("import_done", None)
    try:
        with transaction_for_system(current_actor()) as db:
            runs = imports.batch(db, current_actor(), run_id=batch_id)
            rows = sum(run.counts.get("rows", 0) for run in runs)
            if rows > imports.BIG_IMPORT_ROWS or not imports.try_lock(db):
                imports.queue_undo_together(db, current_actor(), batch_id=batch_id, now=now())
                return
            undone = imports.undo_together(db, current_actor(), batch_id=batch_id, now=now())
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
        return
    kept = tuple(sentence for each in undone for sentence in each.kept)
    stayed = f" {count(len(kept), 'row')} stayed." if kept else ""
    state["import_said"] = (f"The import of {count(len(undone), 'file')} is undone.{stayed}", kept)


def import_again(run_id: int) -> None:
    """Switch the screen to the plan of an earlier import's file, and clear the upload."""
    state["import_again"] = run_id
    state.pop("import_done", None)
    state.pop("import_seen", None)
    state["import_round"] = state.get("import_round", 0) + 1


def load_plan(
    request: imports.ImportRequest, *, key: str, read_table: read_options.TableReader
) -> imports.Preview:
    """Return the plan, computed once per file (`key`) and set of answers, not at each rerun."""
    actor, day = current_actor(), today()

    def preview(stop: imports.Stop) -> imports.Preview:
        table = read_table(actor, stop)
        with _stopping(actor, stop) as db:
            return imports.preview(db, actor, replace(request, table=table), today=day)

    return background.result(PREVIEW, f"{key}{request}", preview, doing=PLANNING)


def load_batch(
    requests: Sequence[imports.ImportRequest],
    *,
    key: str,
    readers: Sequence[read_options.TableReader],
) -> imports.Batch:
    """Return the plan of several files, computed once per set of files (`key`) and answers."""
    actor, day, moment = current_actor(), today(), now()

    def preview(stop: imports.Stop) -> imports.Batch:
        tables = [read_table(actor, stop) for read_table in readers]
        read = [
            replace(request, table=table) for request, table in zip(requests, tables, strict=True)
        ]
        with _stopping(actor, stop) as db:
            return imports.preview_together(db, actor, read, today=day, now=moment)

    return background.result(PREVIEW, f"{key}{list(requests)}", preview, doing=PLANNING_ALL)


def load_plan_again(
    run_id: int, *, key: str, words: dict[str, dict[str, str]], people: dict[str, str]
) -> imports.Preview:
    """Return the plan for the stored file of an earlier import, computed once per answers."""
    actor, day = current_actor(), today()

    def preview(stop: imports.Stop) -> imports.Preview:
        with _stopping(actor, stop) as db:
            return imports.preview_again(
                db, actor, run_id=run_id, today=day, words=words, people=people
            )

    return background.result(PREVIEW, f"{key}{words}{people}", preview, doing=PLANNING)


@contextmanager
def _stopping(actor: Actor, stop: imports.Stop) -> Iterator[Session]:
    """Open a transaction that is cancelled soon after `stop` is set."""
    with transaction_for_system(actor) as db, stoppable(db, when=lambda: stop.is_set):
        yield db
