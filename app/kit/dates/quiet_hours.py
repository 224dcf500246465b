"""Quiet hours, in which no immediate e-mails are sent."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def end_of_quiet_hours(
    now: datetime, *, zone: str, start: int | None, until: int | None
) -> datetime:
    """Return `now`, or the end of the quiet hours that contain it.

    The hours (0 to 23) are local time in `zone`, half-open: `start` is inside, `until` is not. A
    start later than the end runs past midnight. With either hour missing, or with both equal,
    there are no quiet hours.
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
