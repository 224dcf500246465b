"""Values of which a test knows more than their type says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypedDict, TypeVar

from sqlalchemy import CursorResult, Result

from app.kit.money import Money

Value = TypeVar("Value")
Cells = TypeVar("Cells", bound=tuple[object, ...])


class Clock(TypedDict):
    """The day and the moment that a function takes as `today` and `now`."""

    today: date
    now: datetime


class OrganisationSettings(TypedDict):
    """The settings that `accounts.save_organisation` needs."""

    name: str
    currency: str
    time_zone: str
    fiscal_start_month: int


class PledgeValues(TypedDict, total=False):
    """What tests say of a pledge to `factories.pledge`, beside its start."""

    end_date: date
    frequency: str
    status: str
    total: str
    instalments: int
    fund_id: int


class ImportChoices(TypedDict, total=False):
    """The choices for a file that tests pass on to `imports.ImportRequest`."""

    preset: str | None
    kind: str | None
    mapping: Mapping[str, str] | None
    date_order: str | None
    decimal: str | None
    owner: str | None
    repeats: bool
    source: str
    words: Mapping[str, Mapping[str, str]]
    people: Mapping[str, str]
    policies: Mapping[str, str]
    reading: Mapping[str, str | int]
    currency: str | None
    fund: str | None
    method: str | None
    saved_mapping: int | None


def present(value: Value | None) -> Value:
    """Return a value that has to be there."""
    assert value is not None
    return value


def changed_rows(result: Result[Cells]) -> int:
    """Return how many rows a statement changed."""
    assert isinstance(result, CursorResult)
    rows: int = result.rowcount
    return rows


def usd(amount: str) -> Money:
    """Return an amount in dollars."""
    return Money.of(amount, "USD")
