"""What the import screen does: planning once, carrying out, cancelling, taking back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from app import imports
from app.accounts import Actor
from app.db import Session, transaction, transaction_for_system
from app.db.cancellation import stoppable
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count
from app.ui.base.session import current_actor, now, today
from app.ui.imports import read_options
from app.ui.widgets import background

state = st.session_state
SEEN = "import_seen"
COMPARING = "Comparing the file with what is here"


def bring_in(run_id: int, plan_hash: str, rows: int) -> None:
    """Do what the plan says: at once, or by the worker, when it is big or has to wait."""
    try:
        with transaction_for_system(current_actor()) as db:
            later = rows > imports.BIG or not imports.take_turn(db)
            if later:
                imports.hand_over(db, current_actor(), run_id=run_id, plan_hash=plan_hash)
            else:
                imports.commit(
                    db, current_actor(), run_id=run_id, plan_hash=plan_hash,
                    today=today(), now=now(),
                )  # fmt: skip
    except imports.PlanChangedError as error:
        state.pop("import_seen", None)
        state["import_said"] = (str(error), ())
        return
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
        return
    if not later:
        state["import_done"] = run_id
    state.pop("import_again", None)
    state["import_round"] = state.get("import_round", 0) + 1
    state.pop("import_seen", None)


def cancel(run_id: int) -> None:
    """Cancel an import that waits or runs, and remember what to say about it."""
    try:
        with transaction(current_actor()) as db:
            imports.cancel(db, current_actor(), run_id=run_id, now=now())
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
    else:
        state["import_said"] = ("It is cancelled. Nothing was changed.", ())


def take_back(run_id: int) -> None:
    """Undo a run and remember what to say about it."""
    state["import_undo"] = None
    state.pop("import_done", None)
    try:
        with transaction_for_system(current_actor()) as db:
            run = imports.get(db, current_actor(), run_id=run_id)
            if run.counts.get("rows", 0) > imports.BIG or not imports.take_turn(db):
                imports.undo_later(db, current_actor(), run_id=run_id, now=now())
                return
            done = imports.undo(db, current_actor(), run_id=run_id, now=now())
    except DonorCrmError as error:
        state["import_said"] = (str(error), ())
        return
    kept = f" {count(len(done.kept), 'row')} stayed." if done.kept else ""
    state["import_said"] = (f"The import is undone.{kept}", done.kept)


def ask_again(run_id: int) -> None:
    """Turn the screen to the plan of an earlier import's file, no other file chosen."""
    state["import_again"] = run_id
    state.pop("import_done", None)
    state.pop("import_seen", None)
    state["import_round"] = state.get("import_round", 0) + 1


def planned(key: str, table: read_options.TableOf, **how: Any) -> imports.Preview:
    """Plan once for each file and set of answers, not at each drawing."""
    actor, day = current_actor(), today()

    def work(stop: imports.Stop) -> imports.Preview:
        found = table(actor, stop)
        with _stopping(actor, stop) as db:
            return imports.preview(db, actor, today=day, table=found, **how)

    return background.result(SEEN, key, work, doing=COMPARING)


def planned_again(key: str, **how: Any) -> imports.Preview:
    """Plan the kept file of an earlier import, likewise once."""
    actor, day = current_actor(), today()

    def work(stop: imports.Stop) -> imports.Preview:
        with _stopping(actor, stop) as db:
            return imports.preview_again(db, actor, today=day, **how)

    return background.result(SEEN, key, work, doing=COMPARING)


@contextmanager
def _stopping(actor: Actor, stop: imports.Stop) -> Iterator[Session]:
    """Open a transaction that ends soon after `stop` is set."""
    with transaction_for_system(actor) as db, stoppable(db, when=lambda: stop.is_set):
        yield db
