"""Time stamps with a zone become the organisation's day; days without a time stay."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.values.dates import read_day
from app.imports.values.time_zones import AS_WRITTEN, DayZone, zone_of, zone_of_header

NEW_YORK = DayZone("America/New_York")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(
    ["America/New_York", "Europe/Zurich", "Pacific/Auckland", "Asia/Kolkata", "America/Lima"]
)
SPELLINGS = {
    "Z": lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "UTC": lambda moment: moment.strftime("%d %b %Y %H:%M UTC"),
    "offset": lambda moment: moment.astimezone(ZoneInfo("Asia/Tokyo")).isoformat(),
    "RFC": lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    "browser": lambda moment: moment.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Greenwich)"),
    "half": lambda moment: moment.strftime("%B %d, %Y at %I:%M %p GMT"),
    "named": lambda moment: moment.astimezone(ZoneInfo("Europe/Berlin")).strftime(
        "%Y/%m/%d %H:%M Europe/Berlin"
    ),
}


@given(MOMENTS, ZONES, st.sampled_from(sorted(SPELLINGS)))
def test_a_stamp_with_a_zone_is_the_organisations_day(
    moment: datetime, zone: str, spelling: str
) -> None:
    cell = SPELLINGS[spelling](moment)
    day = moment.replace(second=0).astimezone(ZoneInfo(zone)).date()
    assert read_day(cell, "ymd", this_year=2030, zone=DayZone(zone)).day == day, cell


@given(MOMENTS, ZONES)
def test_a_stamp_under_a_utc_header_is_the_organisations_day(moment: datetime, zone: str) -> None:
    cell = moment.strftime("%Y-%m-%d %H:%M:%S")
    there = DayZone(zone, zone_of_header("Created date (UTC)"))
    assert (
        read_day(cell, "ymd", this_year=2030, zone=there).day
        == moment.astimezone(ZoneInfo(zone)).date()
    )
    assert read_day(cell, "ymd", this_year=2030, zone=DayZone(zone)).day == moment.date()


@pytest.mark.parametrize(
    "cell", ["2024-01-01", "2024-01-01 02:30:00", "2024-01-01 02:30 IST", "2024-01-01 25:30Z"]
)
def test_a_day_without_a_time_or_a_known_zone_stays_as_it_is_written(cell: str) -> None:
    assert read_day(cell, "ymd", this_year=2026, zone=NEW_YORK).day == date(2024, 1, 1)


def test_an_organisation_that_has_not_chosen_its_zone_keeps_the_days_of_the_file() -> None:
    cell = "2023-12-31 22:10:00 America/New_York"
    assert read_day(cell, "ymd", this_year=2026, zone=AS_WRITTEN).day == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Z", 0),
        ("pst", -8),
        ("+05:30", 5.5),
        ("-0330", -3.5),
        ("UTC+2", 2),
        ("GMT+0100 (Central European Standard Time)", 1),
        ("Uhr", None),
        ("+99:00", None),
        ("../../etc/passwd", None),
        ("Mars/Base", None),
        ("", None),
    ],
)
def test_zones_are_known_by_their_offset_abbreviation_or_name(
    text: str, hours: float | None
) -> None:
    zone = zone_of(text)
    offset = zone and zone.utcoffset(datetime(2024, 1, 1))
    assert offset == (None if hours is None else timedelta(hours=hours))
