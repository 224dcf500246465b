"""Columns of export files as SQL expressions, for each file format."""

from dataclasses import dataclass

from app.kit.money import NO_DECIMALS, THREE_DECIMALS
from app.kit.security.csv_injection import BREAKS, FIRST, INNER, NUMBER
from app.workbook_writer.cell_types import Holds


@dataclass(frozen=True, slots=True)
class Column:
    """A column as an SQL expression, and the type of its cells."""

    sql: str
    holds: Holds = Holds.WORD

    def cell(self, form: str) -> str:
        """Return the SQL expression for this file format."""
        if self.holds is not Holds.TEXT:
            return self.sql
        return _GUARDED[form].format(f"({self.sql})")


def _guard(inner: str, first: str) -> str:
    """Return SQL that inserts a ' after each match of `inner` and before a match of `first`."""
    inner, first = (pattern.replace("'", "''") for pattern in (inner, first))
    return f"regexp_replace(regexp_replace({{0}}, '{inner}', '\\1''', 'g'), '{first}', '''')"


# CSV injection: a spreadsheet runs text in a CSV file that looks like a formula, so it gets a '
# where `kit.security.csv_injection.safe` inserts one. Workbook cells have a type; there only a
# text from which the importer would remove such a ' needs another one.
_GUARDED = {
    "csv": _guard(f"({BREAKS})(?={INNER})", f"^(?!{NUMBER}$)(?={FIRST})"),
    "xlsx": _guard(f"({BREAKS})(?='{INNER})", f"^(?='{FIRST}|=\")"),
}


def typed(expression: str) -> Column:
    """Return a column of text that users have typed."""
    return Column(expression, Holds.TEXT)


def day(expression: str) -> Column:
    """Return a column of dates."""
    return Column(expression, Holds.DAY)


def number(expression: str) -> Column:
    """Return a column of whole numbers."""
    return Column(expression, Holds.NUMBER)


def ident(expression: str) -> Column:
    """Return a column of ids prefixed with the id of this instance."""
    return Column(f"case when {expression} is not null then '{{key}}-' || {expression} end")


def yes(expression: str) -> Column:
    """Return a column that contains "yes" or is empty."""
    return Column(f"case when {expression} then 'yes' end")


def yes_or_no(expression: str) -> Column:
    """Return a column that contains "yes" or "no"."""
    return Column(f"case when {expression} then 'yes' else 'no' end")


def moment(expression: str) -> Column:
    """Return a column of moments in UTC: "2026-11-23T09:30:00Z"."""
    return Column(f"to_char({expression} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")


def money(amount: str, currency: str) -> Column:
    """Return a column of amounts with as many decimals as the currency has."""
    return Column(decimal(amount, currency), Holds.MONEY)


def decimal(amount: str, currency: str) -> str:
    """Return an SQL expression that converts minor units to a decimal number."""
    no_decimals, three_decimals = (
        ", ".join(f"'{code}'" for code in codes.split()) for codes in (NO_DECIMALS, THREE_DECIMALS)
    )
    return (
        f"case when {currency} in ({no_decimals}) then ({amount})::text"
        f" when {currency} in ({three_decimals})"
        f" then (({amount})::numeric / 1000)::numeric(20, 3)::text"
        f" else (({amount})::numeric / 100)::numeric(20, 2)::text end"
    )
