"""What a fundraiser should act on, once per cause."""

from app.alerts.mails import APP, AT_ONCE, NONE, SUMMARY, channel, contact, donor_link
from app.alerts.raising import Raised, raise_at_risk, raise_late_pledges, review
from app.alerts.service import (
    KINDS,
    Changes,
    OpenAlert,
    changes,
    dismiss,
    open_for,
    resolve,
    settle,
    snooze,
)

__all__ = [
    "APP",
    "AT_ONCE",
    "KINDS",
    "NONE",
    "SUMMARY",
    "Changes",
    "OpenAlert",
    "Raised",
    "changes",
    "channel",
    "contact",
    "dismiss",
    "donor_link",
    "open_for",
    "raise_at_risk",
    "raise_late_pledges",
    "resolve",
    "review",
    "settle",
    "snooze",
]
