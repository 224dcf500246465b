"""The figures and charts of the dashboard that count donors, by the switches of its filter."""

from datetime import date

import streamlit as st

from app import insights
from app.db import replica
from app.donors import Credit, Unit
from app.insights import Change, Changes, Dashboard, DashboardFilter
from app.ui.base.formats import count, money, number
from app.ui.base.formats import day as spell_day
from app.ui.base.session import current_actor
from app.ui.charts import cards
from app.ui.dashboard import drilldown, kpis
from app.ui.dashboard.kpis import Direction, Figure
from app.ui.widgets import rate_filter

UNIT_SENTENCES = {
    Unit.PERSON: "A donor is a person.",
    Unit.HOUSEHOLD: "A donor is a household, which adds up its members, or a person without one.",
}
CREDIT_SENTENCES = {
    Credit.HARD: "Own gifts count.",
    Credit.SOFT: "Soft credits count, not own gifts: recognition for the gifts of others, which "
    "is not income.",
    Credit.BOTH: "Own gifts and soft credits count; what is credited is recognition, not income. "
    "A gift counts once for a donor, and once in a sum.",
}
INCOME = (
    "Donors kept, Who gave, What changed, Top donors and Biggest changes follow “A donor is” and "
    "“Counts”. Everything else cannot: it is money received or to be done, where each gift "
    "counts once, for the donor who gave it."
)
ENDS = {
    Credit.HARD: ("Before", "Now"),
    Credit.SOFT: ("Credited before", "Credited now"),
    Credit.BOTH: ("Before", "Now"),
}


def sentence(chosen: DashboardFilter) -> str:
    """Return what counts as a donor, and which giving."""
    return f"{UNIT_SENTENCES[chosen.unit]} {CREDIT_SENTENCES[chosen.credit]}"


def show_income_note(chosen: DashboardFilter) -> None:
    """Say which figures do not follow the switches, unless they stand at the default."""
    if (chosen.unit, chosen.credit) != (Unit.PERSON, Credit.HARD):
        st.caption(INCOME)


def show_figures(changes: Changes, chosen: DashboardFilter) -> None:
    """Draw the figures of the donors who gave."""
    st.subheader("Who gave", help="In the chosen period, compared with the one before.")
    st.caption(sentence(chosen))
    kpis.show_row(figures(changes, chosen), key="figures_who_gave")
    st.caption(kpis.retention_sentence(changes))


def figures(changes: Changes, chosen: DashboardFilter) -> list[Figure]:
    """Return the number of donors, the new and the lapsed ones, and the average."""
    counted = sentence(chosen)
    back = changes.donors(Change.BACK)
    more = changes.donors_now - changes.donors_before
    direction: Direction = "up" if more > 0 else "down" if more < 0 else "off"
    change = f"{number(abs(more))} {'more' if more > 0 else 'fewer'} than before"
    average = "–" if changes.average is None else money(changes.average)
    return [
        Figure(
            "Donors who gave",
            number(changes.donors_now),
            change if more else "as before",
            direction,
            counted,
        ),
        Figure(
            "New",
            number(changes.donors(Change.NEW)),
            f"and {number(back)} back after a pause",
            help=f"Donors with their first gift in this period. {counted}",
        ),
        Figure(
            "Lapsed",
            number(changes.donors(Change.LAPSED, Change.LAPSED_NEW)),
            f"of {count(changes.donors_before, 'donor')} before",
            help=f"Donors who gave in the period before, and not in this one. {counted}",
        ),
        Figure("Average per donor", average, "in this period", help=counted),
    ]


def show_changed(board: Dashboard, *, today: date) -> str | None:
    """Draw the card "What changed" and return the key of the clicked bar, or None."""
    changes, chosen = board.changes, board.filter
    with cards.card("What changed", help="Click a bar to see the donors behind it."):
        st.caption(
            f"{spell_day(changes.span.start, today=today)} to "
            f"{spell_day(changes.span.last, today=today)}"
            f" against as many days before, donor by donor{_what_counts(changes, chosen)}"
        )
        before, now = ENDS[chosen.credit]
        bar = cards.show_changes(
            changes, key="changed", label_before=before, label_now=now, clickable=True
        )
        rate_filter.show_waiting(board.awaiting_rate.compared, short=True)
    return bar


def _what_counts(changes: Changes, chosen: DashboardFilter) -> str:
    if chosen.credit == Credit.HARD:
        return ""
    text = ", in credited amounts, which are not income."
    if chosen.credit == Credit.BOTH:
        text = ", with soft credits, which are not income."
    if any(step.change == Change.SHARED for step in changes.steps):
        text += " “Shared” takes away again what counts for several donors."
    return text


def show_donors_behind(bar: str, chosen: DashboardFilter, *, today: date) -> None:
    """Draw the donors behind a bar of "What changed"."""
    with st.container(border=True):
        if bar == Change.SHARED:
            st.markdown("No donor is behind this bar: it is what counts for several of them.")
            return
        actor = current_actor()
        kinds = cards.changes_of_bar(bar)
        rows = replica.read(
            actor,
            lambda db: insights.drilldown_donors(
                db, actor, filter=chosen, kinds=kinds, today=today
            ),
        )
        drilldown.show_donors(rows, title=cards.LABELS[bar], key="moved_behind", today=today)
