"""The link in each mail that changes what one is sent, without signing in."""

from datetime import datetime, timedelta

from app.kit.signed_tokens import parts_of, signed
from app.settings import settings

# what a person may be sent regularly
KINDS = ("weekly_summary", "late_pledge_alert", "at_risk_donors_alert")
LASTS = timedelta(days=365)
PURPOSE = "wishes about mail"


def wishes_link(user_id: int, kind: str, *, now: datetime) -> str:
    """Return the address that changes what this person is sent; good for a year.

    `kind` is the mail it stands in: one click in a mail program ends that kind alone.
    """
    token = signed(settings().signing_key, PURPOSE, user_id, kind, _day(now + LASTS))
    return f"{settings().public_url}/api/v1/mail/{token}"


def read_wishes_token(token: str, *, now: datetime) -> tuple[int, str] | None:
    """Return whose link it is and the kind of mail it stood in; None when it is none of ours."""
    parts = parts_of(settings().signing_keys, PURPOSE, token)
    if parts is None:
        return None
    # what we signed ourselves has this shape
    user_id, kind, ends = parts
    return (int(user_id), kind) if int(ends) >= _day(now) else None


def _day(moment: datetime) -> int:
    return int(moment.timestamp()) // 86_400
