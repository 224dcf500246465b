"""Dialogs about pledges: create, change amount or schedule, pause, excuse, end."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from app import gifts, pledges
from app.accounts import organisation
from app.db import Session, transaction
from app.kit import amount_input as read
from app.kit.cadence import INTERVALS, Frequency
from app.kit.money import Money
from app.ui.base.formats import day, escape, money
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms

NEW, AMOUNT, PAUSE, SKIP, END = "new_pledge", "new_amount", "pause", "skip", "end_pledge"
TERMS = "terms"
OFTEN = (
    "monthly",
    "quarterly",
    "annual",
    "weekly",
    "biweekly",
    "semimonthly",
    "bimonthly",
    "semiannual",
    "once",
)


def promised(amount: Money, frequency: str) -> str:
    """Return a pledge as text: "$50 a month"."""
    return f"{money(amount)} {INTERVALS[Frequency(frequency)]}"


@st.dialog("New pledge", icon=":material/event_repeat:")
def create(donor_id: int, name: str) -> None:
    """Ask for a new pledge of this donor."""
    st.caption(f"Promised by {escape(name)}")
    with transaction(current_actor()) as db:
        names = {fund.fund_id: fund.name for fund in gifts.funds(db) if fund.open}
        currency = organisation(db).currency
    with st.form(NEW, border=False):
        left, right = st.columns(2)
        with left:
            forms.text(f"Amount each time ({currency})", NEW, "amount", placeholder="50.00")
            forms.day("First due", NEW, "start", today())
        with right:
            forms.choice("How often", NEW, "frequency", OFTEN)
            forms.day("Ends (leave empty if open)", NEW, "end", None)
        with left:
            forms.text("Total, if one was promised", NEW, "total", placeholder="1200.00")
        with right:
            forms.choice("Fund", NEW, "fund", list(names), spelled=names.get, empty="Any fund")  # type: ignore[arg-type]
        forms.text("Note", NEW, "note")
        forms.save("Save pledge", key=NEW, work=lambda db: _create(db, donor_id, currency))


def _create(db: Session, donor_id: int, currency: str) -> str:
    actor = current_actor()
    amount = read.amount(forms.typed(NEW, "amount") or "", currency, locale=actor.locale)
    total = (forms.typed(NEW, "total") or "").strip()
    frequency = forms.typed(NEW, "frequency")
    pledges.create(
        db,
        actor,
        donor_id=donor_id,
        amount=amount,
        frequency=frequency,
        start=forms.typed(NEW, "start") or today(),
        end=forms.typed(NEW, "end"),
        total=read.amount(total, currency, locale=actor.locale) if total else None,
        fund_id=forms.typed(NEW, "fund"),
        note=forms.typed(NEW, "note"),
    )
    return f"Saved the pledge of {promised(amount, frequency)}."


def _head(line: pledges.PledgeLine) -> None:
    st.caption(f"{escape(line.donor_name)}: {escape(promised(line.amount, line.frequency))}")


@st.dialog("Change the amount", icon=":material/edit:")
def change_amount(line: pledges.PledgeLine) -> None:
    """Ask for a new amount and its first day."""
    _head(line)
    currency = line.amount.currency

    def work(db: Session) -> str:
        actor = current_actor()
        new = read.amount(forms.typed(AMOUNT, "amount") or "", currency, locale=actor.locale)
        since: date = forms.typed(AMOUNT, "since") or today()
        pledges.change_amount(
            db,
            actor,
            pledge_id=line.pledge_id,
            amount=new,
            since=since,
            today=today(),
            version=line.version,
            correction=bool(forms.typed(AMOUNT, "correction")),
        )
        return f"From {day(since, today=today())} it is {promised(new, line.frequency)}."

    with st.form(AMOUNT, border=False):
        forms.text(f"New amount ({currency})", AMOUNT, "amount")
        forms.day("Holds from", AMOUNT, "since", _from(line))
        st.checkbox("The old amount was a typing mistake", key=f"{AMOUNT}_correction")
        forms.save("Change amount", key=AMOUNT, work=work)


def _from(line: pledges.PledgeLine) -> date:
    """Return the default first day of a change: the next due date, but not before today."""
    return max(line.next_due or today(), today())


@st.dialog("Change the schedule", icon=":material/event_repeat:")
def change_terms(line: pledges.PledgeLine) -> None:
    """Ask for a new schedule from a day on; earlier instalments stay unchanged."""
    _head(line)
    with transaction(current_actor()) as db:
        view = pledges.get(db, current_actor(), line.pledge_id, today=today())
        funds = {one.fund_id: one.name for one in gifts.funds(db) if one.open}
    with st.form(TERMS, border=False):
        forms.choice("How often", TERMS, "frequency", OFTEN, value=line.frequency)
        _schedule_fields(view, funds)
        forms.day("Holds from", TERMS, "since", _from(line))
        st.caption("The amount stays: change it with “Change amount”.")
        forms.save("Change schedule", key=TERMS, work=lambda db: _change_terms(db, line))


def _schedule_fields(view: pledges.PledgeView, funds: dict[int, str]) -> None:
    """Draw the fields for the day of the month, the fund and the days of grace."""
    forms.choice(
        "Day of the month",
        TERMS,
        "anchor",
        list(range(1, 32)),
        value=view.anchor,
        spelled=str,
        empty="As it began",
    )
    forms.choice(
        "Fund",
        TERMS,
        "fund",
        list(funds),
        value=view.fund_id,
        spelled=funds.__getitem__,
        empty="No fund",
    )
    st.number_input(
        "Days of grace",
        min_value=0,
        max_value=366,
        value=view.grace,
        key=f"{TERMS}_grace",
        placeholder="As usual for this frequency",
    )


def _change_terms(db: Session, line: pledges.PledgeLine) -> str:
    since: date = forms.typed(TERMS, "since") or today()
    grace = forms.typed(TERMS, "grace")
    pledges.change_terms(
        db,
        current_actor(),
        pledge_id=line.pledge_id,
        version=line.version,
        frequency=forms.typed(TERMS, "frequency"),
        anchor=forms.typed(TERMS, "anchor"),
        grace=None if grace is None else int(grace),
        fund_id=forms.typed(TERMS, "fund"),
        since=since,
        today=today(),
    )
    return f"Changed the schedule from {day(since, today=today())}."


@st.dialog("Pause the pledge", icon=":material/pause_circle:")
def pause(line: pledges.PledgeLine) -> None:
    """Ask for the first and last day of a pause, in which nothing is expected."""
    _head(line)

    def work(db: Session) -> str:
        pledges.pause(
            db,
            current_actor(),
            pledge_id=line.pledge_id,
            version=line.version,
            start=forms.typed(PAUSE, "start") or today(),
            end=forms.typed(PAUSE, "end"),
            reason=forms.typed(PAUSE, "reason"),
            today=today(),
        )
        return f"Paused the pledge of {line.donor_name}."

    with st.form(PAUSE, border=False):
        forms.day("From", PAUSE, "start", line.oldest_due or today())
        forms.day("To (leave empty until they say)", PAUSE, "end", None)
        forms.text("Why", PAUSE, "reason")
        forms.save("Pause", key=PAUSE, icon="pause_circle", work=work)


@st.dialog("Excuse one instalment", icon=":material/event_busy:")
def skip(line: pledges.PledgeLine) -> None:
    """Ask which instalment to excuse."""
    _head(line)
    with transaction(current_actor()) as db:
        view = pledges.get(db, current_actor(), line.pledge_id, today=today())
    dues = [one.due for one in view.calendar if one.state in {"open", "part-paid"}]
    if not dues:
        st.info("Every instalment of the next six months is paid or excused.")
        return

    def work(db: Session) -> str:
        due = forms.typed(SKIP, "due")
        pledges.skip(
            db,
            current_actor(),
            pledge_id=line.pledge_id,
            version=line.version,
            due=due,
            reason=forms.typed(SKIP, "reason"),
            today=today(),
        )
        return f"Excused the instalment of {day(due, today=today())}."

    spelled = {due: day(due, today=today()) for due in dues}
    with st.form(SKIP, border=False):
        forms.choice("Which one", SKIP, "due", dues, spelled=spelled.__getitem__)
        forms.text("Why", SKIP, "reason", placeholder="They told me")
        forms.save("Excuse", key=SKIP, icon="event_busy", work=work)


@st.dialog("End the pledge", icon=":material/event_available:")
def end(line: pledges.PledgeLine) -> None:
    """Ask when and how a pledge ends; its gifts stay unchanged."""
    _head(line)
    st.write("Nothing is expected after that day. Gifts already given stay linked.")

    def work(db: Session) -> str:
        pledges.end(
            db,
            current_actor(),
            pledge_id=line.pledge_id,
            version=line.version,
            on=forms.typed(END, "on") or today(),
            reason=forms.typed(END, "reason"),
            completed=forms.typed(END, "how") == "It was fulfilled",
        )
        return f"Ended the pledge of {line.donor_name}."

    with st.form(END, border=False):
        how = ("It was fulfilled", "They stop")
        forms.choice("How", END, "how", how, value=how[1], spelled=str)
        forms.day("Last day", END, "on", today())
        forms.text("Why", END, "reason")
        forms.save("End pledge", key=END, icon="event_available", work=work)


def resume(line: pledges.PledgeLine) -> None:
    """Resume a paused pledge from today on."""

    def work(db: Session) -> str:
        pledges.resume(
            db, current_actor(), pledge_id=line.pledge_id, on=today(), version=line.version
        )
        return f"Resumed the pledge of {line.donor_name}."

    forms.do("resume", work)


CHANGES: dict[str, Callable[[pledges.PledgeLine], None]] = {
    "Change amount": change_amount,
    "Change schedule": change_terms,
    "Excuse one instalment": skip,
    "Pause": pause,
    "End": end,
}
