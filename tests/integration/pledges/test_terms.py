"""Changes of terms, by users and by imports; imports of existing pledges."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Required, TypedDict, Unpack

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports, pledges
from app.accounts import Actor
from app.kit.errors import InvalidError
from tests import factories as make
from tests.values import ImportChoices, usd

PEOPLE = "entity_id,name,email,phone,address,entity_type\nE1,Hanna Vogel,,,,individual\n"
HEAD = "pledge_id,entity_id,amount,cadence,status,start_date"


@pytest.fixture
def import_csv(
    db: Session, ruth: Actor, today: date, now: datetime
) -> Callable[..., imports.Preview]:
    def import_csv(data: str, **options: Unpack[ImportChoices]) -> imports.Preview:
        return imports.import_file(
            db,
            ruth,
            imports.ImportRequest("file.csv", data.encode(), **options),
            today=today,
            now=now,
        )

    import_csv(PEOPLE)
    return import_csv


def paid(db: Session, pledge: int, amount: str, *, since: date, until: date) -> None:
    donor = db.scalar(text("select donor_id from pledge where id = :id"), {"id": pledge})
    day = since
    while day <= until:
        make.gift(db, donor, amount, day, pledge_id=pledge)
        year, month = divmod(day.year * 12 + day.month, 12)
        day = date(year, month + 1, day.day)


def test_new_terms_leave_earlier_instalments_unchanged(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    paid(db, pledge, "50", since=date(2026, 1, 5), until=today)
    pledges.change_terms(db, ruth, pledge_id=pledge, frequency="weekly", since=today, today=today)
    line = pledges.get(db, ruth, pledge, today=today).line
    assert (line.frequency, line.expected, line.late) == ("weekly", usd("600"), False)
    assert pledges.monthly_equivalent(db, ruth, today=date(2026, 6, 1)) == usd("50")
    assert pledges.monthly_equivalent(db, ruth, today=today) == usd("216.67")


def test_a_future_change_holds_from_its_day(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    paid(db, pledge, "50", since=date(2026, 1, 5), until=today)
    since = date(2027, 1, 1)
    pledges.change_terms(
        db, ruth, pledge_id=pledge, frequency="annual", anchor=1, since=since, today=today
    )
    assert pledges.monthly_equivalent(db, ruth, today=today) == usd("50")
    assert pledges.pledge_statuses(db, ruth, today=today)[0].next_due == date(2026, 12, 5)


def test_new_terms_from_the_first_day_are_a_correction(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 11, 5))
    pledges.change_terms(
        db, ruth, pledge_id=pledge, frequency="annual", since=date(2026, 11, 5), today=today
    )
    assert db.scalar(text("select count(*) from pledge_terms")) == 0


class TermValues(TypedDict, total=False):
    """Terms of a pledge."""

    frequency: Required[str]
    anchor: int
    grace: int
    fund_id: int


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"frequency": "monthly"}, "falls due already"),
        ({"frequency": "daily"}, "not a frequency"),
        ({"frequency": "weekly", "anchor": 32}, "between 1 and 31"),
        ({"frequency": "weekly", "grace": 999}, "between 0 and 366"),
        ({"frequency": "weekly", "fund_id": 999}, "does not exist or is closed"),
    ],
)
def test_invalid_terms_are_refused(
    db: Session, ruth: Actor, donor: int, today: date, terms: TermValues, sentence: str
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    with pytest.raises(InvalidError, match=sentence):
        pledges.change_terms(db, ruth, pledge_id=pledge, since=today, today=today, **terms)


def test_a_change_before_the_last_one_is_refused(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    for frequency, since in (("weekly", date(2026, 6, 1)), ("annual", date(2026, 9, 1))):
        pledges.change_terms(
            db, ruth, pledge_id=pledge, frequency=frequency, since=since, today=today
        )
    with pytest.raises(InvalidError, match="changed on 1 Sep"):
        pledges.change_terms(
            db, ruth, pledge_id=pledge, frequency="monthly", since=date(2026, 7, 1), today=today
        )


def first_line(db: Session, ruth: Actor, today: date) -> pledges.PledgeLine:
    return pledges.pledge_statuses(db, ruth, today=today)[0]


def test_an_imported_paused_pledge_is_not_late_when_resumed(
    db: Session, ruth: Actor, import_csv: Callable[..., imports.Preview], today: date
) -> None:
    import_csv(f"{HEAD}\nP1,E1,50,Monthly,paused,2026-01-05\n")
    assert db.scalar(text("select starts_on from pledge_pause")) == today
    line = first_line(db, ruth, today)
    assert line.state == "paused"
    paid(db, line.pledge_id, "50", since=date(2026, 1, 5), until=date(2026, 6, 30))
    pledges.resume(db, ruth, pledge_id=line.pledge_id, on=today)
    line = first_line(db, ruth, today)
    assert (line.late, line.behind, line.next_due) == (False, usd("0"), date(2026, 12, 5))


def test_an_old_file_does_not_reopen_an_ended_pledge(
    db: Session, ruth: Actor, import_csv: Callable[..., imports.Preview], today: date
) -> None:
    file = f"{HEAD}\nP1,E1,50,Monthly,active,2026-01-05\n"
    import_csv(file)
    pledge = first_line(db, ruth, today).pledge_id
    pledges.end(db, ruth, pledge_id=pledge, on=today, today=today)
    imported = import_csv(file)
    assert (imported.plan.main.conflict, imported.plan.main.update) == (1, 0)
    assert "was ended here on 2026-11-23" in imported.plan.main.problems[0].reason
    assert first_line(db, ruth, today).status == "cancelled"


def test_an_imported_change_of_frequency_holds_from_its_day(
    db: Session,
    ruth: Actor,
    import_csv: Callable[..., imports.Preview],
    today: date,
    now: datetime,
) -> None:
    import_csv(f"{HEAD}\nP1,E1,150,Monthly,active,2024-01-05\n")
    pledge = first_line(db, ruth, today).pledge_id
    paid(db, pledge, "150", since=date(2024, 1, 5), until=today)
    before = dump(db)
    imported = import_csv(f"{HEAD}\nP1,E1,150,Weekly,active,2024-01-05\n")
    assert imported.plan.main.update == 1
    line = first_line(db, ruth, today)
    assert (line.frequency, line.late) == ("weekly", False)
    assert line.behind.minor <= usd("150").minor
    imports.undo(db, ruth, run_id=imported.run_id, now=now)
    assert dump(db) == before


LONG_HEAD = (
    "Pledge ID,Donor ID,Amount,Frequency,Start date,Day of the month,Instalments,Total,"
    "Grace days,Method"
)


def test_an_import_updates_day_instalments_total_grace_and_method(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    donor = make.donor(db, ruth, external=("file", "E1"))
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5), source="file", external_id="P1")
    before = dump(db)
    data = f"{LONG_HEAD}\nP1,E1,50,monthly,2026-01-05,20,24,1200,21,check\n"
    imported = imports.import_file(
        db,
        ruth,
        imports.ImportRequest(
            "f.csv", data.encode(), source="file", kind="pledges", mapping=MAPPING
        ),
        today=today,
        now=now,
    )
    assert imported.plan.main.update == 1
    row = db.execute(
        text("select anchor_day, instalments, total_minor, grace_days, method from pledge")
    ).one()
    assert tuple(row) == (20, 24, 120000, 21, "check")
    assert db.scalar(text("select anchor_day from pledge_terms")) == 5
    assert pledge == first_line(db, ruth, today).pledge_id
    imports.undo(db, ruth, run_id=imported.run_id, now=now)
    assert dump(db) == before


MAPPING = {
    "Pledge ID": "external_id",
    "Donor ID": "donor_external_id",
    "Amount": "amount",
    "Frequency": "frequency",
    "Start date": "start_date",
    "Day of the month": "anchor_day",
    "Instalments": "instalments",
    "Total": "total",
    "Grace days": "grace_days",
    "Method": "method",
}


def dump(db: Session) -> dict[str, object]:
    return {
        table: db.scalars(
            text(f"select to_jsonb(t) - 'updated_at' from {table} t order by 1")
        ).all()
        for table in ("pledge", "pledge_terms", "pledge_pause", "pledge_amount", "alert")
    }
