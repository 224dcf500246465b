"""Parsing and validation of values in URLs: ids, days, times and short words."""

from datetime import UTC, date, datetime

from starlette.convertors import Convertor, register_url_convertor

from app.kit import text
from app.kit.dates.days import EARLIEST, LATEST
from app.kit.errors import InvalidError

LONGEST_NUMBER, LONGEST_WORD = 18, 60


class RecordNumber(Convertor[int]):
    """Path convertor for the id of a record, with at most 18 digits."""

    regex = f"[0-9]{{1,{LONGEST_NUMBER}}}"

    def convert(self, value: str) -> int:
        """Return the id as a number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Return the id as text."""
        return str(value)


register_url_convertor("number", RecordNumber())


def number(value: str, wrong: str) -> int:
    """Parse the id of a record.

    Raises:
        InvalidError: the value is not an id; `wrong` is the message.
    """
    if not (value.isascii() and value.isdigit()) or len(value) > LONGEST_NUMBER:
        raise InvalidError(wrong)
    return int(value)


def day(value: str, wrong: str) -> date:
    """Parse a day of the years 1900 to 2199.

    Raises:
        InvalidError: the value is not such a day; `wrong` is the message.
    """
    try:
        parsed = date.fromisoformat(value)
    except ValueError as error:
        raise InvalidError(wrong) from error
    if not EARLIEST <= parsed <= LATEST:
        raise InvalidError(wrong)
    return parsed


def moment(value: str, wrong: str) -> datetime:
    """Parse a date and time; without a time zone it is UTC.

    Raises:
        InvalidError: the value is not a date and time; `wrong` is the message.
    """
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidError(wrong) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def word(value: str, wrong: str) -> str:
    """Return a short word after checking it.

    Raises:
        InvalidError: it is too long or cannot be stored in the database; `wrong` is the message.
    """
    if len(value) > LONGEST_WORD or not text.is_storable(value):
        raise InvalidError(wrong)
    return value
