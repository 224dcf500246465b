"""The to-do list of the user: one action per entry, which one click completes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import streamlit as st

from app import accounts, alerts, gifts, tasks
from app.accounts import Actor, Role
from app.db import Session
from app.ui.base.formats import ago, at_time, brief, escape, money
from app.ui.base.session import current_actor, now, today
from app.ui.donors import forms as donor_forms
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import forms, tables

FIRST = 7
SNOOZE = timedelta(days=30)
SNOOZE_LABEL, DISMISS, LOG_CALL = "Snooze 30 days", "because", "Log a call with a note"
ICONS = {
    "late_pledge": "schedule",
    "at_risk": "trending_down",
    "thank": "favorite",
    "task": "task_alt",
}

Work = Callable[[Session], str]


@dataclass(frozen=True, slots=True)
class ActionItem:
    """An entry of the to-do list: the donor, the reason, and the action of its button."""

    kind: str
    row_id: int
    donor_id: int | None
    donor_name: str
    reason: str
    button: str
    work: Work
    undo: Work | None = None
    line: alerts.OpenAlert | None = None


def collect(
    db: Session, actor: Actor, *, day: date, unthanked: Sequence[gifts.ThankYou]
) -> list[ActionItem]:
    """Return the actor's entries: late pledges, donors at risk, thank-yous, tasks."""
    owner_id = None if actor.sees_everyone else actor.user_id
    channels = accounts.profile(db, actor).alert_channels
    kinds = [kind for kind in alerts.KINDS if alerts.channel(channels, kind) != alerts.NONE]
    entries = [
        _alert_entry(alert)
        for alert in alerts.open_for(db, actor, today=day, owner_id=owner_id, kinds=kinds)
    ]
    entries += [_thank_you_entry(gift, day) for gift in unthanked]
    entries += [_task_entry(task, day) for task in tasks.due(db, actor, today=day)]
    order = list(ICONS)
    return sorted(entries, key=lambda entry: order.index(entry.kind))


def show(entries: list[ActionItem], *, links: int = 0) -> None:
    """Draw the list with its buttons and the undo of the last click."""
    st.subheader("To do", help="One line each. A line goes when its button is clicked.")
    _show_undo()
    if not entries:
        _show_suggestions_link(links)
        tables.show_empty("task_alt", "Nothing to do. A good day for a friendly call.")
        return
    show_all = st.session_state.get("needs_all", False)
    actor = current_actor()
    may_act = actor.role != Role.READ_ONLY and not actor.looking
    with st.container(key="list_needs", gap="small"):
        for entry in entries if show_all else _first_entries(entries):
            _show_entry(entry, may_act=may_act)
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


def _show_entry(entry: ActionItem, *, may_act: bool) -> None:
    description, actions = st.columns([4, 1.7], vertical_alignment="center", gap="small")
    with description, st.container(gap=None):
        icon = f":material/{ICONS[entry.kind]}:"
        if entry.donor_id is None:
            st.markdown(f"{icon} **{escape(entry.donor_name)}**")
        else:
            tables.show_donor_link(entry.donor_id, entry.donor_name, icon=icon)
        st.markdown(f":small[{escape(entry.reason)}]")
    if not may_act:
        return
    key = f"need_{entry.kind}_{entry.row_id}"
    with (
        actions,
        st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", wrap=False),
    ):
        st.button(entry.button, key=key, on_click=_complete, args=(entry,))
        if entry.kind in {"late_pledge", "at_risk"}:
            _show_menu(entry, key)


def _show_menu(entry: ActionItem, key: str) -> None:
    excuse = "Not late because…" if entry.kind == "late_pledge" else "Not at risk because…"
    options = {SNOOZE_LABEL: SNOOZE_LABEL, DISMISS: excuse, LOG_CALL: f"{LOG_CALL}…"}
    choice = st.menu_button(
        ":material/more_horiz:",
        list(options),
        format_func=options.__getitem__,
        key=f"{key}_more",
        type="tertiary",
        help="Snooze, dismiss, or log a call",
        on_click=_snooze,
        args=(entry, f"{key}_more"),
    )
    if choice == DISMISS:
        _ask_reason(entry)
    elif choice == LOG_CALL and entry.donor_id is not None:
        donor_forms.log_contact(entry.donor_id, entry.donor_name)


