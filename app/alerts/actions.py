"""Actions on alerts: called, snooze, dismiss, resolve, and undo for each of them.

What an action changed besides the alert is stored in the alert's facts under "done": the logged
contact, the tasks it closed and the instalments it excused. Undo reverts exactly these.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app import audit, donors, pledges, tasks
from app.accounts import Actor, require_own
from app.alerts import detection
from app.alerts.queries import alerts as queries
from app.alerts.queries import work_list as work_list_queries
from app.alerts.work_list import OpenAlert
from app.db import Session
from app.db.models import Alert
from app.kit.dates.days import check_day
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.text import line

# how long an alert is hidden after a call; it returns if the cause still holds
QUIET_AFTER_CALL = timedelta(days=14)
_QUIET_AFTER_CALL_TEXT = "two weeks"
DONE = "done"


def ensure(db: Session, actor: Actor, line: OpenAlert, *, today: date) -> int:
    """Return the id of a line's alert; raise the alert if the daily check has not done so yet.

    Raises:
        NotFoundError: the actor may not change the donor, or the alert is settled.
        NotAllowedError: the actor is impersonating another user ("View as").
    """
    require_own(actor)
    if line.alert_id is not None:
        return line.alert_id
    if not work_list_queries.may_edit(db, actor, line.donor_id):
        msg = "This alert does not exist, or is not yours."
        raise NotFoundError(msg)
    detection.raise_for_donor(db, actor, donor_id=line.donor_id, today=today, again=True)
    alert_id = work_list_queries.id_of(
        db, actor, line.kind, line.donor_id, line.pledge_id, line.since
    )
    if alert_id is None:
        msg = "This line is settled already. Nothing was changed."
        raise NotFoundError(msg)
    return alert_id


def log_call(
    db: Session,
    actor: Actor,
    *,
    alert_id: int,
    text: str | None = None,
    today: date,
    now: datetime,
) -> None:
    """Log a call about an alert, hide it for two weeks, and finish its task.

    Raises:
        NotFoundError: the alert does not exist, or the actor may not change it.
        InvalidError: the text is too long.
    """
    alert = _editable_alert(db, actor, alert_id)
    # before the contact is logged, because that only hides open alerts
    if alert.state != "open":
        _update_alert(db, alert, {}, state="open", snoozed_until=None)
    donors.log_contact(db, actor, donor_id=alert.donor_id, kind="call", text=text, at=now)
    queries.set_alert(db, alert.id, state="snoozed", snoozed_until=today + QUIET_AFTER_CALL)


def call_logged_message(donor_name: str) -> str:
    """Return the confirmation of a logged call, which says when the alert returns."""
    return (
        f"Logged a call with {donor_name}. "
        f"The line returns in {_QUIET_AFTER_CALL_TEXT} if need be."
    )


def hide_after_contact(
    db: Session, actor: Actor, donor_id: int, contact_id: int, day: date, moment: datetime
) -> None:
    """Hide a donor's open alerts for two weeks after a contact, wherever it was logged.

    Connected to `donors.contact_logged`. What the daily check has not raised yet is raised first.
    A contact before the alert was raised does not count.
    """
    detection.raise_for_donor(db, actor, donor_id=donor_id, today=day)
    for alert in work_list_queries.open_of_donor(db, actor, donor_id, raised_by=day):
        finished = tasks.finish_of_alert(
            db, alert_id=alert.id, by=actor.user_id, today=day, now=moment
        )
        _update_alert(
            db,
            alert,
            {"contact": contact_id, "tasks": finished},
            state="snoozed",
            snoozed_until=day + QUIET_AFTER_CALL,
        )
        _record_event(
            db,
            actor,
            alert,
            "called",
            f"Hid an alert for {_QUIET_AFTER_CALL_TEXT} after a contact.",
        )


donors.contact_logged.connect(hide_after_contact)


def snooze(
    db: Session,
    actor: Actor,
    *,
    alert_id: int,
    until: date,
    today: date,
    now: datetime | None = None,
) -> None:
    """Hide an alert and close its task until a day; both return then.

    Raises:
        InvalidError: the day is not after today, or cannot be meant.
        NotFoundError: the alert does not exist, or the actor may not change it.
    """
    if until <= today:
        msg = "Choose a day after today."
        raise InvalidError(msg)
    check_day(until)
    alert = _editable_alert(db, actor, alert_id)
    closed = tasks.close_of_alerts(db, alert_ids=[alert.id], now=now)
    _update_alert(db, alert, {"tasks": closed}, state="snoozed", snoozed_until=until)
    _record_event(db, actor, alert, "snoozed", f"Snoozed an alert until {until}.")


def dismiss(
    db: Session, actor: Actor, *, alert_id: int, reason: str, today: date, now: datetime
) -> None:
    """Dismiss an alert with a reason; the instalments of a late pledge are excused.

    Raises:
        InvalidError: no reason was given.
        NotFoundError: the alert does not exist, or the actor may not change it.
    """
    cleaned_reason = line(reason, "The reason")
    if not cleaned_reason:
        msg = "Say in a few words why; it teaches the next check."
        raise InvalidError(msg)
    alert = _editable_alert(db, actor, alert_id)
    excused: list[date] = []
    # set first, otherwise excusing the instalments would resolve it as no longer late
    _update_alert(
        db, alert, {}, state="dismissed", dismissed_why=cleaned_reason, resolved_by=actor.user_id
    )
    if alert.pledge_id is not None:
        excused = _excuse(db, actor, alert.donor_id, alert.pledge_id, cleaned_reason, today)
    closed = tasks.close_of_alerts(db, alert_ids=[alert.id], now=now)
    excused_days = [due_date.isoformat() for due_date in excused]
    _update_alert(db, alert, {"tasks": closed, "excused": excused_days})
    _record_event(db, actor, alert, "dismissed", f"Dismissed an alert: {cleaned_reason}.")


def _excuse(
    db: Session, actor: Actor, donor_id: int, pledge_id: int, reason: str, today: date
) -> list[date]:
    """Excuse the pledge's missed instalments until it is not late; return their due dates."""
    excused: list[date] = []
    while True:
        late = pledges.late(db, actor, today=today, donor_ids=[donor_id])
        due = next((pledge.oldest_due for pledge in late if pledge.pledge_id == pledge_id), None)
        if due is None or due in excused:
            return excused
        pledges.skip(db, actor, pledge_id=pledge_id, due=due, reason=reason, today=today)
        excused.append(due)


