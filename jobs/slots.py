"""Slots of a job: the newest due time and the next one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from jobs.schedule import Line

# search windows for the newest slot, shortest first
LOOK_BACK = tuple(timedelta(hours=hours) for hours in (2, 2 * 24, 8 * 24, 36 * 24, 99 * 24))


def trigger(line: Line, zone: str) -> CronTrigger:
    """Return the cron trigger of a job, in `zone`, or in UTC if it names no hour."""
    # in local time an hourly run would be skipped or doubled at a daylight saving change
    return CronTrigger(timezone=ZoneInfo(zone) if "hour" in line.when else UTC, **line.when)


def newest(line: Line, zone: str, *, now: datetime) -> datetime | None:
    """Return the latest slot (UTC) at or before `now`; None for a job run on demand."""
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
    """Return the first slot (UTC) after `now`; None for a job run on demand."""
    if not line.when:
        return None
    cron = trigger(line, zone)
    slot: datetime | None = cron.get_next_fire_time(None, now + timedelta(seconds=1))
    return None if slot is None else slot.astimezone(UTC)
