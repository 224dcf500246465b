"""Screen for exporting every kind of record as CSV or workbook."""

import streamlit as st

from app import accounts, exports
from app.db import transaction
from app.ui.base.formats import count
from app.ui.base.session import current_actor, now, today
from app.ui.exports import downloads, scheduled
from app.ui.widgets import forms

actor = current_actor()
forms.announce()
st.title("Export")
with transaction(actor) as db:
    rows = exports.counts(db, actor)
    regular = exports.own_scheduled_exports(db, actor, today=today())
    confirmed = accounts.is_confirmed(db, actor, now=now()) if not actor.looking else True
if not rows:
    st.info("Your role does not export data. Ask an administrator if you need a file.")
    st.stop()
scope = "the whole organisation's data" if actor.sees_everyone else "your donors and their giving"
st.caption(f"Files with {scope}. Donors, gifts, pledges and funds imported again change nothing.")
downloads.waiting(confirmed=confirmed)
scheduled.listed(regular)
if regular:
    st.subheader("Every kind of file")
for kind in exports.exportable(actor):
    known, number = exports.TABLE[kind], rows.get(kind)
    with st.container(border=True):
        words, buttons = st.columns([3, 2], vertical_alignment="center")
        title = kind.capitalize() if number is None else count(number, known.noun)
        words.markdown(f":material/{known.icon}: **{title}**  \n{known.description}")
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if number == 0:
                st.caption("Nothing yet", width="content")
            else:
                downloads.forms(kind)
                if not actor.looking:
                    scheduled.ask(kind, exports.ExportQuery(), key=kind)
