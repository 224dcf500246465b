"""Dialogs about what is done with a donor: log a contact, add a task."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from app import donors, tasks
from app.db import Session
from app.kit.errors import InvalidError
from app.ui.base.formats import day, escape
from app.ui.base.session import current_actor, local_now, today
from app.ui.widgets import forms
from app.ui.widgets.donor_search import ask_donor

CONTACT, TASK = "contact", "task"
TASKS = ("call", "thank", "write", "meet", "e-mail", "other")
REPEATS = {
    "weekly": "Every week",
    "biweekly": "Every two weeks",
    "semimonthly": "Twice a month",
    "monthly": "Every month",
    "bimonthly": "Every two months",
    "quarterly": "Every quarter",
    "semiannual": "Every half year",
    "annual": "Every year",
}
ONCE = "Once"
PRIORITIES = {1: "High", 2: "Normal", 3: "Low"}


@st.dialog("Log a contact", icon=":material/call:", on_dismiss="rerun")
def log_contact(donor_id: int | None = None, name: str = "") -> None:
    """Log a contact with this donor, or with a donor searched for in the dialog."""
    if donor_id is None:
        donor = ask_donor("With whom?", f"{CONTACT}_about")
        if donor is None:
            return
        donor_id, name = donor.donor_id, donor.name
    else:
        st.caption(f"With {escape(name)}")
    _ask_contact(donor_id, name)


def _ask_contact(donor_id: int, name: str) -> None:
    """Draw the form of a contact with this donor, in a dialog."""

    def work(db: Session) -> str:
        kind, contact_day = (
            forms.choice_value(CONTACT, "kind", str),
            forms.field_value(CONTACT, "on", date) or today(),
        )
        if contact_day > today():
            msg = f"{day(contact_day, today=today())} is in the future. Make it a task instead."
            raise InvalidError(msg)
        zone = ZoneInfo(current_actor().time_zone)
        moment = (
            local_now()
            if contact_day == today()
            else datetime.combine(contact_day, time(12), zone)
        )
        donors.log_contact(
            db,
            current_actor(),
            donor_id=donor_id,
            kind=kind,
            text=forms.field_value(CONTACT, "text", str),
            at=moment,
        )
        return f"Logged with {name}."

    with st.form(CONTACT, border=False):
        left, right = st.columns(2)
        with left:
            forms.choice("Kind", CONTACT, "kind", donors.CONTACT_KINDS)
        with right:
            forms.day("Day", CONTACT, "on", today())
        st.text_area("What was said", key=f"{CONTACT}_text", height=110)
        forms.save_button("Log it", key=CONTACT, work=work)


@st.dialog("Add task", icon=":material/task_alt:", on_dismiss="rerun")
def add_task(donor_id: int | None = None, name: str = "") -> None:
    """Add a task about this donor, or about a donor searched for in the dialog."""
    if donor_id is None:
        donor = ask_donor("About whom?", f"{TASK}_about")
        if donor is None:
            return
        donor_id, name = donor.donor_id, donor.name
    else:
        st.caption(f"About {escape(name)}")
    _ask_task(donor_id, name)


def _ask_task(donor_id: int, name: str) -> None:
    """Draw the form of a task about this donor, in a dialog."""

    def work(db: Session) -> str:
        tasks.create(
            db,
            current_actor(),
            donor_id=donor_id,
            title=forms.text_value(TASK, "title"),
            type=forms.choice_value(TASK, "type", str),
            priority=forms.choice_value(TASK, "priority", int),
            due_on=forms.field_value(TASK, "due", date),
            due_at=forms.field_value(TASK, "at", time),
            note=forms.field_value(TASK, "note", str),
            repeats=forms.field_value(TASK, "repeats", str),
        )
        return "Added the task."

    with st.form(TASK, border=False):
        forms.text("What is to be done", TASK, "title", f"Call {name}")
        cells = forms.cells()
        with next(cells):
            forms.choice("Kind", TASK, "type", TASKS)
        with next(cells):
            forms.day("By", TASK, "due", today() + timedelta(days=3))
        with next(cells):
            label_of = PRIORITIES.__getitem__
            forms.choice("Priority", TASK, "priority", (1, 2, 3), value=2, format_func=label_of)
        with next(cells):
            st.time_input("Time (may be empty)", None, key=f"{TASK}_at")
        ask_repeats(TASK)
        forms.text("Note", TASK, "note")
        forms.save_button("Add task", key=TASK, icon="task_alt", work=work)


def ask_repeats(key: str, value: str | None = None) -> None:
    """Draw the field that says how often a task repeats, in the form of this key."""
    label_of = REPEATS.__getitem__
    forms.choice(
        "Repeat", key, "repeats", list(REPEATS), value=value, format_func=label_of, empty=ONCE
    )
