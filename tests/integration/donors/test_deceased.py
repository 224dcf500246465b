"""A deceased donor is nowhere asked, called or expected anything of, at once when marked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import alerts, donors, gifts, goals, imports, insights, pledges, summaries, tasks
from app.accounts import Actor
from app.db.models import Alert, Task
from app.insights import DashboardFilter
from app.kit.money import Money
from tests import factories as make

ZERO = Money(0, "USD")


@pytest.fixture
def donor(db: Session, ruth: Actor, today: date, now: datetime) -> int:
    """A donor with a late pledge, one-time gifts, an alert, tasks and a gift to thank for."""
    found = make.donor(db, ruth, "Tom Reed", email="tom@reed.example", phone="555 0100")
    pledge = make.pledge(db, found, "50", start=date(2026, 1, 5))
    make.gift(db, found, "50", date(2026, 2, 5), pledge_id=pledge)
    make.gift(db, found, "1200", date(2025, 12, 19))
    make.gift(db, found, "500", date(2026, 11, 9))
    alerts.raise_late_pledges(db, today=today, now=now)
    tasks.create(db, ruth, title="Visit Tom", donor_id=found, due_on=today)
    assert len(tasks.due(db, ruth, today=today)) == 2
    assert goals.progress(db, ruth, today=today).support == Money.of("191.67", "USD")
    return found


def by_hand(db: Session, ruth: Actor, donor: int, today: date, now: datetime) -> None:
    view = donors.get(db, ruth, donor, today=today)
    fields = replace(view.fields, deceased=True)
    donors.update(db, ruth, donor_id=donor, version=view.version, fields=fields, today=today)


def by_a_file(db: Session, ruth: Actor, donor: int, today: date, now: datetime) -> None:
    data = b"Name,Email,Deceased\nTom Reed,tom@reed.example,yes\n"
    imports.import_file(
        db, ruth, imports.ImportRequest(file_name="people.csv", data=data), today=today, now=now
    )
    assert donors.get(db, ruth, donor, today=today).fields.deceased


WAYS = pytest.mark.parametrize("mark", [by_hand, by_a_file], ids=lambda one: one.__name__)


@WAYS
def test_nothing_is_asked_or_expected_of_the_dead(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime, mark: Callable[..., object]
) -> None:
    mark(db, ruth, donor, today, now)
    figures = insights.figures(db, ruth, filter=DashboardFilter(), today=today)
    for name in ("late_pledges", "at_risk_donors", "thank_yous_waiting", "tasks_due"):
        assert figures[name] == 0, name
    for name in ("monthly_support", "expected_rest_of_fiscal_year"):
        assert figures[name] == "0.00", name
    assert db.scalars(select(Task.id).where(Task.done_at.is_(None))).all() == []
    assert db.scalars(select(Alert.state)).all() == ["resolved"]
    assert gifts.suggestions(db, ruth, today=today) == []
    mail = summaries.build(db, ruth, today=today)
    assert "Tom Reed" not in str(mail)
    (line,) = pledges.pledge_statuses(db, ruth, today=today)
    # what was due by the last gift, and nothing after it
    assert (line.expected, line.received) == (Money.of("100", "USD"), Money.of("50", "USD"))
    assert (line.late, line.next_due) == (False, None)
    drawn = pledges.promised_by_month(
        db, ruth, donor_id=donor, since=date(2026, 1, 1), today=today
    )
    assert max(drawn) == date(2026, 2, 1)


def test_support_of_the_past_and_of_today_agree_on_who_has_died(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    make.gift(db, make.donor(db, ruth), "120", date(2026, 6, 1))
    by_hand(db, ruth, donor, today, now)
    history = dict(goals.support_by_month(db, ruth, today=today, number=3))
    last = date(2026, 10, 31)
    assert history[last] == goals.progress(db, ruth, today=last).support
    assert history[last] == Money.of("10", "USD")


def test_a_pledge_never_paid_expects_nothing(db: Session, ruth: Actor, today: date) -> None:
    dead = make.donor(db, ruth, deceased=True)
    make.pledge(db, dead, "50", start=date(2026, 1, 5), instalments=12)
    make.pledge(db, dead, "50", start=date(2026, 1, 5))
    lines = pledges.pledge_statuses(db, ruth, today=today)
    assert [one.expected for one in lines] == [ZERO, ZERO]


@WAYS
def test_other_donors_stay_as_they_are(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime, mark: Callable[..., object]
) -> None:
    other = make.donor(db, ruth, "Ana Sol", phone="555 0101")
    make.pledge(db, other, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    mark(db, ruth, donor, today, now)
    listed = [one.donor_name for one in alerts.open_for(db, ruth, today=today)]
    assert listed == ["Ana Sol"]
    assert [one.donor_name for one in tasks.due(db, ruth, today=today)] == ["Ana Sol"]
