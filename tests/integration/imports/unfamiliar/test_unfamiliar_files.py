"""Files that no preset was made for: read as they are meant, refused with a reason, or asked."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import text

from app import accounts, imports
from app.accounts import Actor
from app.db import Session
from tests.integration.imports.test_service import ruth
from tests.integration.imports.unfamiliar import cases, people
from tests.integration.imports.unfamiliar.cases import Case

__all__ = ["ruth"]
CASES = cases.CASES | people.CASES
RATES = {"EUR": "1.1", "SEK": "0.1", "CHF": "1.1", "INR": "0.012"}
Bring = Callable[[str | bytes], imports.Preview]


@pytest.fixture
def bring(db: Session, ruth: Actor, today: date, now: datetime) -> Bring:
    for currency, rate in RATES.items():
        accounts.set_exchange_rate(
            db,
            accounts.SYSTEM,
            currency=currency,
            day=date(2000, 1, 1),
            rate=rate,
            today=today,
        )

    def bring(data: str | bytes) -> imports.Preview:
        content = data if isinstance(data, bytes) else data.encode()
        request = imports.ImportRequest("f.csv", content)
        return imports.import_file(db, ruth, request, today=today, now=now)

    return bring


def rows(db: Session, query: str) -> list[tuple[str | None, ...]]:
    return [
        tuple(None if cell is None else str(cell) for cell in row)
        for row in db.execute(text(query))
    ]


GIFTS = """
    select donor.name, trim_scale(amount_minor / 100.0), currency, gift_date
    from gift join donor on donor.id = donor_id
"""
PLEDGES = """
    select donor.name, trim_scale(amount_minor / 100.0), frequency, start_date
    from pledge join donor on donor.id = donor_id order by 1
"""
DONORS = "select name, first_name, last_name, kind from donor order by id"


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_as_it_is_meant(db: Session, bring: Bring, name: str) -> None:
    case = CASES[name]
    if case.time_zone != "UTC":
        db.execute(text("update organisation set time_zone = :zone"), {"zone": case.time_zone})
    for earlier in case.before:
        bring(earlier)
    plan = bring(case.data).plan
    if case.gifts is not None:
        written = [(who, trimmed(amount), unit, day) for who, amount, unit, day in case.gifts]
        assert sorted(map(str, rows(db, GIFTS))) == sorted(map(str, written))
    if case.pledges is not None:
        assert rows(db, PLEDGES) == case.pledges
    if case.donors is not None:
        assert rows(db, DONORS) == case.donors
    if case.values is not None:
        table, _, column = case.values[0].partition(".")
        found = rows(db, f"select {column} from {table} order by id")
        assert [value for (value,) in found] == case.values[1]
    assert_named(case, plan)


def assert_named(case: Case, plan: imports.Plan) -> None:
    """Every row has a fate, and the plan names what it leaves aside."""
    assert tuple(row.row for row in plan.left_out) == case.left_out
    assert len({problem.row for part in plan.parts for problem in part.problems}) == case.refused
    codes = {note.problem.code for part in plan.parts for note in part.notes}
    assert set(case.noted) <= codes
    if case.unused:
        assert plan.unused == case.unused
    for part in plan.parts:
        fates = part.create + part.update + part.skip + part.conflict + part.error
        assert fates == part.rows


def trimmed(amount: str) -> str:
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


@pytest.mark.parametrize("name", CASES)
def test_the_same_file_again_changes_nothing(db: Session, bring: Bring, name: str) -> None:
    case = CASES[name]
    for earlier in case.before:
        bring(earlier)
    bring(case.data)
    before = [rows(db, query) for query in (GIFTS, PLEDGES, DONORS)]
    again = bring(case.data).plan
    assert [rows(db, query) for query in (GIFTS, PLEDGES, DONORS)] == before
    assert sum(part.create for part in again.parts) == 0


QUESTIONS = {
    "a year of two digits": (
        cases.PLAIN + "Ida Holm,10,25-01-05\nPer Lind,11,25-02-17\n",
        "date_order",
        ("25-01-05", "25-02-17"),
    ),
    "day or month first": (
        cases.PLAIN + "Ida Holm,10,31.12.2024\nPer Lind,11,3/4/2025\nKen Reed,9,12/31/2024\n",
        "date_order",
        ("3/4/2025",),
    ),
    "amounts without a day": (
        "Name,Email,Amount\nIda Holm,i@x.example,50\n",
        "kind",
        ("Amount",),
    ),
    "days of gifts without amounts": (
        "Name,Email,Date of donation\nIda Holm,i@x.example,2025-04-07\n",
        "kind",
        ("Date of donation",),
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_file_that_can_be_read_in_two_ways_is_asked_about(
    db: Session, bring: Bring, name: str
) -> None:
    data, question, samples = QUESTIONS[name]
    with pytest.raises(imports.UndecidedError) as asked:
        bring(data)
    assert (asked.value.question, asked.value.samples) == (question, samples)
    assert all(f"“{sample}”" in str(asked.value) for sample in samples[:1])
    assert rows(db, GIFTS) == rows(db, DONORS) == []


def test_choices_for_the_whole_file(db: Session, bring: Bring, ruth: Actor, today: date) -> None:
    data = b"Name,Amount,Date,Method\nIda Holm,10,2025-04-07,\nPer Lind,$5,2025-04-07,cash\n"
    request = imports.ImportRequest("f.csv", data, currency="EUR", fund="Roof", method="check")
    now = datetime.combine(today, datetime.min.time())
    plan = imports.import_file(db, ruth, request, today=today, now=now.astimezone()).plan
    query = """
        select donor.name, currency, method, fund.name from gift
        join donor on donor.id = donor_id join fund on fund.id = fund_id order by 1
    """
    assert rows(db, query) == [
        ("Ida Holm", "EUR", "check", "Roof"),
        ("Per Lind", "USD", "cash", "Roof"),
    ]
    assert plan.assumed[-3:] == (
        "Amounts without a currency are in EUR, as you chose.",
        "Rows without a method are check, as you chose.",
        "Rows without a fund are for Roof, as you chose.",
    ) or set(plan.assumed[-3:]) == {
        "Amounts without a currency are in EUR, as you chose.",
        "Rows without a method are check, as you chose.",
        "Rows without a fund are for Roof, as you chose.",
    }


def test_the_plan_says_what_it_takes_for_granted(bring: Bring) -> None:
    plan = bring("Name,Amount,Date,Shoe size\nIda Holm,10,3/4/2025,44\nKen,9,12/31/2024,\n").plan
    assert plan.unused == ("Shoe size",)
    assert plan.assumed == (
        "Each row is taken as one of gifts, as the headers suggest.",
        "“3/4/2025” is read as month, day, year, as other rows show.",
        "Nothing says the currency of 2 amounts: taken as USD, the organisation's.",
    )
