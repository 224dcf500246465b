"""Dialog of a logged contact: correct it, or delete it with undo."""

from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from app import donors
from app.db import Session, transaction
from app.donors import Contact
from app.kit.errors import DonorCrmError, InvalidError
from app.ui.base.formats import day, escape
from app.ui.base.session import current_actor, local_now, today
from app.ui.widgets import forms

EDIT = "contact_edit"
# names in the session: the contact to edit, and the one deleted with the last click
_ASKED, _UNDO = "contact_edit_asked", "contact_edit_undo"


def ask_later(contact_id: str) -> None:
    """Open the dialog of a contact when the timeline is drawn: a callback cannot."""
    st.session_state[_ASKED] = int(contact_id)


def show_asked() -> None:
    """Open the dialog of the contact whose button was pressed, if there is one."""
    contact_id = st.session_state.pop(_ASKED, None)
    if contact_id is None:
        return
    actor = current_actor()
    try:
        with transaction(actor) as db:
            contact = donors.contact(db, actor, contact_id=contact_id)
    except DonorCrmError as error:
        st.toast(escape(str(error)), icon=":material/error:")
        return
    _ask(contact)


def show_undo(donor_id: int) -> None:
    """Offer to restore the contact that was deleted with the last click."""
    deleted_of, contact_id = st.session_state.get(_UNDO, (None, None))
    if deleted_of == donor_id:
        st.button(
            "Undo: contact deleted",
            key="contact_edit_back",
            icon=":material/undo:",
            type="tertiary",
            on_click=_restore,
            args=(contact_id,),
        )


@st.dialog("Edit contact", icon=":material/edit:", on_dismiss="rerun")
def _ask(contact: Contact) -> None:
    on = _local(contact.at).date()
    with st.form(EDIT, border=False):
        left, right = st.columns(2)
        with left:
            forms.choice("Kind", EDIT, "kind", donors.CONTACT_KINDS, value=contact.kind)
        with right:
            forms.day("Day", EDIT, "on", on)
        st.text_area("What was said", contact.text or "", key=f"{EDIT}_text", height=110)
        forms.save_button("Save", key=EDIT, work=partial(_save, contact))
    st.button(
        "Delete",
        icon=":material/delete:",
        type="tertiary",
        width="stretch",
        key=f"{EDIT}_delete",
        on_click=forms.run,
        args=(EDIT, partial(_remove, contact)),
    )


def _save(contact: Contact, db: Session) -> str:
    donors.change_contact(
        db,
        current_actor(),
        contact_id=contact.contact_id,
        version=contact.version,
        kind=forms.choice_value(EDIT, "kind", str),
        text=forms.field_value(EDIT, "text", str),
        at=_moment(contact, forms.field_value(EDIT, "on", date)),
    )
    return "The contact is saved."


def _moment(contact: Contact, chosen: date | None) -> datetime:
    """Return the moment of the contact, which keeps its time unless the day is another."""
    local = _local(contact.at)
    if chosen is None or chosen == local.date():
        return contact.at
    if chosen > today():
        msg = f"{day(chosen, today=today())} is in the future. Make it a task instead."
        raise InvalidError(msg)
    if chosen == today():
        return local_now()
    return datetime.combine(chosen, time(12), local.tzinfo)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(current_actor().time_zone))


def _remove(contact: Contact, db: Session) -> str:
    donors.remove_contact(
        db, current_actor(), contact_id=contact.contact_id, version=contact.version
    )
    st.session_state[_UNDO] = contact.donor_id, contact.contact_id
    return "The contact is deleted. “Undo” is above the activity."


def _restore(contact_id: int) -> None:
    def work(db: Session) -> str:
        donors.restore_contact(db, current_actor(), contact_id=contact_id)
        return "The contact is there again."

    forms.run_and_announce(EDIT, work)
    st.session_state.pop(_UNDO, None)
