"""Values of which a test knows more than their type says."""

from typing import Any, TypeVar

from sqlalchemy import CursorResult, Result

Value = TypeVar("Value")


def present(value: Value | None) -> Value:
    """Return a value that has to be there."""
    assert value is not None
    return value


def changed_rows(result: Result[Any]) -> int:
    """Return how many rows a statement changed."""
    assert isinstance(result, CursorResult)
    return result.rowcount
