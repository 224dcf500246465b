"""The to-do list of the user: one action per entry, which one click completes."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import streamlit as st

from app import alerts
from app.db import Session, replica
from app.ui.base.formats import escape
from app.ui.base.session import current_actor, now, today
from app.ui.dashboard.action_items import ICONS, ActionItem, Work, apply, collect, may_do
from app.ui.donors import activity_forms
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import forms, tables

FIRST = 7
# names of buttons, and where the dialog that one of them opens waits
SNOOZE, DISMISS, LOG_CALL, ASKED = "snooze", "dismiss", "log_call", "needs_asked"
SNOOZE_TIME = timedelta(days=30)


@st.fragment
def show_card(*, links: int = 0, unless_empty: bool = False) -> None:
    """Draw the list in a card, which alone is drawn again after a click on one of its buttons.

    `links` is how many gifts may belong to a pledge. With `unless_empty` there is no card for an
    empty list.
    """
    forms.announce()
    actor, day = current_actor(), today()
    items = replica.read(actor, lambda db: collect(db, actor, day=day))
    if items or not unless_empty:
        with st.container(border=True):
            _show(items, links=links)


def _show(entries: list[ActionItem], *, links: int) -> None:
    st.subheader("To do", help="One line each. A line goes when its button is clicked.")
    show_undo()
    if not entries:
        _show_suggestions_link(links)
        tables.show_empty("task_alt", "Nothing to do. A good day for a friendly call.")
        return
    show_all = st.session_state.get("needs_all", False)
    _show_lines(entries if show_all else _first_entries(entries))
    _show_suggestions_link(links)
    if len(entries) > FIRST:
        st.button(
            "Show fewer" if show_all else f"{len(entries) - FIRST} more",
            key="needs_more",
            type="tertiary",
            on_click=lambda: st.session_state.update(needs_all=not show_all),
        )


def _show_suggestions_link(number: int) -> None:
    """Draw a link to the gifts that may belong to a pledge, if there are any."""
    if number and not current_actor().looking:
        label = gift_suggestions.summary(number)
        st.page_link(
            tables.screen_page("pledges"), label=f":small[{label}]", icon=":material/link:"
        )


def _first_entries(entries: list[ActionItem]) -> list[ActionItem]:
    """Return the first entries, chosen so that every kind is among them."""
    by_kind = [[entry for entry in entries if entry.kind == kind] for kind in ICONS]
    mixed: list[ActionItem] = []
    for index in range(FIRST):
        mixed += [lines[index] for lines in by_kind if index < len(lines)]
    first = mixed[:FIRST]
    return [entry for entry in entries if entry in first]


def _show_lines(entries: list[ActionItem]) -> None:
    actor = current_actor()
    by_id = {f"{entry.kind}_{entry.row_id}": entry for entry in entries}
    acts: dict[str, Callable[[ActionItem], None]] = {
        "do": complete,
        SNOOZE: _snooze,
        DISMISS: partial(_ask, DISMISS),
        LOG_CALL: partial(_ask, LOG_CALL),
    }
    tables.show_to_do(
        [_line(row_id, entry, may_act=may_do(entry, actor)) for row_id, entry in by_id.items()],
        key="needs",
        on_press={name: partial(_press, act, by_id) for name, act in acts.items()},
    )
    asked = st.session_state.pop(ASKED, None)
    if asked is None:
        return
    what, entry = asked
    if what == DISMISS:
        _ask_reason(entry)
    elif entry.donor_id is not None:
        activity_forms.log_contact(entry.donor_id, entry.donor_name)


def _press(
    act: Callable[[ActionItem], None], entries: Mapping[str, ActionItem], row_id: str
) -> None:
    if may_do(entries[row_id], current_actor()):
        act(entries[row_id])


def _line(row_id: str, entry: ActionItem, *, may_act: bool) -> tables.ToDo:
    excuse = "Not late because…" if entry.kind == "late_pledge" else "Not at risk because…"
    menu = ((SNOOZE, "Snooze 30 days"), (DISMISS, excuse), (LOG_CALL, "Log a call with a note…"))
    return tables.ToDo(
        row_id,
        ICONS[entry.kind],
        tables.donor_address(entry.donor_id),
        entry.donor_name,
        entry.reason,
        entry.button if may_act else "",
        menu if may_act and entry.kind in {"late_pledge", "at_risk"} else (),
    )


def _ask(what: str, entry: ActionItem) -> None:
    """Open a dialog when the list is drawn: a callback cannot."""
    st.session_state[ASKED] = (what, entry)


def complete(entry: ActionItem) -> None:
    """Do what the button of an entry does."""

    def work(db: Session) -> str:
        st.session_state["needs_undo"] = entry.undo
        return entry.work(db)

    forms.run_and_announce("need", work)


def _snooze(entry: ActionItem) -> None:
    def snooze(db: Session, alert_id: int) -> str:
        until = today() + SNOOZE_TIME
        alerts.snooze(
            db, current_actor(), alert_id=alert_id, until=until, today=today(), now=now()
        )
        return f"{entry.donor_name} comes back in 30 days."

    forms.run_and_announce("need", partial(apply, entry, snooze))


@st.dialog("Why is this pledge not late?", icon=":material/edit_note:")
def _ask_reason(entry: ActionItem) -> None:
    """Ask why an alert is wrong, and dismiss it."""

    def dismiss(db: Session, alert_id: int) -> str:
        alerts.dismiss(
            db,
            current_actor(),
            alert_id=alert_id,
            today=today(),
            now=now(),
            reason=forms.text_value("because", "reason"),
        )
        return f"Noted for {entry.donor_name}."

    work = partial(apply, entry, dismiss)

    st.markdown(f"**{escape(entry.donor_name)}**  \n{escape(entry.reason)}")
    with st.form("because", border=False):
        forms.text("In a few words", "because", "reason", placeholder="They told me they are away")
        if entry.kind == "late_pledge":
            st.caption("The missed instalments are excused; the pledge goes on.")
        forms.save_button("Dismiss", key="because", work=work)


def show_undo() -> None:
    """Offer to undo the last click on a button of an entry."""
    undo = st.session_state.get("needs_undo")
    if undo is not None:
        st.button(
            "Undo the last click",
            key="needs_back",
            icon=":material/undo:",
            type="tertiary",
            on_click=_undo,
            args=(undo,),
        )


def _undo(undo: Work) -> None:
    forms.run_and_announce("need", undo)
    st.session_state["needs_undo"] = None
