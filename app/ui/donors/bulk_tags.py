"""Give a tag to the ticked or all filtered donors of the list, or take it away; with undo."""

from collections.abc import Collection

import streamlit as st

from app import donors
from app.accounts import Role
from app.db import Session, transaction
from app.ui.base.formats import count, escape, plain
from app.ui.base.session import current_actor
from app.ui.donors.bulk import bulk_emails, bulk_tasks
from app.ui.donors.bulk.chosen import Chosen
from app.ui.widgets import forms, tables

BULK, UNDO = "bulk_tags", "bulk_tags_undo"


def may_tag() -> bool:
    """Return whether the actor may change the tags of any donor."""
    actor = current_actor()
    return actor.role not in {Role.READ_ONLY, Role.SYSTEM} and not actor.looking


def show_bar(page: donors.DonorPage, donor_filter: donors.DonorFilter, *, key: str) -> None:
    """Draw the buttons above the list; `key` is that of the table."""
    ticked = tuple(line.donor_id for line in tables.ticked(key, page.lines, _id))
    chosen = Chosen(ticked, donor_filter, page.total)
    label = f"Tag {count(len(ticked), 'donor')}" if ticked else "Tag donors"
    with st.container(horizontal=True, key=f"{BULK}_bar"):
        if may_tag():
            if st.button(label, icon=":material/sell:", key=f"{BULK}_open"):
                ask(chosen)
            bulk_tasks.show_button(chosen)
        bulk_emails.show_button(chosen)


def _id(line: donors.DonorLine) -> int:
    return line.donor_id


def show_undo() -> None:
    """Draw the undo of the last change, also above a list that is empty since."""
    bulk_tasks.show_undo()
    bulk_emails.show_found()
    last = st.session_state.get(UNDO)
    if last is None:
        return
    tag_id, changed, removed, sentence = last
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escape(sentence), width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            key=f"{UNDO}_now",
            on_click=_undo,
            args=(tag_id, changed, removed),
        )


@st.dialog("Tag donors", icon=":material/sell:")
def ask(chosen: Chosen) -> None:
    """Ask for a tag, for which donors, and whether to give or take it."""
    with transaction(current_actor()) as db:
        names = {tag.tag_id: tag.name for tag in donors.tag_names(db)}
    if not names:
        st.info("There are no tags yet. An administrator creates them on Tags and fields.")
        return

    def work(db: Session) -> str:
        tag_id = forms.choice_value(BULK, "tag", int)
        remove = forms.choice_value(BULK, "how", str) == "Take away"
        ids = chosen.ids(db, BULK)
        changed = donors.tag_donors(
            db, current_actor(), tag_id=tag_id, donor_ids=ids, remove=remove
        )
        sentence = _sentence(names[tag_id], len(changed), len(ids), remove=remove)
        st.session_state[UNDO] = (tag_id, changed, remove, sentence) if changed else None
        return sentence

    with st.form(BULK, border=False):
        chosen.ask(BULK)
        st.radio("What", ("Give", "Take away"), key=f"{BULK}_how", horizontal=True)
        forms.choice(
            "Tag", BULK, "tag", list(names), format_func=lambda tag_id: plain(names[tag_id])
        )
        forms.save_button("Save", key=BULK, icon="sell", work=work)


def _sentence(name: str, changed: int, asked: int, *, remove: bool) -> str:
    did, to = ("Took", "from") if remove else ("Gave", "to")
    rest = asked - changed
    others = f" {count(rest, 'donor')} stayed as before." if rest else ""
    return f"{did} the tag {name} {to} {count(changed, 'donor')}.{others}"


def _undo(tag_id: int, changed: Collection[int], removed: bool) -> None:  # noqa: FBT001
    def work(db: Session) -> str:
        back = donors.tag_donors(
            db, current_actor(), tag_id=tag_id, donor_ids=changed, remove=not removed
        )
        return f"Undone for {count(len(back), 'donor')}."

    st.session_state[UNDO] = None
    forms.run_and_announce(UNDO, work)
