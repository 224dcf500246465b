"""Comparisons of one value: choices, days, texts, and their reverse."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, false, func

from app.donors.queries.conditions.checked import CheckedCondition, CheckedConditions

Build = Callable[[CheckedCondition, CheckedConditions], ColumnElement[bool]]


def words(condition: CheckedCondition) -> tuple[str, ...]:
    """Return the chosen values."""
    return condition.value if isinstance(condition.value, tuple) else ()


def ids(condition: CheckedCondition) -> list[int]:
    """Return the chosen values as ids."""
    return [int(word) for word in words(condition)]


def negated(condition: CheckedCondition, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition, or its reverse for "is not"."""
    # a missing value is not one of those that are excluded
    return ~func.coalesce(holds, false()) if condition.operator == "is not" else holds


def yes_no(condition: CheckedCondition, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition, or its reverse for "no"."""
    return holds if condition.value else ~func.coalesce(holds, false())


def day(
    column: SQLColumnExpression[Any],
    condition: CheckedCondition,
    today: date,
    some: Callable[[ColumnElement[bool]], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Return a comparison of a day; `some` makes of it one that is false without a day.

    "In the last 30 days" is today and the 29 days before it. "Not in the last" and "never" are
    true of a donor without a day.
    """
    value = condition.value
    if condition.operator == "never":
        return ~some(column.is_not(None))
    if isinstance(value, int):
        recent = some(column > today - timedelta(days=value))
        return recent if condition.operator == "in the last" else ~recent
    return some(column >= value) if condition.operator == "since" else some(column < value)


def text(column: SQLColumnExpression[Any], condition: CheckedCondition) -> ColumnElement[bool]:
    """Return a comparison of a text in any case."""
    value, lower = str(condition.value).lower(), func.lower(column)
    if condition.operator == "starts with":
        return lower.startswith(value, autoescape=True)
    if condition.operator == "contains":
        return lower.contains(value, autoescape=True)
    return lower == value


def own_day(column: SQLColumnExpression[Any]) -> Build:
    """Return what builds a comparison of a day of the donor, which may be missing."""
    return lambda condition, conditions: day(
        column, condition, conditions.today, lambda holds: func.coalesce(holds, false())
    )
