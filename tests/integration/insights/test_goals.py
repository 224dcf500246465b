"""Monthly support from pledges and other gifts, against the goal, in the actor's scope."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from app import goals, insights, summaries
from app.accounts import Actor
from app.kit.dates.days import Span, month_of, months_after
from app.kit.errors import NotFoundError
from tests import factories as make
from tests.values import PledgeValues


def test_support_is_pledges_plus_a_twelfth_of_other_gifts(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db, goal="500")
    donor = make.donor(db, ruth)
    weekly = make.pledge(db, donor, "30", "weekly")
    make.pledge(db, donor, "100", "quarterly")
    make.pledge(db, donor, "600", "annual")
    make.gift(db, donor, "30", pledge_id=weekly)
    make.gift(db, donor, "120", date(2025, 11, 24))
    make.gift(db, donor, "999", date(2025, 11, 23))
    back = make.gift(db, donor, "60", date(2026, 3, 1))
    make.reversal(db, back, "24")
    progress = goals.progress(db, ruth, today=today)
    # 30 * 52/12 + 100/3 + 600/12 = 213.33; (120 + 60 - 24) / 12 = 13
    assert str(progress.pledged) == "213.33"
    assert str(progress.one_time) == "13.00"
    assert str(progress.support) == "226.33"
    assert str(progress.gap) == "273.67"
    assert progress.share == pytest.approx(0.45266)


@pytest.mark.parametrize(
    ("day", "first", "this_year", "last_year"),
    [
        pytest.param(date(2028, 2, 28), (2, 28), "1200.00", "1200.00", id="before a leap day"),
        pytest.param(date(2028, 2, 29), (2, 28), "1200.00", "1200.00", id="on a leap day"),
        pytest.param(date(2028, 2, 27), (2, 28), "0.00", "0.00", id="the day before"),
        pytest.param(date(2028, 3, 1), (2, 28), "1200.00", "1200.00", id="after a leap day"),
        pytest.param(date(2029, 2, 28), (2, 28), "1200.00", "1200.00", id="a year later"),
        pytest.param(date(2029, 3, 1), (3, 1), "1200.00", "1200.00", id="each first of March"),
        pytest.param(date(2029, 2, 28), (3, 1), "0.00", "0.00", id="not yet in March"),
    ],
)
def test_a_yearly_gift_counts_once_in_twelve_months(
    db: Session, day: date, first: tuple[int, int], this_year: str, last_year: str
) -> None:
    make.organisation(db)
    ruth = make.person(db)
    donor = make.donor(db, ruth)
    for year in range(2025, 2030):
        if date(year, *first) <= day:
            make.gift(db, donor, "1200", date(year, *first))
    assert str(goals.progress(db, ruth, today=day).one_time) == "100.00"
    so_far = insights.fiscal_year_so_far(db, ruth, today=day)
    assert (str(so_far.given), str(so_far.last_year)) == (this_year, last_year)
    moved = insights.changes(db, ruth, filter=insights.DashboardFilter(), today=day)
    assert (str(moved.before), str(moved.now)) == ("1200.00", "1200.00")


def test_support_on_a_months_last_day_equals_the_history(db: Session) -> None:
    make.organisation(db)
    ruth = make.person(db)
    donor = make.donor(db, ruth)
    for day in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2029, 2, 28)):
        make.gift(db, donor, "1200", day)
    history = dict(goals.support_by_month(db, ruth, today=date(2029, 3, 2), number=12))
    for day in (date(2028, 3, 31), date(2029, 2, 28)):
        assert goals.progress(db, ruth, today=day).support == history[day]


START = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("start", "values", "counts"),
    [
        pytest.param(START, {}, True, id="in force"),
        pytest.param(START, {"status": "cancelled"}, False, id="cancelled"),
        pytest.param(START, {"status": "paused"}, False, id="paused"),
        pytest.param(date(2026, 11, 24), {}, False, id="begins tomorrow"),
        pytest.param(START, {"end_date": date(2026, 11, 23)}, True, id="ends today"),
        pytest.param(START, {"end_date": date(2026, 11, 22)}, False, id="ended yesterday"),
        pytest.param(START, {"frequency": "once"}, False, id="once"),
    ],
)
def test_only_pledges_in_force_count(
    db: Session, today: date, start: date, values: PledgeValues, counts: bool
) -> None:
    make.organisation(db)
    ruth = make.person(db, goal="100")
    make.pledge(db, make.donor(db, ruth), "50", start=start, **values)
    assert str(goals.progress(db, ruth, today=today).pledged) == ("50.00" if counts else "0.00")


def test_the_amount_in_force_on_the_day_counts(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db)
    pledge = make.pledge(db, make.donor(db, ruth), "50")
    make.pledge_amount(db, pledge, "80", date(2026, 11, 1))
    make.pledge_amount(db, pledge, "90", date(2026, 12, 1))
    assert str(goals.progress(db, ruth, today=today).pledged) == "80.00"
    assert str(goals.progress(db, ruth, today=date(2026, 10, 31)).pledged) == "50.00"


def test_over_the_goal_there_is_no_gap(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db, goal="40")
    make.pledge(db, make.donor(db, ruth), "50")
    progress = goals.progress(db, ruth, today=today)
    assert (progress.gap.minor, progress.share) == (0, 1.25)


def test_each_role_sees_its_own_goal_and_support(db: Session, today: date) -> None:
    make.organisation(db)
    ruth, mei = make.person(db, goal="100"), make.person(db, goal="200")
    grace, ada = make.person(db, "supervisor"), make.person(db, "admin")
    make.looks_after(db, grace, ruth)
    for owner, amount in ((ruth, "10"), (mei, "20"), (None, "40")):
        make.pledge(db, make.donor(db, owner), amount)

    def pledged_and_goal(actor: Actor, owner_id: int | None = None) -> tuple[str, str]:
        progress = goals.progress(db, actor, today=today, owner_id=owner_id)
        return str(progress.pledged), str(progress.goal)

    assert pledged_and_goal(ruth) == ("10.00", "100.00")
    assert pledged_and_goal(grace) == ("10.00", "100.00")
    assert pledged_and_goal(ada) == ("70.00", "300.00")
    assert pledged_and_goal(ada, owner_id=mei.user_id) == ("20.00", "200.00")
    with pytest.raises(NotFoundError):
        pledged_and_goal(ruth, owner_id=mei.user_id)


@pytest.mark.parametrize("seed", range(4))
def test_income_of_any_days_equals_the_gifts_of_those_days(db: Session, seed: int) -> None:
    rng = random.Random(seed)
    make.organisation(db)
    ruth, mei = make.person(db), make.person(db)
    own_donor, other_donor = make.donor(db, ruth), make.donor(db, mei)
    pledge_id = make.pledge(db, own_donor)
    gifts = []
    for _ in range(60):
        on = date(2026, 1, 1) + timedelta(days=rng.randint(0, 200))
        cents, linked = rng.randint(1, 9999), rng.random() < 0.5
        make.gift(db, own_donor, f"{cents / 100:.2f}", on, pledge_id=pledge_id if linked else None)
        make.gift(db, other_donor, "5", on)
        gifts.append((on, cents, linked))
    for _ in range(25):
        first = date(2025, 12, 20) + timedelta(days=rng.randint(0, 200))
        span = Span(first, first + timedelta(days=rng.randint(1, 120)))
        income = goals.income(db, ruth, span=span)
        assert income.recurring.minor == sum(c for on, c, linked in gifts if linked and on in span)
        assert income.one_time.minor == sum(
            c for on, c, linked in gifts if not linked and on in span
        )
        assert income.gifts == sum(on in span for on, _, _ in gifts)


def test_months_up_to_today(db: Session) -> None:
    make.organisation(db)
    ruth = make.person(db)
    donor = make.donor(db, ruth)
    for on in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 9), date(2026, 10, 10)):
        make.gift(db, donor, "1", on)
    months = [months_after(date(2026, 10, 1), -1), date(2026, 10, 1)]
    income_of = goals.income_by_month(db, ruth, months=months, today=date(2026, 10, 9))
    assert [(str(income_of[month].total), income_of[month].gifts) for month in months] == [
        ("1.00", 1),
        ("2.00", 2),
    ]
    assert month_of(months[1]).end == date(2026, 11, 1)


def test_a_twelfth_is_rounded_half_to_even(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db)
    make.gift(db, make.donor(db, ruth), "0.30", today)
    assert goals.progress(db, ruth, today=today).one_time.minor == round(Fraction(30, 12)) == 2


def test_pledges_that_are_not_counted_are_named_with_the_goal(db: Session, today: date) -> None:
    make.organisation(db)
    ruth, mei = make.person(db, goal="100"), make.person(db)
    make.pledge(db, make.donor(db, ruth), "10")
    make.pledge(db, make.donor(db, ruth, "Ida Roe"), "10", currency="CHF")
    make.pledge(db, make.donor(db, mei, "Otto Fir"), "20", "quarterly", currency="CHF")
    progress = goals.progress(db, ruth, today=today)
    assert str(progress.pledged) == "10.00"
    assert progress.notes == (
        "1 pledge in CHF is not counted: no exchange rate for Ida Roe (CHF10 a month).",
    )
    ada = make.person(db, "admin")
    everyones = goals.progress(db, ada, today=today)
    assert everyones.notes == (
        (
            "2 pledges in CHF are not counted: no exchange rate for Ida Roe (CHF10 a month) and "
            "Otto Fir (CHF20 a quarter)."
        ),
    )
    assert insights.figures(db, ada, today=today)["pledges_not_counted"] == 2
    summary = summaries.build(db, ruth, today=today)
    assert summary.goal.endswith(progress.notes[0])
    assert "Otto" not in summary.goal
    board = insights.dashboard(db, ada, filter=insights.DashboardFilter(), today=today)
    assert board.progress == everyones
