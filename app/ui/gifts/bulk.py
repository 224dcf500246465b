"""Thank for the ticked or all filtered gifts of the list, or change their fund; with undo."""

from collections.abc import Collection, Mapping
from functools import partial

import streamlit as st

from app import gifts
from app.db import Session, transaction
from app.kit.errors import DonorCrmError, InvalidError
from app.ui.base.formats import count, escape
from app.ui.base.session import current_actor, now
from app.ui.gifts import list as gift_list
from app.ui.widgets import forms, tables
from app.ui.widgets.purposes import purpose_choices

BULK, UNDO = "bulk_gifts", "bulk_gifts_undo"
TICKED, FILTERED = "ticked", "filtered"
THANK, FUND = "Mark as thanked", "Change fund"
# the choice of no fund, which is not the id of any
NO_FUND = 0


def show_bar(page: gifts.GiftPage, gift_filter: gifts.GiftFilter, *, key: str) -> None:
    """Draw the button above the list; `key` is that of the table."""
    if not gift_list.may_record():
        return
    chosen = [line.gift_id for line in tables.ticked(key, page.lines, _id)]
    label = f"Change {count(len(chosen), 'gift')}" if chosen else "Change gifts"
    if st.button(label, icon=":material/checklist:", key=f"{BULK}_open"):
        ask(chosen, gift_filter)


def _id(line: gifts.GiftLine) -> int:
    return line.gift_id


def show_undo() -> None:
    """Draw the undo of the last change, also above a list that is empty since."""
    last = st.session_state.get(UNDO)
    if not isinstance(last, gifts.Outcome):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escape(last.sentence(current_actor().locale)), width="content")
        st.button("Undo", icon=":material/undo:", key=f"{UNDO}_now", on_click=_undo, args=(last,))


@st.dialog("Change gifts", icon=":material/checklist:")
def ask(chosen: Collection[int], gift_filter: gifts.GiftFilter) -> None:
    """Ask what to do with which gifts, and say before how many of them will change."""
    who = {TICKED: f"The {count(len(chosen), 'ticked gift')}"} if chosen else {}
    who[FILTERED] = "All gifts of this list, on all its pages"
    st.radio("Which", list(who), format_func=who.__getitem__, key=f"{BULK}_who")
    what = st.radio("What", (THANK, FUND), key=f"{BULK}_what", horizontal=True)
    with transaction(current_actor()) as db:
        if what == FUND:
            _ask_fund(purpose_choices(db).funds)
        else:
            forms.choice("How", BULK, "how", gifts.THANKED_HOW, empty="Not said")
        will_change = _show_preview(db, chosen, gift_filter)
    st.button(
        what,
        # the label of a primary button that is disabled cannot be read in a dark theme
        type="primary" if will_change else "secondary",
        icon=":material/check:",
        key=f"{BULK}_save",
        width="stretch",
        disabled=not will_change,
        on_click=partial(forms.run, BULK, partial(_change, chosen, gift_filter)),
    )
    forms.show_refusal(BULK)
    forms.close_when_done(BULK)


def _ask_fund(funds: Mapping[int, str]) -> None:
    """Draw the field of the fund; one has to be chosen, also if it is none."""
    names = {**funds, NO_FUND: "No fund"}
    st.selectbox(
        "Fund",
        list(names),
        index=None,
        format_func=names.__getitem__,
        key=f"{BULK}_fund",
        placeholder="Choose the new fund",
    )


def _show_preview(db: Session, chosen: Collection[int], gift_filter: gifts.GiftFilter) -> bool:
    """Say what will change, or why nothing can; return whether anything will."""
    actor, deed = current_actor(), _deed()
    if deed is None:
        return False
    try:
        ids = _ids(db, chosen, gift_filter)
        outcome = gifts.preview_many(db, actor, gift_ids=ids, deed=deed)
    except DonorCrmError as error:
        st.warning(escape(str(error)))
        return False
    st.info(escape(outcome.preview(actor.locale)), icon=":material/info:")
    return bool(outcome.changed)


def _ids(db: Session, chosen: Collection[int], gift_filter: gifts.GiftFilter) -> Collection[int]:
    if forms.choice_value(BULK, "who", str) == TICKED:
        return chosen
    return gifts.ids_to_change(db, current_actor(), filter=gift_filter)


def _deed() -> gifts.Thanks | gifts.FundChange | None:
    """Return what the fields of the form say; None while no fund is chosen."""
    if forms.choice_value(BULK, "what", str) == THANK:
        return gifts.Thanks(forms.field_value(BULK, "how", str))
    fund_id = forms.field_value(BULK, "fund", int)
    if fund_id is None:
        return None
    return gifts.FundChange(None if fund_id == NO_FUND else fund_id)


def _change(chosen: Collection[int], gift_filter: gifts.GiftFilter, db: Session) -> str:
    actor, deed = current_actor(), _deed()
    if deed is None:
        msg = "Please choose the new fund."
        raise InvalidError(msg)
    ids = _ids(db, chosen, gift_filter)
    outcome = gifts.change_many(db, actor, gift_ids=ids, deed=deed, now=now())
    st.session_state[UNDO] = outcome if outcome.changed else None
    return outcome.sentence(actor.locale)


def _undo(outcome: gifts.Outcome) -> None:
    def work(db: Session) -> str:
        actor = current_actor()
        return gifts.undo_many(db, actor, outcome=outcome).undone(actor.locale)

    st.session_state[UNDO] = None
    forms.run_and_announce(UNDO, work)
