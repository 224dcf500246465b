"""What a fundraiser should act on, once per cause."""

from app.alerts.raising import (
    Raised,
    contact,
    donor_link,
    raise_at_risk,
    raise_late_pledges,
)
from app.alerts.service import (
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
    "Changes",
    "OpenAlert",
    "Raised",
    "changes",
    "contact",
    "dismiss",
    "donor_link",
    "open_for",
    "raise_at_risk",
    "raise_late_pledges",
    "resolve",
    "settle",
    "snooze",
]
