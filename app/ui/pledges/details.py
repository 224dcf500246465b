"""Dialog to change when a pledge ends, how it is paid, and its note."""

from datetime import date

import streamlit as st

from app import pledges
from app.db import Session
from app.ui.base.session import current_actor, today
from app.ui.pledges import fields
from app.ui.pledges.forms import show_heading
from app.ui.widgets import forms

DETAILS = "pledge_details"


@st.dialog("Change the details", icon=":material/edit_note:", on_dismiss="rerun")
def change(line: pledges.PledgeLine) -> None:
    """Ask for the end, the method and the note of a pledge."""
    show_heading(line)
    with st.form(DETAILS, border=False):
        fields.ask_end(DETAILS, line)
        fields.ask_method(DETAILS, line.method)
        forms.text("Note", DETAILS, "note", line.note)
        st.caption("Amount, schedule, fund and campaign have buttons of their own.")
        forms.save_button("Save details", key=DETAILS, work=lambda db: _change(db, line))


def _change(db: Session, line: pledges.PledgeLine) -> str:
    pledges.change_details(
        db,
        current_actor(),
        pledge_id=line.pledge_id,
        version=line.version,
        end=forms.field_value(DETAILS, "end", date),
        instalments=forms.field_value(DETAILS, "instalments", int),
        total=fields.total_value(DETAILS, line.amount.currency),
        method=forms.field_value(DETAILS, "method", str),
        note=forms.field_value(DETAILS, "note", str),
        today=today(),
    )
    return f"Changed the pledge of {line.donor_name}."
