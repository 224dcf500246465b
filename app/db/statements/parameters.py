"""Check of the parameters of every statement for text that PostgreSQL cannot store."""

import json
from collections.abc import Iterable, Mapping

from psycopg2 import errorcodes
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, DontWrapMixin

from app.kit import text
from app.kit.errors import InvalidError

# data exceptions (class 22) that are caused by an input value, not by a faulty statement
FROM_OUTSIDE = frozenset(
    {
        errorcodes.STRING_DATA_RIGHT_TRUNCATION,
        errorcodes.NUMERIC_VALUE_OUT_OF_RANGE,
        errorcodes.DATETIME_FIELD_OVERFLOW,
        errorcodes.CHARACTER_NOT_IN_REPERTOIRE,
        errorcodes.UNTRANSLATABLE_CHARACTER,
    }
)
UNSTORABLE = (
    "A text contains a character that cannot be saved. Nothing was saved. Type the text again,"
    " without pasting."
)
OUT_OF_RANGE = "A value is too large, or no day or text we can save. Nothing was saved."


class UnstorableValueError(InvalidError, DontWrapMixin):
    """The database cannot store a value of the statement."""


def guard(engine: Engine) -> None:
    """Check the parameters of each statement before it is sent.

    Raises:
        UnstorableValueError: from the statement, when a text holds NUL or a lone surrogate.
    """

    def check(
        _conn: object,
        _cursor: object,
        _statement: str,
        values: object,
        _context: object,
        _many: object,
    ) -> None:
        _check(values)

    event.listen(engine, "before_cursor_execute", check)


def to_json(value: object) -> str:
    """Serialize a JSON value for the database.

    Raises:
        UnstorableValueError: a text in it holds NUL or a lone surrogate.
    """
    encoded = json.dumps(value)
    # the value is walked only if its JSON contains an escape that may be such a character
    if "\\u0000" in encoded or "\\ud" in encoded:
        _check(value)
    return encoded


def is_from_outside(error: DBAPIError) -> bool:
    """Return whether the database rejected an input value rather than the statement."""
    return getattr(error.orig, "pgcode", None) in FROM_OUTSIDE


def _check(value: object) -> None:
    if isinstance(value, str):
        if not text.is_storable(value):
            raise UnstorableValueError(UNSTORABLE)
    elif isinstance(value, Mapping):
        _check_all(value)
        _check_all(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        _check_all(value)


def _check_all(values: Iterable[object]) -> None:
    for value in values:
        if not isinstance(value, int | float | None):
            _check(value)
