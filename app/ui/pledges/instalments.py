"""Dialog with the instalments of a pledge and how its gifts are allocated to them."""

from datetime import date

import streamlit as st

from app import pledges
from app.db import transaction
from app.kit.money import Money
from app.ui.base.formats import count, day, escape, money
from app.ui.base.session import current_actor, today
from app.ui.donors.labels import FREQUENCIES
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.pledges.forms import pledge_label
from app.ui.widgets import forms, tables

# the number of past instalments listed
MAX_PAST = 24
STATE_LABELS = {
    "paid": "● Paid",
    "part-paid": "◐ Part-paid",
    "waived": "‖ Excused",
    "open": "◔ Open",
    "ahead": "○ Ahead",
}


# on_dismiss="rerun": the page behind then shows gifts linked in the dialog
@st.dialog("Instalments", icon=":material/calendar_month:", width="large", on_dismiss="rerun")
def show(line: pledges.PledgeLine) -> None:
    """Show the instalments near today; money is allocated to the oldest instalment first."""
    day_today = today()
    with transaction(current_actor()) as db:
        view = pledges.get(db, current_actor(), line.pledge_id, today=day_today)
    st.caption(f"{escape(line.donor_name)}: {escape(pledge_label(line.amount, line.frequency))}")
    st.markdown(_summary(view.line))
    forms.announce()
    gift_suggestions.show(pledge_id=line.pledge_id)
    past = [instalment for instalment in view.calendar if instalment.due <= day_today]
    future = [instalment for instalment in view.calendar if instalment.due > day_today]
    if not view.calendar:
        st.info(
            "Nothing is due in the next six months. A later instalment is listed nearer its day."
        )
    visible = past[-MAX_PAST:] + future
    tables.show(
        visible[::-1],
        [
            tables.days("Due", lambda instalment: instalment.due),
            tables.money("Asked", lambda instalment: instalment.amount),
            tables.money("Came in", lambda instalment: instalment.paid),
            tables.text("Status", lambda instalment: due_state(instalment, day_today)),
        ],
        key="instalments",
        today=day_today,
        alt="Instalments and what reached each",
        scrolls=len(visible) > 12,  # noqa: PLR2004
    )
    if len(past) > MAX_PAST:
        st.caption(f"{count(len(past) - MAX_PAST, 'earlier instalment')} not listed.")
    _show_history(view, day_today)


def due_state(instalment: pledges.Instalment, day_today: date) -> str:
    """Return the state of an instalment: sign and label."""
    open_ahead = instalment.state == "open" and instalment.due > day_today
    return STATE_LABELS["ahead" if open_ahead else instalment.state]


def _summary(line: pledges.PledgeLine) -> str:
    text = f"**{_escaped(line.received)}** came in, of **{_escaped(line.expected)}** due by today"
    if line.behind.minor:
        return f"{text}: {_escaped(line.behind)} behind."
    if line.credit.minor:
        return f"{text}: {_escaped(line.credit)} ahead."
    return f"{text}."


def _escaped(amount: Money) -> str:
    # Markdown would read two dollar signs on one line as a formula
    return escape(money(amount))


def _show_history(view: pledges.PledgeView, day_today: date) -> None:
    lines = [
        f"{_escaped(amount)} from {day(since, today=day_today)} on"
        for since, amount in view.amounts
    ]
    lines += [
        f"{FREQUENCIES[frequency]} until {day(until, today=day_today)}"
        for until, frequency in view.terms
    ]
    for start, end in view.pauses:
        until = f"to {day(end, today=day_today)}" if end else "until it is resumed"
        lines.append(f"Paused from {day(start, today=day_today)} {until}")
    lines += [f"Excused on {day(due, today=day_today)}" for due in view.skips]
    if lines:
        st.markdown("**What was changed**")
        st.markdown("\n".join(f"- {line}" for line in lines))
