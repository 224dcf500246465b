"""Files in and back out: matched, written once, undone exactly, never another's donors."""

import json

import pytest
from sqlalchemy import text

from app import exports, imports
from app.accounts import Role
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories

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


@pytest.fixture
def ruth(db):
    factories.organisation(db)
    return factories.person(db, name="Ruth")


@pytest.fixture
def bring(db, ruth, today, now):
    def bring(data, actor=None, **how):
        data = data.encode() if isinstance(data, str) else data
        seen = imports.import_file(
            db, actor or ruth, file_name="file.csv", data=data, today=today, now=now, **how
        )
        return {"run_id": seen.run_id, **imports.as_json(seen.plan)}

    return bring


def fates(shown):
    return tuple(shown[name] for name in ("create", "update", "skip", "conflict", "error"))


def dump(db):
    return {
        table: sorted(
            json.dumps(row, sort_keys=True)
            for row in db.scalars(text(f"select to_jsonb(t) - 'updated_at' from {table} t"))
        )
        for table in TABLES
    }


def test_four_files_that_refer_to_each_other(db, bring):
    assert fates(bring(FUNDS)) == (2, 0, 0, 0, 0)
    assert fates(bring(ENTITIES)) == (2, 0, 0, 0, 0)
    assert fates(bring(PLEDGES)) == (1, 0, 0, 0, 0)
    shown = bring(GIFTS)
    assert fates(shown) == (4, 0, 0, 0, 0)
    assert shown["sum"] == {"USD": "1284.50"}
    assert (shown["first_date"], shown["last_date"]) == ("2026-01-05", "2026-03-09")
    found = db.execute(
        text(
            "select d.name, d.status, s.total_minor, s.gifts from donor d join donor_summary s"
            " on s.donor_id = d.id order by d.id"
        )
    ).all()
    assert found == [("Hanna Vogel", "donor", 128450, 2), ("Grace Chapel", "prospect", 0, 0)]
    linked = db.scalars(
        text("select external_id from gift where pledge_id is not null order by 1")
    )
    assert list(linked) == ["T2"]


@pytest.mark.parametrize("data", [FUNDS, ENTITIES, PLEDGES, GIFTS, CONTACTS])
def test_the_same_file_again_changes_nothing(db, bring, data):
    for each in (FUNDS, ENTITIES, PLEDGES, GIFTS, CONTACTS):
        bring(each)
    before = dump(db)
    shown = bring(data)
    assert fates(shown) == (0, 0, shown["rows"], 0, 0)
    assert dump(db) == before


def test_import_and_undo_leave_what_was_there(db, bring, ruth, now):
    donor = factories.donor(
        db, ruth, "Hanna Vogel", email="Hanna@Vogel.example", status="lapsed", notes="kept"
    )
    pledge = factories.pledge(db, donor, "50", fund_id=None)
    alert = factories.alert(db, donor, pledge_id=pledge)
    factories.task(db, ruth, donor_id=donor, alert_id=alert)
    before = dump(db)
    runs = [bring(each)["run_id"] for each in (FUNDS, ENTITIES, PLEDGES, GIFTS, CONTACTS)]
    assert dump(db) != before
    for run in reversed(runs):
        assert imports.undo(db, ruth, run_id=run, now=now).kept == ()
    assert dump(db) == before


def test_undo_keeps_and_lists_what_a_person_changed(db, bring, ruth, now):
    run = bring(ENTITIES)["run_id"]
    db.execute(text("update donor set notes = 'met', version = version + 1 where name ~ 'Hanna'"))
    (kept,) = imports.undo(db, ruth, run_id=run, now=now).kept
    assert kept.startswith("Hanna Vogel stays")
    assert list(db.scalars(text("select name from donor"))) == ["Hanna Vogel"]
    with pytest.raises(ConflictError):
        imports.undo(db, ruth, run_id=run, now=now)


def test_undo_keeps_a_thanked_gift(db, bring, ruth, now):
    for each in (FUNDS, ENTITIES):
        bring(each)
    run = bring(GIFTS)["run_id"]
    db.execute(text("update gift set thanked_at = now() where external_id = 'T2'"))
    kept = imports.undo(db, ruth, run_id=run, now=now).kept
    assert kept == ("The gift of Hanna Vogel on 2026-02-05 was worked on since.",)
    assert list(db.scalars(text("select external_id from gift"))) == ["T2"]


def test_problems_name_row_column_and_reason(bring):
    bring(ENTITIES)
    shown = bring(
        "transaction_id,entity_id,amount,posted_date\n"
        "T1,E1,10.005,2026-01-05\nT2,E1,10,0026-01-05\nT3,E1,10,2027-01-05\nT4,E9,10.50,2026-01-05\n"
        "T5,E1,ten,2026-02-30\nT6,,10,2026-01-05\nT7,E1,-99,2026-01-05\nT8,E1,0,2026-01-05\n"
        "T9,E1,€10,2026-01-05\nT1,E1,11,2026-01-05\n"
    )
    assert fates(shown) == (1, 0, 0, 0, 9)
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
    assert "exchange rate" in said[10, "currency"]


