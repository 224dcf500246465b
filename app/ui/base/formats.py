"""Text formats of screens in the user's locale; the only place that escapes text.

Screens format amounts, numbers, shares and days with these functions, never with those of
`app.kit.formatting`, so that none can forget whose locale it is.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.kit import formatting
from app.kit.formatting import long_month, month
from app.kit.money import Money
from app.ui.base.session import locale_or

__all__ = [
    "ago",
    "brief",
    "clock",
    "count",
    "day",
    "day_pattern",
    "decimal",
    "escape",
    "first_weekday",
    "initial",
    "locale",
    "long_day",
    "long_month",
    "moment",
    "money",
    "money_exact",
    "money_plain",
    "money_short",
    "month",
    "number",
    "one_line",
    "percent",
    "plain",
    "separators",
    "typed_number",
]

WORD_JOINER = "\N{WORD JOINER}"
_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^\"'@/%,;?])")
# Streamlit renders these after parsing Markdown, so a backslash does not escape them: icons and
# emoji (":name:"), and addresses, which become links.
_LIVE = re.compile(r":(?=[\w+/-]+:)|(?<=http):|(?<=https):|(?<=www)\.", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
# not the blanks that keep an amount and its currency on one line
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")


def locale() -> str:
    """Return the locale of the user of this screen; English before somebody has signed in."""
    # a background thread and a test without a screen have no session
    if get_script_run_ctx(suppress_warning=True) is None:
        return formatting.DEFAULT
    return locale_or(formatting.DEFAULT)


def money(amount: Money) -> str:
    """Return an amount: "$1,234.50", "$1,234", "1.234,50 €"."""
    return formatting.money(amount, locale=locale())


def money_exact(amount: Money) -> str:
    """Return an amount with all its decimals: "$1,234.00"."""
    return formatting.money_exact(amount, locale=locale())


def money_short(amount: Money) -> str:
    """Return an amount for an axis or a bar: "$1.9k"."""
    return formatting.money_short(amount, locale=locale())


def money_plain(amount: Money) -> str:
    """Return an amount as it is typed into a field: "1234.50", "1234,50"."""
    return formatting.money_plain(amount, locale=locale())


def number(value: float | Decimal, *, decimals: int = 0) -> str:
    """Return a number: "1,204", "1.204"."""
    return formatting.number(value, locale=locale(), decimals=decimals)


def decimal(value: Decimal) -> str:
    """Return a number as it is typed, with the decimals that it has: "1.085", "1,085"."""
    return f"{value:f}".replace(".", separators()[0])


def typed_number(text: str) -> str:
    """Return a number that was typed without groups, with a point: "1.085" for "1,085".

    A comma is the decimal mark where the user's locale writes one; a point is one everywhere.
    """
    is_comma = separators()[0] == "," and text.count(",") == 1 and "." not in text
    return text.replace(",", ".") if is_comma else text


def percent(share: float) -> str:
    """Return a share (0..1): "71 %", "4.2 %"."""
    return formatting.percent(share, locale=locale())


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun: "1 gift", "1,204 gifts"."""
    return formatting.count(number, singular, plural, locale=locale())


def join_names(names: Sequence[str], number: int) -> str:
    """Return `number` names of which `names` are the first: "Ann, Bo and 3 more"."""
    return formatting.join_names(names, number, locale=locale())


def day(value: date, *, today: date) -> str:
    """Return a day: "22 Nov", "22 Nov 2025", "22.11.2026"."""
    return formatting.day(value, today=today, locale=locale())


def at_time(day_text: str, at: time | None) -> str:
    """Return a day with a time of it, if there is one: "22 Nov at 14:30"; hours count to 24."""
    return formatting.at_time(day_text, at)


def long_day(value: date, *, today: date | None = None) -> str:
    """Return a day with its weekday: "Monday 23 November", with the year unless it is today's."""
    return formatting.long_day(value, locale=locale(), today=today)


def day_pattern() -> str:
    """Return the format of date fields: "MM/DD/YYYY", "DD.MM.YYYY"."""
    return formatting.day_pattern(locale())


def separators() -> str:
    """Return the decimal mark and the group mark: ".,", ",."."""
    return formatting.separators(locale())


def first_weekday() -> int:
    """Return the day on which a week begins: 0 for Monday, 6 for Sunday."""
    return formatting.first_weekday(locale())


def escape(text: str | None) -> str:
    """Escape text from users so that Markdown and HTML show it literally, on one line."""
    return _SIGNS.sub(r"\\\1", plain(text))


def plain(text: str | None) -> str:
    """Return text from users for a label: one line, no emoji, icons or links."""
    return _LIVE.sub(lambda match: match.group() + WORD_JOINER, one_line(text))


def one_line(text: str | None) -> str:
    """Return text from users on one line, for HTML of our own, whose template escapes it."""
    return _BLANKS.sub(" ", text or "").strip()


def ago(value: date, *, today: date) -> str:
    """Return how long ago a date is: "today", "yesterday", "12 days ago"."""
    days = (today - value).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{number(days)} days ago"


def clock(value: datetime, zone: str) -> str:
    """Return the time of day in a time zone: "07:40"."""
    return value.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def moment(value: datetime, zone: str, *, today: date) -> str:
    """Return a moment: "this morning at 07:40", "yesterday at 18:05", "on 3 Nov at 09:12"."""
    local = value.astimezone(ZoneInfo(zone))
    clock_text = f"at {local:%H:%M}"
    days = (today - local.date()).days
    if days == 0:
        return f"{'this morning' if local.hour < 12 else 'today'} {clock_text}"  # noqa: PLR2004
    return (
        f"yesterday {clock_text}"
        if days == 1
        else f"on {formatting.moment(local, today=today, locale=locale())}"
    )


def brief(sentences: str, number: int = 2) -> str:
    """Return the first `number` sentences of a text."""
    return " ".join(_SENTENCE.split(sentences)[:number])


def initial(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
