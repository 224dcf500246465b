"""Header of the donor screen, figures, timeline and access log."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app.donors import AccessLine, DonorView, TimelineLine
from app.ui.base.formats import ago, count, day, escape, moment, money
from app.ui.donors import labels as donor_labels

ICONS = {
    "gift": "redeem",
    "reversal": "undo",
    "pledge": "event_repeat",
    "contact": "call",
    "task": "task_alt",
    "change": "edit_note",
}
MAX_SHOWN = 8
ACCESS_LABELS = {"page": "opened this page", "export": "exported it", "api": "read it by program"}


def draw(view: DonorView, late: Sequence[str], *, today: date) -> None:
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
    ways = [
        *(("mail", mail, view.fields.no_email) for mail in view.emails),
        *(("call", phone, view.fields.no_phone) for phone in view.phones),
        *(
            ("home", str(address), view.fields.no_mail)
            for address in view.addresses
            if str(address)
        ),
    ]
    if ways:
        st.markdown(
            "  \n".join(
                f":gray[:material/{icon}:] {escape(way)}" + (" :gray[(not wished)]" if no else "")
                for icon, way, no in ways
            )
        )
    if view.tags:
        st.markdown(" ".join(f":gray-badge[{escape(tag)}]" for tag in view.tags))
    if view.fields.notes:
        st.markdown(f":gray[:material/sticky_note_2:] {escape(view.fields.notes)}")
    if view.fields.more:
        _show_custom_fields(view.fields.more)


def _show_custom_fields(lines: str) -> None:
    """Draw the organisation's custom fields with their values."""
    pairs = [line.partition(":") for line in lines.splitlines()]
    st.markdown(
        "  \n".join(f":gray[{escape(name)}:] {escape(value.strip())}" for name, _, value in pairs)
    )


def show_figures(view: DonorView, *, today: date) -> None:
    """Draw lifetime giving, this fiscal year and last, the last gift and the largest."""
    with st.container(horizontal=True, key="figures_donor"):
        st.metric(
            "Lifetime",
            money(view.lifetime),
            count(view.gifts, "gift"),
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        st.metric(
            "This fiscal year",
            money(view.this_year),
            f"{money(view.last_year)} last year",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        last = view.last_gift_date
        st.metric(
            "Last gift",
            day(last, today=today) if last else "None yet",
            ago(last, today=today) if last else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        st.metric(
            "Largest gift",
            money(view.largest) if view.largest else "None yet",
            f"since {view.first_gift_date.year}" if view.first_gift_date else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def show_timeline(events: Sequence[TimelineLine], *, today: date) -> None:
    """Draw the latest events, and older ones in an expander."""
    if not events:
        st.caption("Nothing yet. Logged calls and recorded gifts are listed here.")
        return
    for event in events[:MAX_SHOWN]:
        st.markdown(_event_text(event, today))
    if len(events) > MAX_SHOWN:
        with st.expander(f"{len(events) - MAX_SHOWN} more"):
            st.markdown("\n\n".join(_event_text(event, today) for event in events[MAX_SHOWN:]))


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


def _event_text(event: TimelineLine, today: date) -> str:
    icon = ICONS.get(event.kind, "history")
    amount = f" **{escape(money(event.amount))}**" if event.amount else ""
    user = f" · {escape(event.user_name)}" if event.user_name else ""
    detail = f"  \n{escape(event.detail)}" if event.detail else ""
    day_text = day(event.on, today=today)
    text = f":gray[:material/{icon}:] {escape(event.sentence)}{amount}"
    return f"{text} :gray[{day_text}{user}]{detail}"
