"""List of tags with their donors, and dialogs to create, rename, merge and delete them."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import donors
from app.db import Session
from app.ui.admin import purposes
from app.ui.base.formats import count, escape
from app.ui.base.session import current_actor
from app.ui.widgets import forms, tables

NEW, RENAME, DELETE = "new_tag", "rename_tag", "delete_tag"


def show_list(tags: Sequence[donors.TagLine]) -> None:
    """Draw all tags by name, each with its actions."""
    if not tags:
        with st.container(border=True):
            tables.show_empty(
                "sell",
                "No tags yet. A tag marks donors who belong together, such as “newsletter”. An "
                "administrator creates the first one with “New tag”.",
                guide="tags",
            )
        return
    st.caption(count(len(tags), "tag"))
    names = {tag.tag_id: tag.name for tag in tags}
    with st.container(border=True, key="list_wrapped_tags"):
        for tag in purposes.searched(tags, lambda tag: tag.name, noun="tag"):
            purposes.show_row(
                f"**{escape(tag.name)}**  \n:gray[{count(tag.donors, 'donor')}]",
                f"tag_{tag.tag_id}",
                (
                    ("Rename", "edit", partial(rename, tag)),
                    ("Merge", "merge", partial(merge, tag, names)),
                    ("Delete", "delete", partial(delete, tag)),
                ),
            )


@st.dialog("New tag", icon=":material/sell:")
def create() -> None:
    """Ask for the name of a new tag."""

    def work(db: Session) -> str:
        name = forms.text_value(NEW, "name")
        donors.create_tag(db, current_actor(), name=name)
        return f"Created the tag {name.strip()}."

    with st.form(NEW, border=False):
        forms.text("Name", NEW, "name")
        forms.save_button("Create tag", key=NEW, work=work)


@st.dialog("Rename tag", icon=":material/edit:")
def rename(tag: donors.TagLine) -> None:
    """Ask for another name of a tag."""

    def work(db: Session) -> str:
        name = forms.text_value(RENAME, "name")
        donors.rename_tag(db, current_actor(), tag_id=tag.tag_id, version=tag.version, name=name)
        return f"Renamed the tag to {name.strip()}."

    with st.form(RENAME, border=False):
        forms.text("Name", RENAME, "name", tag.name)
        forms.save_button("Save", key=RENAME, work=work)


@st.dialog("Merge tag", icon=":material/merge:")
def merge(tag: donors.TagLine, names: dict[int, str]) -> None:
    """Ask into which tag, show how many donors it concerns, and merge."""

    def effect(_db: Session, into_id: int) -> str:
        into, who = escape(names[into_id]), count(tag.donors, "donor")
        return (
            f"**{who}** with {escape(tag.name)} will have {into} instead. {escape(tag.name)} is "
            f"no longer listed; a file that names it later gives {into}. A merge cannot "
            "be undone."
        )

    def work(db: Session, into_id: int) -> str:
        moved = donors.merge_tags(
            db, current_actor(), tag_id=tag.tag_id, into_id=into_id, version=tag.version
        )
        return f"Merged {tag.name} into {names[into_id]}: {count(moved, 'donor')}."

    purposes.ask_merge("tag", tag.tag_id, names, effect=effect, merge=work)


@st.dialog("Delete tag", icon=":material/delete:")
def delete(tag: donors.TagLine) -> None:
    """Say how many donors lose the tag, and delete it."""

    def work(db: Session) -> str:
        lost = donors.delete_tag(db, current_actor(), tag_id=tag.tag_id, version=tag.version)
        return f"Deleted the tag {tag.name}: {count(lost, 'donor')} had it."

    who = f"**{count(tag.donors, 'donor')}** will lose" if tag.donors else "No donor has"
    st.markdown(
        f"{who} the tag {escape(tag.name)}. This cannot be undone; to keep the group, merge the "
        "tag into another."
    )
    with st.form(DELETE, border=False):
        forms.save_button("Delete tag", key=DELETE, icon="delete", work=work)
