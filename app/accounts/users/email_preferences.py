"""E-mail preferences that a user changes from a mail without signing in."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.accounts.authorization import Actor
from app.accounts.organisation import actor_by_id, organisation
from app.accounts.queries import users as queries
from app.accounts.users.directory import existing_user
from app.db import Session
from app.db.models import User
from app.db.security.entering import set_system_identity

AT_ONCE, SUMMARY = "at once", "summary"
_ALERTS = {"late_pledge_alert": "late_pledge", "at_risk_donors_alert": "at_risk"}


@dataclass(frozen=True, slots=True)
class EmailPreferences:
    """A user's e-mail preferences, the organisation's name, and as `hint` the masked address."""

    organisation: str
    hint: str
    weekly_summary: bool
    late_pledge_alert: bool
    at_risk_donors_alert: bool


def own_email_preferences(db: Session, user_id: int) -> EmailPreferences:
    """Return a user's e-mail preferences.

    Raises:
        NotFoundError: there is no active account with this id.
    """
    return _email_preferences(db, *_actor_and_user(db, user_id))


def save_email_preferences(
    db: Session, user_id: int, changes: Mapping[str, bool]
) -> EmailPreferences:
    """Turn kinds of mail (`mail.KINDS`) on or off, and return the new preferences.

    An alert that is no longer sent at once moves to the weekly summary, as under My settings.

    Raises:
        NotFoundError: there is no active account with this id.
    """
    actor, row = _actor_and_user(db, user_id)
    channels = dict(row.alert_channels)
    for mail, kind in _ALERTS.items():
        if mail in changes and changes[mail] != (channels.get(kind, SUMMARY) == AT_ONCE):
            channels[kind] = AT_ONCE if changes[mail] else SUMMARY
    summary = changes.get("weekly_summary", row.summary_on)
    queries.set_user(db, user_id, summary_on=summary, alert_channels=channels)
    db.refresh(row)
    return _email_preferences(db, actor, row)


def _actor_and_user(db: Session, user_id: int) -> tuple[Actor, User]:
    actor = actor_by_id(db, user_id)
    set_system_identity(db, actor)
    return actor, existing_user(db, user_id)


def _email_preferences(db: Session, actor: Actor, row: User) -> EmailPreferences:
    name, _, host = actor.email.partition("@")
    late, at_risk = (row.alert_channels.get(kind, SUMMARY) == AT_ONCE for kind in _ALERTS.values())
    hint = f"{name[:1]}…@{host}"
    return EmailPreferences(organisation(db).name, hint, row.summary_on, late, at_risk)
