"""How a column of a file is made, in the words of SQL, for each kind of file."""

from dataclasses import dataclass
from enum import StrEnum

from app.kit.csv_injection import BREAKS, FIRST, INNER, NUMBER
from app.kit.money import NO_DECIMALS, THREE_DECIMALS


class Holds(StrEnum):
    """What the cells of a column are."""

    # our own word: an id, a currency, a state
    WORD = "word"
    # what somebody has typed
    TEXT = "text"
    MONEY = "money"
    DAY = "day"
    NUMBER = "number"
    # a number or a word, as it comes
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as an expression of SQL, and what it holds."""

    sql: str
    holds: Holds = Holds.WORD

    def cell(self, form: str) -> str:
        """Return the expression as this form of file needs it."""
        if self.holds is not Holds.TEXT:
            return self.sql
        return _GUARDED[form].format(f"({self.sql})")


def _guard(inner: str, first: str) -> str:
    """Return words of SQL that put a ' behind each match of `inner`, and before one of `first`."""
    inner, first = (pattern.replace("'", "''") for pattern in (inner, first))
    return f"regexp_replace(regexp_replace({{0}}, '{inner}', '\\1''', 'g'), '{first}', '''')"


# A spreadsheet runs a text of a CSV file that looks like a formula: it gets a ' where
# `kit.cells.safe` puts one. A workbook says itself what is text, and only a text that the importer
# would take such a ' from needs another.
_GUARDED = {
    "csv": _guard(f"({BREAKS})(?={INNER})", f"^(?!{NUMBER}$)(?={FIRST})"),
    "xlsx": _guard(f"({BREAKS})(?='{INNER})", f"^(?='{FIRST}|=\")"),
}


def typed(expression: str) -> Column:
    """Make a column of what somebody has typed."""
    return Column(expression, Holds.TEXT)


def day(expression: str) -> Column:
    """Make a column of days."""
    return Column(expression, Holds.DAY)


def number(expression: str) -> Column:
    """Make a column of whole numbers."""
    return Column(expression, Holds.NUMBER)


def ident(expression: str) -> Column:
    """Make a column of ids that name this database."""
    return Column(f"case when {expression} is not null then '{{key}}-' || {expression} end")


def yes(expression: str) -> Column:
    """Make a column that says yes or nothing."""
    return Column(f"case when {expression} then 'yes' end")


def money(amount: str, currency: str) -> Column:
    """Make a column of amounts with as many decimals as the currency has."""
    return Column(decimal(amount, currency), Holds.MONEY)


def decimal(amount: str, currency: str) -> str:
    """Return minor units as a decimal number in words of SQL."""
    whole, three = (
        ", ".join(f"'{code}'" for code in codes.split()) for codes in (NO_DECIMALS, THREE_DECIMALS)
    )
    return (
        f"case when {currency} in ({whole}) then ({amount})::text"
        f" when {currency} in ({three}) then (({amount})::numeric / 1000)::numeric(20, 3)::text"
        f" else (({amount})::numeric / 100)::numeric(20, 2)::text end"
    )
