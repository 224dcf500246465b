"""What the import screen does: planning a file once, and carrying the plan out."""

from typing import Any

import streamlit as st

from app import imports
from app.db import transaction_for_system
from app.kit.errors import DonorCrmError
from app.ui.session import current_actor, now, today

state = st.session_state


def bring_in(run_id: int, plan_hash: str, rows: int) -> None:
    """Do what the plan says: at once, or by the worker when the file is big."""
    try:
        with transaction_for_system() as db:
            if rows > imports.BIG:
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
    if rows <= imports.BIG:
        state["import_done"] = run_id
    state["import_round"] = state.get("import_round", 0) + 1
    state.pop("import_seen", None)


def planned(key: str, **how: Any) -> imports.Preview:
    """Plan once for each file and set of answers, not once a repaint."""
    if state.get("import_seen", ("", None))[0] != key:
        with (
            st.spinner("Reading the file and comparing it with what is here …"),
            transaction_for_system() as db,
        ):
            seen = imports.preview(db, current_actor(), today=today(), **how)
        state["import_seen"] = (key, seen)
    found: imports.Preview = state["import_seen"][1]
    return found
