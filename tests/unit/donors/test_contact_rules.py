"""Which e-mail, phone and address of a donor is used on a day, and which values are valid."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.donors.contacts.details import (
    Address,
    AddressDetail,
    ContactDetail,
    EmailDetail,
    PhoneDetail,
)
from app.donors.contacts.rules import in_season, used_contact, validated_detail, why_unused
from app.kit.errors import InvalidError

HOME = AddressDetail(Address(street="1 Elm St"), "home", is_primary=True, id=1)
WORK = AddressDetail(Address(street="2 Mill Ln"), "work", id=2)
WINTER = AddressDetail(Address(street="3 Bay Rd"), "seasonal", "11-01", "03-31", id=3)
IN_WINTER, IN_SUMMER = date(2026, 1, 15), date(2026, 7, 15)


@pytest.mark.parametrize(
    ("season", "on", "expected"),
    [
        pytest.param(("11-01", "03-31"), date(2026, 11, 1), True, id="first day"),
        pytest.param(("11-01", "03-31"), date(2026, 3, 31), True, id="last day"),
        pytest.param(("11-01", "03-31"), date(2026, 10, 31), False, id="day before"),
        pytest.param(("11-01", "03-31"), date(2026, 4, 1), False, id="day after"),
        pytest.param(("11-01", "03-31"), date(2026, 12, 31), True, id="turn of the year"),
        pytest.param(("06-01", "08-31"), date(2026, 7, 1), True, id="within a year"),
        pytest.param(("06-01", "08-31"), date(2026, 9, 1), False, id="after, within a year"),
        pytest.param(("06-01", "08-31"), date(2026, 5, 31), False, id="before, within a year"),
        pytest.param(("02-29", "02-29"), date(2024, 2, 29), True, id="leap day"),
        pytest.param(("02-01", "02-29"), date(2026, 2, 28), True, id="no leap day this year"),
        pytest.param(("02-01", "02-29"), date(2026, 3, 1), False, id="after no leap day"),
        pytest.param((None, None), IN_SUMMER, True, id="no season"),
    ],
)
def test_season(season: tuple[str | None, str | None], on: date, expected: bool) -> None:
    address = replace(WINTER, season_from=season[0], season_to=season[1])
    assert in_season(address, on) is expected


@pytest.mark.parametrize(
    ("addresses", "on", "expected"),
    [
        pytest.param((HOME, WINTER), IN_WINTER, WINTER, id="seasonal before primary"),
        pytest.param((HOME, WINTER), IN_SUMMER, HOME, id="primary out of season"),
        pytest.param((WORK, HOME), IN_SUMMER, HOME, id="primary before older"),
        pytest.param((WINTER, WORK), IN_SUMMER, WORK, id="other without a primary one"),
        pytest.param((replace(HOME, do_not_use=True), WORK), IN_SUMMER, WORK, id="do not use"),
        pytest.param(
            (HOME, replace(WINTER, do_not_use=True)), IN_WINTER, HOME, id="seasonal, do not use"
        ),
        pytest.param(
            (HOME, replace(WINTER, valid_to=date(2025, 3, 31))), IN_WINTER, HOME, id="season over"
        ),
        pytest.param((WINTER,), IN_SUMMER, None, id="none usable"),
        pytest.param((), IN_SUMMER, None, id="none"),
    ],
)
def test_used_address(
    addresses: tuple[AddressDetail, ...], on: date, expected: AddressDetail | None
) -> None:
    assert used_contact(addresses, on) == expected


def test_used_email_and_phone() -> None:
    old = EmailDetail("old@example.org", "work", do_not_use=True, is_primary=True, id=1)
    new = EmailDetail("new@example.org", id=2)
    newest = EmailDetail("newest@example.org", id=3)
    assert used_contact((old, newest, new), IN_WINTER) == new
    assert used_contact((old,), IN_WINTER) is None
    mobile = PhoneDetail("555 0100", "mobile", is_primary=True, id=9)
    assert used_contact((PhoneDetail("555 0101", id=1), mobile), IN_WINTER) == mobile


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        (EmailDetail("a@example.org", do_not_use=True), "do not use"),
        (EmailDetail("a@example.org"), None),
        (replace(HOME, valid_from=date(2026, 1, 16)), "not valid yet"),
        (replace(HOME, valid_from=date(2026, 1, 15)), None),
        (replace(HOME, valid_to=date(2026, 1, 14)), "no longer valid"),
        (replace(HOME, valid_to=date(2026, 1, 15)), None),
        (replace(WINTER, season_from="06-01", season_to="08-31"), "out of season"),
    ],
)
def test_why_unused(detail: ContactDetail, reason: str | None) -> None:
    assert why_unused(detail, IN_WINTER) == reason


month_days = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}")
dates = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def addresses(draw: st.DrawFn) -> AddressDetail:
    """Draw an address that the database could hold."""
    seasonal = draw(st.booleans())
    first, last = draw(dates), draw(dates)
    return AddressDetail(
        Address(city=draw(st.sampled_from(["York", "Bern", "Lima"]))),
        "seasonal" if seasonal else draw(st.sampled_from(["home", "work", "other"])),
        draw(month_days) if seasonal else None,
        draw(month_days) if seasonal else None,
        draw(st.sampled_from([None, min(first, last)])),
        draw(st.sampled_from([None, max(first, last)])),
        do_not_use=draw(st.booleans()),
        id=draw(st.integers(1, 1000)),
    )


@given(st.lists(addresses(), max_size=6), dates)
def test_the_used_address_is_usable_and_none_is_missed(
    several: list[AddressDetail], on: date
) -> None:
    chosen = used_contact(several, on)
    usable = [address for address in several if why_unused(address, on) is None]
    assert (chosen is None) == (not usable)
    if chosen is not None:
        assert chosen in usable
        assert not chosen.do_not_use
        assert chosen.type == "seasonal" or all(each.type != "seasonal" for each in usable)


@given(month_days, month_days, dates)
def test_a_season_and_its_complement_cover_every_day_once(first: str, last: str, on: date) -> None:
    season = replace(WINTER, season_from=first, season_to=last)
    day_after = date(2000, int(last[:2]), int(last[3:])) + timedelta(days=1)
    day_before = date(2000, int(first[:2]), int(first[3:])) - timedelta(days=1)
    rest = replace(season, season_from=f"{day_after:%m-%d}", season_to=f"{day_before:%m-%d}")
    if f"{day_after:%m-%d}" == first:
        assert in_season(season, on)
    else:
        assert in_season(season, on) != in_season(rest, on)


@given(month_days, month_days, dates)
def test_a_season_repeats_every_year(first: str, last: str, on: date) -> None:
    season = replace(WINTER, season_from=first, season_to=last)
    if f"{on:%m-%d}" != "02-29":
        assert in_season(season, on) == in_season(season, on.replace(year=on.year + 1))


def test_valid_details_are_normalised() -> None:
    assert validated_detail(EmailDetail(" a@example.org ", "work")) == EmailDetail(
        "a@example.org", "work"
    )
    assert validated_detail(PhoneDetail(" +41  44 555 01 00 ")).phone == "+41 44 555 01 00"  # type: ignore[union-attr]
    assert validated_detail(replace(HOME, address=Address(" 1  Elm St ", ""))) == HOME
    assert validated_detail(WINTER) == WINTER


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        (EmailDetail("a@b"), "“a@b” is not an e-mail address"),
        (EmailDetail(""), "is not an e-mail address"),
        (EmailDetail("a@example.org", "seasonal"), "Types are home, work, mobile, other."),
        (PhoneDetail("12"), "it needs at least 5 digits"),
        (AddressDetail(), "Please fill in the address"),
        (replace(HOME, type="mobile"), "Types are home, work, seasonal, other."),
        (replace(HOME, address=Address(city="x" * 1001)), "The city may have"),
        (replace(HOME, season_from="11-01"), "Only a seasonal address has a season"),
        (replace(WINTER, season_to=None), "needs the first and the last day of its season"),
        (replace(WINTER, season_from="02-30"), "needs the first and the last day"),
        (replace(WINTER, season_from="1 Nov"), "needs the first and the last day"),
        (
            replace(HOME, valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 31)),
            "cannot be valid to a day before",
        ),
        (replace(HOME, valid_from=date(1, 1, 1)), "year"),
    ],
)
def test_invalid_details_are_refused(detail: ContactDetail, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        validated_detail(detail)