def test_unknown_currency_is_refused(bring):
    bring(ENTITIES)
    shown = bring("transaction_id,entity_id,amount,posted_date,currency\nT1,E1,5,2026-01-05,XYZ\n")
    assert [each["reason"] for each in shown["problems"]] == ["“XYZ” is not a currency we know."]


def test_another_fundraisers_ids_reveal_nothing(db, bring):
    bring(FUNDS)
    bring(ENTITIES)
    bring(GIFTS)
    sam = factories.person(db, name="Sam")
    before = dump(db)
    shown = bring(ENTITIES, sam)
    assert shown["conflict"] == 2
    assert "Hanna" not in json.dumps(shown)
    # another's donor and no donor sound alike
    reasons = {
        each["reason"].replace("E9", "E1")
        for each in bring(
            "transaction_id,entity_id,amount,posted_date\n"
            "X1,E1,5,2026-01-05\nX2,E9,5,2026-01-05\n",
            sam,
        )["problems"]
    }
    assert len(reasons) == 1
    assert dump(db) == before
    assert fates(bring(CONTACTS, sam)) == fates(bring(CONTACTS)) == (2, 0, 0, 0, 0)


def test_matching_never_guesses(db, bring, ruth):
    factories.donor(db, ruth, "Ann Lee", email="a@x.example")
    factories.donor(db, ruth, "Ann Lee", email="A@X.example")
    factories.donor(db, ruth, "Bo Fir", email="b@x.example")
    factories.donor(db, ruth, "Cy Elm", address={"postal_code": "602 01"})
    header = CONTACTS.splitlines()[0]
    shown = bring(
        f"{header}\nAnn,Lee,a@x.example,,,,,,,\nMax,Oak,b@x.example,,,,,,,\nCy,Elm,,,,,,60201,,hi\n"
        "New,One,n@x.example,,,,,,,\nNew,One,n@x.example,,,,,,,x\nNot,She,n@x.example,,,,,,,\n"
    )
    assert fates(shown) == (1, 1, 1, 3, 0)
    assert [each["reason"] for each in shown["problems"]] == [
        "2 donors have this e-mail.",
        "The e-mail belongs to a donor with another name.",
        "Row 5 has the same e-mail with another name.",
    ]


def test_gift_file_with_names_makes_its_donors(db, bring):
    data = (
        "Donor Name,E-mail,Gift Amount,Gift Date,Fund\n"
        "Zoe Quill,zoe@q.example,10,13/04/2026,Camp\nZoe Quill,zoe@q.example,12,03/04/2026,Camp\n"
        "No Mail,,12,03/04/2026,\n"
    )
    shown = bring(data)
    assert [(p["kind"], p["create"]) for p in shown["parts"]] == [("donors", 2), ("gifts", 3)]
    assert shown["sum"] == {"USD": "34.00"}
    assert fates(bring(data)) == (0, 0, 5, 0, 0)
    assert db.scalar(text("select max(gift_date)::text from gift")) == "2026-04-13"


def test_gifts_without_ids_count_once_each(db, bring):
    bring(ENTITIES)
    data = (
        "Entity ID,Amount,Date,Note\nE1,10,2026-01-05,a\nE1,10,2026-01-05,b\nE1,10,2026-01-05,b\n"
    )
    shown = bring(data, kind="gifts", source="entities")
    assert fates(shown) == (2, 0, 1, 0, 0)
    assert fates(bring(data, kind="gifts", source="entities")) == (0, 0, 3, 0, 0)
    assert fates(bring(data, kind="gifts", source="entities", repeats=True)) == (1, 0, 2, 0, 0)


def test_ambiguous_dates_are_asked_and_answered(bring):
    bring(ENTITIES)
    data = "transaction_id,entity_id,amount,posted_date\nT1,E1,5,03/04/2026\n"
    with pytest.raises(imports.UndecidedError, match="day or month first") as asked:
        bring(data)
    assert "--" not in str(asked.value)
    assert bring(data, date_order="dmy")["first_date"] == "2026-04-03"


def test_a_corrected_amount_comes_in_unless_a_person_changed_the_gift(db, bring):
    for each in (FUNDS, ENTITIES, GIFTS):
        bring(each)
    changed = GIFTS.replace("T2,E1,F1,50.00", "T2,E1,F1,51.00")
    assert fates(bring(changed)) == (0, 1, 3, 0, 0)
    assert fates(bring(changed)) == (0, 0, 4, 0, 0)
    db.execute(text("update gift set note = 'x', version = version + 1 where external_id = 'T2'"))
    assert fates(bring(GIFTS)) == (0, 0, 3, 1, 0)


