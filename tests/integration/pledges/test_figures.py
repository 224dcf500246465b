"""Figures of lives that donors lead, to the cent: lateness, support, forecast and schedule."""

from collections.abc import Sequence
from datetime import date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import alerts, donors, gifts, goals, imports, insights, pledges
from app.accounts import Actor
from app.db.models import Alert, DonorSummary
from app.kit.dates.cadence import Frequency, due_until
from app.kit.money import Money
from tests import factories as make
from tests.values import PledgeValues, usd

FIRST_DAYS = (date(2026, 1, 5), date(2026, 2, 1), date(2026, 6, 15), date(2026, 11, 23))


@pytest.fixture
def donor(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Tom Reed", email="tom@reed.example")


@pytest.mark.parametrize(
    ("frequency", "since", "missed", "last"),
    [
        ("weekly", date(2026, 6, 12), 23, date(2026, 6, 5)),
        ("semimonthly", date(2026, 6, 15), 11, date(2026, 6, 1)),
        ("monthly", date(2026, 7, 5), 5, date(2026, 6, 5)),
        ("semiannual", date(2026, 7, 5), 1, date(2026, 1, 5)),
    ],
)
def test_gifts_returned_in_two_parts_are_gifts_never_given(
    db: Session,
    ruth: Actor,
    donor: int,
    today: date,
    now: datetime,
    frequency: str,
    since: date,
    missed: int,
    last: date,
) -> None:
    pledge = make.pledge(db, donor, "100", frequency, date(2024, 7, 5))
    for day in due_until(Frequency(frequency), date(2024, 7, 5), today, None):
        gift = make.gift(db, donor, "100", day, pledge_id=pledge)
        if day > date(2026, 6, 6):
            make.reversal(db, gift, "40", on=day)
            make.reversal(db, gift, "60", on=today)
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.state, line.oldest_due, line.missed) == ("late", since, missed)
    assert (line.days_late, line.last_gift_date) == ((today - since).days, last)
    assert alerts.raise_late_pledges(db, today=today, now=now).raised == 1
    assert db.scalar(select(DonorSummary.last_gift_date)) == last


