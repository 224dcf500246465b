"""What a fundraiser should act on, once per cause."""

from app.alerts.raising import Raised, raise_at_risk, raise_late_pledges
from app.alerts.service import OpenAlert, dismiss, open_for, resolve, settle, snooze

__all__ = [
    "OpenAlert",
    "Raised",
    "dismiss",
    "open_for",
    "raise_at_risk",
    "raise_late_pledges",
    "resolve",
    "settle",
    "snooze",
]
