"""The link in each mail that changes what one is sent, without signing in."""

from datetime import datetime, timedelta

import jwt

from app.settings import settings

# what a person may be sent regularly
KINDS = ("weekly_summary", "late_pledge_alert", "at_risk_donors_alert")
LASTS = timedelta(days=365)
ALGORITHM = "HS256"
AUDIENCE, ISSUER = "donorcrm:mail", "donorcrm"
LONGEST = 600


def wishes_link(user_id: int, kind: str, *, now: datetime) -> str:
    """Return the address that changes what this person is sent; good for a year.

    `kind` is the mail it stands in: one click in a mail program ends that kind alone.
    """
    claims = {
        "sub": str(user_id), "kind": kind, "aud": AUDIENCE, "iss": ISSUER,
        "iat": now, "exp": now + LASTS,
    }  # fmt: skip
    token = jwt.encode(claims, settings().signing_key, ALGORITHM)
    return f"{settings().public_url}/api/v1/mail/{token}"


def read_wishes_token(token: str, *, now: datetime) -> tuple[int, str] | None:
    """Return whose link it is and the kind of mail it stood in; None when it is none of ours."""
    if len(token) > LONGEST:
        return None
    try:
        claims = jwt.decode(
            token, settings().signing_key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER,
            options={"require": ["sub", "kind", "aud", "iss", "exp"], "verify_exp": False,
                     "verify_iat": False},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        return None
    who, kind, ends = str(claims["sub"]), claims["kind"], claims["exp"]
    good = who.isascii() and who.isdigit() and kind in KINDS and isinstance(ends, int)
    return (int(who), kind) if good and ends > now.timestamp() else None
