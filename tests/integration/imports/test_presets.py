"""File formats: recognition with moved columns, imported records, sums, undo."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.file_reader import presets
from app.kit.errors import InvalidError
from tests import factories
from tests.integration.imports.test_service import dump

FILES = Path(__file__).parents[3] / "tests" / "fixtures" / "csv" / "presets"


@dataclass(frozen=True)
class Expected:
    """Expected plan of a file: preset, created and refused rows by kind, sums, rows left out."""

    preset: str
    created: dict[str, int]
    sum: dict[str, str]
    refused: dict[str, int] | None = None
    left_out: int = 0


EXPECTED = {
    "bank_statement": Expected("bank_statement", {"donors": 2, "gifts": 3}, {"EUR": "1290.50"}),
    # four people and two employers; three gifts, three that match one
    "benevity": Expected("benevity", {"donors": 6, "gifts": 6}, {"USD": "405.50"}, left_out=13),
    "bloomerang": Expected("bloomerang", {"donors": 3}, {}),
    "civicrm": Expected("civicrm", {"donors": 2, "gifts": 3}, {"USD": "1370.00"}, left_out=1),
    # the donor and the pledge are known already
    "civicrm_pledges": Expected("civicrm", {"gifts": 2}, {"USD": "120.00"}),
    "donorbox": Expected("donorbox", {"donors": 2, "gifts": 3}, {"USD": "310.00"}),
    "donorperfect": Expected(
        "donorperfect", {"donors": 3, "gifts": 4}, {"USD": "245.50"}, left_out=2
    ),
    "givewp": Expected("givewp", {"donors": 2, "gifts": 2}, {"USD": "165.50"}, left_out=2),
    "givebutter": Expected("givebutter", {"donors": 2}, {}),
    "little_green_light_constituents": Expected("little_green_light", {"donors": 2}, {}),
    "little_green_light_gifts": Expected(
        "little_green_light", {"donors": 2, "gifts": 2}, {"USD": "1570.00"}, left_out=1
    ),
    "mpdx": Expected(
        "mpdx", {"donors": 6, "pledges": 3}, {"USD": "495.50"}, {"pledges": 1}, left_out=3
    ),
    "npsp": Expected("npsp", {"donors": 4, "gifts": 2}, {"USD": "5250.00"}, left_out=6),
    "paypal": Expected("paypal", {"donors": 2, "gifts": 4}, {"USD": "1220.00"}, left_out=2),
    "raisers_edge_constituents": Expected("raisers_edge", {"donors": 2}, {}, left_out=1),
    "raisers_edge_gifts": Expected(
        "raisers_edge", {"donors": 2, "gifts": 3}, {"USD": "2200.00"}, left_out=2
    ),
    "stripe": Expected("stripe", {"donors": 3, "gifts": 5}, {"EUR": "147.50"}, left_out=1),
    "tnt_dataserver_donors": Expected("tnt_dataserver", {"donors": 3}, {}),
    "tnt_dataserver_gifts": Expected(
        "tnt_dataserver", {"donors": 3, "gifts": 4}, {"USD": "1050.00"}
    ),
    "tntconnect": Expected(
        "tntconnect", {"donors": 3, "pledges": 2}, {"USD": "650.00"}, left_out=1
    ),
}


@pytest.fixture
def ruth(db: Session) -> Actor:
    factories.organisation(db)
    db.execute(
        text(
            "insert into exchange_rate (currency, on_date, rate) values ('EUR', '2026-01-01', 1.1)"
        )
    )
    return factories.person(db, name="Ruth")


@pytest.fixture(autouse=True)
def paid_pledge(request: pytest.FixtureRequest, db: Session, ruth: Actor) -> None:
    """Create the donor and the pledge that the file of pledge payments refers to."""
    if "civicrm_pledges" in request.node.name:
        donor = factories.donor(db, ruth, "Tunde Adeyemi", email="tunde@adeyemi.example")
        factories.pledge(
            db, donor, "60", "monthly", date(2026, 1, 1), source="civicrm", external_id="71"
        )


@pytest.fixture
def bring(
    db: Session, ruth: Actor, today: date, now: datetime
) -> Callable[[bytes], imports.Preview]:
    def bring(data: bytes) -> imports.Preview:
        return imports.import_file(
            db, ruth, imports.ImportRequest("file.csv", data), today=today, now=now
        )

    return bring


def file(name: str) -> bytes:
    return (FILES / f"{name}.csv").read_bytes()


def test_every_preset_has_a_fixture_and_every_fixture_is_tested() -> None:
    assert {path.stem for path in FILES.glob("*.csv")} == set(EXPECTED)
    shipped = {preset.name for preset in presets.ALL} - {"donorcrm", "entities", "contacts"}
    assert {expected.preset for expected in EXPECTED.values()} == shipped


@pytest.mark.parametrize("name", EXPECTED)
def test_the_plan_and_the_records_of_a_file(
    db: Session, bring: Callable[[bytes], imports.Preview], name: str
) -> None:
    expected = EXPECTED[name]
    before = count_records(db)
    plan = bring(file(name)).plan
    assert plan.preset == expected.preset
    assert {part.kind: part.create for part in plan.parts} == expected.created
    refused = {part.kind: part.error + part.conflict for part in plan.parts}
    assert {kind: rows for kind, rows in refused.items() if rows} == (expected.refused or {})
    assert plan.main.sum == expected.sum
    assert len(plan.left_out) == expected.left_out
    for part in plan.parts:
        total = part.create + part.update + part.skip + part.conflict + part.error
        assert part.rows == total
    after = count_records(db)
    created = {kind: after[kind] - before[kind] for kind in after}
    assert created == {"donors": 0, "gifts": 0, "pledges": 0} | expected.created


def count_records(db: Session) -> dict[str, int]:
    tables = {"donors": "donor", "gifts": "gift", "pledges": "pledge"}
    return {kind: db.scalar(text(f"select count(*) from {name}")) for kind, name in tables.items()}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_same_file_again_changes_nothing(
    db: Session, bring: Callable[[bytes], imports.Preview], name: str
) -> None:
    bring(file(name))
    before = dump(db)
    plan = bring(file(name)).plan
    assert [(part.create, part.update) for part in plan.parts] == [(0, 0)] * len(plan.parts)
    assert dump(db) == before


@pytest.mark.parametrize("name", EXPECTED)
def test_an_undo_restores_the_data_before_the_import(
    db: Session, bring: Callable[[bytes], imports.Preview], ruth: Actor, now: datetime, name: str
) -> None:
    before = dump(db)
    run = bring(file(name)).run_id
    assert imports.undo(db, ruth, run_id=run, now=now).kept == ()
    assert dump(db) == before


# without a header, a column is recognised by its position
@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"bank_statement"}))
def test_columns_may_be_moved_and_added_in_another_encoding(
    db: Session, bring: Callable[[bytes], imports.Preview], name: str
) -> None:
    rows = list(csv.reader(io.StringIO(file(name).decode())))
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    moved = [[f"note {number}", *reversed(row)] for number, row in enumerate(rows)]
    text_file = io.StringIO()
    csv.writer(text_file, delimiter=";").writerows(moved)
    plan = bring(text_file.getvalue().encode("utf-16")).plan
    assert plan.preset == EXPECTED[name].preset
    assert plan.main.sum == EXPECTED[name].sum
    assert {part.kind: part.create for part in plan.parts} == EXPECTED[name].created


def test_mpdx_couples_become_households(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    bring(file("mpdx"))
    chidi = db.execute(
        text("""
        select d.kind, d.name, d.status, d.salutation, d.envelope_name, d.notes,
            (select array_agg(t.name order by t.name collate "C") from donor_tag k
             join tag t on t.id = k.tag_id where k.donor_id = d.id),
            (select array_agg(e.email order by e.is_primary desc) from donor_email e
             where e.donor_id = d.id),
            (select (p.amount_minor, p.frequency)::text from pledge p where p.donor_id = d.id)
        from donor d where first_name = 'Chidi'
        """)
    ).one()
    assert tuple(chidi) == (
        "household",
        "Chidi Okafor and Amara Nwosu",
        "donor",
        "Chidi and Amara",
        "Chidi Okafor and Amara Nwosu",
        "Met at the choir.\nTwo children.",
        ["Partner - Financial", "choir", "spring-letter"],
        ["chidi@okafor.example", "amara@okafor.example"],
        "(7500,monthly)",
    )


def test_an_organisation_that_gave_through_a_contact_is_the_donor(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    bring(file("npsp"))
    rows = db.execute(
        text("""
        select d.kind, d.name, d.first_name, a.city, g.amount_minor from gift g
        join donor d on d.id = g.donor_id join donor_address a on a.donor_id = d.id
        order by g.amount_minor
        """)
    )
    assert [tuple(row) for row in rows] == [
        ("household", "Rosalind and Joost Achterberg", "Rosalind", "Troy", 25_000),
        ("organisation", "Mohawk Paper Mill", "Dev", "Cohoes", 500_000),
    ]


def test_rows_left_out_have_a_reason(bring: Callable[[bytes], imports.Preview]) -> None:
    plan = bring(file("stripe")).plan
    reasons = {row.row: row.reason for row in plan.left_out}
    assert reasons == {4: "The payment failed: no money came"}
    # a payment with an id may be here from an earlier file
    assert [(note.row, note.problem.code) for note in plan.main.notes] == [
        (3, "refunded_before_import")
    ]


def select(db: Session, statement: str) -> list[tuple[object, ...]]:
    rows = db.execute(text(statement)).all()
    return [tuple(row) for row in rows]


SPLITS = """
    select g.external_id, f.name, l.amount_minor, l.base_minor from gift_line l
    join gift g on g.id = l.gift_id left join fund f on f.id = l.fund_id order by l.id
