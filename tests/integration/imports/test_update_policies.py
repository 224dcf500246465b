"""What a file may do to what is kept: filled, replaced or left, field by field."""

from dataclasses import asdict

import pytest
from sqlalchemy import text

from app import imports
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth

__all__ = ["ruth"]
FILE = b"""name,email,first_name,notes,phone,street,tags,salutation,no_mail,status
Mara Oak,mara@vogel.example,Maria,New note,+1 555-0199,9 New Road,choir,Dear M,yes,declined
"""
KEPT = {
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
# what each way does to each field, where the file fills what stands or does not stand here
BY = {
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
ALL = dict.fromkeys(("email", *BY), "keep")


@pytest.fixture
def here(db, ruth):
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


def bring(db, ruth, today, now, **policies):
    return imports.import_file(
        db, ruth, file_name="f.csv", data=FILE, today=today, now=now, policies=policies
    )


def kept(db):
    return dict(db.execute(text(READ)).mappings().one())


@pytest.mark.parametrize("way", imports.POLICIES)
@pytest.mark.parametrize("name", BY)
def test_one_field_at_a_time(db, ruth, today, now, here, name, way):
    before = dump(db)
    seen = bring(db, ruth, today, now, **(ALL | {name: way}))
    changed = BY[name].get(way, {})
    assert kept(db) == KEPT | changed
    assert (seen.plan.main.update, seen.plan.main.skip) == (bool(changed), not changed)
    assert imports.undo(db, ruth, run_id=seen.run_id, now=now).kept == ()
    assert dump(db) == before


def test_the_plan_shows_what_the_ways_leave(db, ruth, today, now, here):
    how = {"file_name": "f.csv", "data": FILE, "today": today}
    seen = imports.preview(db, ruth, policies=ALL | {"notes": "overwrite"}, **how)
    (row,) = seen.rows
    assert [asdict(one) for one in row.fields] == [
        {"name": "notes", "before": "Old note", "after": "New note"}
    ]
    usual = imports.preview(db, ruth, **how)
    assert usual.policies["notes"] == "fill"
    # of these something always stands: filling leaves it
    assert usual.policies["status"] == "keep"
    assert usual.plan_hash != seen.plan_hash


def test_what_was_planned_is_what_is_done(db, ruth, today, now, here):
    how = {"file_name": "f.csv", "data": FILE, "today": today}
    seen = imports.preview(db, ruth, policies=ALL | {"notes": "overwrite"}, **how)
    imports.commit(db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now)
    assert kept(db) == KEPT | {"notes": "New note"}


def test_a_new_donor_takes_everything(db, ruth, today, now):
    bring(db, ruth, today, now, **ALL)
    assert kept(db) == KEPT | {
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


@pytest.mark.parametrize("wrong", [{"notes": "burn"}, {"amount": "keep"}, {"id; --": "fill"}])
def test_what_is_no_choice_is_refused(db, ruth, today, now, wrong):
    with pytest.raises(InvalidError, match="is no choice"):
        bring(db, ruth, today, now, **wrong)


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
FIRST = [
    ("G1", 5000, "2026-03-04", "General", "check", "First"),
    ("G2", 2000, "2026-03-05", None, None, None),
]
AFTER = [
    ("G1", 5500, "2026-03-06", "Roof", "cash", "Second"),
    ("G2", 2000, "2026-03-05", "Roof", "cash", "New"),
]
OF_GIFT = {"gift_amount": 1, "gift_date": 2, "gift_fund": 3, "gift_method": 4, "gift_note": 5}


def gifts_of(db, ruth, today, now, data, **policies):
    run = imports.import_file(
        db, ruth, file_name="g.csv", data=data, today=today, now=now, policies=policies
    )
    return run, [tuple(row) for row in db.execute(text(READ_GIFTS))]


@pytest.mark.parametrize("way", ["fill", "keep"])
@pytest.mark.parametrize("name", OF_GIFT)
def test_one_column_of_gifts_at_a_time(db, ruth, today, now, here, name, way):
    gifts_of(db, ruth, today, now, GIFTS)
    before = dump(db)
    run, found = gifts_of(db, ruth, today, now, LATER, **{name: way})
    at = OF_GIFT[name]
    wanted = [list(row) for row in AFTER]
    for row, first in zip(wanted, FIRST, strict=True):
        if way == "keep" or first[at] is not None:
            row[at] = first[at]
    assert found == [tuple(row) for row in wanted]
    assert set(run.plan.main.kept) == {name.removeprefix("gift_")}
    assert not imports.undo(db, ruth, run_id=run.run_id, now=now).kept
    assert [row for row in dump(db) if row] == [row for row in before if row]


def test_gifts_may_all_be_left_and_whatever_a_row_says_stands_unsaid(db, ruth, today, now, here):
    gifts_of(db, ruth, today, now, GIFTS)
    run, found = gifts_of(db, ruth, today, now, LATER, **dict.fromkeys(OF_GIFT, "keep"))
    assert found == FIRST
    assert (run.plan.main.update, run.plan.main.skip) == (0, 2)
    # what the file would have changed is named, in all and row by row
    assert run.plan.main.kept == {"amount": 1, "date": 1, "fund": 2, "method": 2, "note": 2}
    assert [[(one.name, one.before) for one in row.kept] for row in run.rows] == [
        [
            ("amount", "50.00 USD"),
            ("date", "2026-03-04"),
            ("fund", "General"),
            ("method", "check"),
            ("note", "First"),
        ],
        [("fund", None), ("method", None), ("note", None)],
    ]
    run, found = gifts_of(db, ruth, today, now, LATER)
    assert found == AFTER
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
OF_PLEDGE = (
    "pledge_amount",
    "pledge_frequency",
    "pledge_status",
    "pledge_start",
    "pledge_end",
    "pledge_fund",
    "pledge_note",
)
WAS = (3000, "monthly", "active", "2026-01-01", None, None, "First")
BECAME = (4000, "quarterly", "paused", "2026-02-01", "2027-01-31", "Roof", "Second")


@pytest.mark.parametrize("way", ["fill", "keep"])
@pytest.mark.parametrize("name", OF_PLEDGE)
def test_one_column_of_pledges_at_a_time(db, ruth, today, now, here, name, way):
    how = {"file_name": "p.csv", "today": today, "now": now, "kind": "pledges"}
    imports.import_file(db, ruth, data=PROMISED.encode(), **how)
    seen = imports.import_file(db, ruth, data=CHANGED.encode(), policies={name: way}, **how)
    at = OF_PLEDGE.index(name)
    wanted = list(BECAME)
    if way == "keep" or WAS[at] is not None:
        wanted[at] = WAS[at]
    assert tuple(db.execute(text(READ_PLEDGE)).one()) == tuple(wanted)
    assert seen.policies[name] == "overwrite"


def test_a_new_pledge_takes_everything(db, ruth, today, now, here):
    how = {"file_name": "p.csv", "today": today, "now": now, "kind": "pledges"}
    imports.import_file(
        db, ruth, data=CHANGED.encode(), policies=dict.fromkeys(OF_PLEDGE, "keep"), **how
    )
    assert tuple(db.execute(text(READ_PLEDGE)).one()) == BECAME
