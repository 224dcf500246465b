"""Hours in which nobody is written to at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def next_loud(now: datetime, *, zone: str, start: int | None, until: int | None) -> datetime:
    """Return `now`, or the end of the quiet hours it falls into.

    The hours (0 to 23) are those of the clock on the wall in `zone`, `start` inside and `until`
    not; a start later than the end runs past midnight. Without hours, or with two alike, it is
    never quiet.
    """
    if start is None or until is None or start == until:
        return now
    local = now.astimezone(ZoneInfo(zone))
    late = start > until
    if late and local.hour >= start:
        day = local.date() + timedelta(days=1)
    elif (late and local.hour < until) or (not late and start <= local.hour < until):
        day = local.date()
    else:
        return now
    end = datetime(day.year, day.month, day.day, until, tzinfo=ZoneInfo(zone))
    return end.astimezone(now.tzinfo)
