"""Import and undo: matching, repeated files, exact undo, and the donors of other users."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict, Unpack, cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import exports, imports
from app.accounts import Actor, Role
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories
from tests.values import ImportChoices

ENTITIES = """entity_id,name,email,phone,address,entity_type
E1,Hanna Vogel,hanna@vogel.example,555-0101,"12 Mill Lane, Barton, IL 60201",individual
007,Grace Chapel,office@grace.example; pastor@grace.example,555-0102,,church
"""
FUNDS = "fund_id,name,status\nF1,General,active\nF2,Camp,closed\n"
GIFTS = """transaction_id,entity_id,fund_id,amount,posted_date
T1,E1,F1,"$1,234.50",2026-01-05
T2,E1,F1,50.00,2026-02-05
T3,007,F2,25,2026-03-05
T4,007,F2,-25,2026-03-09
"""
PLEDGES = """pledge_id,entity_id,fund_id,amount,cadence,status,start_date
P1,E1,F1,50,Monthly,active,2026-01-05
"""
CONTACTS = (
    "first_name,last_name,email,phone,street_address,city,state,postal_code,country,notes\n"
    "Zoë,Quill,zoe@quill.example,555-0107,1 Oak St,Barton,IL,02134,US,\n"
    "Only,Name,,,,,,,,\n"
)
TABLES = (
    "donor",
    "donor_email",
    "donor_phone",
    "donor_address",
    "donor_external_id",
    "tag",
    "donor_tag",
    "fund",
    "gift",
    "gift_line",
    "pledge",
    "pledge_amount",
    "alert",
    "task",
    "donor_summary",
    "donor_year",
    "owner_month",
    "donor_search",
)


class ProblemRow(TypedDict):
    """A problem or a note of a plan."""

    row: int
    field: str
    reason: str


class PartCounts(TypedDict):
    """What a plan does with the rows of one kind."""

    kind: str
    create: int


class ImportedPlan(TypedDict):
    """The plan of an imported file as it is stored, with the number of its run."""

    run_id: int
    rows: int
    create: int
    update: int
    skip: int
    conflict: int
    error: int
    sum: dict[str, str]
    first_date: str
    last_date: str
    problems: list[ProblemRow]
    notes: list[ProblemRow]
    parts: list[PartCounts]
    awaiting_rate: dict[str, int]


@pytest.fixture
def ruth(db: Session) -> Actor:
    factories.organisation(db)
    return factories.person(db, name="Ruth")


@pytest.fixture
def bring(db: Session, ruth: Actor, today: date, now: datetime) -> Callable[..., ImportedPlan]:
    def bring(
        data: str | bytes, actor: Actor | None = None, **options: Unpack[ImportChoices]
    ) -> ImportedPlan:
        data = data.encode() if isinstance(data, str) else data
        preview = imports.import_file(
            db,
            actor or ruth,
            imports.ImportRequest("file.csv", data, **options),
            today=today,
            now=now,
        )
        return cast("ImportedPlan", {"run_id": preview.run_id, **imports.as_json(preview.plan)})

    return bring


def counts(plan: ImportedPlan) -> tuple[int, ...]:
    return plan["create"], plan["update"], plan["skip"], plan["conflict"], plan["error"]


def dump(db: Session) -> dict[str, list[str]]:
    return {
        table: sorted(
            json.dumps(row, sort_keys=True)
            for row in db.scalars(text(f"select to_jsonb(t) - 'updated_at' from {table} t"))
        )
        for table in TABLES
    }


def test_four_files_that_refer_to_each_other(
    db: Session, bring: Callable[..., ImportedPlan]
) -> None:
    assert counts(bring(FUNDS)) == (2, 0, 0, 0, 0)
    assert counts(bring(ENTITIES)) == (2, 0, 0, 0, 0)
    assert counts(bring(PLEDGES)) == (1, 0, 0, 0, 0)
    plan = bring(GIFTS)
    assert counts(plan) == (4, 0, 0, 0, 0)
    assert plan["sum"] == {"USD": "1284.50"}
    assert (plan["first_date"], plan["last_date"]) == ("2026-01-05", "2026-03-09")
    donors = db.execute(
        text(
            "select d.name, d.status, s.total_minor, s.gifts from donor d join donor_summary s"
            " on s.donor_id = d.id order by d.id"
        )
    ).all()
    assert donors == [("Hanna Vogel", "donor", 128450, 2), ("Grace Chapel", "prospect", 0, 0)]
    external_ids = db.scalars(
        text("select external_id from gift where pledge_id is not null order by 1")
    )
    assert list(external_ids) == ["T2"]


@pytest.mark.parametrize("data", [FUNDS, ENTITIES, PLEDGES, GIFTS, CONTACTS])
def test_the_same_file_again_changes_nothing(
    db: Session, bring: Callable[..., ImportedPlan], data: str
) -> None:
    for file in (FUNDS, ENTITIES, PLEDGES, GIFTS, CONTACTS):
        bring(file)
    before = dump(db)
    plan = bring(data)
    assert counts(plan) == (0, 0, plan["rows"], 0, 0)
    assert dump(db) == before


def test_an_undo_restores_the_data_before_the_import(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor, now: datetime
) -> None:
    donor = factories.donor(
        db, ruth, "Hanna Vogel", email="Hanna@Vogel.example", status="lapsed", notes="kept"
    )
    pledge = factories.pledge(db, donor, "50", fund_id=None)
    key = f"late_pledge:{pledge}:2026-01-01"
    alert = factories.alert(db, donor, pledge_id=pledge, key=key, since=date(2026, 1, 1))
    factories.task(db, ruth, donor_id=donor, alert_id=alert)
    before = dump(db)
    runs = [bring(file)["run_id"] for file in (FUNDS, ENTITIES, PLEDGES, GIFTS, CONTACTS)]
    assert dump(db) != before
    for run in reversed(runs):
        assert imports.undo(db, ruth, run_id=run, now=now).kept == ()
    assert dump(db) == before


def test_an_undo_keeps_and_lists_edited_donors(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor, now: datetime
) -> None:
    run = bring(ENTITIES)["run_id"]
    db.execute(text("update donor set notes = 'met', version = version + 1 where name ~ 'Hanna'"))
    (kept,) = imports.undo(db, ruth, run_id=run, now=now).kept
    assert kept.startswith("Hanna Vogel stays")
    assert list(db.scalars(text("select name from donor"))) == ["Hanna Vogel"]
    with pytest.raises(ConflictError):
        imports.undo(db, ruth, run_id=run, now=now)


def test_an_undo_keeps_thanked_gifts(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor, now: datetime
) -> None:
    for file in (FUNDS, ENTITIES):
        bring(file)
    run = bring(GIFTS)["run_id"]
    db.execute(text("update gift set thanked_at = now() where external_id = 'T2'"))
    kept = imports.undo(db, ruth, run_id=run, now=now).kept
    assert kept == ("The gift of Hanna Vogel on 2026-02-05 was worked on since.",)
    assert list(db.scalars(text("select external_id from gift"))) == ["T2"]


def test_problems_name_row_column_and_reason(bring: Callable[..., ImportedPlan]) -> None:
    bring(ENTITIES)
    shown = bring(
        "transaction_id,entity_id,amount,posted_date\n"
        "T1,E1,10.005,2026-01-05\nT2,E1,10,0026-01-05\nT3,E1,10,2027-01-05\nT4,E9,10.50,2026-01-05\n"
        "T5,E1,ten,2026-02-30\nT6,,10,2026-01-05\nT7,E1,-99,2026-01-05\nT8,E1,0,2026-01-05\n"
        "T9,E1,€10,2026-01-05\nT1,E1,11,2026-01-05\n"
    )
    assert counts(shown) == (2, 0, 0, 0, 8)
    said = {(each["row"], each["field"]): each["reason"] for each in shown["problems"]}
    assert "more decimals" in said[2, "amount"]
    assert "0026" in said[3, "posted_date"]
    assert "future" in said[4, "posted_date"]
    assert "E9" in said[5, "entity_id"]
    assert "not an amount" in said[6, "amount"]
    assert "calendar" in said[6, "posted_date"]
    assert "who gave" in said[7, "entity_id"]
    assert "takes back" in said[8, "amount"]
    assert "zero" in said[9, "amount"]
    assert shown["awaiting_rate"] == {"EUR": 1}


def test_unknown_currency_is_refused(bring: Callable[..., ImportedPlan]) -> None:
    bring(ENTITIES)
    shown = bring("transaction_id,entity_id,amount,posted_date,currency\nT1,E1,5,2026-01-05,XYZ\n")
    assert [each["reason"] for each in shown["problems"]] == ["“XYZ” is not a currency we know."]


def test_ids_of_donors_of_another_user_reveal_nothing(
    db: Session, bring: Callable[..., ImportedPlan]
) -> None:
    bring(FUNDS)
    bring(ENTITIES)
    bring(GIFTS)
    sam = factories.person(db, name="Sam")
    before = dump(db)
    plan = bring(ENTITIES, sam)
    assert plan["conflict"] == 2
    assert "Hanna" not in json.dumps(plan)
    # the reason is the same for the donor of another user and an unknown donor
    reasons = {
        problem["reason"].replace("E9", "E1")
        for problem in bring(
            "transaction_id,entity_id,amount,posted_date\n"
            "X1,E1,5,2026-01-05\nX2,E9,5,2026-01-05\n",
            sam,
        )["problems"]
    }
    assert len(reasons) == 1
    assert dump(db) == before
    assert counts(bring(CONTACTS, sam)) == counts(bring(CONTACTS)) == (2, 0, 0, 0, 0)


def test_ambiguous_donors_are_conflicts(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor
) -> None:
    factories.donor(db, ruth, "Ann Lee", email="a@x.example")
    factories.donor(db, ruth, "Ann Lee", email="A@X.example")
    factories.donor(db, ruth, "Bo Fir", email="b@x.example")
    factories.donor(db, ruth, "Cy Elm", address={"postal_code": "602 01"})
    header = CONTACTS.splitlines()[0]
    plan = bring(
        f"{header}\nAnn,Lee,a@x.example,,,,,,,\nMax,Oak,b@x.example,,,,,,,\nCy,Elm,,,,,,60201,,hi\n"
        "New,One,n@x.example,,,,,,,\nNew,One,n@x.example,,,,,,,x\nNot,She,n@x.example,,,,,,,\n"
    )
    assert counts(plan) == (2, 1, 1, 2, 0)
    assert [each["reason"] for each in plan["problems"]] == [
        "2 donors have this e-mail.",
        "The e-mail belongs to a donor with another name.",
    ]
    assert [each["reason"] for each in plan["notes"]] == [
        "The same person as row 5. Added from this row: notes.",
        "Row 5 has the same e-mail with another name.",
    ]


def test_a_gift_file_with_names_creates_its_donors(
    db: Session, bring: Callable[..., ImportedPlan]
) -> None:
    data = (
        "Donor Name,E-mail,Gift Amount,Gift Date,Fund\n"
        "Zoe Quill,zoe@q.example,10,13/04/2026,Camp\nZoe Quill,zoe@q.example,12,03/04/2026,Camp\n"
        "No Mail,,12,03/04/2026,\n"
    )
    plan = bring(data)
    assert [(p["kind"], p["create"]) for p in plan["parts"]] == [("donors", 2), ("gifts", 3)]
    assert plan["sum"] == {"USD": "34.00"}
    assert counts(bring(data)) == (0, 0, 3, 0, 0)
    assert db.scalar(text("select max(gift_date)::text from gift")) == "2026-04-13"


def test_identical_gifts_without_ids_are_imported_once(
    db: Session, bring: Callable[..., ImportedPlan]
) -> None:
    bring(ENTITIES)
    data = (
        "Entity ID,Amount,Date,Note\nE1,10,2026-01-05,a\nE1,10,2026-01-05,b\nE1,10,2026-01-05,b\n"
    )
    plan = bring(data, kind="gifts", source="entities")
    assert counts(plan) == (2, 0, 1, 0, 0)
    assert counts(bring(data, kind="gifts", source="entities")) == (0, 0, 3, 0, 0)
    assert counts(bring(data, kind="gifts", source="entities", repeats=True)) == (1, 0, 2, 0, 0)


def test_an_ambiguous_date_order_must_be_chosen(bring: Callable[..., ImportedPlan]) -> None:
    bring(ENTITIES)
    data = "transaction_id,entity_id,amount,posted_date\nT1,E1,5,03/04/2026\n"
    with pytest.raises(imports.UndecidedError, match="day or month first") as asked:
        bring(data)
    assert "--" not in str(asked.value)
    assert bring(data, date_order="dmy")["first_date"] == "2026-04-03"


def test_a_corrected_amount_is_imported_unless_the_gift_was_edited(
    db: Session, bring: Callable[..., ImportedPlan]
) -> None:
    for file in (FUNDS, ENTITIES, GIFTS):
        bring(file)
    changed = GIFTS.replace("T2,E1,F1,50.00", "T2,E1,F1,51.00")
    assert counts(bring(changed)) == (0, 1, 3, 0, 0)
    assert counts(bring(changed)) == (0, 0, 4, 0, 0)
    db.execute(text("update gift set note = 'x', version = version + 1 where external_id = 'T2'"))
    assert counts(bring(GIFTS)) == (0, 0, 3, 1, 0)


def test_a_plan_is_refused_when_the_data_changed_since_the_preview(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor, today: date, now: datetime
) -> None:
    preview = imports.preview(
        db, ruth, imports.ImportRequest("e.csv", ENTITIES.encode()), today=today
    )
    assert db.scalar(text("select count(*) from donor")) == 0
    bring(ENTITIES)
    with pytest.raises(imports.PlanChangedError):
        imports.commit(
            db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
        )


def test_a_commit_executes_the_previewed_plan(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    preview = imports.preview(
        db, ruth, imports.ImportRequest("e.csv", ENTITIES.encode()), today=today
    )
    plan = imports.commit(
        db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
    )
    assert plan == preview.plan
    assert db.scalar(text("select count(*) from donor")) == 2
    with pytest.raises(ConflictError):
        imports.commit(
            db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
        )


def test_error_file_holds_the_rows_to_mend(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor
) -> None:
    bring(ENTITIES)
    shown = bring(
        "transaction_id,entity_id,amount,posted_date\nT1,E1,5,2026-01-05\nT2,E1,x,2026-01-05\n"
    )
    lines = imports.error_file(db, ruth, run_id=shown["run_id"]).decode("utf-8-sig").splitlines()
    assert lines[0] == "transaction_id,entity_id,amount,posted_date,Problem,Suggestion"
    assert lines[1].startswith("T2,E1,x,2026-01-05,amount: “x” is not an amount.")
    mended = "\n".join(lines).replace("T2,E1,x", "T2,E1,7")
    assert counts(bring(mended)) == (1, 0, 0, 0, 0)


def test_the_run_of_another_user_is_not_found(
    db: Session, bring: Callable[..., ImportedPlan], now: datetime
) -> None:
    run = bring(ENTITIES)["run_id"]
    sam = factories.person(db)
    with pytest.raises(NotFoundError):
        imports.undo(db, sam, run_id=run, now=now)
    assert imports.history(db, sam) == []


@pytest.mark.parametrize("role", [Role.COACH, Role.READ_ONLY])
def test_roles_that_may_not_import_are_refused(
    db: Session, bring: Callable[..., ImportedPlan], role: Role
) -> None:
    with pytest.raises(NotAllowedError):
        bring(ENTITIES, factories.person(db, role=role))


NAMED = {"Giver": "name", "Mail": "email", "Amount": "amount", "Date": "gift_date"}


def test_finance_imports_gifts_of_all_donors_and_nothing_else(
    db: Session, bring: Callable[..., ImportedPlan]
) -> None:
    for file in (FUNDS, ENTITIES):
        bring(file)
    finance = factories.person(db, role=Role.FINANCE)
    assert counts(bring(GIFTS, finance)) == (4, 0, 0, 0, 0)
    with pytest.raises(NotAllowedError):
        bring(ENTITIES, finance)
    named = "Giver,Mail,Amount,Date\nAda New,ada@new.example,5,2026-01-05\n"
    with pytest.raises(NotAllowedError, match=r"Leave out the columns of names .“Giver”."):
        bring(named, finance, kind="gifts", mapping=NAMED)
    without = {header: name for header, name in NAMED.items() if name != "name"}
    planned = bring(named, finance, kind="gifts", mapping=without)
    assert planned["conflict"] + planned["error"] == 1


def test_new_donors_belong_to_the_fundraiser_or_the_chosen_owner(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor
) -> None:
    admin = factories.person(db, role=Role.ADMIN)
    bring(ENTITIES, admin, owner=ruth.email)
    assert set(db.scalars(text("select owner_id from donor"))) == {ruth.user_id}
    with pytest.raises(InvalidError):
        bring(CONTACTS, admin, owner="nobody@example.org")
    with pytest.raises(NotAllowedError):
        bring(CONTACTS, owner=admin.email)


def test_an_unknown_preset_and_missing_columns_are_refused(
    bring: Callable[..., ImportedPlan],
) -> None:
    with pytest.raises(InvalidError, match="no preset"):
        bring(ENTITIES, preset="nope")
    with pytest.raises(InvalidError, match="not those of contacts"):
        bring(ENTITIES, preset="contacts")
    with pytest.raises(InvalidError, match="amount"):
        bring("colour,size\nred,2\n", kind="gifts")


def test_a_mapping_is_saved_for_the_next_file(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor
) -> None:
    data = "Wer,Summe,Tag\nPim Oak,10,2026-01-05\n"
    bring(data, kind="gifts", mapping={"Wer": "name", "Summe": "amount", "Tag": "gift_date"})
    layout = imports.inspect_file(db, ruth, data=data.encode())
    assert (layout.kind, layout.mapping["Wer"]) == ("gifts", "name")


def test_an_export_holds_only_the_donors_of_the_actor(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor, today: date, tmp_path: Path
) -> None:
    bring(ENTITIES)
    sam = factories.person(db)
    with (tmp_path / "out.csv").open("wb") as out:
        assert exports.write(db, sam, kind="donors", out=out, today=today) == 0
        assert exports.write(db, ruth, kind="donors", out=out, today=today) == 2


def test_a_big_import_updates_the_statistics_of_the_tables(
    db: Session, bring: Callable[..., ImportedPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    def statistics() -> int:
        answer: int = db.scalar(text("select count(*) from pg_stats where tablename = 'gift'"))
        return answer

    bring(FUNDS)
    bring(ENTITIES)
    bring(GIFTS.replace("T", "U"))
    assert statistics() == 0
    monkeypatch.setattr("app.imports.pipeline.BIG_IMPORT_ROWS", 3)
    bring(GIFTS)
    assert statistics() > 0
