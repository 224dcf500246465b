"""Terms of pledges that change by hand and by files; imports of pledges that already run."""

from datetime import date

import pytest
from sqlalchemy import text

from app import imports, pledges
from app.kit.errors import InvalidError
from app.kit.money import Money
from tests import factories as make

PEOPLE = "entity_id,name,email,phone,address,entity_type\nE1,Hanna Vogel,,,,individual\n"
HEAD = "pledge_id,entity_id,amount,cadence,status,start_date"


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db)


@pytest.fixture
def donor(db, ruth):
    return make.donor(db, ruth, "Tom Reed")


@pytest.fixture
def bring(db, ruth, today, now):
    def bring(data, **how):
        return imports.import_file(
            db, ruth, imports.ImportRequest("file.csv", data.encode(), **how), today=today, now=now
        )

    bring(PEOPLE)
    return bring


def usd(amount):
    return Money.of(amount, "USD")


def paid(db, pledge, amount, *, since, until):
    donor = db.scalar(text("select donor_id from pledge where id = :id"), {"id": pledge})
    day = since
    while day <= until:
        make.gift(db, donor, amount, day, pledge_id=pledge)
        year, month = divmod(day.year * 12 + day.month, 12)
        day = date(year, month + 1, day.day)


def test_new_terms_leave_the_past_as_it_was(db, ruth, donor, today):
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    paid(db, pledge, "50", since=date(2026, 1, 5), until=today)
    pledges.change_terms(db, ruth, pledge_id=pledge, frequency="weekly", since=today, today=today)
    line = pledges.get(db, ruth, pledge, today=today).line
    assert (line.frequency, line.expected, line.late) == ("weekly", usd("600"), False)
    assert pledges.monthly_equivalent(db, ruth, today=date(2026, 6, 1)) == usd("50")
    assert pledges.monthly_equivalent(db, ruth, today=today) == usd("216.67")


def test_a_change_of_days_to_come_holds_from_then(db, ruth, donor, today):
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    paid(db, pledge, "50", since=date(2026, 1, 5), until=today)
    since = date(2027, 1, 1)
    pledges.change_terms(
        db, ruth, pledge_id=pledge, frequency="annual", anchor=1, since=since, today=today
    )
    assert pledges.monthly_equivalent(db, ruth, today=today) == usd("50")
    assert pledges.pledge_statuses(db, ruth, today=today)[0].next_due == date(2026, 12, 5)


def test_from_the_first_day_on_it_is_a_correction(db, ruth, donor, today):
    pledge = make.pledge(db, donor, "50", start=date(2026, 11, 5))
    pledges.change_terms(
        db, ruth, pledge_id=pledge, frequency="annual", since=date(2026, 11, 5), today=today
    )
    assert db.scalar(text("select count(*) from pledge_terms")) == 0


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"frequency": "monthly"}, "falls due already"),
        ({"frequency": "daily"}, "not a frequency"),
        ({"frequency": "weekly", "anchor": 32}, "between 1 and 31"),
        ({"frequency": "weekly", "grace": 999}, "between 0 and 366"),
        ({"frequency": "weekly", "fund_id": 999}, "does not exist or is closed"),
    ],
)
def test_terms_that_cannot_be(db, ruth, donor, today, how, sentence):
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    with pytest.raises(InvalidError, match=sentence):
        pledges.change_terms(db, ruth, pledge_id=pledge, since=today, today=today, **how)


def test_a_change_before_the_last_one_is_refused(db, ruth, donor, today):
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    for frequency, since in (("weekly", date(2026, 6, 1)), ("annual", date(2026, 9, 1))):
        pledges.change_terms(
            db, ruth, pledge_id=pledge, frequency=frequency, since=since, today=today
        )
    with pytest.raises(InvalidError, match="changed on 1 Sep"):
        pledges.change_terms(
            db, ruth, pledge_id=pledge, frequency="monthly", since=date(2026, 7, 1), today=today
        )


def standing(db, ruth, today):
    return pledges.pledge_statuses(db, ruth, today=today)[0]


def test_a_paused_pledge_of_a_file_rests_and_is_not_late_when_resumed(db, ruth, bring, today):
    bring(f"{HEAD}\nP1,E1,50,Monthly,paused,2026-01-05\n")
    assert db.scalar(text("select starts_on from pledge_pause")) == today
    line = standing(db, ruth, today)
    assert line.state == "paused"
    paid(db, line.pledge_id, "50", since=date(2026, 1, 5), until=date(2026, 6, 30))
    pledges.resume(db, ruth, pledge_id=line.pledge_id, on=today)
    line = standing(db, ruth, today)
    assert (line.late, line.behind, line.next_due) == (False, usd("0"), date(2026, 12, 5))


def test_an_old_file_does_not_open_again_what_a_person_ended(db, ruth, bring, today):
    file = f"{HEAD}\nP1,E1,50,Monthly,active,2026-01-05\n"
    bring(file)
    pledge = standing(db, ruth, today).pledge_id
    pledges.end(db, ruth, pledge_id=pledge, on=today)
    seen = bring(file)
    assert (seen.plan.main.conflict, seen.plan.main.update) == (1, 0)
    assert "was ended here on 2026-11-23" in seen.plan.main.problems[0].reason
    assert standing(db, ruth, today).status == "cancelled"


def test_a_changed_frequency_of_a_file_holds_from_its_day(db, ruth, bring, today, now):
    bring(f"{HEAD}\nP1,E1,150,Monthly,active,2024-01-05\n")
    pledge = standing(db, ruth, today).pledge_id
    paid(db, pledge, "150", since=date(2024, 1, 5), until=today)
    before = dump(db)
    seen = bring(f"{HEAD}\nP1,E1,150,Weekly,active,2024-01-05\n")
    assert seen.plan.main.update == 1
    line = standing(db, ruth, today)
    assert (line.frequency, line.late) == ("weekly", False)
    assert line.behind.minor <= usd("150").minor
    imports.undo(db, ruth, run_id=seen.run_id, now=now)
    assert dump(db) == before


MORE = (
    "Pledge ID,Donor ID,Amount,Frequency,Start date,Day of the month,Instalments,Total,"
    "Grace days,Method"
)


def test_day_number_total_grace_and_method_are_compared(db, ruth, today, now):
    donor = make.donor(db, ruth, external=("file", "E1"))
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5), source="file", external_id="P1")
    before = dump(db)
    data = f"{MORE}\nP1,E1,50,monthly,2026-01-05,20,24,1200,21,check\n"
    seen = imports.import_file(
        db,
        ruth,
        imports.ImportRequest(
            "f.csv", data.encode(), source="file", kind="pledges", mapping=MAPPING
        ),
        today=today,
        now=now,
    )
    assert seen.plan.main.update == 1
    row = db.execute(
        text("select anchor_day, instalments, total_minor, grace_days, method from pledge")
    ).one()
    assert tuple(row) == (20, 24, 120000, 21, "check")
    assert db.scalar(text("select anchor_day from pledge_terms")) == 5
    assert pledge == standing(db, ruth, today).pledge_id
    imports.undo(db, ruth, run_id=seen.run_id, now=now)
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


def dump(db):
    return {
        table: db.scalars(
            text(f"select to_jsonb(t) - 'updated_at' from {table} t order by 1")
        ).all()
        for table in ("pledge", "pledge_terms", "pledge_pause", "pledge_amount", "alert")
    }
