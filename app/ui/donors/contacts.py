"""Panel of a donor's e-mails, phones and addresses: add, change, remove with undo."""

from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from app import donors
from app.db import Session
from app.donors import AddressDetail, ContactDetail, DonorView, EmailDetail, PhoneDetail
from app.ui.base.formats import escape
from app.ui.base.session import current_actor, today
from app.ui.donors import contact_labels
from app.ui.widgets import forms

DETAIL, UNDO = "contact_detail", "contact_detail_undo"
MONTHS = tuple(f"{date(2000, month, 1):%B}" for month in range(1, 13))
NEW: tuple[tuple[str, ContactDetail], ...] = (
    ("Add e-mail", EmailDetail()),
    ("Add phone", PhoneDetail()),
    ("Add address", AddressDetail()),
)


def show(view: DonorView) -> None:
    """Draw the contact details with buttons to change them, if the actor may edit the donor."""
    if not view.editable:
        return
    contact = view.contact
    details: tuple[ContactDetail, ...] = (*contact.emails, *contact.phones, *contact.addresses)
    with st.expander("Contact details", icon=":material/contacts:", key="contact_details"):
        if not details:
            st.caption("No e-mail, phone or address yet. Add the first one here.")
        with st.container(key="list_contact_details"):
            for detail in details:
                _show_row(view, detail)
        _show_undo(view)
        with st.container(horizontal=True):
            for label, empty in NEW:
                if st.button(label, icon=":material/add:"):
                    _ask(view, empty)


def _show_row(view: DonorView, detail: ContactDetail) -> None:
    text, action = st.columns([5, 1], vertical_alignment="center")
    text.markdown(contact_labels.line(view, detail, today=today()))
    kind = contact_labels.ICONS[type(detail)]
    if action.button(
        "Change",
        key=f"{DETAIL}_{kind}_{detail.id}",
        width="stretch",
        help=f"Change or remove {escape(str(detail))}",
    ):
        _ask(view, detail)


def _show_undo(view: DonorView) -> None:
    """Offer to add the detail again that was removed with the last click."""
    donor_id, removed = st.session_state.get(UNDO, (None, None))
    if donor_id == view.donor_id:
        st.button(
            f"Undo: {escape(str(removed))} removed",
            icon=":material/undo:",
            type="tertiary",
            on_click=_undo,
            args=(view, removed),
        )


@st.dialog("Contact details", icon=":material/contacts:", width="medium")
def _ask(view: DonorView, old: ContactDetail) -> None:
    """Ask for the values of a new or changed detail."""
    st.caption(escape(view.name))
    with st.form(DETAIL, border=False):
        if isinstance(old, AddressDetail):
            _ask_address(old)
        else:
            _ask_line(old)
        st.checkbox("Do not use", old.do_not_use, key=f"{DETAIL}_do_not_use")
        if not old.is_primary:
            st.checkbox("Make it the primary one", key=f"{DETAIL}_primary")
        label = "Save" if old.id else "Add"
        forms.save_button(label, key=DETAIL, work=partial(_save, view, old))
    if old.id:
        st.button(
            "Remove",
            icon=":material/delete:",
            type="tertiary",
            width="stretch",
            on_click=forms.run,
            args=(DETAIL, partial(_remove, view, old)),
        )


def _ask_line(old: EmailDetail | PhoneDetail) -> None:
    left, right = st.columns([2, 1])
    is_email = isinstance(old, EmailDetail)
    with left:
        forms.text("E-mail" if is_email else "Phone", DETAIL, "value", str(old))
    with right:
        types = donors.EMAIL_TYPES if is_email else donors.PHONE_TYPES
        forms.choice("Type", DETAIL, "type", types, value=old.type)


def _ask_address(old: AddressDetail) -> None:
    forms.choice("Type", DETAIL, "type", donors.ADDRESS_TYPES, value=old.type)
    cells = forms.cells()
    for name, label in contact_labels.ADDRESS.items():
        with next(cells):
            forms.text(label, DETAIL, name, getattr(old.address, name))
    with next(cells):
        forms.day("Valid from", DETAIL, "valid_from", old.valid_from)
    with next(cells):
        forms.day("Valid to", DETAIL, "valid_to", old.valid_to)
    with next(cells):
        _ask_month_day("Season starts", "season_from", old.season_from)
    with next(cells):
        _ask_month_day("Season ends", "season_to", old.season_to)
    st.caption("The season is for seasonal addresses and repeats every year.")


def _ask_month_day(label: str, name: str, value: str | None) -> None:
    """Draw the two fields of a day of every year."""
    month, day = (int(part) for part in value.split("-")) if value else (None, None)
    forms.choice(
        f"{label}: month",
        DETAIL,
        f"{name}_month",
        MONTHS,
        value=MONTHS[month - 1] if month else None,
        empty="No season",
    )
    st.number_input(f"{label}: day", 1, 31, day or 1, key=f"{DETAIL}_{name}_day")


def _entered(old: ContactDetail) -> ContactDetail:
    """Return the detail as it is in the form."""
    new = replace(
        old,
        type=forms.choice_value(DETAIL, "type", str),
        do_not_use=forms.choice_value(DETAIL, "do_not_use", bool),
        is_primary=old.is_primary or bool(forms.field_value(DETAIL, "primary", bool)),
    )
    if isinstance(new, EmailDetail):
        return replace(new, email=forms.text_value(DETAIL, "value"))
    if isinstance(new, PhoneDetail):
        return replace(new, phone=forms.text_value(DETAIL, "value"))
    names = ("street", "city", "state", "postal_code", "country")
    seasonal = new.type == donors.SEASONAL
    return replace(
        new,
        address=donors.Address(**{name: forms.text_value(DETAIL, name) for name in names}),
        valid_from=forms.field_value(DETAIL, "valid_from", date),
        valid_to=forms.field_value(DETAIL, "valid_to", date),
        season_from=_month_day("season_from") if seasonal else None,
        season_to=_month_day("season_to") if seasonal else None,
    )


def _month_day(name: str) -> str | None:
    month = forms.field_value(DETAIL, f"{name}_month", str)
    day = forms.field_value(DETAIL, f"{name}_day", int)
    return f"{MONTHS.index(month) + 1:02}-{day:02}" if month and day else None


def _save(view: DonorView, old: ContactDetail, db: Session) -> str:
    save = donors.change_contact_detail if old.id else donors.add_contact_detail
    detail = _entered(old)
    save(
        db,
        current_actor(),
        donor_id=view.donor_id,
        version=view.version,
        detail=detail,
        today=today(),
    )
    return f"Saved {detail}."


def _remove(view: DonorView, old: ContactDetail, db: Session) -> str:
    removed = donors.remove_contact_detail(
        db,
        current_actor(),
        donor_id=view.donor_id,
        version=view.version,
        kind=type(old),
        detail_id=old.id or 0,
        today=today(),
    )
    st.session_state[UNDO] = view.donor_id, removed
    return f"Removed {removed}. “Undo” is below the contact details."


def _undo(view: DonorView, removed: ContactDetail) -> None:
    def work(db: Session) -> str:
        donors.add_contact_detail(
            db,
            current_actor(),
            donor_id=view.donor_id,
            version=view.version,
            detail=removed,
            today=today(),
        )
        return f"{removed} is there again."

    forms.run_and_announce(DETAIL, work)
    st.session_state.pop(UNDO, None)
