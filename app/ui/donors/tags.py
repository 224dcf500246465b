"""Dialog for the tags of a donor."""

import streamlit as st

from app import donors
from app.db import Session, transaction
from app.ui.base.formats import escape, plain
from app.ui.base.session import current_actor
from app.ui.widgets import forms

TAGS = "donor_tags"


@st.dialog("Tags", icon=":material/sell:")
def edit(view: donors.DonorView) -> None:
    """Ask which tags a donor has; only what was changed here is saved."""
    st.caption(escape(view.name))
    with transaction(current_actor()) as db:
        names = {tag.tag_id: tag.name for tag in donors.tag_names(db)}
    if not names:
        st.info(
            "There are no tags yet. An administrator creates them on the page Tags and fields."
        )
        return
    before = {tag_id for tag_id, name in names.items() if name in view.tags}

    def work(db: Session) -> str:
        chosen = set(forms.field_value(TAGS, "chosen", list) or [])
        donors.change_tags(
            db,
            current_actor(),
            donor_id=view.donor_id,
            add=chosen - before,
            remove=before - chosen,
        )
        return f"Saved the tags of {view.name}."

    with st.form(TAGS, border=False):
        st.multiselect(
            "Tags",
            list(names),
            default=sorted(before, key=list(names).index),
            format_func=lambda tag_id: plain(names[tag_id]),
            key=f"{TAGS}_chosen",
            placeholder="No tag",
        )
        forms.save_button("Save", key=TAGS, work=work)
