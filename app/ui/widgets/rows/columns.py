"""The columns of tables: what a row shows in each, in the user's locale, and how it sorts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from app.kit.money import Money, exponent
from app.ui.base import formats

Kind = Literal["text", "short", "long", "name", "amount", "number", "day", "bars", "press"]
# what a column is sorted by: numbers by size, everything else by its letters
Sort = float | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, the function of a row's value, and the text of its values.

    `texts` gets all values of the column at once, so that neighbours are written alike.
    """

    title: str
    value: Callable[[Any], Any]
    texts: Callable[[Sequence[Any], date], list[str]]
    kind: Kind = "text"
    help: str | None = None
    # hidden from users who may not see amounts
    amounts: bool = False
    # the name of a button's press; the column is one of buttons
    pressed: str | None = None

    def sort(self, value: object) -> Sort:
        """Return what a value is sorted by; None sorts last."""
        if isinstance(value, Money):
            return float(value.amount)
        if isinstance(value, date):
            return value.toordinal()
        return float(value) if isinstance(value, int | float | Decimal) else None


def money(title: str, value: Callable[[Any], Money | None], *, help: str | None = None) -> Column:  # noqa: A002
    """Return a column of amounts, right-aligned: all with decimals if one of them needs them.

    Amounts of several currencies have the code of theirs.
    """

    def texts(values: Sequence[Money | None], _today: date) -> list[str]:
        amounts = [amount for amount in values if amount is not None]
        if len({amount.currency for amount in amounts}) > 1:
            write = _with_code
        elif all(amount.amount == amount.amount.to_integral_value() for amount in amounts):
            write = formats.money
        else:
            write = formats.money_exact
        return ["" if amount is None else write(amount) for amount in values]

    return Column(title, value, texts, "amount", help, amounts=True)


def _with_code(amount: Money) -> str:
    text = formats.number(amount.amount, decimals=exponent(amount.currency))
    return f"{text} {amount.currency}"


def days(title: str, value: Callable[[Any], date | None]) -> Column:
    """Return a column of days such as "22 Nov", all with their year if one is of another year.

    In other languages than English days are in digits: "22.11.2026".
    """

    def texts(values: Sequence[date | None], today: date) -> list[str]:
        this_year = all(day.year == today.year for day in values if day is not None)
        # a day is written with its year beside a `today` of another year
        beside = today if this_year else date.min
        return ["" if day is None else formats.day(day, today=beside) for day in values]

    return Column(title, value, texts, "day")


def text(title: str, value: Callable[[Any], str | None], *, wide: bool = False) -> Column:
    """Return a column of text; `wide` gives it the room that others leave."""
    return Column(title, value, _one_line, "long" if wide else "text")


def number(title: str, value: Callable[[Any], int | None]) -> Column:
    """Return a column of whole numbers, right-aligned."""

    def texts(values: Sequence[int | None], _today: date) -> list[str]:
        return ["" if value is None else formats.number(value) for value in values]

    return Column(title, value, texts, "number")


def bars(title: str, value: Callable[[Any], Sequence[Money]]) -> Column:
    """Return a column of small bar charts of amounts, which start at zero."""

    def texts(values: Sequence[Sequence[Money]], _today: date) -> list[str]:
        return [", ".join(formats.money_short(amount) for amount in amounts) for amounts in values]

    return Column(title, lambda row: list(value(row)), texts, "bars", amounts=True)


def name(title: str, value: Callable[[Any], str]) -> Column:
    """Return a column of names that link to the donor, if `show` gets the argument `opens`.

    The name gets the suffix "(anonymous)" if the row has a true attribute `anonymous`.
    """

    def label(row: object) -> str:
        suffix = " (anonymous)" if getattr(row, "anonymous", False) else ""
        return f"{value(row)}{suffix}"

    return Column(title, label, _one_line, "name")


def button(label: str, shown: Callable[[Any], bool], *, pressed: str) -> Column:
    """Return a column of buttons for the rows that are `shown`; see `tables.show`."""
    return Column(
        "",
        lambda row: label if shown(row) else None,
        _one_line,
        "press",
        pressed=pressed,
    )


def _one_line(values: Sequence[str | None], _today: date) -> list[str]:
    return [formats.one_line(text) for text in values]