def test_the_gift_that_is_largest_and_last_in_another_currency_bounces(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    make.gift(db, donor, "50", date(2026, 3, 1))
    euros = make.gift(db, donor, "500", date(2026, 9, 1), currency="EUR", base="550")
    make.reversal(db, euros, on=date(2026, 9, 9))
    view = donors.get(db, ruth, donor, today=today)
    assert (view.gifts, view.largest, view.last_gift_date) == (1, usd("50"), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("start", "other"),
    [
        pytest.param(date(2025, 1, 5), {"end_date": date(2025, 12, 31)}, id="past its end"),
        pytest.param(date(2025, 1, 5), {"total": "960"}, id="its total is paid"),
        pytest.param(date(2025, 1, 5), {"instalments": 12}, id="its instalments are paid"),
        pytest.param(date(2027, 1, 5), {}, id="begins later"),
        pytest.param(date(2025, 1, 5), {"status": "cancelled"}, id="ended on an unknown day"),
    ],
)
def test_80_a_month_of_a_file_beside_another_pledge_of_80(
    db: Session,
    ruth: Actor,
    donor: int,
    today: date,
    now: datetime,
    start: date,
    other: PledgeValues,
) -> None:
    second = make.pledge(db, donor, "80", start=start, **other)
    if start.year == 2025:
        for month in range(1, 13):
            make.gift(db, donor, "80", date(2025, month, 5), pledge_id=second)
    running = make.pledge(db, donor, "80", start=date(2026, 1, 5))
    rows = [f"tom@reed.example,2026-{month:02}-05,80\n" for month in range(1, 12)]
    data = "Email,Date,Amount\n" + "".join(rows)
    imports.import_file(
        db,
        ruth,
        imports.ImportRequest(file_name="g.csv", data=data.encode(), kind="gifts"),
        today=today,
        now=now,
    )
    line = pledges.pledge_statuses(db, ruth, today=today, pledge_ids=(running,))[0]
    assert (line.late, line.days_late, line.received) == (False, 0, usd("880"))
    assert goals.progress(db, ruth, today=today).support == usd("80.00")


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_a_fee_covered_is_near_in_the_pledges_own_currency(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime, currency: str
) -> None:
    db.execute(
        text(
            "insert into exchange_rate (currency, on_date, rate)"
            " values ('JPY', '2026-01-01', 0.007)"
        )
    )
    made = {
        "USD": make.pledge(db, donor, "50", start=date(2026, 11, 5)),
        "JPY": make.pledge(db, donor, "5000", start=date(2026, 11, 5), currency="JPY"),
    }
    amount = Money.of({"USD": "51.75", "JPY": "5175"}[currency], currency)
    day = date(2026, 11, 6)
    given = gifts.record(db, ruth, donor_id=donor, amount=amount, on=day, today=today, now=now)
    assert given.pledge_id == made[currency]


def test_two_halves_of_25_pay_the_50(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    make.pledge(db, donor, "50", start=date(2026, 11, 5))
    for _ in range(2):
        gifts.record(db, ruth, donor_id=donor, amount=usd("25"), on=today, today=today, now=now)
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.state, line.received, line.behind) == ("on track", usd("50"), usd("0"))


@pytest.mark.parametrize("whole", [{"instalments": 12}, {"total": "1200"}, {}])
def test_1200_paid_in_january_is_the_whole_outlook_all_year(
    db: Session, ruth: Actor, donor: int, whole: PledgeValues
) -> None:
    pledge = make.pledge(db, donor, "100", start=date(2026, 1, 5), **whole)
    make.gift(db, donor, "1200", date(2026, 1, 5), pledge_id=pledge)
    for day in FIRST_DAYS:
        year = insights.fiscal_year_so_far(db, ruth, today=day)
        assert (year.given, year.expected, year.outlook) == (usd("1200"), usd("0"), usd("1200"))


@pytest.mark.parametrize(
    ("amount", "frequency"),
    [("600", "semiannual"), ("300", "quarterly"), ("200", "bimonthly"), ("50", "semimonthly")],
)
def test_nor_is_it_by_another_frequency(
    db: Session, ruth: Actor, donor: int, amount: str, frequency: str
) -> None:
    pledge = make.pledge(db, donor, amount, frequency, date(2026, 1, 1))
    make.gift(db, donor, "1200", date(2026, 1, 2), pledge_id=pledge)
    for day in FIRST_DAYS:
        year = insights.fiscal_year_so_far(db, ruth, today=day)
        assert (year.expected, year.outlook) == (usd("0"), usd("1200"))
        assert pledges.late(db, ruth, today=day) == []


def test_what_is_refunded_of_it_is_expected_again(db: Session, ruth: Actor, donor: int) -> None:
    pledge = make.pledge(db, donor, "100", start=date(2026, 1, 5))
    gift = make.gift(db, donor, "1200", date(2026, 1, 5), pledge_id=pledge)
    make.reversal(db, gift, "300", on=date(2026, 2, 1))
    year = insights.fiscal_year_so_far(db, ruth, today=date(2026, 2, 2))
    assert (year.given, year.expected, year.outlook) == (usd("900"), usd("300"), usd("1200"))


def test_it_is_the_same_in_another_currency(db: Session, ruth: Actor, donor: int) -> None:
    db.execute(
        text(
            "insert into exchange_rate (currency, on_date, rate) values ('EUR', '2026-01-01', 1.1)"
        )
    )
    pledge = make.pledge(db, donor, "100", start=date(2026, 1, 5), currency="EUR")
    make.gift(db, donor, "1200", date(2026, 1, 5), currency="EUR", base="1320", pledge_id=pledge)
    year = insights.fiscal_year_so_far(db, ruth, today=date(2026, 2, 2))
    assert (year.expected, year.outlook) == (usd("0"), usd("1320"))


@pytest.mark.parametrize("how", ["over", "excused"])
def test_a_fixed_pledge_that_is_over_or_excused_is_no_support(
    db: Session, ruth: Actor, donor: int, today: date, how: str
) -> None:
    start = date(2025, 3, 5) if how == "over" else date(2026, 3, 5)
    pledge = make.pledge(db, donor, "50", start=start, instalments=12)
    if how == "excused":
        assert goals.progress(db, ruth, today=today).support == usd("50")
        due = date(2026, 11, 5)
        pledges.skip(db, ruth, pledge_id=pledge, due=due, today=today)
    assert goals.progress(db, ruth, today=today).support == usd("0")


@pytest.mark.parametrize("way", ["skipped", "paused"])
def test_three_of_100_with_a_total_of_300_01_and_one_excused(
    db: Session, ruth: Actor, donor: int, way: str
) -> None:
    first = date(2026, 1, 5)
    pledge = make.pledge(db, donor, "100", start=first, instalments=3, total="300.01")
    if way == "skipped":
        pledges.skip(db, ruth, pledge_id=pledge, due=first, today=first)
    else:
        pledges.pause(db, ruth, pledge_id=pledge, start=first, end=first, today=first)
    view = pledges.get(db, ruth, pledge, today=first)
    assert [str(one.amount) for one in view.calendar] == ["0.00", "100.00", "200.01"]


@pytest.mark.parametrize("kind", ["late pledge", "at risk"])
def test_a_gift_of_1_january_in_auckland_is_there_on_the_organisations_31_december(
    db: Session, ruth: Actor, donor: int, now: datetime, kind: str
) -> None:
    here, auckland = date(2026, 12, 31), date(2027, 1, 1)
    if kind == "late pledge":
        make.pledge(db, donor, "50", start=date(2026, 10, 1))
    else:
        for month in range(1, 10):
            make.gift(db, donor, "50", date(2026, month, 3))
        make.rhythm(db, donor, last_gift=date(2026, 9, 3))

    def check() -> Sequence[str]:
        alerts.raise_late_pledges(db, today=here, now=now)
        alerts.raise_at_risk(db, today=here, now=now)
        return db.scalars(select(Alert.state)).all()

    assert check() == ["open"]
    gifts.record(db, ruth, donor_id=donor, amount=usd("200"), on=auckland, today=auckland, now=now)
    assert check() == ["resolved"]
    assert alerts.open_for(db, ruth, today=here) == []


def test_50_raised_to_55_since_june_is_an_upgrade_of_six_instalments(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    since = date(2026, 6, 1)
    pledges.change_amount(db, ruth, pledge_id=pledge, amount=usd("55"), since=since, today=today)
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.amount, line.expected) == (usd("55"), usd("580"))
    assert db.scalar(text("select reason from pledge_amount")) == "upgrade"


def test_a_single_pledge_of_1200_paid_in_halves_counts_as_one_time(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    first = date(2026, 3, 1)
    pledge = make.pledge(db, donor, "1200", "once", first)
    for _ in range(2):
        given = gifts.record(
            db, ruth, donor_id=donor, amount=usd("600"), on=first, today=today, now=now
        )
        assert given.pledge_id == pledge
    progress = goals.progress(db, ruth, today=today)
    assert (progress.pledged, progress.one_time) == (usd("0"), usd("100"))


def test_given_each_29_february_and_28_in_between_is_once_in_twelve_months(
    db: Session, ruth: Actor, donor: int
) -> None:
    for day in (date(2024, 2, 29), date(2027, 2, 28), date(2028, 2, 29)):
        make.gift(db, donor, "1200", day)
    for today in (date(2028, 2, 29), date(2029, 2, 27)):
        assert goals.progress(db, ruth, today=today).one_time == usd("100"), today
