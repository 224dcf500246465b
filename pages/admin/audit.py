"""Screen of the audit log: who did what and when, with values before and after; export."""

import streamlit as st

from app import accounts, audit
from app.accounts import AUDITORS, require
from app.db import transaction
from app.ui.admin import audit_log
from app.ui.base.formats import count
from app.ui.base.session import current_actor, today
from app.ui.exports import downloads
from app.ui.widgets import pagination, tables

LIST = "activity"


actor = current_actor()
require(actor, *AUDITORS)
with transaction(actor) as db:
    people = accounts.list_users(db, actor)
    entities = audit.entities(db)
title, take = st.columns([5, 2], vertical_alignment="center")
title.title("Audit log")
activity_filter = audit_log.ask_filter(people, entities, actor.time_zone)
cursor = pagination.cursor(LIST, activity_filter, int)
with transaction(actor) as db:
    page = audit.page(db, filter=activity_filter, after=cursor)
if not page.lines:
    with st.container(border=True):
        if activity_filter == audit.ActivityFilter():
            tables.show_empty(
                "history", "No entries yet. Every change is recorded here.", guide="audit"
            )
        else:
            tables.show_empty(
                "filter_alt_off", "No entry matches. Remove a filter, or change the dates."
            )
    st.stop()
with take.container(horizontal=True, horizontal_alignment="right"):
    downloads.show_format_buttons("what-happened", downloads.audit_parameters(activity_filter))
total = "more than 10,000 lines" if page.total > 10_000 else count(page.total, "line")  # noqa: PLR2004
st.caption(f"{total[:1].upper()}{total[1:]}, newest first. Entries cannot be changed or removed.")
with st.container(border=True, key="list_activity"):
    for line in page.lines:
        audit_log.show_entry(line, actor.time_zone, today=today())
pagination.show_controls(
    LIST, size=50, shown=len(page.lines), total=page.total, next_cursor=page.next
)