"""
CREDITS = """
    select g.external_id, giver.name, c.type, d.name, c.amount_minor from soft_credit c
    join gift g on g.id = c.gift_id join donor giver on giver.id = g.donor_id
    join donor d on d.id = c.donor_id order by g.external_id
"""


def test_employer_matches_credit_the_employee(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    bring(file("benevity"))
    assert select(db, CREDITS) == [
        ("BNV-71001-match", "Harbor Light Software", "employer match", "Noor Castellanos", 4000),
        ("BNV-71003-match", "Harbor Light Software", "employer match", "Piet Aaltonen", 15_000),
        ("BNV-71004-match", "Juniper Rail", "employer match", "Ines Marchetti", 5000),
    ]
    gifts = select(db, "select external_id, amount_minor, fee_minor from gift order by 1")
    assert gifts == [
        ("BNV-71001", 4000, 116),
        ("BNV-71001-match", 4000, None),
        ("BNV-71002", 2550, 26),
        ("BNV-71003-match", 15_000, None),
        ("BNV-71004", 10_000, 290),
        ("BNV-71004-match", 5000, None),
    ]
    kinds = select(db, "select kind, name from donor order by kind, name")
    assert kinds == [
        ("organisation", "Harbor Light Software"),
        ("organisation", "Juniper Rail"),
        ("person", "Anonymous at Harbor Light Software"),
        ("person", "Ines Marchetti"),
        ("person", "Noor Castellanos"),
        ("person", "Piet Aaltonen"),
    ]


def test_a_gift_is_split_among_funds_and_its_solicitor_is_credited(
    db: Session, bring: Callable[[bytes], imports.Preview], ruth: Actor, now: datetime
) -> None:
    first = bring(file("raisers_edge_gifts"))
    assert select(db, SPLITS) == [
        ("90002", "BUILDING", 150_000, 150_000),
        ("90002", "ANNUAL", 50_000, 50_000),
    ]
    assert select(db, CREDITS) == [
        ("90002", "Salem Marine Trust", "solicitor", "Maud Pettersen", 200_000),
    ]
    # a single split is the gift's own fund; an unknown solicitor is added to the note
    single = select(
        db,
        """select f.name, g.note from gift g join fund f on f.id = g.fund_id
                           where g.external_id = '90004' """,
    )
    assert single == [("ANNUAL", "Soft credit: Corwin Dale")]
    gifts = {
        row.row: {field.name: field.after for field in row.fields}
        for row in first.rows
        if row.kind == "gifts"
    }
    assert gifts[4]["split"] == "BUILDING, ANNUAL"
    assert gifts[4]["soft credit"] == "Maud Pettersen"
    assert imports.undo(db, ruth, run_id=first.run_id, now=now).kept == ()
    assert select(db, SPLITS) == select(db, CREDITS) == []


def test_a_stored_gift_with_other_splits_is_a_conflict(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    bring(file("raisers_edge_gifts"))
    changed = file("raisers_edge_gifts").replace(
        b'"$1,500.00",ANNUAL,$500', b'"$1,400.00",ANNUAL,$600'
    )
    plan = bring(changed).plan
    (problem,) = plan.main.problems
    assert (problem.row, problem.action, problem.field) == (4, "conflict", "Gf_Fnds_1_01_Fund_ID")
    assert [row[2] for row in select(db, SPLITS)] == [150_000, 50_000]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (b"$400.00", "The shares come to 1900.00, the amount is 2000.00."),
        (b"$0.00", "The shares come to 1500.00, the amount is 2000.00."),
        (b"five", "Write the split as"),
    ],
)
def test_splits_must_add_up_to_the_gift(
    db: Session, bring: Callable[[bytes], imports.Preview], amount: bytes, reason: str
) -> None:
    changed = file("raisers_edge_gifts").replace(b"$500.00", amount)
    plan = bring(changed).plan
    (problem,) = plan.main.problems
    assert (problem.row, problem.action) == (4, "error")
    assert problem.reason.startswith(reason)
    assert select(db, SPLITS) == []


def test_a_partial_refund_reverses_part_of_the_gift(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    bring(file("stripe"))
    rows = select(
        db,
        """
        select g.external_id, g.amount_minor, g.fee_minor, o.external_id from gift g
        join gift o on o.id = g.reverses_id """,
    )
    assert rows == [("ch_3A5-refund", -3000, None, "ch_3A5")]


def test_a_refund_reverses_each_split_proportionally(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    data = b"""id,name,amount,date,split,refund_of
a,Ida Roe,100.01,2026-01-05,Roof 33.34; Choir 66.67,
b,Ida Roe,-50.00,2026-02-05,,a
"""
    bring(data)
    assert select(db, SPLITS) == [
        ("a", "Roof", 3334, 3334),
        ("a", "Choir", 6667, 6667),
        ("b", "Roof", -1667, -1667),
        ("b", "Choir", -3333, -3333),
    ]


def test_a_bank_statement_without_a_header_is_recognised_by_its_cells(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    bring(file("bank_statement"))
    rows = select(
        db,
        """
        select x.external_id, d.name, g.amount_minor, g.method, g.note from gift g
        join donor d on d.id = g.donor_id join donor_external_id x on x.donor_id = d.id
        order by g.gift_date, g.amount_minor """,
    )
    assert rows == [
        ("43005001", "Payer 43005001", 2000, "bank transfer", None),
        ("43005001", "Payer 43005001", 2000, "bank transfer", "Danke"),
        ("43005017", "Payer 43005017", 125_050, "bank transfer", "Für die Orgel"),
    ]


def test_a_template_without_data_is_refused(
    db: Session, bring: Callable[[bytes], imports.Preview]
) -> None:
    header, *_rest, help_line = file("mpdx").decode().splitlines()
    with pytest.raises(InvalidError, match="lines of the template"):
        bring(f"{header}\n{help_line}\n".encode())
