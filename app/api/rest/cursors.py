"""Where a page ended, as a word nobody needs to understand.

It holds the last row's place in the order, so that rows added meanwhile move nothing.
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


def spelled(kind: str, *place: Any) -> str:
    """Spell a place in a list of some kind."""
    text = json.dumps([kind, *place], ensure_ascii=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(kind: str, cursor: str, shape: type[Place]) -> Place:
    """Return the place a cursor spells, checked to be of the shape.

    Raises:
        InvalidError: it was not made by `spelled` for this kind of list.
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
    """Whether the database can compare with the values: numbers of 64 bits, storable text."""
    return all(
        abs(value) < LARGEST if isinstance(value, int) else is_storable(str(value))
        for value in values
    )
