"""The entries of the to-do list and what their buttons do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import streamlit as st

from app import accounts, alerts, gifts, insights, tasks
from app.accounts import Actor, Role
from app.db import Session
from app.ui.base.formats import ago, at_time, brief, money
from app.ui.base.session import current_actor, now, today

ICONS = {
    "late_pledge": "schedule",
    "at_risk": "trending_down",
    "thank": "favorite",
    "task": "task_alt",
}

# tasks of the actor among which those about a donor are looked for
MOST_TASKS = 500
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
    # whose donor it is; None without an owner
    owner_id: int | None = None


def collect(db: Session, actor: Actor, *, day: date) -> list[ActionItem]:
    """Return the entries of everybody whose donors the actor sees: a supervisor's are the team's.

    Late pledges, donors at risk, thank-yous, and the actor's own tasks. Entries about the donors
    of others end with the owner's name.
    """
    kinds = _alert_kinds(db, actor)
    entries = [_alert_entry(alert) for alert in alerts.open_for(db, actor, today=day, kinds=kinds)]
    unthanked = insights.load_unthanked(db, actor, today=day)
    entries += [_thank_you_entry(gift, day) for gift in unthanked.gifts]
    others = {entry.owner_id for entry in entries} - {actor.user_id, None}
    names = {owner.user_id: owner.name for owner in accounts.owners(db, actor)} if others else {}
    entries = [_with_owner(entry, names, actor) for entry in entries]
    entries += [_task_entry(task, day, actor) for task in tasks.due(db, actor, today=day)]
    order = list(ICONS)
    return sorted(entries, key=lambda entry: order.index(entry.kind))


def first_of_donor(db: Session, actor: Actor, donor_id: int, *, day: date) -> ActionItem | None:
    """Return the first entry about one donor, in the order of the list; None without any."""
    kinds = _alert_kinds(db, actor)
    for alert in alerts.open_for(db, actor, today=day, kinds=kinds, donor_id=donor_id):
        return _alert_entry(alert)
    if actor.sees_amounts:
        unthanked = replace(gifts.to_thank_filter(day), donor_id=donor_id)
        for gift in gifts.page(db, actor, filter=unthanked).lines:
            gave = f"Gave {money(gift.amount)} {ago(gift.on, today=day)}."
            return _thank_entry(gift, f"{gave} Not thanked yet.")
    for task in tasks.due(db, actor, today=day, limit=MOST_TASKS):
        if task.donor_id == donor_id:
            return _task_entry(task, day, actor)
    return None


def _alert_kinds(db: Session, actor: Actor) -> list[str]:
    """Return the kinds of alerts that the actor wants to see."""
    channels = accounts.profile(db, actor).alert_channels
    return [kind for kind in alerts.KINDS if alerts.channel(channels, kind) != alerts.NONE]


def may_do(entry: ActionItem, actor: Actor) -> bool:
    """Return whether the actor may complete an entry, and does not only see it."""
    if actor.role == Role.READ_ONLY or actor.looking:
        return False
    return actor.sees_everyone or entry.owner_id == actor.user_id


def _with_owner(entry: ActionItem, names: Mapping[int, str], actor: Actor) -> ActionItem:
    if entry.owner_id in {actor.user_id, None} or entry.owner_id not in names:
        return entry
    return replace(entry, reason=f"{entry.reason} · {names[entry.owner_id]}")


def apply(entry: ActionItem, action: Callable[[Session, int], str], db: Session) -> str:
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
        owner_id=alert.owner_id,
    )
    return replace(entry, work=partial(apply, entry, partial(_log_call, alert.donor_name)))


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
    return _thank_entry(
        gift, f"{reason} {'The thank-you is overdue.' if gift.overdue else 'Not thanked yet.'}"
    )


def _thank_entry(gift: gifts.ThankYou | gifts.GiftLine, reason: str) -> ActionItem:
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
        reason,
        "Thanked",
        thanked,
        not_yet,
        owner_id=gift.owner_id,
    )


def _task_entry(task: tasks.TaskLine, day: date, actor: Actor) -> ActionItem:
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
        owner_id=actor.user_id,
    )
