"""Saved mappings on the import screen: list, edit, share and delete them."""

from functools import partial

import streamlit as st

from app import imports
from app.db import Session, transaction
from app.ui.base import formats
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import current_actor, today
from app.ui.imports.column_mapping import LEAVE_OUT, field_labels, required_fields
from app.ui.imports.rows.kind_names import TITLES
from app.ui.widgets import forms

EDIT, DELETE, SHARE = "mapping_edit", "mapping_delete", "mapping_share"
ROUND = "mappings_round"
# the others are shown on demand
SHOWN = 20


def show() -> None:
    """List the saved mappings that the actor may use, those used last first."""
    forms.announce()
    st.subheader("Saved mappings")
    actor = current_actor()
    with transaction(actor) as db:
        saved = imports.list_mappings(db, actor)
    if not saved:
        st.caption(
            "When you import a file and choose what its columns are, your choices are saved here "
            "for the next one."
        )
        return
    st.caption(
        "What you chose for the columns of your files. Shared ones are offered to everybody who "
        "imports."
    )
    with st.container(key="list_mappings"):
        for mapping in saved[:SHOWN]:
            _draw(mapping)
        if len(saved) > SHOWN and st.toggle(
            f"Show all {formats.number(len(saved))}", key="mappings_all"
        ):
            for mapping in saved[SHOWN:]:
                _draw(mapping)


def _draw(saved: imports.SavedMapping) -> None:
    """Draw one mapping, with buttons if the actor may change it."""
    details, buttons = st.columns([6, 1], vertical_alignment="center")
    actor = current_actor()
    used = moment(saved.used_at, actor.time_zone, today=today())
    owner = "you" if saved.own else escape(saved.person or "a former user")
    icon, access = (
        (":material/group:", "Shared") if saved.shared else (":material/lock:", "Private")
    )
    columns = formats.number(len(saved.latest.mapping))
    columns += f" of {count(len(saved.latest.headers), 'column')}"
    details.markdown(
        f"**{escape(saved.name)}** · {icon} {access}  \n"
        f":gray[{TITLES[saved.kind]} · {columns} · saved by {owner} · last used {used}]"
    )
    if not saved.changeable:
        return
    with (
        buttons,
        st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", wrap=False),
    ):
        if st.button("Edit", key=f"{EDIT}_open_{saved.mapping_id}"):
            _edit(saved)
        _more_actions(saved)


def _more_actions(saved: imports.SavedMapping) -> None:
    """Draw the menu to share or delete a mapping."""
    with st.popover(
        # the key changes after an action, which closes the popover
        ":material/more_horiz:",
        type="tertiary",
        key=f"mapping_more_{saved.mapping_id}_{st.session_state.get(ROUND, 0)}",
        help="Share the mapping, or delete it",
    ):
        st.button(
            _share_label(saved),
            key=f"{SHARE}_{saved.mapping_id}",
            icon=":material/lock:" if saved.shared else ":material/group:",
            on_click=_change_sharing,
            args=(saved,),
        )
        if st.button(
            "Delete",
            key=f"{DELETE}_open_{saved.mapping_id}",
            icon=":material/delete:",
            on_click=_close_popover,
        ):
            _delete(saved)


def _close_popover() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _share_label(saved: imports.SavedMapping) -> str:
    if not saved.shared:
        return "Share with everybody"
    return "Keep to myself" if saved.own else "Make private"


def _change_sharing(saved: imports.SavedMapping) -> None:
    def work(db: Session) -> str:
        shared = not saved.shared
        imports.share_mapping(db, current_actor(), mapping_id=saved.mapping_id, shared=shared)
        return (
            f"Everybody can use {saved.name} now." if shared else f"{saved.name} is private now."
        )

    _close_popover()
    forms.run_and_announce(SHARE, work)


@st.dialog("Edit the mapping", icon=":material/edit:", width="large")
def _edit(saved: imports.SavedMapping) -> None:
    """Ask for the name and for the field of each column; saving adds a version."""
    latest, labels = saved.latest, field_labels(saved.kind)
    key = f"{EDIT}_{saved.mapping_id}_{latest.version}"
    with st.form(key, border=False):
        forms.text("Name", key, "name", saved.name, max_chars=200)
        st.caption(
            f"What each column is, in files of {saved.kind}. "
            f"Required: {required_fields(saved.kind)}."
        )
        for number, header in enumerate(latest.headers):
            _ask_field(header, labels, latest.mapping.get(header, ""), f"{key}_{number}")
        st.caption(
            "Other fields are saved as a new version. Earlier versions can still be chosen when "
            "you import a file."
        )
        forms.save_button("Save", key=key, work=partial(_save, saved, key))


def _ask_field(header: str, labels: dict[str, str], field: str, key: str) -> None:
    title = escape(header) or "A column without a name"
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.markdown(f"**{title}**")
    choices = ["", *labels]
    right.selectbox(
        title,
        choices,
        choices.index(field) if field in labels else 0,
        format_func=lambda name: labels.get(name, LEAVE_OUT),
        key=key,
        label_visibility="collapsed",
    )


def _save(saved: imports.SavedMapping, key: str, db: Session) -> str:
    """Rename and edit the mapping in one transaction, and return the message."""
    fields = {
        header: st.session_state[f"{key}_{number}"]
        for number, header in enumerate(saved.latest.headers)
    }
    mapping = {header: field for header, field in fields.items() if field}
    actor, name = current_actor(), forms.text_value(key, "name")
    imports.rename_mapping(db, actor, mapping_id=saved.mapping_id, name=name)
    imports.edit_mapping(
        db, actor, mapping_id=saved.mapping_id, version=saved.latest.version, mapping=mapping
    )
    return f"{name} is saved."


@st.dialog("Delete the mapping", icon=":material/delete:")
def _delete(saved: imports.SavedMapping) -> None:
    def work(db: Session) -> str:
        imports.delete_mapping(db, current_actor(), mapping_id=saved.mapping_id)
        return f"{saved.name} is deleted."

    others = " Nobody is offered it any more." if saved.shared else ""
    st.markdown(
        f"This deletes **{escape(saved.name)}** with its versions.{others} What was imported with "
        "it stays as it is."
    )
    with st.form(DELETE, border=False):
        forms.save_button("Delete", key=DELETE, work=work, icon="delete")
