"""Generated files: every row is accounted for, and an undo restores the data.

`EXAMPLES=1000` generates more files than a usual run.
"""

import csv
import io
import os
from collections import Counter
from datetime import date, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from app import exports, imports
from app.accounts import Actor
from app.imports.planning.plan import Part
from app.kit.errors import InvalidError
from tests import factories
from tests.integration.imports.test_service import dump

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
WORDS = st.sampled_from(
    [
        "",
        "Ann",
        "Bo",
        "Zoë Quill",
        "de la Cruz",
        "O'Neill",
        "李小龙",
        "مريم",
        "😀 Joy",
        "=SUM(A1)",
        "Grace Chapel",
        "x" * 300,
        " padded ",
        "a,b",
        'say "hi"',
        "two\nlines",
        "NULL",
        "John Stone, Jr.",
        "Stone, John & Mary",
        "ann@lee.example",
        "An\u200bn",
        "007",
    ]
)
EMAILS = st.sampled_from(
    [
        "",
        "ann@lee.example",
        "ANN@lee.example",
        "bo@ek.example",
        "not an address",
        "a@b.example; c@d.example",
        "Ann <ann@lee.example>",
        "N/A",
    ]
)
AMOUNTS = st.one_of(
    st.integers(-50_000, 500_000).map(lambda minor: f"{minor / 100:.2f}"),
    st.sampled_from(
        ["", "0", "$1,234.50", "(25.00)", "25-", "abc", "1e5", "NaN", "99999999999999"]
    ),
)
DAYS = st.one_of(
    st.dates(date(2024, 1, 1), date(2026, 11, 23)).map(date.isoformat),
    st.sampled_from(["", "2026-02-30", "2031-01-01", "39.09.2010", "soon"]),
)
IDS = st.sampled_from(["", "1", "2", "3", "007", "1.23E+15", "D-4"])
COLUMNS = {
    "gift_number": IDS,
    "donor_name": WORDS,
    "email": EMAILS,
    "phone": st.sampled_from(["", "555-0100", "+47 555 01 22", "5550100.0", "5.55E+09"]),
    "postal_code": st.sampled_from(["", "02134", "EH6 6QQ"]),
    "amount": AMOUNTS,
    "date": DAYS,
    "currency": st.sampled_from(["", "USD", "usd", "XXQ"]),
    "payment_method": st.sampled_from(["", "cheque", "Card", "magic"]),
    "fund": st.sampled_from(["", "General", "Camp"]),
    "memo": WORDS,
}
FILES = st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=8)


@pytest.fixture
def ruth(db: Session) -> Actor:
    factories.organisation(db)
    ruth = factories.person(db, name="Ruth")
    donor = factories.donor(db, ruth, "Ann", email="ann@lee.example")
    factories.gift(db, donor, "25", date(2026, 1, 5))
    factories.pledge(db, donor, "25", "monthly", date(2026, 1, 1))
    factories.donor(db, factories.person(db), "Somebody else's", email="bo@ek.example")
    return ruth


def csv_of(rows: list[dict[str, str]]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(COLUMNS))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def counted(part: Part) -> int:
    return part.create + part.update + part.skip + part.conflict + part.error


def test_a_commit_equals_its_preview_and_an_undo_restores_the_data(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    results: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(rows=FILES)
    def import_and_undo_rows(rows: list[dict[str, str]]) -> None:
        with db.begin_nested() as savepoint:
            results[import_and_undo(db, ruth, today, now, rows)] += 1
            savepoint.rollback()

    import_and_undo_rows()
    # most files are not refused as a whole
    assert results["imported"] > results["refused"]


def import_and_undo(
    db: Session, ruth: Actor, today: date, now: datetime, rows: list[dict[str, str]]
) -> str:
    before = dump(db)
    request = imports.ImportRequest("f.csv", csv_of(rows))
    try:
        preview = imports.preview(db, ruth, request, today=today)
    except InvalidError:
        assert dump(db) == before
        return "refused"
    assert dump(db) == before
    plan = imports.commit(
        db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
    )
    assert plan.parts == preview.plan.parts
    for part in plan.parts:
        assert counted(part) == part.rows
    assert plan.main.rows + len(plan.left_out) == filled(rows)
    again = imports.import_file(db, ruth, request, today=today, now=now).plan
    assert [(part.create, part.update) for part in again.parts] == [(0, 0)] * len(again.parts)
    import_exports(db, ruth, today, now)
    assert imports.undo(db, ruth, run_id=preview.run_id, now=now).kept == ()
    assert dump(db) == before
    return "imported"


def filled(rows: list[dict[str, str]]) -> int:
    return sum(any(cell.strip() for cell in row.values()) for row in rows)


def import_exports(db: Session, ruth: Actor, today: date, now: datetime) -> None:
    """Import the exports of all kinds, which changes nothing."""
    for kind in ("donors", "pledges", "gifts"):
        file = io.BytesIO()
        if not exports.write(db, ruth, kind=kind, out=file, today=today):
            continue
        plan = imports.import_file(
            db, ruth, imports.ImportRequest(f"{kind}.csv", file.getvalue()), today=today, now=now
        ).plan
        assert [(part.create, part.update) for part in plan.parts] == [(0, 0)], kind
        assert plan.main.error + plan.main.conflict == 0, plan.main.problems
