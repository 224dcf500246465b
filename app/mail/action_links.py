"""Action links in mails, each signed for one user, one action and one gift or alert.

Each contains the account's `access_version` and becomes invalid when that is raised: by a new
password, another role, a deactivation, or signing out everywhere.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kit.security.signed_tokens import sign, verify
from app.mail.template_context import Action
from app.settings import settings

VALID_FOR = timedelta(days=14)
PURPOSE = "deed of a mail"
PARTS = 6
LABELS = {
    "thanked": "Thanked",
    "called": "I called",
    "snooze": "Remind me in a week",
    "not_late": "Not late, they told me",
}
ABOUT_LATE: tuple[str, ...] = ("called", "snooze", "not_late")
ABOUT_AT_RISK: tuple[str, ...] = ("called", "snooze")


@dataclass(frozen=True, slots=True)
class ActionClaims:
    """Content of an action link: user, action, id of the gift or alert, single-use token id."""

    user_id: int
    action: str
    about: int
    access_version: int
    token_id: str


def action_link(
    user_id: int, action: str, about: int, *, access_version: int, now: datetime
) -> str:
    """Return the URL of an action (one of `LABELS`) on a gift or an alert for this user only."""
    expiry_day, token_id = _day(now + VALID_FOR), secrets.token_urlsafe(6)
    token = sign(
        settings().signing_key,
        PURPOSE,
        user_id,
        action,
        about,
        access_version,
        expiry_day,
        token_id,
    )
    return f"{settings().public_url}/api/v1/mail/do/{token}"


def link_actions(
    user_id: int, actions: tuple[str, ...], about: int, *, access_version: int, now: datetime
) -> tuple[Action, ...]:
    """Return labelled links of several actions on one gift or alert."""
    return tuple(
        Action(
            LABELS[action],
            action_link(user_id, action, about, access_version=access_version, now=now),
        )
        for action in actions
    )


def read_action_token(token: str, *, now: datetime) -> ActionClaims | None:
    """Return the content of a link, or None when it is invalid or has expired."""
    parts = verify(settings().signing_keys, PURPOSE, token)
    # links of earlier versions had fewer parts
    if parts is None or len(parts) != PARTS:
        return None
    user_id, action, about, version, expiry_day, token_id = parts
    if int(expiry_day) < _day(now):
        return None
    return ActionClaims(int(user_id), action, int(about), int(version), token_id)


def _day(moment: datetime) -> int:
    return int(moment.timestamp()) // 86_400
