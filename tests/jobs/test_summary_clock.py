"""Every zone and every change of its clocks from 2024 to 2030: one summary a person and week."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from app.summaries.rules import due_slot, week_key
from tests.values import present

HOUR = timedelta(hours=1)
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
WEEKS = 2


def changes(zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Return (the first hour of the new offset in UTC, the offset before, the one after)."""
    day, before = FIRST, present(FIRST.astimezone(zone).utcoffset())
    while day < LAST:
        day += timedelta(days=1)
        if day.astimezone(zone).utcoffset() == before:
            continue
        moment = day - timedelta(days=1)
        while moment.astimezone(zone).utcoffset() == before:
            moment += HOUR
        after = present(moment.astimezone(zone).utcoffset())
        yield moment, before, after
        before = after


def test_one_summary_a_week_through_every_change_of_every_clock() -> None:
    collected: dict[tuple[datetime, timedelta, timedelta], ZoneInfo] = {}
    zones = sorted(available_timezones() - {"localtime"})
    for name in zones:
        for change in changes(ZoneInfo(name)):
            # zones that change alike are alike near the change
            collected.setdefault(change, ZoneInfo(name))
    # the table of zones is there, and has what it is known for
    assert len(zones) > 400
    assert len(collected) > 200
    for (moment, before, _after), zone in collected.items():
        old = moment.astimezone(UTC) + before
        for away in (-1, 0, 1):
            wanted = old + away * HOUR
            through(zone, moment, weekday=wanted.weekday(), hour=wanted.hour)


def through(zone: ZoneInfo, change: datetime, *, weekday: int, hour: int) -> None:
    """Tick every hour from two weeks before a change to two weeks after it."""
    start = change - timedelta(weeks=WEEKS)
    sent: dict[str, datetime] = {}
    for tick in range(WEEKS * 2 * 7 * 24 + 1):
        local = (start + tick * HOUR).astimezone(zone)
        slot = due_slot(local, weekday, hour)
        if slot is not None:
            # the outbox keeps the first of a key and takes no second
            sent.setdefault(week_key(1, slot), local)
    # the first may be caught up from before the first tick
    weeks = sorted(key.partition(":")[2] for key in sent)
    where = f"{zone.key} {change} {weekday} {hour}"
    assert len(weeks) in {WEEKS * 2, WEEKS * 2 + 1}, where
    moments = [sent[key] for key in sorted(sent)][1:]
    for earlier, later in pairwise(moments):
        apart = later.replace(tzinfo=None) - earlier.replace(tzinfo=None)
        assert abs(apart - timedelta(days=7)) <= HOUR * 2, where
