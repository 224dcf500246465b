"""Base classes and field types of request and response schemas, with limits and descriptions."""

import re
from datetime import date
from typing import Annotated, Literal

from babel.numbers import list_currencies
from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from app.accounts import Actor
from app.kit.money import Money

# the largest integer that JavaScript represents exactly
LARGEST_ID = 2**53 - 1
# PostgreSQL cannot store NUL
NO_NUL = r"^[^\x00]*$"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


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


def _currency(value: str) -> str:
    if value not in list_currencies("en"):
        msg = f"{value} is not a currency we know"
        raise ValueError(msg)
    return value


Line = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
Note = Annotated[str, StringConstraints(max_length=4_000, pattern=NO_NUL)]
Notes = Annotated[str, StringConstraints(max_length=20_000, pattern=NO_NUL)]
Day = Annotated[date, BeforeValidator(_day)]
Whole = Annotated[int, Field(strict=True)]
Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
Yes = Annotated[bool, Field(strict=True)]
InPath = Annotated[int, Path(ge=1, le=LARGEST_ID, description="ID of the resource.")]
Decimal = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,13}(\.[0-9]{1,3})?$"),
    Field(description="Decimal number as a string.", examples=["12.50"]),
]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
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


def amount(actor: Actor, money: Money | None) -> str | None:
    """Return an amount as text; None if the actor may not see amounts."""
    return str(money) if money is not None and actor.sees_amounts else None
