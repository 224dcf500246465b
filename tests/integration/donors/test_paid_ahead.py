"""Who has paid a pledge ahead is not at risk and has not lapsed before the next instalment."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import alerts, donors, gifts, pledges
from app.accounts import Actor
from app.db.models import Alert, Donor, DonorRhythm
from app.donors import DonorFilter
from app.kit.dates.cadence import Frequency, due_until
from tests import factories as make
from tests.values import PledgeValues, present

START, JANUARY = date(2025, 1, 5), date(2026, 1, 5)
WHOLE_YEAR = {"monthly": ("100", "1200"), "quarterly": ("300", "1200"), "weekly": ("25", "1325")}


@pytest.fixture
def tom(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Tom Reed", status="donor")


def check(db: Session, day: date, now: datetime) -> None:
    """The morning's check, as the job runs it."""
    donors.score(db, today=day, paid_up=pledges.paid_up(db, today=day))
    alerts.raise_late_pledges(db, today=day, now=now)
    alerts.raise_at_risk(db, today=day, now=now)


def paid(db: Session, donor: int, pledge: int, amount: str, frequency: str, until: date) -> int:
    gift = 0
    for day in due_until(Frequency(frequency), START, until, None):
        gift = make.gift(db, donor, amount, day, pledge_id=pledge)
    return gift


def worries(db: Session, ruth: Actor, day: date) -> set[str]:
    """How the donor is listed on every screen, where it is a reason to worry."""
    listed = {"at risk", "slipping", "lapsed"}
    page = donors.page(db, ruth, filter=DonorFilter(), today=day)
    view = donors.get(db, ruth, page.lines[0].donor_id, today=day)
    return {
        *(one.donor_name for one in alerts.open_for(db, ruth, today=day)),
        *(one.giving for one in page.lines if one.giving in listed),
        *({present(view.rhythm).status} & listed),
        *({view.fields.status} & listed),
    }


@pytest.mark.parametrize("frequency", WHOLE_YEAR)
def test_a_year_paid_in_january_is_no_worry_until_december(
    db: Session, ruth: Actor, tom: int, now: datetime, frequency: str
) -> None:
    amount, whole = WHOLE_YEAR[frequency]
    pledge = make.pledge(db, tom, amount, frequency, START)
    paid(db, tom, pledge, amount, frequency, JANUARY - timedelta(days=1))
    make.gift(db, tom, whole, JANUARY, pledge_id=pledge)
    for month in range(1, 13):
        day = date(2026, month, 20)
        check(db, day, now)
        assert worries(db, ruth, day) == set(), day
    assert present(donors.get(db, ruth, tom, today=day).rhythm).sentence == (
        "Has paid all that the running pledge has asked for so far."
    )
    # the first instalment that is not paid is a late pledge, and nothing before its grace ends
    check(db, date(2027, 1, 8), now)
    assert worries(db, ruth, date(2027, 1, 8)) == set()
    check(db, date(2027, 2, 20), now)
    assert [one.kind for one in alerts.open_for(db, ruth, today=date(2027, 2, 20))] == [
        "late_pledge"
    ]


def test_twelve_instalments_paid_whole_are_no_worry_in_their_year(
    db: Session, ruth: Actor, tom: int, now: datetime
) -> None:
    for month in range(1, 13):
        make.gift(db, tom, "100", date(2025, month, 5))
    pledge = make.pledge(db, tom, "100", start=JANUARY, instalments=12)
    make.gift(db, tom, "1200", JANUARY, pledge_id=pledge)
    for month in range(2, 13):
        day = date(2026, month, 20)
        check(db, day, now)
        assert worries(db, ruth, day) == set(), day
    # nothing is asked for any more: the rhythm decides again
    check(db, date(2027, 2, 20), now)
    assert db.scalar(select(DonorRhythm.status)) == "lapsed"


def test_three_years_paid_at_once(db: Session, ruth: Actor, tom: int, now: datetime) -> None:
    pledge = make.pledge(db, tom, "1200", "annual", date(2020, 1, 5))
    for year in range(2020, 2024):
        make.gift(db, tom, "1200", date(year, 1, 5), pledge_id=pledge)
    make.gift(db, tom, "3600", date(2024, 1, 5), pledge_id=pledge)
    for day in (date(2024, 12, 1), date(2025, 6, 20), date(2025, 12, 20), date(2026, 11, 20)):
        check(db, day, now)
        assert worries(db, ruth, day) == set(), day


def test_who_gave_monthly_and_now_yearly_is_judged_by_the_pledge(
    db: Session, ruth: Actor, tom: int, now: datetime
) -> None:
    for month in range(1, 13):
        make.gift(db, tom, "100", date(2025, month, 5))
    pledge = make.pledge(db, tom, "1200", "annual", JANUARY)
    make.gift(db, tom, "1200", JANUARY, pledge_id=pledge)
    for month in (4, 8, 12):
        day = date(2026, month, 20)
        check(db, day, now)
        assert worries(db, ruth, day) == set(), day


def test_a_year_paid_ahead_that_bounces_is_late_at_once(
    db: Session, ruth: Actor, tom: int, now: datetime
) -> None:
    pledge = make.pledge(db, tom, "100", start=START)
    paid(db, tom, pledge, "100", "monthly", JANUARY - timedelta(days=1))
    whole = make.gift(db, tom, "1200", JANUARY, pledge_id=pledge)
    day = date(2026, 5, 20)
    check(db, day, now)
    gifts.reverse(db, ruth, gift_id=whole, on=day, today=day, now=now)
    line = alerts.late(db, ruth, today=day)[0]
    assert (line.oldest_due, line.days_late, line.missed) == (JANUARY, 135, 5)
    assert db.scalars(select(Alert.kind)).all() == ["late_pledge"]


@pytest.mark.parametrize(
    ("pledge", "paid"),
    [
        pytest.param({}, False, id="nothing was paid for it"),
        pytest.param({"status": "cancelled"}, True, id="ended"),
        pytest.param({"end_date": date(2025, 12, 31)}, True, id="past its end"),
        pytest.param({"total": "100"}, True, id="paid in full"),
    ],
)
def test_no_other_pledge_keeps_a_donor_who_stopped_from_being_seen(
    db: Session, ruth: Actor, tom: int, now: datetime, pledge: PledgeValues, paid: bool
) -> None:
    start = date(2025, 12, 5) if paid else date(2026, 11, 30)
    promise = make.pledge(db, tom, "100", start=start, **pledge)
    for month in range(1, 13):
        linked = promise if paid and month == 12 else None
        make.gift(db, tom, "100", date(2025, month, 5), pledge_id=linked)
    check(db, date(2026, 11, 20), now)
    assert db.scalar(select(DonorRhythm.status)) == "lapsed"
    assert db.scalar(select(Donor.status)) == "lapsed"
