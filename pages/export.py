"""Take every kind of record away as CSV or as a workbook, ready to be imported again."""

import streamlit as st

from app import exports
from app.db import transaction
from app.ui.formats import count
from app.ui.session import current_actor

FORMS = {"csv": "CSV", "xlsx": "Excel"}

actor = current_actor()
st.title("Export")
with transaction(actor) as db:
    rows = exports.counts(db, actor)
if not rows:
    st.info("Your role does not export data. Ask an administrator if you need a file.")
    st.stop()
scope = "the whole organisation's data" if actor.sees_everyone else "your donors and their giving"
st.caption(f"Files with {scope}. An export imported again changes nothing.")
for kind, number in rows.items():
    known = exports.TABLE[kind]
    with st.container(border=True):
        words, buttons = st.columns([3, 2], vertical_alignment="center")
        words.markdown(f":material/{known.icon}: **{count(number, known.one)}**  \n{known.says}")
        if not number:
            buttons.caption("Nothing yet")
            continue
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            for form, called in FORMS.items():
                st.link_button(
                    called,
                    f"/api/v1/files/{kind}.{form}",
                    icon=":material/download:",
                    help=f"Download {kind} as {called}",
                )
