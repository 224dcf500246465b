"""Opaque, signed cursors for keyset pagination.

A cursor contains the sort key of the last row, so that rows added meanwhile do not shift pages.
The signature makes sure that the database compares only values that it returned itself.
"""

import hashlib
from typing import TypeVar

from itsdangerous import BadData, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from app.kit.errors import InvalidError
from app.settings import settings

SortKey = TypeVar("SortKey")
WRONG = "“after” is not a cursor of this list. Take “next” of the page before, or leave it out."


def encode_cursor(kind: str, *sort_key: str | int | None) -> str:
    """Return the cursor for the sort key of a row in a list of this kind."""
    return str(_serializer(kind).dumps(sort_key))


def decode_cursor(kind: str, cursor: str, shape: type[SortKey]) -> SortKey:
    """Return the sort key in a cursor, validated as `shape`.

    Raises:
        InvalidError: the cursor was not made by `encode_cursor` for this kind of list.
    """
    try:
        return TypeAdapter(shape).validate_python(_serializer(kind).loads(cursor))
    except (BadData, ValueError, ValidationError) as error:
        raise InvalidError(WRONG) from error


def _serializer(kind: str) -> URLSafeSerializer:
    # the library signs with the last key and accepts all
    return URLSafeSerializer(
        settings().signing_keys[::-1],
        salt=f"cursor of {kind}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
