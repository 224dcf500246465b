"""When a line of the timetable falls due: its newest slot and its next one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from jobs.schedule import Line

# how far back a missed slot is looked for, near first
LOOK_BACK = tuple(timedelta(hours=hours) for hours in (2, 2 * 24, 8 * 24, 36 * 24, 99 * 24))


def trigger(line: Line, zone: str) -> CronTrigger:
    """Build the trigger of a line; what has no hour of the day ticks by UTC."""
    # an hourly tick on a local clock would be lost or doubled when the clock is changed
    return CronTrigger(timezone=ZoneInfo(zone) if "hour" in line.when else UTC, **line.when)


def newest(line: Line, zone: str, *, now: datetime) -> datetime | None:
    """Return the latest slot (UTC) at or before `now`; None when it comes only when asked for."""
    if not line.when:
        return None
    cron = trigger(line, zone)
    for span in LOOK_BACK:
        last: datetime | None = None
        slot = cron.get_next_fire_time(None, now - span)
        while slot is not None and slot <= now:
            last = slot
            slot = cron.get_next_fire_time(slot, slot + timedelta(seconds=1))
        if last is not None:
            return last.astimezone(UTC)
    return None


def following(line: Line, zone: str, *, now: datetime) -> datetime | None:
    """Return the first slot (UTC) after `now`; None when it comes only when asked for."""
    if not line.when:
        return None
    cron = trigger(line, zone)
    slot: datetime | None = cron.get_next_fire_time(None, now + timedelta(seconds=1))
    return None if slot is None else slot.astimezone(UTC)
