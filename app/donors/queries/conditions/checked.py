"""Conditions of the donor list whose fields and values were checked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CheckedCondition:
    """A condition of the filter whose field and values exist.

    Amounts are minor units, days in the past a number or a date, several choices a tuple.
    """

    field: str
    kind: str
    operator: str
    value: tuple[str, ...] | str | int | Decimal | date | bool | None
    custom: bool = False
    by_amount: bool = False


# the conditions of a group must all hold; of the groups, any
CheckedRule = tuple[tuple[CheckedCondition, ...], ...]


@dataclass(frozen=True, slots=True)
class CheckedConditions:
    """The conditions of a filter and of its segment, of which each must hold, as of a day."""

    rules: tuple[CheckedRule, ...]
    today: date
    fiscal_year: int
