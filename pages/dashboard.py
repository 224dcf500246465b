"""Screen of the dashboard: filtered figures and charts; a click shows the rows behind them."""

import streamlit as st

from app import gifts, insights
from app.db import replica
from app.ui.base.formats import long_day, month
from app.ui.base.session import current_actor, today
from app.ui.charts import cards
from app.ui.dashboard import drilldown, filters, kpis, who_gave, work_lists
from app.ui.widgets import rate_filter, tables

actor, day = current_actor(), today()
choices, fresh = replica.read(
    actor, lambda db: (filters.choices(db, actor), gifts.freshness(db, actor))
)

st.title("Dashboard")
st.caption(f"{long_day(day)} · {kpis.freshness(fresh, today=day, zone=actor.time_zone)}")
if fresh.last_gift_date is None:
    with st.container(border=True):
        tables.show_empty(
            "monitoring",
            "Figures and charts appear here with the first gifts.",
            action="Import a file",
            opens="import_file",
        )
    st.stop()

dashboard_filter = filters.ask_filter(choices)
board, lists = replica.read(
    actor,
    lambda db: (
        insights.dashboard(db, actor, filter=dashboard_filter, today=day),
        insights.load_work_lists(db, actor, filter=dashboard_filter, today=day),
    ),
)

changes, progress = board.changes, board.progress
support = [kpis.support(progress), kpis.goal(progress)] if progress else []
kpis.show_row(
    [
        *support,
        kpis.given_this_year(board.year),
        kpis.retention(changes),
        *([] if progress else [kpis.received(board.income)]),
    ]
)
kpis.show_notes(progress.notes if progress else ())
rate_filter.show_waiting(board.awaiting_rate.figures)

who_gave.show_income_note(dashboard_filter)

with st.container(key="cards_waiting"):
    columns = st.columns(3, gap="small")
with columns[0], st.container(border=True, height="stretch"):
    work_lists.show_late(lists.late)
with columns[1], st.container(border=True, height="stretch"):
    work_lists.show_at_risk(lists.risky)
with columns[2], st.container(border=True, height="stretch"):
    work_lists.show_unthanked(lists.thanks, today=day)

with st.container(border=True):
    head = st.container(horizontal=True, horizontal_alignment="distribute")
    head.subheader("Giving by month", help="Click a bar to see the gifts behind it.")
    with head.popover("As a table", icon=":material/table_rows:", type="tertiary"):
        cards.show_months_table(board.months, key="months_table", today=day)
    clicked = cards.show_giving(board.months, key="giving")
    rate_filter.show_waiting(board.awaiting_rate.months, short=True)
    if clicked:
        span = insights.span_of_month(clicked, day)
        rows = replica.read(
            actor,
            lambda db: insights.drilldown_gifts(db, actor, filter=dashboard_filter, span=span),
        )
        drilldown.show_gifts(rows, title=f"Gifts of {month(clicked)}", key="behind", today=day)

with st.container(key="who_gave"):
    who_gave.show_figures(changes, dashboard_filter)

with st.container(key="cards_year"):
    left, right = st.columns(2, gap="small")
with left, cards.card("Given and expected this fiscal year"):
    st.caption(kpis.outlook_sentence(board.year))
    kpis.show_notes(board.year.notes)
    rate_filter.show_waiting(board.awaiting_rate.year, short=True)
    cards.show_year(board.year, board.months, today=day, key="year")
with right:
    bar = who_gave.show_changed(board, today=day)
if bar:
    who_gave.show_donors_behind(bar, dashboard_filter, today=day)

with st.container(key="cards_parts"):
    left, right = st.columns(2, gap="small")
with left, cards.card("Recurring and one-time"):
    cards.show_parts(board.income.recurring, board.income.one_time)
    rate_filter.show_waiting(board.awaiting_rate.income, short=True)
    st.subheader("Top donors")
    drilldown.show_changes(changes.top, key="top", today=day)
with right, cards.card("Recent gifts"):
    drilldown.show_recent(lists.recent, key="recent", today=day)
    st.subheader("Biggest changes")
    drilldown.show_changes(changes.moved, key="moved", today=day)
