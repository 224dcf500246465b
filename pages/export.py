"""Take donors, gifts, pledges and funds away as CSV, complete and ready to be imported again."""

import streamlit as st

from app import exports
from app.db import transaction
from app.ui import files
from app.ui.formats import count
from app.ui.session import current_actor

ICONS = {"donors": "group", "gifts": "redeem", "pledges": "event_repeat", "funds": "savings"}
WORDS = {
    "donors": "Names, addresses, e-mails, phones, notes and tags.",
    "gifts": "Every gift and refund with its donor, fund and pledge.",
    "pledges": "What was promised, how often, and since when.",
    "funds": "What gifts are for.",
}


actor = current_actor()
st.title("Export")
with transaction(actor) as db:
    rows = exports.counts(db, actor)
if not rows:
    st.info("Your role does not export data. Ask an administrator if you need a file.")
    st.stop()
scope = "the whole organisation's data" if actor.sees_everyone else "your donors and their giving"
st.caption(f"CSV files with {scope}. An export imported again changes nothing.")
for kind, number in rows.items():
    with st.container(border=True):
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.markdown(
            f":material/{ICONS[kind]}: **{count(number, kind.removesuffix('s'))}**  \n"
            f"{WORDS[kind]}"
        )
        if number:
            with button:
                files.button(f"Download {kind}", f"{kind}.csv", width="stretch")
        else:
            button.caption("Nothing yet")
