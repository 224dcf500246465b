"""Subject, opening and schedule of the weekly summary, in every time zone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from app.kit.dates.days import Span
from app.kit.money import Money
from app.summaries import rules
from app.summaries.rules import Week, days_of, due_slot, opening, percent, subject, week_key

MONDAY = 0
EVERYTHING = (
    "This week: 1 pledge late, 2 donors who may be stopping, 1 gift to thank for and 3 tasks due."
)


def week(
    gifts: int = 0,
    received: int = 0,
    late: int = 0,
    at_risk: int = 0,
    thanks: int = 0,
    tasks: int = 0,
) -> Week:
    return Week(gifts, Money(received, "USD"), late, at_risk, thanks, tasks, "en_US")


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        pytest.param(week(), "A quiet week: nothing needs you", id="nothing"),
        pytest.param(
            week(3, 45_000, late=2), "3 gifts, $450; 2 pledges late", id="gifts and late pledges"
        ),
        pytest.param(week(1, 1_250), "1 gift, $12.50 this week", id="one gift"),
        pytest.param(week(late=1), "No gifts this week; 1 pledge late", id="only late"),
        pytest.param(
            week(2, 9_000, late=1, at_risk=1, thanks=2),
            "2 gifts, $90; 1 pledge late, 1 donor at risk, 2 thank-yous waiting",
            id="everything",
        ),
        pytest.param(week(tasks=2), "No gifts this week; 2 tasks due", id="only tasks"),
        pytest.param(
            replace(week(1_204, 45_000), awaiting_rate=1_003, locale="de_DE"),
            "1.204 gifts, 450\u00a0$ (1.003 without a rate) this week",
            id="some wait for a rate",
        ),
    ],
)
def test_subject(facts: Week, line: str) -> None:
    assert subject(facts) == line


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            week(),
            "No gifts came in last week, every promise is up to date, and nobody waits for you.",
        ),
        (
            week(2, 9_000),
            "Every promise is up to date and everyone has been thanked. Enjoy your week.",
        ),
        (week(late=1), "This week: 1 pledge late."),
        (
            week(1, 100, late=1, at_risk=2, thanks=1, tasks=3),
            EVERYTHING,
        ),
    ],
    ids=["quiet", "all well", "one thing", "everything"],
)
def test_opening(facts: Week, sentence: str) -> None:
    assert opening(facts) == sentence


@pytest.mark.parametrize(
    ("share", "bar"), [(None, None), (0.0, 0), (0.714, 71), (1.0, 100), (1.9, 100), (-0.2, 0)]
)
def test_percent_is_between_0_and_100(share: float | None, bar: int | None) -> None:
    assert percent(share) == bar


def local(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("now", "day"),
    [
        pytest.param((2026, 11, 23, 7, 59), None, id="a minute before"),
        pytest.param((2026, 11, 23, 8, 0), date(2026, 11, 23), id="on the hour"),
        pytest.param((2026, 11, 24, 3, 0), date(2026, 11, 23), id="caught up the next night"),
        pytest.param((2026, 11, 26, 8, 0), None, id="skipped after three days"),
        pytest.param((2026, 11, 22, 12, 0), None, id="the day before"),
    ],
)
def test_due_slot(now: tuple[int, int, int, int, int], day: date | None) -> None:
    slot = due_slot(local("America/Chicago", *now), MONDAY, 8)

    assert (slot.date() if slot else None) == day


def test_week_key_at_the_end_of_the_year() -> None:
    assert week_key(7, datetime(2026, 12, 31)) == week_key(7, datetime(2027, 1, 3))
    assert week_key(7, datetime(2027, 1, 4)) == "weekly:7:2027-W01"


def ticks(first: date, days: int) -> Iterator[datetime]:
    """Return every full hour in UTC, as the scheduler runs."""
    midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return (midnight + timedelta(hours=n) for n in range(days * 24))


@cache
def transitions(zone: str) -> tuple[date, ...]:
    """Return the days from 2024 to 2030 on which the clocks of a zone change."""
    return tuple(_transitions(zone))


def _transitions(zone: str) -> Iterator[date]:
    time_zone, day = ZoneInfo(zone), datetime(2024, 1, 1, tzinfo=UTC)
    before = day.astimezone(time_zone).utcoffset()
    while day.year < 2031:
        day += timedelta(days=1)
        after = day.astimezone(time_zone).utcoffset()
        if after != before:
            yield day.date()
        before = after


ZONES = [
    "America/Chicago",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "America/Havana",
    "Asia/Gaza",
    "Europe/Dublin",
    "America/Nuuk",
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 8, 23])
def test_one_summary_a_week_across_clock_changes(zone: str, hour: int) -> None:
    """Around each change, a user whose hour is skipped or repeated gets one summary a week."""
    time_zone = ZoneInfo(zone)
    for changed in transitions(zone):
        start = changed - timedelta(days=10)
        sent: dict[str, datetime] = {}
        for now in ticks(start, 24):
            local_now = now.astimezone(time_zone)
            slot = due_slot(local_now, changed.weekday(), hour)
            if slot is not None:
                sent.setdefault(week_key(1, slot), local_now)
        covered_days = [changed - timedelta(days=7), changed, changed + timedelta(days=7)]
        for day in covered_days:
            key = week_key(1, datetime(day.year, day.month, day.day))
            assert key in sent, (zone, day, hour)
            late = sent[key].replace(tzinfo=None) - datetime(day.year, day.month, day.day, hour)
            assert timedelta(0) <= late <= timedelta(hours=2), (zone, day, hour)


def test_every_time_zone_gets_its_summary() -> None:
    monday = date(2026, 3, 30)
    for zone in sorted(available_timezones()):
        time_zone = ZoneInfo(zone)
        keys = {
            week_key(1, slot)
            for now in ticks(monday - timedelta(days=1), 3)
            if (slot := due_slot(now.astimezone(time_zone), MONDAY, 8)) is not None
        }
        assert keys == {"weekly:1:2026-W14"}, zone


def test_catch_up_ends_after_three_days() -> None:
    assert timedelta(days=3) == rules.CATCH_UP


@pytest.mark.parametrize(
    ("facts", "line", "first"),
    [
        (
            week(),
            "A quiet week: nothing needs you",
            "Every promise is up to date, and nobody waits for you.",
        ),
        (week(late=2), "2 pledges late", "This week: 2 pledges late."),
        (week(tasks=1), "1 task due", "This week: 1 task due."),
    ],
)
def test_subject_and_opening_without_amounts(facts: Week, line: str, first: str) -> None:
    coach = replace(facts, sees_amounts=False)
    assert subject(coach) == line
    assert opening(coach) == first


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2027, 1, 1), date(2026, 12, 31)])
def test_day_of_a_summary_key(day: date) -> None:
    assert rules.day_of(rules.week_key(7, day), day.weekday()) == day


def test_the_days_of_a_week() -> None:
    week_of_november = Span(date(2026, 11, 16), date(2026, 11, 23))
    across = Span(date(2026, 11, 28), date(2026, 12, 5))
    assert days_of(week_of_november, locale="en_US") == "16 to 22 Nov"
    assert days_of(across, locale="en_US") == "28 Nov to 4 Dec"
    assert days_of(week_of_november, locale="de_DE") == "16.11.2026 to 22.11.2026"
