"""Time zones of time stamps in files: the day that a stamp is in the organisation's zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TIME = re.compile(
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?\s*"
    r"(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>.*)$",
    re.DOTALL,
)
_OFFSET = re.compile(
    r"^(?:UTC|GMT)?\s?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?:\s.*)?$"
)
# hours from UTC; abbreviations that several countries use for different zones are not here
_ABBREVIATIONS = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "BST", "WEST"), 1),
    **dict.fromkeys(("CEST", "EET", "SAST"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    "SGT": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
    "AKST": -9,
    "HST": -10,
    "PST": -8,
    **dict.fromkeys(("PDT", "MST"), -7),
    **dict.fromkeys(("MDT", "CST"), -6),
    **dict.fromkeys(("CDT", "EST"), -5),
    "EDT": -4,
}
_UTC_HEADER = re.compile(r"\b(UTC|GMT)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DayZone:
    """The organisation's time zone, and the zone of stamps that do not name theirs, if known.

    An organisation in UTC, the default until one is chosen, takes every day as it is written.
    """

    organisation: str = "UTC"
    written: str = ""

    def day(self, written: date, rest: str) -> date:
        """Return the organisation's day of a stamp: the day as written and the text after it."""
        if self.organisation == "UTC":
            return written
        clock = _TIME.search(rest)
        if clock is None:
            return written
        zone = zone_of(clock["zone"]) or zone_of(self.written)
        hours = _hours(int(clock["hour"]), clock["half"])
        if zone is None or hours is None:
            return written
        try:
            moment = datetime.combine(
                written, time(hours, int(clock["minute"]), int(clock["second"] or 0)), zone
            )
            return moment.astimezone(ZoneInfo(self.organisation)).date()
        except (ValueError, OverflowError):
            return written


AS_WRITTEN = DayZone()


def zone_of_header(header: str) -> str:
    """Return "UTC" for a header such as "Created date (UTC)", else an empty string."""
    return "UTC" if _UTC_HEADER.search(header.replace("_", " ")) else ""


@lru_cache(maxsize=1024)
def zone_of(text: str) -> tzinfo | None:
    """Return the zone of "Z", "UTC", "+01:00", "GMT+0100 (CET)", "PST" or "America/New_York"."""
    name = text.strip()
    if name.upper() in _ABBREVIATIONS:
        return timezone(timedelta(hours=_ABBREVIATIONS[name.upper()]))
    if offset := _OFFSET.match(name):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        if minutes <= 14 * 60:
            return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes))
    if re.fullmatch(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)+", name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    return None


def _hours(hour: int, half: str | None) -> int | None:
    """Return the hour of a day from 0 to 23."""
    if half is None:
        return hour if hour < 24 else None  # noqa: PLR2004
    if not 1 <= hour <= 12:  # noqa: PLR2004
        return None
    return hour % 12 + (12 if half[0] in "Pp" else 0)