def _complete(entry: ActionItem) -> None:
    def work(db: Session) -> str:
        st.session_state["needs_undo"] = entry.undo
        return entry.work(db)

    forms.run_and_announce("need", work)


def _apply(entry: ActionItem, action: Callable[[Session, int], str], db: Session) -> str:
    """Apply an action to an alert, raise it first if necessary, and store the undo."""
    actor, day = current_actor(), today()
    line = entry.line
    if line is None:
        return action(db, entry.row_id)
    alert_id = alerts.ensure(db, actor, line, today=day)
    message = action(db, alert_id)
    st.session_state["needs_undo"] = partial(_reopen, alert_id, entry.donor_name)
    return message


def _reopen(alert_id: int, name: str, db: Session) -> str:
    alerts.undo(db, current_actor(), alert_id=alert_id, today=today())
    return f"{name} is back in the list."


def _snooze(entry: ActionItem, key: str) -> None:
    if st.session_state.get(key) != SNOOZE_LABEL:
        return

    def snooze(db: Session, alert_id: int) -> str:
        until = today() + SNOOZE
        alerts.snooze(
            db, current_actor(), alert_id=alert_id, until=until, today=today(), now=now()
        )
        return f"{entry.donor_name} comes back in 30 days."

    forms.run_and_announce("need", partial(_apply, entry, snooze))


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

    work = partial(_apply, entry, dismiss)

    st.markdown(f"**{escape(entry.donor_name)}**  \n{escape(entry.reason)}")
    with st.form("because", border=False):
        forms.text("In a few words", "because", "reason", placeholder="They told me they are away")
        if entry.kind == "late_pledge":
            st.caption("The missed instalments are excused; the pledge goes on.")
        forms.save_button("Dismiss", key="because", work=work)


def _show_undo() -> None:
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


def _alert_entry(alert: alerts.OpenAlert) -> ActionItem:
    entry = ActionItem(
        alert.kind,
        alert.alert_id or -(alert.pledge_id or alert.donor_id),
        alert.donor_id,
        alert.donor_name,
        brief(alert.reason),
        "Called",
        lambda _db: "",
        line=alert,
    )
    return replace(entry, work=partial(_apply, entry, partial(_log_call, alert.donor_name)))


def _log_call(name: str, db: Session, alert_id: int) -> str:
    alerts.log_call(db, current_actor(), alert_id=alert_id, today=today(), now=now())
    return alerts.call_logged_message(name)


def _thank_you_entry(gift: gifts.ThankYou, day: date) -> ActionItem:
    giving_text = f"Gave {money(gift.amount)} {ago(gift.on, today=day)}."
    reason = (
        f"{gift.why}: {money(gift.amount)}, {ago(gift.on, today=day)}."
        if gift.why
        else giving_text
    )
    reason = f"{reason} Gives anonymously." if gift.anonymous else reason

    def thanked(db: Session) -> str:
        gifts.thank(db, current_actor(), gift_id=gift.gift_id, how=None, now=now())
        return f"Thanked {gift.donor_name}."

    def not_yet(db: Session) -> str:
        gifts.unthank(db, current_actor(), gift_id=gift.gift_id)
        return f"{gift.donor_name} is back in the list."

    return ActionItem(
        "thank",
        gift.gift_id,
        gift.donor_id,
        gift.donor_name,
        f"{reason} {'The thank-you is overdue.' if gift.overdue else 'Not thanked yet.'}",
        "Thanked",
        thanked,
        not_yet,
    )


def _task_entry(task: tasks.TaskLine, day: date) -> ActionItem:
    due = at_time(ago(task.due_on, today=day), task.due_at) if task.due_on else ""

    def finish(db: Session) -> str:
        tasks.finish(db, current_actor(), task_id=task.task_id, now=now())
        return f"Done: {task.title}."

    def reopen(db: Session) -> str:
        tasks.reopen(db, current_actor(), task_id=task.task_id)
        return f"“{task.title}” is open again."

    name = task.donor_name or "Task"
    return ActionItem(
        "task",
        task.task_id,
        task.donor_id,
        name,
        f"Task due {due}: {task.title}" if due else f"Task: {task.title}",
        "Done",
        finish,
        reopen,
    )
