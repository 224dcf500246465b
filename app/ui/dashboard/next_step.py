"""The next step with a donor: the first entry of the to-do list about this donor."""

from datetime import date

import streamlit as st

from app.accounts import Actor
from app.db import Session
from app.ui.base.formats import count, escape
from app.ui.dashboard.action_items import ICONS, ActionItem, first_of_donor, may_do
from app.ui.dashboard.action_list import complete, show_undo

_CLICKED = "next_step_of"
# kind of entry: what to do, and the button when it is done
STEPS = {
    "late_pledge": ("Call about the pledge", "Called"),
    "at_risk": ("Call", "Called"),
    "thank": ("Say thank you", "Thanked"),
    "task": ("Do the task", "Task done"),
}


def find(db: Session, actor: Actor, donor_id: int, *, today: date) -> ActionItem | None:
    """Return the next step with a donor, as the to-do list has it; None if nothing is to do."""
    return first_of_donor(db, actor, donor_id, day=today)


def show(step: ActionItem | None, donor_id: int, actor: Actor, *, today: date) -> None:
    """Draw the step as one sentence with its button, and the undo after a click on it."""
    if step is not None:
        what, done = STEPS[step.kind]
        with st.container(border=True, key="list_next_step"):
            words, action = st.columns([5, 1], vertical_alignment="center")
            icon = f":material/{ICONS[step.kind]}:"
            words.markdown(f"{icon} **Next: {what.lower()}.** {escape(_why(step, today))}")
            if may_do(step, actor):
                action.button(done, width="stretch", on_click=_do, args=(step, donor_id))
    if st.session_state.get(_CLICKED) == donor_id:
        show_undo()


def _why(step: ActionItem, today: date) -> str:
    """Return why the step is next, without what the header of the page says already."""
    if step.line is None:
        return step.reason
    days = count((today - step.line.since).days, "day")
    if step.kind == "late_pledge":
        return f"It is {days} late."
    return f"The last gift was {days} ago."


def _do(step: ActionItem, donor_id: int) -> None:
    st.session_state[_CLICKED] = donor_id
    complete(step)
