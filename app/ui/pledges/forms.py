"""Dialogs about pledges: change amount or schedule, pause, excuse, end."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from app import pledges
from app.db import Session, transaction
from app.kit import amount_input as read
from app.kit.dates.cadence import INTERVALS, Frequency
from app.kit.money import Money
from app.ui.base.formats import day, escape, money
from app.ui.base.session import current_actor, today
from app.ui.pledges import fields
from app.ui.widgets import forms
from app.ui.widgets.purposes import PurposeChoices, ask_campaign, ask_fund, purpose_choices

AMOUNT, PAUSE, SKIP, END = "new_amount", "pause", "skip", "end_pledge"
TERMS = "terms"


def pledge_label(amount: Money, frequency: str) -> str:
    """Return a pledge as text: "$50 a month"."""
    return f"{money(amount)} {INTERVALS[Frequency(frequency)]}"


def show_heading(line: pledges.PledgeLine) -> None:
    """Show whose pledge a dialog is about."""
    st.caption(f"{escape(line.donor_name)}: {escape(pledge_label(line.amount, line.frequency))}")


@st.dialog("Change the amount", icon=":material/edit:")
def change_amount(line: pledges.PledgeLine) -> None:
    """Ask for a new amount and its first day."""
    show_heading(line)
    currency = line.amount.currency

    def work(db: Session) -> str:
        actor = current_actor()
        new = read.amount(forms.text_value(AMOUNT, "amount"), currency, locale=actor.locale)
        since: date = forms.field_value(AMOUNT, "since", date) or today()
        pledges.change_amount(
            db,
            actor,
            pledge_id=line.pledge_id,
            amount=new,
            since=since,
            today=today(),
            version=line.version,
            correction=bool(forms.field_value(AMOUNT, "correction", bool)),
        )
        return f"From {day(since, today=today())} it is {pledge_label(new, line.frequency)}."

    with st.form(AMOUNT, border=False):
        forms.text(f"New amount ({currency})", AMOUNT, "amount")
        forms.day("Holds from", AMOUNT, "since", _first_day(line))
        st.checkbox("The old amount was a typing mistake", key=f"{AMOUNT}_correction")
        forms.save_button("Change amount", key=AMOUNT, work=work)


def _first_day(line: pledges.PledgeLine) -> date:
    """Return the default first day of a change: the next due date, but not before today."""
    return max(line.next_due or today(), today())


@st.dialog("Change the schedule", icon=":material/event_repeat:")
def change_terms(line: pledges.PledgeLine) -> None:
    """Ask for a new schedule from a day on; earlier instalments stay unchanged."""
    show_heading(line)
    with transaction(current_actor()) as db:
        view = pledges.get(db, current_actor(), line.pledge_id, today=today())
        purposes = purpose_choices(db, fund_id=view.fund_id, campaign_id=view.campaign_id)
    with st.form(TERMS, border=False):
        fields.ask_frequency(TERMS, line.frequency)
        _schedule_fields(view, purposes)
        forms.day("Holds from", TERMS, "since", _first_day(line))
        st.caption("The amount stays: change it with “Change amount”.")
        forms.save_button("Change schedule", key=TERMS, work=lambda db: _change_terms(db, line))


def _schedule_fields(view: pledges.PledgeView, purposes: PurposeChoices) -> None:
    """Draw the fields for the day of the month, the fund, the campaign and the grace."""
    fields.ask_day_of_month(TERMS, view.anchor)
    ask_fund(TERMS, purposes)
    ask_campaign(TERMS, purposes)
    fields.ask_grace(TERMS, view.grace)


def _change_terms(db: Session, line: pledges.PledgeLine) -> str:
    since: date = forms.field_value(TERMS, "since", date) or today()
    pledges.change_terms(
        db,
        current_actor(),
        pledge_id=line.pledge_id,
        version=line.version,
        frequency=forms.choice_value(TERMS, "frequency", str),
        anchor=forms.field_value(TERMS, "anchor", int),
        grace=forms.field_value(TERMS, "grace", int),
        fund_id=forms.field_value(TERMS, "fund", int),
        campaign_id=forms.field_value(TERMS, "campaign", int),
        since=since,
        today=today(),
    )
    return f"Changed the schedule from {day(since, today=today())}."


@st.dialog("Pause the pledge", icon=":material/pause_circle:")
def pause(line: pledges.PledgeLine) -> None:
    """Ask for the first and last day of a pause, in which nothing is expected."""
    show_heading(line)

    def work(db: Session) -> str:
        pledges.pause(
            db,
            current_actor(),
            pledge_id=line.pledge_id,
            version=line.version,
            start=forms.field_value(PAUSE, "start", date) or today(),
            end=forms.field_value(PAUSE, "end", date),
            reason=forms.field_value(PAUSE, "reason", str),
            today=today(),
        )
        return f"Paused the pledge of {line.donor_name}."

    with st.form(PAUSE, border=False):
        forms.day("From", PAUSE, "start", line.oldest_due or today())
        forms.day("To (leave empty until they say)", PAUSE, "end", None)
        forms.text("Why", PAUSE, "reason")
        forms.save_button("Pause", key=PAUSE, icon="pause_circle", work=work)


@st.dialog("Excuse one instalment", icon=":material/event_busy:")
def skip(line: pledges.PledgeLine) -> None:
    """Ask which instalment to excuse."""
    show_heading(line)
    with transaction(current_actor()) as db:
        view = pledges.get(db, current_actor(), line.pledge_id, today=today())
    dues = [
        instalment.due for instalment in view.calendar if instalment.state in {"open", "part-paid"}
    ]
    if not dues:
        st.info("Every instalment of the next six months is paid or excused.")
        return

    def work(db: Session) -> str:
        due = forms.choice_value(SKIP, "due", date)
        pledges.skip(
            db,
            current_actor(),
            pledge_id=line.pledge_id,
            version=line.version,
            due=due,
            reason=forms.field_value(SKIP, "reason", str),
            today=today(),
        )
        return f"Excused the instalment of {day(due, today=today())}."

    labels = {due: day(due, today=today()) for due in dues}
    with st.form(SKIP, border=False):
        forms.choice("Which one", SKIP, "due", dues, format_func=labels.__getitem__)
        forms.text("Why", SKIP, "reason", placeholder="They told me")
        forms.save_button("Excuse", key=SKIP, icon="event_busy", work=work)


@st.dialog("End the pledge", icon=":material/event_available:")
def end(line: pledges.PledgeLine) -> None:
    """Ask when and how a pledge ends; its gifts stay unchanged."""
    show_heading(line)
    st.write("Nothing is expected after that day. Gifts already given stay linked.")

    def work(db: Session) -> str:
        pledges.end(
            db,
            current_actor(),
            pledge_id=line.pledge_id,
            version=line.version,
            on=forms.field_value(END, "on", date) or today(),
            reason=forms.field_value(END, "reason", str),
            completed=forms.field_value(END, "how", str) == "It was fulfilled",
            today=today(),
        )
        return f"Ended the pledge of {line.donor_name}."

    with st.form(END, border=False):
        endings = ("It was fulfilled", "They stop")
        forms.choice("How", END, "how", endings, value=endings[1], format_func=str)
        forms.day("Last day", END, "on", today())
        forms.text("Why", END, "reason")
        forms.save_button("End pledge", key=END, icon="event_available", work=work)


def resume(line: pledges.PledgeLine) -> None:
    """Resume a paused pledge from today on."""

    def work(db: Session) -> str:
        pledges.resume(
            db, current_actor(), pledge_id=line.pledge_id, on=today(), version=line.version
        )
        return f"Resumed the pledge of {line.donor_name}."

    forms.run_and_announce("resume", work)


CHANGES: dict[str, Callable[[pledges.PledgeLine], None]] = {
    "Change amount": change_amount,
    "Change schedule": change_terms,
    "Excuse one instalment": skip,
    "Pause": pause,
    "End": end,
}
