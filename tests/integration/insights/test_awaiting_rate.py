"""What the numbers of Today and the dashboard leave out for lack of an exchange rate."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app import insights
from app.accounts import Actor
from app.donors import Unit
from app.gifts import AwaitingRate
from app.insights import Change, Changes, DashboardFilter
from tests import factories as make

TODAY = date(2026, 11, 23)
BEFORE, NOW = date(2025, 6, 1), date(2026, 6, 1)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, goal="1000")


def waiting(
    db: Session,
    donor_id: int,
    on: date,
    *,
    parts: tuple[tuple[int | None, str], ...] = (),
    fund_id: int | None = None,
    pledge_id: int | None = None,
) -> int:
    return make.gift(
        db,
        donor_id,
        20,
        on,
        currency="CHF",
        parts=parts,
        awaiting_rate=True,
        fund_id=fund_id,
        pledge_id=pledge_id,
    )


def number(lines: tuple[AwaitingRate, ...]) -> int:
    return sum(line.gifts for line in lines)


def test_each_number_says_what_it_leaves_out(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    pledge = make.pledge(db, donor, "20", currency="CHF", start=date(2026, 9, 1))
    waiting(db, donor, date(2026, 10, 5))
    waiting(db, donor, date(2026, 10, 6), pledge_id=pledge)
    waiting(db, donor, date(2025, 12, 20))
    waiting(db, donor, date(2025, 2, 3))
    waiting(db, donor, date(2024, 1, 31))
    waiting(db, donor, date(2015, 1, 31))
    waiting(db, make.donor(db, make.person(db)), date(2026, 10, 5))
    board = insights.dashboard(db, ruth, filter=DashboardFilter(), today=TODAY)
    left_out = board.awaiting_rate
    # the support of twelve months counts the pledge itself instead of what pays it
    assert number(left_out.support) == 2
    # this calendar year, and the same days of the last one
    assert number(left_out.year) == 3
    assert number(left_out.income) == 3
    assert number(left_out.compared) == 4
    assert number(left_out.figures) == 4
    assert number(left_out.months) == number(left_out.every) == 5
    assert str(left_out.every[0].amount) == "100.00"
    today = insights.load_today_summary(db, ruth, today=TODAY)
    assert today.awaiting_rate == left_out


def test_the_fund_of_the_filter_restricts_what_is_left_out(db: Session, ruth: Actor) -> None:
    donor, wells, school = make.donor(db, ruth), make.fund(db), make.fund(db)
    waiting(db, donor, NOW, fund_id=wells)
    waiting(db, donor, NOW)
    for fund_id, expected in ((wells, 1), (school, 0), (None, 2)):
        chosen = DashboardFilter(fund_id=fund_id)
        board = insights.dashboard(db, ruth, filter=chosen, today=TODAY)
        assert number(board.awaiting_rate.income) == expected


def kinds(changes: Changes) -> dict[str, int]:
    return {str(step.change): step.donors for step in changes.steps}


def test_a_donor_who_gave_without_a_rate_has_not_lapsed(db: Session, ruth: Actor) -> None:
    gave, gone, began = make.donor(db, ruth), make.donor(db, ruth), make.donor(db, ruth)
    for donor in (gave, gone):
        make.gift(db, donor, 50, BEFORE)
    waiting(db, gave, NOW)
    # gave before, nobody knows how much
    waiting(db, began, BEFORE)
    make.gift(db, began, 30, NOW)
    changes = insights.changes(db, ruth, filter=DashboardFilter(), today=TODAY)
    assert kinds(changes) == {"up": 1, "down": 1, "lapsed new": 1}
    assert (changes.donors_before, changes.donors_kept) == (3, 2)
    assert changes.now - changes.before == changes.gains - changes.losses
    rows = insights.drilldown_donors(
        db, ruth, filter=DashboardFilter(), kinds=(Change.LAPSED, Change.LAPSED_NEW), today=TODAY
    )
    assert [row.donor_id for row in rows.rows] == [gone]


def test_a_household_gave_if_a_member_did(db: Session, ruth: Actor) -> None:
    one, other = make.donor(db, ruth), make.donor(db, ruth)
    make.household(db, one, other)
    make.gift(db, one, 50, BEFORE)
    waiting(db, other, NOW)
    chosen = DashboardFilter(unit=Unit.HOUSEHOLD)
    assert kinds(insights.changes(db, ruth, filter=chosen, today=TODAY)) == {"down": 1}
    by_person = insights.changes(db, ruth, filter=DashboardFilter(), today=TODAY)
    assert kinds(by_person) == {"lapsed new": 1}


def test_only_gifts_of_the_fund_keep_its_donor(db: Session, ruth: Actor) -> None:
    donor, wells, school = make.donor(db, ruth), make.fund(db), make.fund(db)
    make.gift(db, donor, 50, BEFORE, fund_id=wells)
    waiting(db, donor, NOW, fund_id=school)
    chosen = DashboardFilter(fund_id=wells)
    assert kinds(insights.changes(db, ruth, filter=chosen, today=TODAY)) == {"lapsed new": 1}
    waiting(db, donor, NOW, parts=((wells, "15"), (school, "5")))
    assert kinds(insights.changes(db, ruth, filter=chosen, today=TODAY)) == {"down": 1}


def test_retention_by_year_counts_who_gave_without_a_rate(db: Session, ruth: Actor) -> None:
    kept, gone = make.donor(db, ruth), make.donor(db, ruth)
    for donor in (kept, gone):
        make.gift(db, donor, 50, date(2024, 6, 1))
    waiting(db, kept, date(2025, 6, 1))
    by_year = insights.retention_by_year(db, ruth, today=TODAY, number=1)
    assert by_year == [(2025, 0.5)]


def test_the_figures_name_number_and_sums(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    waiting(db, donor, NOW)
    make.gift(db, donor, 1500, NOW, currency="SEK", awaiting_rate=True)
    figures = insights.figures(db, ruth, today=TODAY)
    assert figures["gifts_waiting_for_rate"] == figures["received_waiting_for_rate"] == 2
    assert figures["gifts_waiting_for_rate_amounts"] == {"CHF": "20.00", "SEK": "1500.00"}
