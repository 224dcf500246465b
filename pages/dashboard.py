"""Screen of the dashboard: filtered figures and charts; a click shows the rows behind them."""

import streamlit as st

from app import gifts, insights
from app.db import transaction
from app.kit.formatting import day as spell_day
from app.kit.formatting import long_day, month
from app.ui.base.session import current_actor, today
from app.ui.charts import cards
from app.ui.dashboard import drilldown, filters, kpis, work_lists
from app.ui.widgets import tables

actor, day = current_actor(), today()
with transaction(actor) as db:
    known = filters.choices(db, actor)
    fresh = gifts.freshness(db, actor)

st.title("Dashboard")
st.caption(f"{long_day(day)} · {kpis.freshness(fresh, today=day, zone=actor.time_zone)}")
if fresh.last_gift_date is None:
    with st.container(border=True):
        tables.nothing(
            "monitoring",
            "Numbers and pictures appear here with the first gifts.",
            action="Import a file",
            opens="import_file",
        )
    st.stop()

chosen = filters.ask(known)
with transaction(actor) as db:
    board = insights.dashboard(db, actor, filter=chosen, today=day)
    people = insights.load_work_lists(db, actor, filter=chosen, today=day)

changes, progress = board.changes, board.progress
support = [kpis.support(progress), kpis.goal(progress)] if progress else []
kpis.row(
    [
        *support,
        kpis.given(board.year),
        kpis.kept(changes),
        *([] if progress else [kpis.received(board.income)]),
    ]
)
kpis.notes(progress.notes if progress else ())

with st.container(key="cards_waiting"):
    places = st.columns(3, gap="small")
with places[0], st.container(border=True, height="stretch"):
    work_lists.late(people.late)
with places[1], st.container(border=True, height="stretch"):
    work_lists.risky(people.risky)
with places[2], st.container(border=True, height="stretch"):
    work_lists.thanks(people.thanks, today=day)

with st.container(border=True):
    head = st.container(horizontal=True, horizontal_alignment="distribute")
    head.subheader("Giving by month", help="Click a bar to see the gifts behind it.")
    with head.popover("As a table", icon=":material/table_rows:", type="tertiary"):
        cards.months_table(board.months, key="months_table", today=day)
    goal = progress.goal if progress else None
    clicked = cards.giving(board.months, goal=goal, key="giving")
    if clicked:
        with transaction(actor) as db:
            behind = insights.drilldown_gifts(
                db, actor, filter=chosen, span=insights.span_of_month(clicked, day)
            )
        drilldown.gifts(behind, title=f"Gifts of {month(clicked)}", key="behind", today=day)

with st.container(key="cards_year"):
    left, right = st.columns(2, gap="small")
with left, cards.card("Given and expected this fiscal year"):
    st.caption(kpis.outlook(board.year))
    kpis.notes(board.year.notes)
    cards.year(board.year, board.months, today=day, key="year")
with right, cards.card("What changed", help="Click a bar to see the donors behind it."):
    st.caption(
        f"{spell_day(changes.span.start, today=day)} to {spell_day(changes.span.last, today=day)}"
        " against as many days before, donor by donor"
    )
    bar = cards.changed(changes, key="changed", before="Before", now="Now", clickable=True)
if bar:
    with transaction(actor) as db:
        moved = insights.drilldown_donors(
            db, actor, filter=chosen, kinds=cards.kinds(bar), today=day
        )
    with st.container(border=True):
        drilldown.donors(moved, title=cards.WORDS[bar], key="moved_behind", today=day)

with st.container(key="cards_parts"):
    left, right = st.columns(2, gap="small")
with left, cards.card("Recurring and one-time"):
    cards.parts(board.income.recurring, board.income.one_time, key="parts")
    st.caption(kpis.kept_in_words(changes))
    st.subheader("Top donors")
    drilldown.changes(changes.top, key="top", today=day)
with right, cards.card("Recent gifts"):
    drilldown.recent(people.recent, key="recent", today=day)
    st.subheader("Biggest changes")
    drilldown.changes(changes.moved, key="moved", today=day)
