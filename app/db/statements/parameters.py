"""Check of the parameters of every statement, and messages for values that PostgreSQL refuses."""

import json
import logging
import traceback
from collections.abc import Iterable, Mapping

from psycopg2 import errorcodes
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, DontWrapMixin

from app.kit import text
from app.kit.errors import DonorCrmError, InvalidError

log = logging.getLogger(__name__)

MAX_FRAMES = 12

UNSTORABLE = (
    "A text contains a character that cannot be saved. Nothing was saved. Type the text again,"
    " without pasting."
)
OUT_OF_RANGE = "A value is too large, or no day or text we can save. Nothing was saved."
INVALID_VALUE = "A value is not one we can use here. Nothing was saved. Check what you entered."
# data exceptions that only an input value causes; others may be caused by a faulty statement
FROM_OUTSIDE = {
    errorcodes.STRING_DATA_RIGHT_TRUNCATION: OUT_OF_RANGE,
    errorcodes.NUMERIC_VALUE_OUT_OF_RANGE: OUT_OF_RANGE,
    errorcodes.DATETIME_FIELD_OVERFLOW: OUT_OF_RANGE,
    errorcodes.CHARACTER_NOT_IN_REPERTOIRE: UNSTORABLE,
    errorcodes.UNTRANSLATABLE_CHARACTER: UNSTORABLE,
}


class UnstorableValueError(InvalidError, DontWrapMixin):
    """The database cannot store a value of the statement."""


def is_refusal(error: Exception) -> bool:
    """Return whether an error in a job is one that a user's action can cause.

    In a job nobody has entered anything: a value that the database refuses is a fault of ours.
    """
    return isinstance(error, DonorCrmError) and not isinstance(error, UnstorableValueError)


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


def refusal(error: DBAPIError) -> str | None:
    """Return the message for a data exception (SQLSTATE class 22); None for any other error.

    An error that a faulty statement may have caused is logged with its location.
    """
    code = getattr(error.orig, "pgcode", None) or ""
    if not code.startswith(errorcodes.CLASS_DATA_EXCEPTION):
        return None
    if code not in FROM_OUTSIDE:
        # the message may quote the value: only the code and the frames are logged
        frames = [
            f"{frame.filename}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        log.error("a statement met a value it cannot use: %s at %s", code, frames[-MAX_FRAMES:])
    return FROM_OUTSIDE.get(code, INVALID_VALUE)


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
