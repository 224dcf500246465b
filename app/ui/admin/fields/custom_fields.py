"""List of custom fields with their donors, and dialogs to create, change and reorder them."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import donors
from app.db import Session
from app.ui.admin import purposes
from app.ui.base.formats import count, escape, plain
from app.ui.base.session import current_actor
from app.ui.widgets import forms, tables

NEW, CHANGE, ORDER = "new_field", "change_field", "order_fields"
TYPE_LABELS = {
    "text": "Text",
    "number": "Number",
    "date": "Date",
    "choice": "One of several choices",
    "yes-no": "Yes or no",
}


def show_list(lines: Sequence[donors.CustomFieldLine]) -> None:
    """Draw all fields in their order, each with its actions."""
    if not lines:
        with st.container(border=True):
            tables.show_empty(
                "list_alt",
                "No custom fields yet. A custom field holds what you want to know about each "
                "donor, such as “Birthday” or “Volunteer”. An administrator creates the first one "
                "with “New custom field”.",
                guide="tags",
            )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(count(len(lines), "custom field"), width="stretch")
        several = len(lines) > 1 and purposes.may_edit()
        if several and st.button("Change the order", icon=":material/swap_vert:"):
            reorder([line.field for line in lines])
    with st.container(border=True, key="list_wrapped_fields"):
        for line in purposes.searched(lines, lambda line: line.field.name, noun="field"):
            purposes.show_row(
                _text(line),
                f"field_{line.field.field_id}",
                (("Change", "edit", partial(change, line)),),
            )


def _text(line: donors.CustomFieldLine) -> str:
    field = line.field
    closed = "" if field.open else " :gray-badge[Closed]"
    kind = ", ".join(field.choices) if field.type == "choice" else TYPE_LABELS[field.type]
    having = f"{count(line.donors, 'donor')} with a value"
    return f"**{escape(field.name)}**{closed}  \n:gray[{escape(kind)} · {having}]"


@st.dialog("New custom field", icon=":material/list_alt:")
def create() -> None:
    """Ask for the name, type and choices of a new field."""

    def work(db: Session) -> str:
        name = forms.text_value(NEW, "name")
        donors.create_custom_field(
            db,
            current_actor(),
            name=name,
            field_type=forms.choice_value(NEW, "type", str),
            choices=forms.text_value(NEW, "choices").splitlines(),
        )
        return f"Created the custom field {name.strip()}."

    st.caption("Donors who have an “other field” of this name already keep its value.")
    with st.form(NEW, border=False):
        _ask_fields(NEW, donors.CustomField(0, 1, "", "text"))
        forms.save_button("Create field", key=NEW, work=work)


@st.dialog("Change custom field", icon=":material/edit:")
def change(line: donors.CustomFieldLine) -> None:
    """Ask for the name, type and choices of a field, and whether it is open."""
    field = line.field

    def work(db: Session) -> str:
        name = forms.text_value(CHANGE, "name")
        changed = donors.change_custom_field(
            db,
            current_actor(),
            field_id=field.field_id,
            version=field.version,
            name=name,
            field_type=forms.choice_value(CHANGE, "type", str),
            choices=forms.text_value(CHANGE, "choices").splitlines(),
            is_open=bool(forms.field_value(CHANGE, "open", bool)),
        )
        also = f" {count(changed, 'donor')} changed." if changed else ""
        return f"Saved the custom field {name.strip()}.{also}"

    if line.donors:
        st.caption(
            f"{count(line.donors, 'donor')} with a value. A new name renames it there too; a new "
            "type or other choices need every value to fit."
        )
    with st.form(CHANGE, border=False):
        _ask_fields(CHANGE, field)
        st.checkbox(
            "Open: asked for in the form of a donor",
            field.open,
            key=f"{CHANGE}_open",
            help="The values of a closed field stay with the donors and in exports.",
        )
        forms.save_button("Save", key=CHANGE, work=work)


def _ask_fields(key: str, field: donors.CustomField) -> None:
    forms.text("Name", key, "name", field.name, placeholder="Birthday")
    forms.choice(
        "Type",
        key,
        "type",
        donors.FIELD_TYPES,
        value=field.type,
        format_func=TYPE_LABELS.__getitem__,
    )
    st.text_area(
        "Choices",
        "\n".join(field.choices),
        key=f"{key}_choices",
        height=110,
        help="One a line; only for a field of several choices.",
    )


@st.dialog("Order of the custom fields", icon=":material/swap_vert:")
def reorder(fields: Sequence[donors.CustomField]) -> None:
    """Ask for the place of each field."""
    names = {field.field_id: plain(field.name) for field in fields}

    def work(db: Session) -> str:
        first = [
            field_id
            for field_id in forms.field_value(ORDER, "first", list) or []
            if field_id in names
        ]
        rest = [field_id for field_id in names if field_id not in first]
        donors.reorder_custom_fields(db, current_actor(), field_ids=[*first, *rest])
        return "Changed the order of the custom fields."

    with st.form(ORDER, border=False):
        st.multiselect(
            "Fields in their new order",
            list(names),
            format_func=names.__getitem__,
            key=f"{ORDER}_first",
            placeholder="Choose the first field, then the second",
            help="Fields that you do not choose come after these, as before.",
        )
        forms.save_button("Save", key=ORDER, work=work)
