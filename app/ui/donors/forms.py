"""Dialogs about donors: create and edit."""

from dataclasses import replace
from typing import Any

import streamlit as st

from app import accounts, donors
from app.accounts import Role
from app.db import Session, transaction
from app.ui.base.formats import escape, initial
from app.ui.base.session import current_actor, today
from app.ui.donors import custom_fields
from app.ui.donors.contact_labels import ADDRESS
from app.ui.widgets import forms

NEW, EDIT = "new_donor", "edit_donor"
NOBODY = "Nobody yet"
NOT_ASKED = frozenset({"address", "spouse_last_name"})
FIELD_LABELS = {
    "kind": "Kind",
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "spouse_first_name": "Spouse's first name",
    "spouse_last_name": "Spouse's last name",
    "salutation": "Salutation",
    "envelope_name": "Name on the envelope",
    "status": "Status",
    "email": "E-mail",
    "phone": "Phone",
    "address": "Address",
    "no_email": "No e-mail",
    "no_phone": "No calls",
    "no_mail": "No letters",
    "deceased": "Deceased",
    "deceased_on": "Day of death",
    "preferred_language": "Preferred language",
    "preferred_channel": "Preferred channel",
    "anonymous": "Gives anonymously",
    "notes": "Notes",
    "more": custom_fields.OTHERS,
    "owner_id": "Owner",
}
BUILT = {
    "name": "Name (leave empty to build it from the parts)",
    "salutation": "Salutation (leave empty to build it)",
}
# fields of text around the address
BEFORE = ("name", "first_name", "last_name", "spouse_first_name", "email", "phone")
AFTER = ("salutation", "envelope_name")
LABELS = {**FIELD_LABELS, **ADDRESS, **BUILT}


@st.dialog("New donor", icon=":material/person_add:", width="medium")
def create() -> None:
    """Ask for the details of a new donor."""

    def work(db: Session) -> str:
        fields = _entered_fields(NEW, donors.DonorFields())
        donor_id = donors.create(db, current_actor(), fields=fields)
        name = donors.get(db, current_actor(), donor_id, today=today()).name
        st.session_state["open_donor"] = donor_id
        return f"Added {name}."

    with st.form(NEW, border=False):
        _ask_fields(NEW, donors.DonorFields())
        forms.save_button("Add donor", key=NEW, icon="person_add", work=work)


@st.dialog("Edit donor", icon=":material/edit:", width="medium")
def edit(view: donors.DonorView) -> None:
    """Ask for changed details; show concurrent changes by others instead of overwriting them."""

    def work(db: Session) -> str:
        donors.update(
            db,
            current_actor(),
            donor_id=view.donor_id,
            version=view.version,
            fields=_entered_fields(EDIT, view.fields),
            today=today(),
        )
        return f"Saved {view.name}."

    refused = st.session_state.get(f"{EDIT}_refused")
    with st.form(EDIT, border=False):
        _ask_fields(EDIT, view.fields)
        if isinstance(refused, donors.StaleDonorError):
            _show_conflict(refused)
        forms.save_button("Save", key=EDIT, work=work)
    if isinstance(refused, donors.StaleDonorError):
        st.button(
            "Keep mine and save over theirs",
            on_click=_overwrite,
            args=(view.donor_id,),
            key="over",
        )


def _show_conflict(stale: donors.StaleDonorError) -> None:
    """Show each differing field: the value saved meanwhile, and the value in the form."""
    people = _owners(donors.DonorFields())
    for name, versions in stale.theirs.items():
        if name == "owner_id":
            saved, mine = (people.get(user_id, NOBODY) for user_id in versions)
        else:
            saved, mine = map(_value_text, versions)
        st.markdown(f"**{FIELD_LABELS[name]}** · saved: {escape(saved)} · yours: {escape(mine)}")


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else "nothing"


def _overwrite(donor_id: int) -> None:
    def work(db: Session) -> str:
        actor = current_actor()
        fresh = donors.get(db, actor, donor_id, today=today())
        donors.update(
            db,
            actor,
            donor_id=donor_id,
            version=fresh.version,
            fields=_entered_fields(EDIT, fresh.fields),
            today=today(),
        )
        return f"Saved {fresh.name}."

    forms.run(EDIT, work)


def _ask_fields(key: str, old: donors.DonorFields) -> None:
    cells = forms.cells()
    for name, options in {"kind": donors.KINDS, "status": donors.STATUSES}.items():
        with next(cells):
            forms.choice(FIELD_LABELS[name], key, name, options, value=getattr(old, name))
    for name in (*BEFORE, *ADDRESS, *AFTER):
        holder = old.address if name in ADDRESS else old
        with next(cells):
            forms.text(LABELS[name], key, name, getattr(holder, name))
    _ask_wishes(key, old)
    if people := _owners(old):
        forms.choice(
            "Belongs to",
            key,
            "owner_id",
            list(people),
            format_func=people.__getitem__,
            value=current_actor().user_id if key == NEW else old.owner_id,
            empty=None if key == NEW else NOBODY,
        )
    st.text_area("Notes", old.notes or "", key=f"{key}_notes", height=90)
    custom_fields.ask(key, old.more)


def _ask_wishes(key: str, old: donors.DonorFields) -> None:
    """Draw the flags, the day of death, and the preferred language and channel."""
    with st.container(horizontal=True):
        for name in ("no_email", "no_phone", "no_mail", "deceased", "anonymous"):
            st.checkbox(FIELD_LABELS[name], getattr(old, name), key=f"{key}_{name}")
    language = old.preferred_language
    names = {**donors.languages()}
    if language:
        names.setdefault(language, donors.language_name(language))
    columns = st.columns(3)
    with columns[0]:
        forms.day(FIELD_LABELS["deceased_on"], key, "deceased_on", old.deceased_on)
    with columns[1]:
        forms.choice(
            FIELD_LABELS["preferred_language"],
            key,
            "preferred_language",
            list(names),
            format_func=names.__getitem__,
            value=language,
            empty="Not known",
        )
    with columns[2]:
        forms.choice(
            FIELD_LABELS["preferred_channel"],
            key,
            "preferred_channel",
            list(donors.CHANNELS),
            format_func=lambda channel: initial(donors.CHANNELS[channel]),
            value=old.preferred_channel,
            empty="Not known",
        )


def _owners(old: donors.DonorFields) -> dict[int, str]:
    """Return the possible owners of a donor; empty unless the actor is an administrator."""
    if current_actor().role != Role.ADMIN:
        return {}
    with transaction(current_actor()) as db:
        people = {owner.user_id: owner.name for owner in accounts.owners(db, current_actor())}
    if old.owner_id is not None:
        people.setdefault(old.owner_id, "As before")
    return people


def _entered_fields(key: str, old: donors.DonorFields) -> donors.DonorFields:
    """Return the details from the form; fields that it does not contain stay unchanged."""
    address_names = ("street", "city", "state", "postal_code", "country")
    unchanged = NOT_ASKED if current_actor().role == Role.ADMIN else NOT_ASKED | {"owner_id"}
    values: dict[str, Any] = {
        name: forms.field_value(key, name, object)
        for name in FIELD_LABELS
        if name not in unchanged
    }
    values["more"] = custom_fields.entered(key, forms.field_value(key, "more", str))
    address = donors.Address(**{name: forms.field_value(key, name, str) for name in address_names})
    return replace(old, **values, address=address)


def may_add() -> bool:
    """Return whether the actor may add donors."""
    actor = current_actor()
    return actor.role not in {Role.READ_ONLY, Role.SYSTEM} and not actor.looking
