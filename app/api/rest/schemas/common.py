"""Base classes and field types of request and response schemas, with limits and descriptions."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, Literal

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from app.accounts import Actor
from app.gifts import AwaitingRate
from app.kit.errors import InvalidError
from app.kit.money import AMOUNT_PATTERN, CURRENCY_PATTERN, Money, check_currency

# the largest integer that JavaScript represents exactly
LARGEST_ID = 2**53 - 1
# PostgreSQL cannot store NUL
NO_NUL = r"^[^\x00]*$"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


class Body(BaseModel):
    """Base of request schemas: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """Base of response schemas."""

    model_config = ConfigDict(from_attributes=True)


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        msg = "write a day as 2026-11-23"
        raise ValueError(msg)
    return value


def _time(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        msg = "write a time as 14:30"
        raise ValueError(msg)
    return value


def _moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        msg = "write a moment with its offset, as 2026-11-23T09:30:00Z"
        raise ValueError(msg)
    return value


def _currency(value: str) -> str:
    try:
        check_currency(value)
    except InvalidError as error:
        raise ValueError(str(error).removesuffix(".")) from error
    return value


Line = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
# groups of conditions as JSON text
Conditions = Annotated[
    str,
    StringConstraints(max_length=4_000, pattern=NO_NUL),
    Field(
        description="Conditions as JSON: groups of [field, comparison, values …]. A donor passes"
        " who meets all conditions of any group. `/segments/fields` lists the fields.",
        examples=['[[["lifetime", "at least", "1000"], ["giving", "is", "at risk"]]]'],
    ),
]
Note = Annotated[str, StringConstraints(max_length=4_000, pattern=NO_NUL)]
Notes = Annotated[str, StringConstraints(max_length=20_000, pattern=NO_NUL)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Whole = Annotated[int, Field(strict=True)]
Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
Yes = Annotated[bool, Field(strict=True)]
InPath = Annotated[int, Path(ge=1, le=LARGEST_ID, description="ID of the resource.")]
Decimal = Annotated[
    str,
    StringConstraints(pattern=AMOUNT_PATTERN),
    Field(description="Decimal number as a string.", examples=["12.50"]),
]
Currency = Annotated[
    str,
    StringConstraints(pattern=CURRENCY_PATTERN),
    AfterValidator(_currency),
    Field(description="ISO 4217 currency code.", examples=["USD"]),
]
QueryId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Paged(Body):
    """The page of a list."""

    after: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[A-Za-z0-9._-]*$")] = (
        Field("", description="`next` of the previous page; omit it for the first page.")
    )
    limit: Annotated[int, Field(ge=1, le=200)] = Field(50, description="Maximum number of items.")


class PagedImported(Paged):
    """The page of a list of records that imports create and change."""

    import_id: QueryId | None = Field(
        None, description="Only records created or changed by one of your imports."
    )
    import_rows: Literal["new", "changed"] | None = Field(
        None, description="With `import_id`: only records it created, or only those it changed."
    )


class Sum(Answer):
    """An amount of money, or a sum of amounts."""

    amount: str = Field(description="Decimal number as a string.", examples=["12.50"])
    currency: str = Field(description="ISO 4217 currency code.", examples=["USD"])


class WaitingAmount(Answer):
    """Gifts in a currency that wait for an exchange rate."""

    currency: str
    gifts: int = Field(description="Number of gifts.")
    amount: str = Field(description="Their amount, net of reversals.", examples=["200.00"])


class WaitingForRate(Answer):
    """Gifts that a sum leaves out, because no exchange rate of their day is known."""

    gifts: int = Field(description="Number of gifts; 0: the sum is complete.")
    by_currency: list[WaitingAmount]


WAITING = "Gifts that the sums leave out for lack of an exchange rate."


class Made(Answer):
    """The id of a new record."""

    id: int = Field(description="ID of the new resource.", examples=[42])


class Done(Answer):
    """Confirmation that the action is done."""

    done: bool = Field(default=True, description="Always true.")


def total(actor: Actor, money: Money | None) -> Sum | None:
    """Return an amount with its currency; None if the actor may not see amounts."""
    if money is None or not actor.sees_amounts:
        return None
    return Sum(amount=str(money), currency=money.currency)


def waiting_for_rate(waiting: Iterable[AwaitingRate]) -> WaitingForRate:
    """Return the response for the gifts that a sum leaves out."""
    lines = tuple(waiting)
    return WaitingForRate(
        gifts=sum(line.gifts for line in lines),
        by_currency=[
            WaitingAmount(currency=line.currency, gifts=line.gifts, amount=str(line.amount))
            for line in lines
        ],
    )


def amount(actor: Actor, money: Money | None) -> str | None:
    """Return an amount as text; None if the actor may not see amounts."""
    return str(money) if money is not None and actor.sees_amounts else None
