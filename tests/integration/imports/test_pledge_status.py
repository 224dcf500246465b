"""What a file says about the status of a known pledge settles its alert in the same import."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import alerts, imports, pledges
from app.accounts import Actor
from app.db.models import Alert, Donor, Task
from app.kit.money import Money
from tests import factories as make
from tests.values import present

PEOPLE = "entity_id,name,email,phone,address,entity_type\nE1,Hanna Vogel,,,,individual\n"
HEAD = "pledge_id,entity_id,amount,cadence,status,start_date"
TABLES = ("pledge", "pledge_pause", "pledge_terms", "pledge_amount", "alert", "task")


@pytest.fixture
def bring(db: Session, ruth: Actor, today: date, now: datetime) -> Callable[..., imports.Preview]:
    def bring(status: str, since: str = "2026-09-05", *, today: date = today) -> imports.Preview:
        data = f"{HEAD}\nP1,E1,50,Monthly,{status},{since}\n"
        return imports.import_file(
            db,
            ruth,
            imports.ImportRequest(file_name="f.csv", data=data.encode()),
            today=today,
            now=now,
        )

    imports.import_file(
        db,
        ruth,
        imports.ImportRequest(file_name="p.csv", data=PEOPLE.encode()),
        today=today,
        now=now,
    )
    return bring


def dump(db: Session) -> dict[str, object]:
    return {
        table: db.scalars(
            text(f"select to_jsonb(t) - 'updated_at' from {table} t order by 1")
        ).all()
        for table in TABLES
    }


@pytest.mark.parametrize("status", ["paused", "cancelled", "completed"])
def test_a_pledge_that_a_file_pauses_or_ends_is_settled_at_once(
    db: Session,
    ruth: Actor,
    bring: Callable[..., imports.Preview],
    today: date,
    now: datetime,
    status: str,
) -> None:
    bring("active")
    alerts.raise_late_pledges(db, today=today, now=now)
    assert db.scalar(select(Alert.state)) == "open"
    before = dump(db)
    seen = bring(status)
    assert seen.plan.main.update == 1
    assert db.scalars(select(Alert.state)).all() == ["resolved"]
    assert db.scalars(select(Task.id).where(Task.done_at.is_(None))).all() == []
    # nobody gave anything
    assert db.scalar(select(Alert.resolved_gift_id)) is None
    imports.undo(db, ruth, run_id=seen.run_id, now=now)
    assert dump(db) == before


def paid_until_june(db: Session, pledge: int) -> None:
    donor = db.scalar(select(Donor.id))
    for month in range(1, 7):
        make.gift(db, present(donor), "50", date(2026, month, 5), pledge_id=pledge)


def test_a_pledge_that_a_file_paused_runs_again_when_a_file_says_so(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview], today: date, now: datetime
) -> None:
    bring("active", "2026-01-05", today=date(2026, 1, 5))
    pledge = pledges.pledge_statuses(db, ruth, today=today)[0].pledge_id
    paid_until_june(db, pledge)
    bring("paused", "2026-01-05", today=date(2026, 7, 1))
    assert pledges.pledge_statuses(db, ruth, today=today)[0].state == "paused"
    before = dump(db)
    seen = bring("active", "2026-01-05")
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.state, line.late, line.behind) == ("on track", False, Money(0, "USD"))
    assert line.next_due == date(2026, 12, 5)
    # what does not come after that is late
    assert pledges.pledge_statuses(db, ruth, today=date(2027, 1, 1))[0].days_late == 27
    imports.undo(db, ruth, run_id=seen.run_id, now=now)
    assert dump(db) == before


def test_a_pause_of_a_person_is_not_ended_by_a_file(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview], today: date
) -> None:
    bring("active", "2026-01-05")
    pledge = pledges.pledge_statuses(db, ruth, today=today)[0].pledge_id
    pledges.pause(db, ruth, pledge_id=pledge, start=date(2026, 6, 1), today=today)
    assert bring("active", "2026-01-05").plan.main.skip == 1
    assert pledges.pledge_statuses(db, ruth, today=today)[0].state == "paused"


@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize("status", ["active", "paused"])
def test_what_a_person_ended_is_asked_about(
    db: Session,
    ruth: Actor,
    bring: Callable[..., imports.Preview],
    today: date,
    completed: bool,
    status: str,
) -> None:
    bring("active", "2026-01-05")
    pledge = pledges.pledge_statuses(db, ruth, today=today)[0].pledge_id
    pledges.end(db, ruth, pledge_id=pledge, on=today, completed=completed, today=today)
    plan = bring(status, "2026-01-05").plan.main
    assert (plan.conflict, plan.update) == (1, 0)
    state = pledges.pledge_statuses(db, ruth, today=today)[0].status
    assert state == ("completed" if completed else "cancelled")


def test_paused_in_a_file_and_resumed_here_141_days_later_is_not_late(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview], today: date
) -> None:
    bring("paused", "2026-01-05", today=date(2026, 7, 1))
    pledge = pledges.pledge_statuses(db, ruth, today=today)[0].pledge_id
    paid_until_june(db, pledge)
    pledges.resume(db, ruth, pledge_id=pledge, on=today)
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.late, line.days_late, line.behind) == (False, 0, Money(0, "USD"))
    # the pause is the reason: without it the pledge is late since 5 Jul
    db.execute(text("delete from pledge_pause"))
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.days_late, line.oldest_due) == (141, date(2026, 7, 5))
