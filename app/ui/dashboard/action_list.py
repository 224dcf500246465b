"""The to-do list of the user: one action per entry, which one click completes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import streamlit as st

from app import accounts, alerts, gifts, tasks
from app.accounts import Actor, Role
from app.db import Session
from app.ui.base.formats import ago, brief, escape, money
from app.ui.base.session import current_actor, now, today
from app.ui.donors import forms as donor_forms
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import forms, tables

FIRST = 7
SNOOZE = timedelta(days=30)
SNOOZED, NOT_SO, NOTE = "Snooze 30 days", "because", "Log a call with a note"
ICONS = {
    "late_pledge": "schedule",
    "at_risk": "trending_down",
    "thank": "favorite",
    "task": "task_alt",
}

Work = Callable[[Session], str]


@dataclass(frozen=True, slots=True)
class Need:
    """An entry of the to-do list: the donor, the reason, and the action of its button."""

    kind: str
    row_id: int
    donor_id: int | None
    donor_name: str
    why: str
    button: str
    work: Work
    undo: Work | None = None
    line: alerts.OpenAlert | None = None


def collect(
    db: Session, actor: Actor, *, day: date, unthanked: Sequence[gifts.ThankYou]
) -> list[Need]:
    """Return the actor's entries: late pledges, donors at risk, thank-yous, tasks."""
    own = None if actor.sees_everyone else actor.user_id
    channels = accounts.me(db, actor).alert_channels
    kinds = [one for one in alerts.KINDS if alerts.channel(channels, one) != alerts.NONE]
    found = [
        _alert(one) for one in alerts.open_for(db, actor, today=day, owner_id=own, kinds=kinds)
    ]
    found += [_thank(one, day) for one in unthanked]
    found += [_task(one, day) for one in tasks.due(db, actor, today=day)]
    order = list(ICONS)
    return sorted(found, key=lambda one: order.index(one.kind))


def show(needs: list[Need], *, links: int = 0) -> None:
    """Draw the list with its buttons and the undo of the last click."""
    st.subheader("To do", help="One line each. The button does its thing and the line goes.")
    _way_back()
    if not needs:
        _links(links)
        tables.nothing("task_alt", "Nobody is waiting for you. Good day for a friendly call.")
        return
    every = st.session_state.get("needs_all", False)
    actor = current_actor()
    may_act = actor.role != Role.READ_ONLY and not actor.looking
    with st.container(key="list_needs", gap="small"):
        for one in needs if every else _mixed(needs):
            _line(one, may_act=may_act)
    _links(links)
    if len(needs) > FIRST:
        st.button(
            "Show fewer" if every else f"{len(needs) - FIRST} more",
            key="needs_more",
            type="tertiary",
            on_click=lambda: st.session_state.update(needs_all=not every),
        )


def _links(number: int) -> None:
    """Draw a link to the gifts that may belong to a pledge, if there are any."""
    if number and not current_actor().looking:
        label = gift_suggestions.words(number)
        st.page_link(tables.to("pledges"), label=f":small[{label}]", icon=":material/link:")


def _mixed(needs: list[Need]) -> list[Need]:
    """Return the first entries, chosen so that every kind is among them."""
    by_kind = [[one for one in needs if one.kind == kind] for kind in ICONS]
    chosen: list[Need] = []
    for place in range(FIRST):
        chosen += [lines[place] for lines in by_kind if place < len(lines)]
    few = chosen[:FIRST]
    return [one for one in needs if one in few]


def _line(need: Need, *, may_act: bool) -> None:
    said, act = st.columns([4, 1.7], vertical_alignment="center", gap="small")
    with said, st.container(gap=None):
        icon = f":material/{ICONS[need.kind]}:"
        if need.donor_id is None:
            st.markdown(f"{icon} **{escape(need.donor_name)}**")
        else:
            tables.donor_link(need.donor_id, need.donor_name, icon=icon)
        st.markdown(f":small[{escape(need.why)}]")
    if not may_act:
        return
    key = f"need_{need.kind}_{need.row_id}"
    with (
        act,
        st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", wrap=False),
    ):
        st.button(need.button, key=key, on_click=_do, args=(need,))
        if need.kind in {"late_pledge", "at_risk"}:
            _more(need, key)


def _more(need: Need, key: str) -> None:
    excuse = "Not late because…" if need.kind == "late_pledge" else "Not at risk because…"
    options = {SNOOZED: SNOOZED, NOT_SO: excuse, NOTE: f"{NOTE}…"}
    chosen = st.menu_button(
        ":material/more_horiz:",
        list(options),
        format_func=options.__getitem__,
        key=f"{key}_more",
        type="tertiary",
        help="Snooze, dismiss, or write down a call",
        on_click=_snooze,
        args=(need, f"{key}_more"),
    )
    if chosen == NOT_SO:
        _because(need)
    elif chosen == NOTE and need.donor_id is not None:
        donor_forms.log_contact(need.donor_id, need.donor_name)


