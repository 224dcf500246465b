"""The clock of all jobs; no other module of jobs reads the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app import accounts
from app.db import Session
from app.kit.errors import InvalidError


def now() -> datetime:
    """Return the current time (UTC)."""
    return datetime.now(UTC)


def today(db: Session, moment: datetime) -> date:
    """Return the date at a time in the organisation's time zone."""
    return moment.astimezone(ZoneInfo(accounts.organisation(db).time_zone)).date()


def moment(text: str) -> datetime:
    """Parse an ISO 8601 date and time; without an offset it is UTC.

    Raises:
        InvalidError: the text is no date and time; the message shows the format.
    """
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"“{text}” is not a moment. Write it as 2026-11-23T06:00, or with an offset."
        raise InvalidError(msg) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
