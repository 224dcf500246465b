"""Quiet hours, and device names from user agents."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates.quiet_hours import end_of_quiet_hours
from app.kit.user_agents import describe_device

CHICAGO = ZoneInfo("America/Chicago")


def utc(text: str, zone: tzinfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "start", "until", "end"),
    [
        ("2026-11-23T21:00", 21, 7, "2026-11-24T07:00"),
        ("2026-11-23T20:59", 21, 7, "2026-11-23T20:59"),
        ("2026-11-23T06:59", 21, 7, "2026-11-23T07:00"),
        ("2026-11-23T07:00", 21, 7, "2026-11-23T07:00"),
        ("2026-11-23T13:30", 12, 14, "2026-11-23T14:00"),
        ("2026-11-23T14:00", 12, 14, "2026-11-23T14:00"),
        ("2026-11-23T11:59", 12, 14, "2026-11-23T11:59"),
        ("2026-11-23T03:00", 0, 5, "2026-11-23T05:00"),
        ("2026-11-23T03:00", 5, 5, "2026-11-23T03:00"),
        ("2026-11-23T03:00", None, None, "2026-11-23T03:00"),
        # the clock goes forward from two to three, and back from two to one
        ("2026-03-07T23:00", 22, 2, "2026-03-08T03:00"),
        ("2026-10-31T23:00", 22, 7, "2026-11-01T07:00"),
    ],
)
def test_end_of_quiet_hours(now: str, start: int | None, until: int | None, end: str) -> None:
    result = end_of_quiet_hours(utc(now), zone="America/Chicago", start=start, until=until)
    assert result == utc(end)
    assert result.tzinfo is UTC


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_quiet_hours_end_within_a_day_and_outside_quiet_hours(
    now: datetime, start: int, until: int, zone: str
) -> None:
    now = now.replace(tzinfo=UTC)
    result = end_of_quiet_hours(now, zone=zone, start=start, until=until)
    assert now <= result <= now + timedelta(hours=25)
    assert end_of_quiet_hours(result, zone=zone, start=start, until=until) == result


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_describe_device(agent: str, name: str) -> None:
    assert describe_device(agent) == name