def test_plan_is_refused_when_the_data_changed_in_between(db, bring, ruth, today, now):
    seen = imports.preview(db, ruth, file_name="e.csv", data=ENTITIES.encode(), today=today)
    assert db.scalar(text("select count(*) from donor")) == 0
    bring(ENTITIES)
    with pytest.raises(imports.PlanChangedError):
        imports.commit(
            db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
        )


def test_preview_then_commit_is_the_same_deed(db, ruth, today, now):
    seen = imports.preview(db, ruth, file_name="e.csv", data=ENTITIES.encode(), today=today)
    plan = imports.commit(
        db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
    )
    assert plan == seen.plan
    assert db.scalar(text("select count(*) from donor")) == 2
    with pytest.raises(ConflictError):
        imports.commit(
            db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
        )


def test_error_file_holds_the_rows_to_mend(db, bring, ruth):
    bring(ENTITIES)
    shown = bring(
        "transaction_id,entity_id,amount,posted_date\nT1,E1,5,2026-01-05\nT2,E1,x,2026-01-05\n"
    )
    lines = imports.error_file(db, ruth, run_id=shown["run_id"]).decode("utf-8-sig").splitlines()
    assert lines[0] == "transaction_id,entity_id,amount,posted_date,Problem,Suggestion"
    assert lines[1].startswith("T2,E1,x,2026-01-05,amount: “x” is not an amount.")
    mended = "\n".join(lines).replace("T2,E1,x", "T2,E1,7")
    assert fates(bring(mended)) == (1, 0, 0, 0, 0)


def test_run_of_somebody_else_is_not_there(db, bring, now):
    run = bring(ENTITIES)["run_id"]
    sam = factories.person(db)
    with pytest.raises(NotFoundError):
        imports.undo(db, sam, run_id=run, now=now)
    assert imports.history(db, sam) == []


@pytest.mark.parametrize("role", [Role.COACH, Role.READ_ONLY])
def test_roles_without_import_are_refused(db, bring, role):
    with pytest.raises(NotAllowedError):
        bring(ENTITIES, factories.person(db, role=role))


def test_finance_brings_gifts_for_everybody_and_nothing_else(db, bring):
    for each in (FUNDS, ENTITIES):
        bring(each)
    finance = factories.person(db, role=Role.FINANCE)
    assert fates(bring(GIFTS, finance)) == (4, 0, 0, 0, 0)
    with pytest.raises(NotAllowedError):
        bring(ENTITIES, finance)


def test_owner_is_the_fundraiser_or_whom_the_admin_names(db, bring, ruth):
    admin = factories.person(db, role=Role.ADMIN)
    bring(ENTITIES, admin, owner=ruth.email)
    assert set(db.scalars(text("select owner_id from donor"))) == {ruth.user_id}
    with pytest.raises(InvalidError):
        bring(CONTACTS, admin, owner="nobody@example.org")
    with pytest.raises(NotAllowedError):
        bring(CONTACTS, owner=admin.email)


def test_preset_and_columns_that_do_not_fit_are_said(bring):
    with pytest.raises(InvalidError, match="no preset"):
        bring(ENTITIES, preset="nope")
    with pytest.raises(InvalidError, match="not those of contacts"):
        bring(ENTITIES, preset="contacts")
    with pytest.raises(InvalidError, match="amount"):
        bring("colour,size\nred,2\n", kind="gifts")


def test_mapping_chosen_once_is_remembered(db, bring, ruth):
    data = "Wer,Summe,Tag\nPim Oak,10,2026-01-05\n"
    bring(data, kind="gifts", mapping={"Wer": "name", "Summe": "amount", "Tag": "gift_date"})
    layout = imports.look(db, ruth, data=data.encode())
    assert (layout.kind, layout.mapping["Wer"]) == ("gifts", "name")


def test_exports_hold_only_ones_own(db, bring, ruth, today, tmp_path):
    bring(ENTITIES)
    sam = factories.person(db)
    with (tmp_path / "out.csv").open("wb") as out:
        assert exports.write(db, sam, kind="donors", out=out, today=today) == 0
        assert exports.write(db, ruth, kind="donors", out=out, today=today) == 2


def test_after_a_big_import_the_planner_knows_the_rows(db, bring, monkeypatch):
    def known():
        return db.scalar(text("select count(*) from pg_stats where tablename = 'gift'"))

    bring(FUNDS)
    bring(ENTITIES)
    bring(GIFTS.replace("T", "U"))
    assert known() == 0
    monkeypatch.setattr("app.imports.service.BIG", 3)
    bring(GIFTS)
    assert known() > 0
