"""The only place where jobs read the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app import accounts
from app.db import Session
from app.kit.errors import InvalidError


def now() -> datetime:
    """Return the current moment (UTC)."""
    return datetime.now(UTC)


def today(db: Session, at: datetime) -> date:
    """Return the organisation's own day at a moment."""
    return at.astimezone(ZoneInfo(accounts.organisation(db).time_zone)).date()


def moment(text: str) -> datetime:
    """Read a moment as people type it; without an offset it is UTC.

    Raises:
        InvalidError: it is no moment; says how to write one.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"“{text}” is not a moment. Write it as 2026-11-23T06:00, or with an offset."
        raise InvalidError(msg) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
