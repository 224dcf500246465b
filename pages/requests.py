"""Screen of prayer and care requests: open and answered ones, and a list to print."""

import streamlit as st

from app import care_requests
from app.db import transaction
from app.ui.base.formats import count
from app.ui.base.session import current_actor
from app.ui.donors import care_requests as request_list
from app.ui.widgets import forms, pagination, tables
from app.ui.widgets.url_filters import Filter, UrlFilters

LIST = "request_list"
SIZE = 50
# as many as a printed list may have
MOST_PRINTED = 2_000
STATES = Filter("Which", "state", {"open": "Open", "answered": "Answered"}, default="open")
LAYOUTS = Filter("Layout", "layout", {"list": "List", "print": "To print"}, default="list")

forms.announce()
actor = current_actor()
st.title("Requests")
subtitle = st.empty()
filters = UrlFilters()
with st.container(horizontal=True, vertical_alignment="bottom", key="request_filters"):
    answered = filters.segments(STATES, visible_label=False) == "answered"
    printing = filters.segments(LAYOUTS, visible_label=False) == "print"
filters.show_refused()

cursor = None if printing else pagination.cursor(LIST, answered, tuple)
with transaction(actor) as db:
    page = care_requests.page(
        db,
        actor,
        answered=answered,
        limit=MOST_PRINTED if printing else SIZE,
        after=cursor,
    )
number = page.answered if answered else page.open
kind = "answered request" if answered else "open request"
subtitle.caption(f"{count(number, kind)} · {'latest answer' if answered else 'oldest'} first")

if not page.lines and answered:
    tables.show_empty("volunteer_activism", "No request is answered yet.", guide="requests")
elif not page.lines:
    tables.show_empty(
        "volunteer_activism",
        "No open requests. Open a donor and choose “Add request”.",
        action="All donors",
        opens="donors",
        guide="requests",
    )
elif printing:
    st.caption("By donor. Print this page from the browser: Ctrl+P, on a Mac ⌘P.")
    request_list.show_to_print(page.lines)
    if page.next is not None:
        st.caption(f"Only the first {count(len(page.lines), 'request')} of {number} are shown.")
else:
    with st.container(border=True, key="list_requests"):
        for line in page.lines:
            request_list.show_line(line, with_name=True)
    pagination.show_controls(
        LIST, size=SIZE, shown=len(page.lines), total=number, next_cursor=page.next
    )
