"""Opaque cursors for keyset pagination.

A cursor contains the sort key of the last row, so that rows added meanwhile do not shift pages.
"""

import base64
import binascii
import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.kit.errors import InvalidError
from app.kit.text import is_storable

Place = TypeVar("Place")
WRONG = "“after” is not a cursor of this list. Take “next” of the page before, or leave it out."


LARGEST = 2**63


def encode_cursor(kind: str, *place: Any) -> str:
    """Return the cursor for the sort key of a row in a list of this kind."""
    text = json.dumps([kind, *place], ensure_ascii=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(kind: str, cursor: str, shape: type[Place]) -> Place:
    """Return the sort key in a cursor, validated as `shape`.

    Raises:
        InvalidError: the cursor was not made by `spelled` for this kind of list.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = json.loads(text)
        if not isinstance(found, list) or found[:1] != [kind] or not _fit(found):
            raise InvalidError(WRONG)
        return TypeAdapter(shape).validate_python(found[1:])
    except (binascii.Error, ValueError, RecursionError, ValidationError) as error:
        raise InvalidError(WRONG) from error


def _fit(values: list[Any]) -> bool:
    """Return whether the database can compare the values: 64-bit integers and storable text."""
    return all(
        abs(value) < LARGEST if isinstance(value, int) else is_storable(str(value))
        for value in values
    )
