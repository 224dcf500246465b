"""Dialog with the instalments of a pledge and how its gifts are allocated to them."""

from datetime import date

import streamlit as st

from app import pledges
from app.db import transaction
from app.kit.formatting import day
from app.kit.money import Money
from app.ui.base.formats import count, escape, money
from app.ui.base.session import current_actor, today
from app.ui.donors.labels import OFTEN
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.pledges.forms import promised
from app.ui.widgets import forms, tables

# the number of past instalments listed
BEFORE = 24
WORDS = {
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
    on = today()
    with transaction(current_actor()) as db:
        view = pledges.get(db, current_actor(), line.pledge_id, today=on)
    st.caption(f"{escape(line.donor_name)}: {escape(promised(line.amount, line.frequency))}")
    st.markdown(_sums(view.line))
    forms.announce()
    gift_suggestions.offer(pledge_id=line.pledge_id)
    past = [one for one in view.calendar if one.due <= on]
    ahead = [one for one in view.calendar if one.due > on]
    if not view.calendar:
        st.info("Nothing is due yet in the next six months.")
    shown = past[-BEFORE:] + ahead
    tables.show(
        shown[::-1],
        [
            tables.days("Due", lambda one: one.due),
            tables.money("Asked", lambda one: one.amount),
            tables.money("Came in", lambda one: one.paid),
            tables.text("How it stands", lambda one: due_state(one, on)),
        ],
        key="instalments",
        today=on,
        alt="Instalments and what reached each",
        height="content" if len(shown) <= 12 else "auto",  # noqa: PLR2004
    )
    if len(past) > BEFORE:
        st.caption(f"{count(len(past) - BEFORE, 'earlier instalment')} not listed.")
    _history(view, on)


def due_state(one: pledges.Instalment, on: date) -> str:
    """Return the state of an instalment: sign and label."""
    open_ahead = one.state == "open" and one.due > on
    return WORDS["ahead" if open_ahead else one.state]


def _sums(line: pledges.PledgeLine) -> str:
    said = f"**{_money(line.received)}** came in, of **{_money(line.expected)}** due by today"
    if line.behind.minor:
        return f"{said}: {_money(line.behind)} behind."
    if line.credit.minor:
        return f"{said}: {_money(line.credit)} ahead."
    return f"{said}."


def _money(amount: Money) -> str:
    # Markdown would read two dollar signs on one line as a formula
    return escape(money(amount))


def _history(view: pledges.PledgeView, on: date) -> None:
    lines = [f"{_money(amount)} from {day(since, today=on)} on" for since, amount in view.amounts]
    lines += [f"{OFTEN[was]} until {day(until, today=on)}" for until, was in view.terms]
    for start, end in view.pauses:
        until = f"to {day(end, today=on)}" if end else "until it is resumed"
        lines.append(f"Paused from {day(start, today=on)} {until}")
    lines += [f"Excused on {day(due, today=on)}" for due in view.skips]
    if lines:
        st.markdown("**What was changed**")
        st.markdown("\n".join(f"- {line}" for line in lines))
