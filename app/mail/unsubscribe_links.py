"""Signed link in each regular mail that changes e-mail preferences without signing in."""

from datetime import datetime, timedelta

from app.kit.security.signed_tokens import sign, verify
from app.settings import settings

# the kinds of regular mail
KINDS = ("weekly_summary", "late_pledge_alert", "at_risk_donors_alert")
VALID_FOR = timedelta(days=365)
PURPOSE = "wishes about mail"


def email_preferences_link(user_id: int, kind: str, *, now: datetime) -> str:
    """Return the URL that changes this user's e-mail preferences, valid for a year.

    `kind` is the mail that contains the link: one-click unsubscribe in a mail program ends that
    kind only.
    """
    token = sign(settings().signing_key, PURPOSE, user_id, kind, _day(now + VALID_FOR))
    return f"{settings().public_url}/api/v1/mail/{token}"


def read_email_preferences_token(token: str, *, now: datetime) -> tuple[int, str] | None:
    """Return the link's user id and kind of mail, or None when it is invalid or has expired."""
    parts = verify(settings().signing_keys, PURPOSE, token)
    if parts is None:
        return None
    # every token that this module signed has these three parts
    user_id, kind, expiry_day = parts
    return (int(user_id), kind) if int(expiry_day) >= _day(now) else None


def _day(moment: datetime) -> int:
    return int(moment.timestamp()) // 86_400
