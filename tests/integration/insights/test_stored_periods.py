"""The stored sums of two periods give the same figures as the gifts, on every day."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import insights
from app.accounts import Actor
from app.db import aggregate_check, transaction_for_system
from app.db.session import engine
from app.donors import Credit, Unit
from app.insights import Change, Changes, DashboardFilter, Period
from app.insights.queries import stored_periods
from tests import factories as make

TODAY = date(2026, 11, 23)
FIRST = TODAY - timedelta(days=1_500)
SWITCHES = [
    DashboardFilter(period=period, unit=unit, credit=credit)
    for period, unit, credit in product(Period, Unit, Credit)
]
# days from TODAY: of what is stored, and of who reads
DAYS = st.integers(-800, 800) | st.integers(-3, 3)


@pytest.fixture
def readers(db: Session) -> list[Actor]:
    """An administrator, a fundraiser and a supervisor; 20 donors with gifts of four years."""
    dice = random.Random(3)
    make.organisation(db, fiscal_start_month=7)
    ruth, mei, grace = make.person(db), make.person(db), make.person(db, "supervisor")
    make.looks_after(db, grace, ruth)
    donors = [make.donor(db, (ruth, mei, None)[number % 3]) for number in range(20)]
    make.household(db, donors[0], donors[3])
    for donor in donors:
        for _ in range(dice.randint(0, 9)):
            day = FIRST + timedelta(days=dice.randint(0, 1_600))
            gift = make.gift(db, donor, dice.randint(5, 90), day)
            if dice.random() < 0.2:
                later = day + timedelta(days=dice.randint(0, 300))
                make.reversal(db, gift, "3" if dice.random() < 0.5 else None, on=later)
            if dice.random() < 0.3:
                make.soft_credit(db, gift, dice.choice([d for d in donors if d != donor]), "2")
    return [make.person(db, "admin"), ruth, grace]


def read(
    db: Session, actor: Actor, dashboard_filter: DashboardFilter, today: date
) -> tuple[Changes, object]:
    """Return what changed, and the donors behind all of it."""
    rows = insights.drilldown_donors(
        db, actor, filter=dashboard_filter, kinds=list(Change), today=today
    )
    return insights.changes(db, actor, filter=dashboard_filter, today=today), rows


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stored=DAYS, asked=DAYS, chosen=st.sampled_from(SWITCHES), reader=st.integers(0, 2))
@example(stored=0, asked=0, chosen=SWITCHES[0], reader=0)
@example(stored=0, asked=1, chosen=SWITCHES[0], reader=1)
@example(stored=1, asked=0, chosen=SWITCHES[0], reader=2)
def test_what_changed_is_the_same_from_every_stored_period(
    db: Session,
    readers: list[Actor],
    stored: int,
    asked: int,
    chosen: DashboardFilter,
    reader: int,
) -> None:
    today = TODAY + timedelta(days=asked)
    with db.begin_nested() as attempt:
        insights.move_stored_periods(db, today=TODAY + timedelta(days=stored))
        assert aggregate_check.differences(db) == {}
        found = read(db, readers[reader], chosen, today)
        db.execute(text("delete from giving_period"))
        expected = read(db, readers[reader], chosen, today)
        attempt.rollback()
    assert found == expected


def test_a_gift_reversed_in_the_next_period_is_of_a_new_donor(db: Session, ruth: Actor) -> None:
    """No gift of the donor is left, and no sum of a fiscal year either."""
    gift = make.gift(db, make.donor(db, ruth), "100", date(2025, 11, 20))
    make.reversal(db, gift, on=date(2025, 11, 28))
    for row in ("select 1", "delete from giving_period"):
        db.execute(text(row))
        changes = insights.changes(db, ruth, filter=DashboardFilter(), today=TODAY)
        assert [step.change for step in changes.steps] == [Change.LAPSED_NEW]


def test_moving_is_done_once_a_day(db: Session, readers: list[Actor]) -> None:
    insights.move_stored_periods(db, today=TODAY)
    assert not insights.move_stored_periods(db, today=TODAY)
    assert insights.move_stored_periods(db, today=TODAY + timedelta(days=1))
    assert aggregate_check.differences(db) == {}


def test_the_period_of_the_day_is_read_from_its_sums(db: Session, readers: list[Actor]) -> None:
    """Changed by hand, a stored sum shows: gifts are not read but for the days between."""
    insights.move_stored_periods(db, today=TODAY)
    before = [
        read(db, readers[0], DashboardFilter(), TODAY + timedelta(days=n))[0] for n in (0, 1)
    ]
    db.execute(text("update donor_summary set now_minor = now_minor + 100 where now_minor > 0"))
    after = [read(db, readers[0], DashboardFilter(), TODAY + timedelta(days=n))[0] for n in (0, 1)]
    assert all(new.now > old.now for new, old in zip(after, before, strict=True))


@pytest.fixture
def committed(database: URL) -> int:
    """A donor of an organisation with a gift, and the periods of TODAY."""
    with transaction_for_system() as db:
        make.organisation(db)
        donor = make.donor(db, make.person(db))
        make.gift(db, donor, "10", TODAY)
        insights.move_stored_periods(db, today=TODAY)
    return donor


GIFT = (
    "insert into gift (donor_id, amount_minor, currency, base_minor, gift_date)"
    " values (:donor, 500, 'USD', 500, :day)"
)


def test_periods_stay_while_a_gift_is_written(committed: int) -> None:
    """The gift is counted for the periods that it found."""
    tomorrow = TODAY + timedelta(days=1)
    with engine().connect() as writer:
        writer.execute(text(GIFT), {"donor": committed, "day": tomorrow})
        with transaction_for_system() as db:
            assert not insights.move_stored_periods(db, today=tomorrow)
        writer.commit()
    with transaction_for_system() as db:
        assert insights.move_stored_periods(db, today=tomorrow)
        assert aggregate_check.differences(db) == {}
        actor = make.person(db, "admin")
        assert (
            insights.changes(db, actor, filter=DashboardFilter(), today=tomorrow).now.minor == 1500
        )


def test_a_reader_sees_periods_and_sums_of_one_state(
    committed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They move after the reader has found them near, and before it reads the sums."""
    tomorrow = TODAY + timedelta(days=1)
    with transaction_for_system() as db:
        db.execute(text(GIFT), {"donor": committed, "day": tomorrow})
        ada = make.person(db, "admin")
    look: Callable[..., int | None] = stored_periods.days_from_stored

    def moved_meanwhile(db: Session, *periods: object) -> int | None:
        days = look(db, *periods)
        with monkeypatch.context() as calm, transaction_for_system() as other:
            calm.setattr(stored_periods, "days_from_stored", look)
            assert insights.move_stored_periods(other, today=tomorrow)
        return days

    monkeypatch.setattr(stored_periods, "days_from_stored", moved_meanwhile)
    with transaction_for_system() as db:
        changes = insights.changes(db, ada, filter=DashboardFilter(), today=tomorrow)
    assert changes.now.minor == 1500
