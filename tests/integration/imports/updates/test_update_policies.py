"""Update policies: fill, overwrite or keep the stored values, field by field."""

from dataclasses import asdict
from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth
from tests.values import Clock

__all__ = ["ruth"]
FILE = b"""name,email,first_name,notes,phone,street,tags,salutation,no_mail,status
Mara Oak,mara@vogel.example,Maria,New note,+1 555-0199,9 New Road,choir,Dear M,yes,declined
"""
STORED = {
    "name": "Mara Vogel",
    "first_name": "Mara",
    "notes": "Old note",
    "salutation": None,
    "no_mail": False,
    "status": "donor",
    "phones": "+1 555-0100",
    "street": "1 Old Lane",
    "tags": "band",
}
READ = """
    select d.name, d.first_name, d.notes, d.salutation, d.no_mail, d.status,
        (select string_agg(phone, ',' order by id) from donor_phone where donor_id = d.id) phones,
        (select street from donor_address a where a.donor_id = d.id) street,
        (select string_agg(t.name, ',' order by t.name) from donor_tag k
         join tag t on t.id = k.tag_id where k.donor_id = d.id) tags
    from donor d
"""
# field → policy → the values it changes
CHANGES: dict[str, dict[str, dict[str, str | bool]]] = {
    "name": {"overwrite": {"name": "Mara Oak"}},
    "first_name": {"overwrite": {"first_name": "Maria"}},
    "notes": {"overwrite": {"notes": "New note"}},
    "salutation": {
        "fill": {"salutation": "Dear M"},
        "overwrite": {"salutation": "Dear M"},
    },
    "no_mail": {"fill": {"no_mail": True}, "overwrite": {"no_mail": True}},
    "status": {"overwrite": {"status": "declined"}},
    "phone": {
        "fill": {"phones": "+1 555-0100,+1 555-0199"},
        "overwrite": {"phones": "+1 555-0100,+1 555-0199"},
    },
    "address": {"overwrite": {"street": "9 New Road"}},
    "tags": {"fill": {"tags": "band,choir"}, "overwrite": {"tags": "band,choir"}},
}
KEEP_ALL: dict[str, str] = dict.fromkeys(("email", *CHANGES), "keep")


@pytest.fixture
def stored(db: Session, ruth: Actor) -> int:
    return make.donor(
        db,
        ruth,
        "Mara Vogel",
        first_name="Mara",
        notes="Old note",
        email="mara@vogel.example",
        phone="+1 555-0100",
        address={"street": "1 Old Lane"},
        tag="band",
        status="donor",
    )


def bring(
    db: Session, ruth: Actor, today: date, now: datetime, **policies: str
) -> imports.Preview:
    return imports.import_file(
        db, ruth, imports.ImportRequest("f.csv", FILE, policies=policies), today=today, now=now
    )


def donor_of(db: Session) -> dict[str, object]:
    return dict(db.execute(text(READ)).mappings().one())


@pytest.mark.parametrize("policy", imports.POLICIES)
@pytest.mark.parametrize("name", CHANGES)
def test_the_policy_of_one_donor_field(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int, name: str, policy: str
) -> None:
    before = dump(db)
    preview = bring(db, ruth, today, now, **(KEEP_ALL | {name: policy}))
    changed = CHANGES[name].get(policy, {})
    assert donor_of(db) == STORED | changed
    assert (preview.plan.main.update, preview.plan.main.skip) == (bool(changed), not changed)
    assert imports.undo(db, ruth, run_id=preview.run_id, now=now).kept == ()
    assert dump(db) == before


