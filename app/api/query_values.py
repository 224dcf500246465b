"""Values of addresses: numbers, days and words, each refused where it cannot be right."""

from datetime import UTC, date, datetime

from starlette.convertors import Convertor, register_url_convertor

from app.kit import text
from app.kit.errors import InvalidError

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
LONGEST_NUMBER, LONGEST_WORD = 18, 60


class RecordNumber(Convertor[int]):
    """The number of a record in a path; more digits than a number has are another address."""

    regex = f"[0-9]{{1,{LONGEST_NUMBER}}}"

    def convert(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Spell the number."""
        return str(value)


register_url_convertor("number", RecordNumber())


def number(value: str, wrong: str) -> int:
    """Read the number of a record.

    Raises:
        InvalidError: it is none, in the words given.
    """
    if not (value.isascii() and value.isdigit()) or len(value) > LONGEST_NUMBER:
        raise InvalidError(wrong)
    return int(value)


def day(value: str, wrong: str) -> date:
    """Read a day of the years 1900 to 2199.

    Raises:
        InvalidError: it is none, in the words given.
    """
    try:
        found = date.fromisoformat(value)
    except ValueError as error:
        raise InvalidError(wrong) from error
    if not EARLIEST <= found <= LATEST:
        raise InvalidError(wrong)
    return found


def moment(value: str, wrong: str) -> datetime:
    """Read a moment; without a time zone it is of UTC.

    Raises:
        InvalidError: it is none, in the words given.
    """
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidError(wrong) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def word(value: str, wrong: str) -> str:
    """Return a short word of ours.

    Raises:
        InvalidError: it is too long, or holds what no word holds, in the words given.
    """
    if len(value) > LONGEST_WORD or not text.is_storable(value):
        raise InvalidError(wrong)
    return value
