"""Screen "Today": goal, to-do list and recent gifts; viewing it changes nothing."""

import streamlit as st

from app import gifts, insights, organisation_settings
from app.db import replica
from app.kit.dates.days import months_after
from app.ui.base.formats import long_day
from app.ui.base.session import current_actor, local_now, today
from app.ui.charts import cards
from app.ui.dashboard import action_list, checklist, kpis
from app.ui.shell import commands
from app.ui.widgets import rate_filter, tables
from app.ui.widgets.url_filters import Filter, UrlFilters

MONTHS = Filter("Months shown", "months", {"12": "12 months", "24": "24 months"}, "12")
NOON, EVENING = 12, 18

actor, day = current_actor(), today()
summary, fresh, steps = replica.read(
    actor,
    lambda db: (
        insights.load_today_summary(db, actor, today=day),
        gifts.freshness(db, actor),
        organisation_settings.first_steps(db, actor),
    ),
)

hour = local_now().hour
part = "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"
st.title(f"Good {part}, {actor.name.split()[0] if actor.name else 'friend'}")
st.caption(
    f"{long_day(day)} · {kpis.freshness(fresh, today=day, zone=actor.time_zone)}"
    f"{kpis.scope(actor)}"
)

commands.show_buttons("record_gift", "log_contact", "new_donor")
checklist.show(steps)
if not actor.sees_amounts:
    action_list.show_card()
    st.stop()

if fresh.last_gift_date is None:
    with st.container(border=True):
        tables.show_empty(
            "upload_file",
            "There are no gifts yet. Import a file to fill this page.",
            action="Import a file",
            opens="import_file",
            guide="start",
        )
    action_list.show_card(unless_empty=True)
    st.stop()

since = months_after(day.replace(day=1), -11)
kpis.show_row(
    [
        kpis.support(summary.progress, summary.history),
        kpis.goal(summary.progress, summary.history),
        kpis.given_this_year(
            summary.year, [month for month in summary.months if month.month >= since]
        ),
        kpis.retention(summary.changes, summary.kept_a_year_ago, summary.kept_by_year),
    ]
)
kpis.show_notes(summary.progress.notes)
rate_filter.show_waiting(summary.awaiting_rate.figures)

with st.container(key="cards_today"):
    left, right = st.columns([4, 5], gap="small")
with left:
    action_list.show_card(links=summary.links)
    with cards.card(
        "What changed", help="The last twelve months against the twelve before, donor by donor."
    ):
        cards.show_changes(
            summary.changes, key="changed", label_before="Before", label_now="Now", clickable=False
        )
        rate_filter.show_waiting(summary.awaiting_rate.compared, short=True)
with right:
    with st.container(border=True):
        head = st.container(horizontal=True, vertical_alignment="center")
        head.subheader("Giving by month")
        filters = UrlFilters()
        with head:
            period = filters.segments(MONTHS, visible_label=False)
        filters.show_refused()
        months = summary.months[-int(period) :]
        cards.show_giving(months, key="giving", clickable=False)
        rate_filter.show_waiting(summary.awaiting_rate.months, short=True)
    with st.container(border=True):
        st.subheader("Recent gifts")
        tables.show(
            summary.recent,
            [
                tables.days("Date", lambda gift: gift.on),
                tables.name("Donor", lambda gift: gift.donor_name),
                tables.money("Amount", lambda gift: gift.amount),
                tables.bars("Last 12 months", lambda gift: summary.rhythm[gift.donor_id]),
            ],
            key="recent",
            today=day,
            opens=lambda gift: gift.donor_id,
        )
