"""Text formats of screens: amounts, dates and counts; the only place that escapes text."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.kit.formatting import (
    count,
    day,
    long_day,
    money,
    money_exact,
    money_short,
    month,
    percent,
)

__all__ = [
    "ago",
    "brief",
    "clock",
    "count",
    "day",
    "escape",
    "initial",
    "long_day",
    "moment",
    "money",
    "money_exact",
    "money_short",
    "month",
    "percent",
    "plain",
]

WORD_JOINER = "\N{WORD JOINER}"
_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^\"'@/%,;?])")
# Streamlit renders these after parsing Markdown, so a backslash does not escape them: icons and
# emoji (":name:"), and addresses, which become links.
_LIVE = re.compile(r":(?=[\w+/-]+:)|(?<=http):|(?<=https):|(?<=www)\.", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_BLANKS = re.compile(r"\s+")


def escape(text: str | None) -> str:
    """Escape text from users so that Markdown and HTML show it literally, on one line."""
    return _SIGNS.sub(r"\\\1", plain(text))


def plain(text: str | None) -> str:
    """Return text from users for a label or table cell: one line, no emoji, icons or links."""
    folded = _BLANKS.sub(" ", text or "").strip()
    return _LIVE.sub(lambda match: match.group() + WORD_JOINER, folded)


def ago(value: date, *, today: date) -> str:
    """Return how long ago a date is: "today", "yesterday", "12 days ago"."""
    days = (today - value).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days:,} days ago"


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
        else f"on {day(local.date(), today=today)} {clock_text}"
    )


def brief(sentences: str, number: int = 2) -> str:
    """Return the first `number` sentences of a text."""
    return " ".join(_SENTENCE.split(sentences)[:number])


def initial(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
