"""Hours in which nobody is written to, and devices as people know them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.kit.quiet_hours import end_of_quiet_hours
from app.kit.user_agents import describe_device

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str, zone=CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "start", "until", "then"),
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
def test_the_end_of_the_quiet_hours(now, start, until, then):
    found = end_of_quiet_hours(at(now), zone="America/Chicago", start=start, until=until)
    assert found == at(then)
    assert found.tzinfo is UTC


@given(
    some.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    some.integers(0, 23),
    some.integers(0, 23),
    some.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_it_never_waits_longer_than_a_day_and_never_ends_in_the_quiet(now, start, until, zone):
    now = now.replace(tzinfo=UTC)
    found = end_of_quiet_hours(now, zone=zone, start=start, until=until)
    assert now <= found <= now + timedelta(hours=25)
    assert end_of_quiet_hours(found, zone=zone, start=start, until=until) == found


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_is_what_its_owner_knows(agent, words):
    assert describe_device(agent) == words