def _do(need: Need) -> None:
    def work(db: Session) -> str:
        st.session_state["needs_undo"] = need.undo
        return need.work(db)

    forms.do("need", work)


def _act(need: Need, act: Callable[[Session, int], str], db: Session) -> str:
    """Apply an action to an alert, raise it first if necessary, and store the undo."""
    actor, day = current_actor(), today()
    line = need.line
    if line is None:
        return act(db, need.row_id)
    alert_id = alerts.ensure(db, actor, line, today=day)
    said = act(db, alert_id)
    st.session_state["needs_undo"] = partial(_reopen, alert_id, need.donor_name)
    return said


def _reopen(alert_id: int, name: str, db: Session) -> str:
    alerts.undo(db, current_actor(), alert_id=alert_id, today=today())
    return f"{name} is back in the list."


def _snooze(need: Need, key: str) -> None:
    if st.session_state.get(key) != SNOOZED:
        return

    def snooze(db: Session, alert_id: int) -> str:
        until = today() + SNOOZE
        alerts.snooze(
            db, current_actor(), alert_id=alert_id, until=until, today=today(), now=now()
        )
        return f"{need.donor_name} comes back in 30 days."

    forms.do("need", partial(_act, need, snooze))


@st.dialog("Why is this pledge not late?", icon=":material/edit_note:")
def _because(need: Need) -> None:
    """Ask why an alert is wrong, and dismiss it."""

    def dismiss(db: Session, alert_id: int) -> str:
        alerts.dismiss(
            db,
            current_actor(),
            alert_id=alert_id,
            today=today(),
            now=now(),
            reason=str(forms.typed("because", "reason") or ""),
        )
        return f"Noted for {need.donor_name}."

    work = partial(_act, need, dismiss)

    st.markdown(f"**{escape(need.donor_name)}**  \n{escape(need.why)}")
    with st.form("because", border=False):
        forms.text("In a few words", "because", "reason", placeholder="They told me they are away")
        if need.kind == "late_pledge":
            st.caption("The missed instalments are excused; the pledge goes on.")
        forms.save("Dismiss", key="because", work=work)


def _way_back() -> None:
    undo = st.session_state.get("needs_undo")
    if undo is not None:
        st.button(
            "Undo the last click",
            key="needs_back",
            icon=":material/undo:",
            type="tertiary",
            on_click=_take_back,
            args=(undo,),
        )


def _take_back(undo: Work) -> None:
    forms.do("need", undo)
    st.session_state["needs_undo"] = None


def _alert(one: alerts.OpenAlert) -> Need:
    need = Need(
        one.kind,
        one.alert_id or -(one.pledge_id or one.donor_id),
        one.donor_id,
        one.donor_name,
        brief(one.reason),
        "Called",
        lambda _db: "",
        line=one,
    )
    return replace(need, work=partial(_act, need, partial(_called, one.donor_name)))


def _called(name: str, db: Session, alert_id: int) -> str:
    alerts.called(db, current_actor(), alert_id=alert_id, today=today(), now=now())
    return f"Logged a call with {name}. The line returns in two weeks if need be."


def _thank(one: gifts.ThankYou, day: date) -> Need:
    what = f"Gave {money(one.amount)} {ago(one.on, today=day)}."
    why = f"{one.why}: {money(one.amount)}, {ago(one.on, today=day)}." if one.why else what
    why = f"{why} Gives anonymously." if one.anonymous else why

    def thanked(db: Session) -> str:
        gifts.thank(db, current_actor(), gift_id=one.gift_id, how=None, now=now())
        return f"Thanked {one.donor_name}."

    def not_yet(db: Session) -> str:
        gifts.unthank(db, current_actor(), gift_id=one.gift_id)
        return f"{one.donor_name} is back in the list."

    return Need(
        "thank",
        one.gift_id,
        one.donor_id,
        one.donor_name,
        f"{why} Not thanked yet.",
        "Thanked",
        thanked,
        not_yet,
    )


def _task(one: tasks.TaskLine, day: date) -> Need:
    due = "" if one.due_on is None else f" due {ago(one.due_on, today=day)}"

    def finish(db: Session) -> str:
        tasks.finish(db, current_actor(), task_id=one.task_id, now=now())
        return f"Done: {one.title}."

    def reopen(db: Session) -> str:
        tasks.reopen(db, current_actor(), task_id=one.task_id)
        return f"“{one.title}” is open again."

    name = one.donor_name or "Task"
    return Need(
        "task", one.task_id, one.donor_id, name, f"Task{due}: {one.title}", "Done", finish, reopen
    )
