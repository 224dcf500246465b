"""Screen for exporting every kind of record as CSV or workbook."""

import streamlit as st

from app import accounts, exports
from app.db import replica
from app.ui.base.formats import count
from app.ui.base.session import current_actor, now, today
from app.ui.exports import archive, downloads, scheduled
from app.ui.widgets import forms

actor = current_actor()
forms.announce()
st.title("Export")
rows, scheduled_exports, confirmed = replica.read(
    actor,
    lambda db: (
        exports.counts(db, actor),
        exports.own_scheduled_exports(db, actor, today=today()),
        actor.looking or accounts.is_confirmed(db, actor, now=now()),
    ),
)
if not rows:
    st.info("Your role does not export data. Ask an administrator if you need a file.")
    st.stop()
scope = "the whole organisation's data" if actor.sees_everyone else "your donors and their giving"
st.caption(f"Files with {scope}. Most of them can be imported again, which changes nothing.")
downloads.show_requested_file(confirmed=confirmed)
if actor.role == accounts.Role.ADMIN:
    archive.show()
scheduled.show_list(scheduled_exports)
if scheduled_exports:
    st.subheader("Every kind of file")
for kind in exports.exportable(actor):
    dataset, number = exports.TABLE[kind], rows.get(kind)
    with st.container(border=True):
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        title = kind.capitalize() if number is None else count(number, dataset.noun)
        text.markdown(f":material/{dataset.icon}: **{title}**  \n{dataset.description}")
        with text:
            query = downloads.ask_counting(kind) if number != 0 else exports.ExportQuery()
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if number == 0:
                st.caption("Nothing yet", width="content")
            else:
                downloads.show_format_buttons(kind, exports.encode_query(query))
                if not actor.looking:
                    scheduled.show_schedule_button(kind, query, key=kind)
