"""Dialogs that deactivate a person, say before what that does, and hand over their donors."""

from collections.abc import Iterator
from functools import partial

import streamlit as st

from app import accounts
from app.accounts import OwnedRecords, Role, UserLine
from app.db import Session
from app.kit.money import Money
from app.ui.base.formats import count, escape, money, plain
from app.ui.base.session import current_actor, now
from app.ui.widgets import forms

END, HAND = "end_person", "hand_over_person"


def _successors(person: UserLine, everybody: list[UserLine]) -> dict[int, str]:
    """Return the names of who can take over donors, by user id."""
    return {
        user.user_id: plain(user.name)
        for user in everybody
        if user.active and user.user_id != person.user_id and user.role != Role.READ_ONLY
    }


@st.dialog("Deactivate", icon=":material/person_off:")
def end(
    person: UserLine, everybody: list[UserLine], owned: OwnedRecords, goal: Money | None
) -> None:
    """Say what the deactivation does, ask who takes over the donors, and deactivate the user."""
    names = _successors(person, everybody)
    st.markdown(
        f"{escape(person.name)} is signed out everywhere at once and cannot sign in again; their "
        "API tokens and the links in their mails end. Gifts and everything written stay as they "
        "are, and you can let them in again here."
    )
    st.markdown("\n".join(f"- {line}" for line in _effects(owned, goal)))
    hands_over = bool(owned.donors or owned.tasks)
    with st.form(END, border=False):
        if hands_over:
            forms.choice(
                "Who takes over?",
                END,
                "to",
                list(names),
                format_func=names.__getitem__,
                empty="Nobody yet: leave them in place",
            )
        if hands_over and goal:
            label = f"Add {escape(money(goal))} a month to their goal"
            st.checkbox(label, key=f"{END}_goal")
        forms.save_button(
            "Deactivate", key=END, work=partial(_end, person, names, goal), icon="person_off"
        )


def _effects(owned: OwnedRecords, goal: Money | None) -> Iterator[str]:
    """Yield a sentence on each kind of record: how many there are, and what happens to them."""
    if owned.donors:
        yield (
            f"**{count(owned.donors, 'donor')}**: whoever takes over gets them. Without anybody "
            "they stay in place, and can be handed over later."
        )
    else:
        yield "**No donors** are theirs."
    if owned.pledges:
        yield (
            f"**{count(owned.pledges, 'running pledge')}** of these donors: nothing changes, "
            "pledges stay with their donors."
        )
    if owned.tasks:
        yield (
            f"**{count(owned.tasks, 'open task')}**: whoever takes over gets them, too. Without "
            "anybody they stay assigned to this person."
        )
    if goal:
        unless = ", unless it is added to the goal of whoever takes over" if owned.donors else ""
        yield (
            f"Their **goal of {escape(money(goal))} a month** no longer counts from this month "
            f"on{unless}. Past months keep it."
        )


def _end(person: UserLine, names: dict[int, str], goal: Money | None, db: Session) -> str:
    successor_id = forms.field_value(END, "to", int)
    moved = accounts.deactivate(
        db,
        current_actor(),
        user_id=person.user_id,
        now=now(),
        hand_to=successor_id,
        with_goal=bool(forms.field_value(END, "goal", bool)),
    )
    results = [f"{person.name} can no longer sign in"]
    results += [f"{moved} handed to {names[successor_id]}"] if successor_id else []
    if moved.goal_ended and goal:
        results.append(f"their goal of {money(goal)} a month no longer counts")
    return "; ".join(results) + "."


@st.dialog("Hand over", icon=":material/move_group:")
def hand_over(person: UserLine, everybody: list[UserLine], owned: OwnedRecords) -> None:
    """Ask who takes over the donors and tasks of a deactivated user."""
    names = _successors(person, everybody)

    def work(db: Session) -> str:
        successor_id = forms.choice_value(HAND, "to", int)
        moved = accounts.hand_over(
            db, current_actor(), user_id=person.user_id, to_id=successor_id, now=now()
        )
        return f"{moved} handed to {names[successor_id]}."

    st.markdown(f"{escape(person.name)} still has **{owned}**.")
    with st.form(HAND, border=False):
        forms.choice("Who takes over?", HAND, "to", list(names), format_func=names.__getitem__)
        forms.save_button("Hand over", key=HAND, work=work, icon="move_group")


def reactivate(person: UserLine) -> None:
    """Reactivate a deactivated account."""

    def work(db: Session) -> str:
        accounts.reactivate(db, current_actor(), user_id=person.user_id, now=now())
        return f"{person.name} can sign in again. A monthly goal has to be set anew."

    forms.run_and_announce("reactivate", work)