def test_the_plan_shows_the_effect_of_the_policies(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    request = imports.ImportRequest("f.csv", FILE, policies=KEEP_ALL | {"notes": "overwrite"})
    preview = imports.preview(db, ruth, request, today=today)
    (row,) = preview.rows
    assert [asdict(field) for field in row.fields] == [
        {"name": "notes", "before": "Old note", "after": "New note"}
    ]
    default = imports.preview(db, ruth, imports.ImportRequest("f.csv", FILE), today=today)
    assert default.policies["notes"] == "fill"
    # the status is never empty: "fill" means "keep"
    assert default.policies["status"] == "keep"
    assert default.plan_hash != preview.plan_hash


def test_the_commit_applies_the_policies_of_the_preview(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    request = imports.ImportRequest("f.csv", FILE, policies=KEEP_ALL | {"notes": "overwrite"})
    preview = imports.preview(db, ruth, request, today=today)
    imports.commit(
        db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
    )
    assert donor_of(db) == STORED | {"notes": "New note"}


def test_a_new_donor_gets_all_values(db: Session, ruth: Actor, today: date, now: datetime) -> None:
    bring(db, ruth, today, now, **KEEP_ALL)
    assert donor_of(db) == STORED | {
        "name": "Mara Oak",
        "first_name": "Maria",
        "notes": "New note",
        "salutation": "Dear M",
        "no_mail": True,
        "status": "declined",
        "phones": "+1 555-0199",
        "street": "9 New Road",
        "tags": "choir",
    }


@pytest.mark.parametrize("policies", [{"notes": "burn"}, {"amount": "keep"}, {"id; --": "fill"}])
def test_an_invalid_policy_is_refused(
    db: Session, ruth: Actor, today: date, now: datetime, policies: dict[str, str]
) -> None:
    with pytest.raises(InvalidError, match="is no choice"):
        bring(db, ruth, today, now, **policies)


GIFTS = b"""id,donor_email,amount,date,fund,method,note
G1,mara@vogel.example,50.00,2026-03-04,General,check,First
G2,mara@vogel.example,20.00,2026-03-05,,,
"""
LATER = b"""id,donor_email,amount,date,fund,method,note
G1,mara@vogel.example,55.00,2026-03-06,Roof,cash,Second
G2,mara@vogel.example,20.00,2026-03-05,Roof,cash,New
"""
READ_GIFTS = """
    select g.external_id, g.amount_minor, g.gift_date::text, f.name as fund, g.method, g.note
    from gift g left join fund f on f.id = g.fund_id order by g.external_id
"""
STORED_GIFTS = [
    ("G1", 5000, "2026-03-04", "General", "check", "First"),
    ("G2", 2000, "2026-03-05", None, None, None),
]
GIFTS_IN_FILE = [
    ("G1", 5500, "2026-03-06", "Roof", "cash", "Second"),
    ("G2", 2000, "2026-03-05", "Roof", "cash", "New"),
]
GIFT_FIELDS = {"gift_amount": 1, "gift_date": 2, "gift_fund": 3, "gift_method": 4, "gift_note": 5}


def import_gifts(
    db: Session, ruth: Actor, today: date, now: datetime, data: bytes, **policies: str
) -> tuple[imports.Preview, list[tuple[object, ...]]]:
    run = imports.import_file(
        db, ruth, imports.ImportRequest("g.csv", data, policies=policies), today=today, now=now
    )
    return run, [tuple(row) for row in db.execute(text(READ_GIFTS))]


@pytest.mark.parametrize("policy", ["fill", "keep"])
@pytest.mark.parametrize("name", GIFT_FIELDS)
def test_the_policy_of_one_gift_field(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int, name: str, policy: str
) -> None:
    import_gifts(db, ruth, today, now, GIFTS)
    before = dump(db)
    run, gifts = import_gifts(db, ruth, today, now, LATER, **{name: policy})
    place = GIFT_FIELDS[name]
    expected = [list(row) for row in GIFTS_IN_FILE]
    for row, stored_row in zip(expected, STORED_GIFTS, strict=True):
        if policy == "keep" or stored_row[place] is not None:
            row[place] = stored_row[place]
    assert gifts == [tuple(row) for row in expected]
    assert set(run.plan.main.kept) == {name.removeprefix("gift_")}
    assert not imports.undo(db, ruth, run_id=run.run_id, now=now).kept
    assert [row for row in dump(db) if row] == [row for row in before if row]


def test_gifts_can_be_kept_unchanged(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    import_gifts(db, ruth, today, now, GIFTS)
    run, gifts = import_gifts(db, ruth, today, now, LATER, **dict.fromkeys(GIFT_FIELDS, "keep"))
    assert gifts == STORED_GIFTS
    assert (run.plan.main.update, run.plan.main.skip) == (0, 2)
    # the kept fields are counted, and listed for each row
    assert run.plan.main.kept == {"amount": 1, "date": 1, "fund": 2, "method": 2, "note": 2}
    assert [[(field.name, field.before) for field in row.kept] for row in run.rows] == [
        [
            ("amount", "50.00 USD"),
            ("date", "2026-03-04"),
            ("fund", "General"),
            ("method", "check"),
            ("note", "First"),
        ],
        [("fund", None), ("method", None), ("note", None)],
    ]
    run, gifts = import_gifts(db, ruth, today, now, LATER)
    assert gifts == GIFTS_IN_FILE
    assert run.policies["gift_note"] == "overwrite"


PLEDGE = "id,donor_email,amount,frequency,status,start_date,end_date,fund,note\n"
PROMISED = f"{PLEDGE}P1,mara@vogel.example,30,monthly,active,2026-01-01,,,First\n"
CHANGED = f"{PLEDGE}P1,mara@vogel.example,40,quarterly,paused,2026-02-01,2027-01-31,Roof,Second\n"
READ_PLEDGE = """
    select coalesce((select a.amount_minor from pledge_amount a where a.pledge_id = p.id
                     order by a.effective_from desc limit 1), p.amount_minor),
        p.frequency, p.status, p.start_date::text, p.end_date::text, f.name, p.note
    from pledge p left join fund f on f.id = p.fund_id
"""
PLEDGE_FIELDS = (
    "pledge_amount",
    "pledge_frequency",
    "pledge_status",
    "pledge_start",
    "pledge_end",
    "pledge_fund",
    "pledge_note",
)
STORED_PLEDGE = (3000, "monthly", "active", "2026-01-01", None, None, "First")
PLEDGE_IN_FILE = (4000, "quarterly", "paused", "2026-02-01", "2027-01-31", "Roof", "Second")


def pledge_request(data: str, policies: dict[str, str] | None = None) -> imports.ImportRequest:
    return imports.ImportRequest("p.csv", data.encode(), kind="pledges", policies=policies or {})


@pytest.mark.parametrize("policy", ["fill", "keep"])
@pytest.mark.parametrize("name", PLEDGE_FIELDS)
def test_the_policy_of_one_pledge_field(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int, name: str, policy: str
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(db, ruth, pledge_request(PROMISED), **when)
    preview = imports.import_file(db, ruth, pledge_request(CHANGED, {name: policy}), **when)
    place = PLEDGE_FIELDS.index(name)
    expected = list(PLEDGE_IN_FILE)
    if policy == "keep" or STORED_PLEDGE[place] is not None:
        expected[place] = STORED_PLEDGE[place]
    assert tuple(db.execute(text(READ_PLEDGE)).one()) == tuple(expected)
    assert preview.policies[name] == "overwrite"


def test_a_new_pledge_gets_all_values(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(
        db,
        ruth,
        pledge_request(CHANGED, dict.fromkeys(PLEDGE_FIELDS, "keep")),
        **when,
    )
    assert tuple(db.execute(text(READ_PLEDGE)).one()) == PLEDGE_IN_FILE
