"""Dialog of a person's monthly goal: its history, and a form that sets it from a month on."""

from datetime import date
from functools import partial

import streamlit as st

from app import goals
from app.accounts import Actor, Role, UserLine
from app.db import Session, transaction
from app.goals import GoalVersion
from app.kit import amount_input as read
from app.kit.dates.days import months_after
from app.kit.money import Money
from app.ui.base.formats import escape, long_month, money, month
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms, tables

KEY = "person_goal"
MONTHS_AHEAD = 18
# months before the first goal that can be given one
MONTHS_BACK = 36


def show_button(person: UserLine, actor: Actor, goal: Money | None) -> None:
    """Draw the button that opens the dialog, for whoever sees this person's amounts."""
    if actor.sees_amounts and st.button(
        "Goal",
        key=f"goal_{person.user_id}",
        icon=":material/flag:",
        type="tertiary",
        help=f"Monthly goal of {escape(person.name)}",
    ):
        _show(person, goal)


def text(goal: Money | None) -> str:
    """Return a person's goal for the list, "" without one."""
    return f" · goal {escape(money(goal))} a month" if goal and goal.minor else ""


@st.dialog("Monthly goal", icon=":material/flag:")
def _show(person: UserLine, goal: Money | None) -> None:
    """Show the history, and for administrators the form above it."""
    actor, day = current_actor(), today()
    with transaction(actor) as db:
        history = goals.goal_history(db, actor, user_id=person.user_id)
        currency = goals.own_goal(db, actor, today=day).currency
    goal_text = f"**{escape(money(goal))}**" if goal and goal.minor else "none"
    st.markdown(f"{escape(person.name)} · this month's goal: {goal_text}")
    if actor.role == Role.ADMIN and person.active and not actor.looking:
        _show_form(person, history, currency, day)
    if not history:
        st.caption(
            "No goal has been set yet. An administrator sets it here, and everybody their own in "
            "My settings."
        )
        return
    st.caption("All goals that were set; of two for one month the later one holds.")
    tables.show(
        history,
        [
            tables.text("From", lambda version: month(version.month)),
            tables.money("Goal", lambda version: version.goal),
            tables.text("Set by", lambda version: version.set_by or "DonorCRM"),
            tables.days("On", lambda version: version.set_at.date()),
        ],
        key=f"{KEY}_history",
        today=day,
    )


def _show_form(person: UserLine, history: list[GoalVersion], currency: str, day: date) -> None:
    with st.form(KEY, border=False):
        left, right = st.columns(2)
        with left:
            forms.text(f"Goal a month ({currency})", KEY, "amount", placeholder="Empty: no goal")
        with right:
            forms.choice(
                "From",
                KEY,
                "month",
                _months(history, day),
                value=day.replace(day=1),
                format_func=long_month,
            )
        st.caption("Past months keep the goal they had. A goal planned for a later month stays.")
        forms.save_button(
            "Set the goal", key=KEY, work=partial(_save, person, currency), icon="flag"
        )


def _months(history: list[GoalVersion], day: date) -> list[date]:
    """Return the months from which a goal can be set, in their order."""
    this_month = day.replace(day=1)
    first = min((version.month for version in history), default=this_month)
    earliest = min(first, this_month)
    before = [months_after(earliest, -back) for back in range(MONTHS_BACK, 0, -1)]
    return before + [months_after(this_month, ahead) for ahead in range(MONTHS_AHEAD)]


def _save(person: UserLine, currency: str, db: Session) -> str:
    actor, entered = current_actor(), forms.text_value(KEY, "amount").strip()
    goal = Money(0, currency)
    if entered:
        goal = read.amount(entered, currency, locale=actor.locale)
    first = forms.choice_value(KEY, "month", date)
    changed = goals.set_goal(
        db, actor, user_id=person.user_id, month=first, minor=goal.minor, today=today()
    )
    if not changed:
        return f"{person.name} has this goal already."
    goal_text = f"{money(goal)} a month" if goal.minor else "none"
    return f"Goal of {person.name} from {long_month(first)} on: {goal_text}."
