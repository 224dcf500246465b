"""Expected income and monthly support follow the schedule and count no amount twice."""

from datetime import date, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import goals, insights, pledges
from app.accounts import Actor
from app.db import models
from app.kit.dates.cadence import Frequency
from app.kit.dates.days import Span
from app.pledges.queries import forecast as forecast_queries
from app.pledges.rules import projection
from app.pledges.rules.schedule import Pledge, columns
from tests import factories as make
from tests.values import usd

REST = Span(date(2026, 11, 24), date(2027, 1, 1))


def test_a_prepaid_year_is_not_expected_again(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    for instalments in (12, None):
        pledge = make.pledge(db, donor, "100", start=date(2026, 1, 5), instalments=instalments)
        make.gift(db, donor, "1200", date(2026, 1, 5), pledge_id=pledge)
    assert pledges.expected(db, ruth, span=REST) == usd("0")
    year = insights.fiscal_year_so_far(db, ruth, today=today)
    assert (year.given, year.expected) == (usd("2400"), usd("0"))


def test_a_prepaid_amount_reduces_the_expected_sum(db: Session, ruth: Actor, donor: int) -> None:
    pledge = make.pledge(db, donor, "100", start=date(2026, 10, 28))
    make.gift(db, donor, "130", date(2026, 10, 28), pledge_id=pledge)
    # due on 28 Oct, 28 Nov and 28 Dec
    assert pledges.expected(db, ruth, span=REST) == usd("170")


def test_overdue_instalments_are_not_expected_twice(db: Session, ruth: Actor, donor: int) -> None:
    make.pledge(db, donor, "100", start=date(2026, 1, 28))
    assert pledges.expected(db, ruth, span=REST) == usd("200")


def test_fixed_pledges_follow_their_schedule(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    over = make.pledge(db, donor, "70", start=date(2025, 1, 5), instalments=12)
    make.gift(db, donor, "70", date(2025, 1, 5), pledge_id=over)
    raised = make.pledge(db, donor, "50", start=date(2026, 3, 5), instalments=12)
    make.pledge_amount(db, raised, "100", date(2026, 9, 5))
    for month in range(3, 12):
        amount = "50" if month < 9 else "100"
        make.gift(db, donor, amount, date(2026, month, 5), pledge_id=raised)
    assert pledges.monthly_equivalent(db, ruth, today=today) == usd("100")


def test_nothing_is_expected_of_deceased_donors(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    dead = make.donor(db, ruth, deceased=True)
    for instalments in (None, 12):
        make.pledge(db, dead, "100", start=date(2026, 10, 5), instalments=instalments)
    ahead_of = make.pledge(db, dead, "100", start=date(2026, 10, 28))
    make.gift(db, dead, "500", date(2026, 10, 28), pledge_id=ahead_of)
    assert pledges.expected(db, ruth, span=REST) == usd("0")
    assert pledges.monthly_equivalent(db, ruth, today=today) == usd("0")
    assert pledges.late(db, ruth, today=today) == []
    assert {line.late for line in pledges.pledge_statuses(db, ruth, today=today)} == {False}


def test_support_is_never_negative(db: Session, ruth: Actor, donor: int, today: date) -> None:
    gift = make.gift(db, donor, "500", today - timedelta(days=400))
    make.reversal(db, gift, on=today - timedelta(days=300))
    assert goals.progress(db, ruth, today=today).support == usd("0")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    stored=st.booleans(),
    rows=st.lists(
        st.tuples(
            st.sampled_from(list(Frequency)),
            st.dates(date(2025, 1, 1), date(2026, 12, 31)),
            st.none() | st.integers(1, 31),
            st.none() | st.integers(0, 500),
            st.integers(0, 25),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_the_grouped_sum_equals_the_sum_of_single_pledges(
    db: Session,
    ruth: Actor,
    donor: int,
    stored: bool,
    rows: list[tuple[Frequency, date, int | None, int | None, int]],
) -> None:
    with db.begin_nested() as attempt:
        expected = 0
        for frequency, start, anchor, lasts, paid in rows:
            end = None if lasts is None else start + timedelta(days=lasts)
            pledge = make.pledge(
                db, donor, "10", frequency, start, anchor_day=anchor, end_date=end
            )
            if paid:
                make.gift(db, donor, str(paid * 4), date(2026, 11, 20), pledge_id=pledge)
            rule_pledge = Pledge(1000, frequency, start, anchor=anchor, end=end)
            expected += projection.due_in(rule_pledge, REST, received=paid * 400)
        if stored:
            pledges.refresh_prepaid(db)
        assert pledges.expected(db, ruth, span=REST).minor == expected
        attempt.rollback()


def test_a_paid_pledge_of_a_single_gift_counts_as_one_time(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "1200", "once", date(2026, 3, 1))
    make.gift(db, donor, "1200", date(2026, 3, 1), pledge_id=pledge)
    progress = goals.progress(db, ruth, today=today)
    assert (progress.pledged, progress.one_time) == (usd("0"), usd("100"))
    income = goals.income(db, ruth, span=Span(date(2026, 1, 1), date(2027, 1, 1)))
    assert (income.recurring, income.one_time) == (usd("0"), usd("1200"))


def test_sql_counts_due_dates_like_the_schedule(db: Session, ruth: Actor, donor: int) -> None:
    """The number of due dates that `paid_ahead` counts is exact, also within a period."""
    random = Random(5)
    schedules = {}
    for _ in range(2_000):
        frequency = random.choice(
            [frequency for frequency in Frequency if frequency != Frequency.SEMIMONTHLY]
        )
        start = date(2025, 1, 1) + timedelta(days=random.randrange(730))
        anchor = random.choice([None, *range(1, 32)])
        end = random.choice([None, start + timedelta(days=random.randrange(501))])
        pledge = make.pledge(db, donor, "10", frequency, start, anchor_day=anchor, end_date=end)
        schedules[pledge] = Pledge(1000, frequency, start, anchor=anchor, end=end)
    day = REST.start - timedelta(days=1)
    counted = dict(db.execute(select(models.Pledge.id, forecast_queries.times_due(day))).all())
    expected = {
        pledge_id: sum(due < REST.start for due in columns(rule_pledge, REST.last)[0])
        for pledge_id, rule_pledge in schedules.items()
    }
    assert counted == expected


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    frequency=st.sampled_from(list(Frequency)),
    start=st.dates(date(2023, 1, 1), date(2026, 12, 31)),
    anchor=st.none() | st.integers(1, 31),
    lasts=st.none() | st.integers(0, 900),
    paid=st.integers(0, 12_000),
    day=st.dates(date(2023, 1, 1), date(2027, 12, 31)),
)
def test_a_pledge_is_paid_ahead_until_the_day_stored_for_it(
    db: Session,
    ruth: Actor,
    donor: int,
    frequency: Frequency,
    start: date,
    anchor: int | None,
    lasts: int | None,
    paid: int,
    day: date,
) -> None:
    """Paid are hundredths of an instalment; the due dates are those of the schedule."""
    end = None if lasts is None else start + timedelta(days=lasts)
    with db.begin_nested() as attempt:
        pledge = make.pledge(db, donor, "1", frequency, start, anchor_day=anchor, end_date=end)
        if paid:
            make.gift(db, donor, f"{paid / 100:.2f}", date(2026, 1, 1), pledge_id=pledge)
        pledges.refresh_prepaid(db)
        until = db.scalar(
            select(models.PledgeSummary.prepaid_until).where(
                models.PledgeSummary.pledge_id == pledge
            )
        )
        attempt.rollback()
    due = columns(Pledge(100, frequency, start, anchor=anchor, end=end), day)[0]
    ahead = paid > 100 * len(due) if frequency != Frequency.SEMIMONTHLY else paid > 0
    assert (until is not None and until > day) == ahead