def resolve(db: Session, actor: Actor, *, alert_id: int, now: datetime) -> None:
    """Mark an alert as resolved by the actor.

    Raises:
        NotFoundError: the alert does not exist, or the actor may not change it.
    """
    alert = _editable_alert(db, actor, alert_id)
    closed = tasks.close_of_alerts(db, alert_ids=[alert.id], now=now)
    _update_alert(
        db,
        alert,
        {"tasks": closed},
        state="resolved",
        resolved_at=now,
        resolved_by=actor.user_id,
    )
    _record_event(db, actor, alert, "resolved", "Dealt with an alert.")


def undo(db: Session, actor: Actor, *, alert_id: int, today: date) -> None:
    """Undo the last action on an alert and reopen it.

    The logged contact is removed, closed tasks are reopened, and excused instalments are expected
    again.

    Raises:
        NotFoundError: the alert does not exist, or the actor may not change it.
        ConflictError: there is nothing to undo, or it was resolved since, as by a gift.
    """
    alert = _editable_alert(db, actor, alert_id)
    ended = alert.state == "resolved" and alert.resolved_by is None
    if alert.state == "open" or ended or alert.resolved_gift_id is not None:
        msg = "There is nothing to undo here. Nothing was changed."
        raise ConflictError(msg)
    done: Mapping[str, Any] = alert.facts.get(DONE) or {}
    if done.get("contact") is not None:
        donors.remove_contact(db, actor, contact_id=done["contact"])
    tasks.reopen_closed(db, task_ids=done.get("tasks") or ())
    for day in done.get("excused") or ():
        pledges.unskip(
            db, actor, pledge_id=alert.pledge_id or 0, due=date.fromisoformat(day), today=today
        )
    _update_alert(
        db,
        alert,
        {},
        state="open",
        snoozed_until=None,
        dismissed_why=None,
        resolved_at=None,
        resolved_by=None,
    )
    _record_event(db, actor, alert, "reopened", "Took back what was done about an alert.")


def _update_alert(
    db: Session, alert: Alert, changed: Mapping[str, object], **values: object
) -> None:
    facts = {name: value for name, value in alert.facts.items() if name != DONE}
    effects = {name: value for name, value in changed.items() if value}
    queries.set_alert(db, alert.id, facts=facts | ({DONE: effects} if effects else {}), **values)


def _editable_alert(db: Session, actor: Actor, alert_id: int) -> Alert:
    alert = work_list_queries.editable(db, actor, alert_id)
    if alert is None:
        msg = "This alert does not exist, or is not yours."
        raise NotFoundError(msg)
    return alert


def _record_event(db: Session, actor: Actor, alert: Alert, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"alert.{verb}",
        entity="alert",
        entity_id=alert.id,
        donor_id=alert.donor_id,
        sentence=sentence,
    )
