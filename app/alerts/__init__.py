"""Alerts: late pledges and donors at risk to act on, one alert per cause."""

from app.alerts.actions import (
    call_logged_message,
    dismiss,
    ensure,
    log_call,
    resolve,
    snooze,
    undo,
)
from app.alerts.detection import (
    Raised,
    follow_pledges,
    raise_at_risk,
    raise_late_pledges,
    reopen,
    review,
)
from app.alerts.notifications import APP, AT_ONCE, NONE, SUMMARY, channel, contact, donor_link
from app.alerts.service import Changes, changes, settle
from app.alerts.work_list import KINDS, OpenAlert, at_risk, late, open_for

__all__ = [
    "APP",
    "AT_ONCE",
    "KINDS",
    "NONE",
    "SUMMARY",
    "Changes",
    "OpenAlert",
    "Raised",
    "at_risk",
    "call_logged_message",
    "changes",
    "channel",
    "contact",
    "dismiss",
    "donor_link",
    "ensure",
    "follow_pledges",
    "late",
    "log_call",
    "open_for",
    "raise_at_risk",
    "raise_late_pledges",
    "reopen",
    "resolve",
    "review",
    "settle",
    "snooze",
    "undo",
]
