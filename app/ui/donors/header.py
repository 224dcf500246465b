"""Header of the donor screen, figures and access log."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app.donors import AccessLine, CustomField, DonorView
from app.gifts import AwaitingRate
from app.ui.base.formats import ago, count, day, escape, moment, money
from app.ui.donors import custom_fields
from app.ui.donors import labels as donor_labels
from app.ui.donors.overview import reach
from app.ui.widgets import rate_filter

ACCESS_LABELS = {"page": "opened this page", "export": "exported it", "api": "read it by program"}


def draw(
    view: DonorView, late: Sequence[str], fields: Sequence[CustomField], *, today: date
) -> None:
    """Draw name, kind of donor, late pledges, giving rhythm, contact data, tags and notes."""
    st.title(escape(view.name))
    st.caption(escape(donor_labels.summary(view, today=today)))
    if view.fields.anonymous:
        st.markdown(
            ":gray-badge[:material/visibility_off: Gives anonymously]",
            help="Only the owner, finance and administrators see the name.",
        )
    for sentence in late:
        st.markdown(f":material/schedule: **Pledge late.** {escape(sentence)}")
    if view.rhythm:
        icon, label = donor_labels.GIVING[view.rhythm.status]
        st.markdown(f":material/{icon}: **{label}.** {escape(view.rhythm.sentence)}")
    reach.show(view, today=today)
    if preferences := donor_labels.preferences(view, today=today):
        st.caption(escape(preferences))
    if view.tags:
        st.markdown(" ".join(f":gray-badge[{escape(tag)}]" for tag in view.tags))
    if view.fields.notes:
        st.markdown(f":gray[:material/sticky_note_2:] {escape(view.fields.notes)}")
    if view.fields.more:
        custom_fields.show_values(fields, view.fields.more, today=today)


def show_figures(view: DonorView, waiting: Sequence[AwaitingRate], *, today: date) -> None:
    """Draw lifetime giving, this fiscal year and last, the last gift and the largest.

    `waiting` are the donor's gifts that the sums leave out for lack of an exchange rate.
    """
    last, first = view.last_gift_date, view.first_gift_date
    figures = (
        ("Lifetime", money(view.lifetime), count(view.gifts, "gift")),
        ("This fiscal year", money(view.this_year), f"{money(view.last_year)} last year"),
        (
            "Last gift",
            day(last, today=today) if last else "None yet",
            _last_gift(last, waiting, today=today) if last else None,
        ),
        ("Largest gift", _largest(view, waiting), f"since {first.year}" if first else None),
    )
    with st.container(horizontal=True, key="figures_donor"):
        for label, value, note in figures:
            st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)
    rate_filter.show_waiting(waiting)


def _last_gift(last: date, waiting: Sequence[AwaitingRate], *, today: date) -> str:
    """Return how long ago the last gift was, and whether it needs an exchange rate."""
    of_that_day = any(line.last == last for line in waiting)
    return f"{ago(last, today=today)}, needs a rate" if of_that_day else ago(last, today=today)


def _largest(view: DonorView, waiting: Sequence[AwaitingRate]) -> str:
    """Return the largest gift whose worth is known."""
    if view.largest and view.largest.minor:
        return money(view.largest)
    return "Needs a rate" if waiting else "None yet"


def show_access_log(accesses: Sequence[AccessLine], zone: str, *, today: date) -> None:
    """Draw the access log of this donor, for administrators."""
    with st.expander("Who looked at this", icon=":material/visibility:"):
        st.caption("The latest 50 looks. They are kept for a year.")
        st.markdown(
            "\n\n".join(
                f"{escape(access.user_name)} {ACCESS_LABELS[access.how]} "
                f":gray[{moment(access.at, zone, today=today)}]"
                for access in accesses
            )
        )
