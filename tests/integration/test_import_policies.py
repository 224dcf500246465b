"""What a file may do to what is kept: filled, replaced or left, field by field."""

from dataclasses import asdict

import pytest
from sqlalchemy import text

from app import imports
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.test_imports import dump, ruth

__all__ = ["ruth"]
FILE = b"""name,email,first_name,notes,phone,street,tags,salutation,no_mail,status
Mara Oak,mara@vogel.example,Maria,New note,+1 555-0199,9 New Road,choir,Dear M,yes,declined
"""
KEPT = {
    "name": "Mara Vogel", "first_name": "Mara", "notes": "Old note", "salutation": None,
    "no_mail": False, "status": "donor", "phones": "+1 555-0100", "street": "1 Old Lane",
    "tags": "band",
}  # fmt: skip
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
        "fill": {"salutation": "Dear M"}, "overwrite": {"salutation": "Dear M"},
    },
    "no_mail": {"fill": {"no_mail": True}, "overwrite": {"no_mail": True}},
    "status": {"overwrite": {"status": "declined"}},
    "phone": {
        "fill": {"phones": "+1 555-0100,+1 555-0199"},
        "overwrite": {"phones": "+1 555-0100,+1 555-0199"},
    },
    "address": {"overwrite": {"street": "9 New Road"}},
    "tags": {"fill": {"tags": "band,choir"}, "overwrite": {"tags": "band,choir"}},
}  # fmt: skip
ALL = dict.fromkeys(("email", *BY), "keep")


@pytest.fixture
def here(db, ruth):
    return make.donor(
        db, ruth, "Mara Vogel", first_name="Mara", notes="Old note", email="mara@vogel.example",
        phone="+1 555-0100", address={"street": "1 Old Lane"}, tag="band", status="donor",
    )  # fmt: skip


def bring(db, ruth, today, now, **policies):
    return imports.bring_in(
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
    imports.commit(
        db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
    )  # fmt: skip
    assert kept(db) == KEPT | {"notes": "New note"}


def test_a_new_donor_takes_everything(db, ruth, today, now):
    bring(db, ruth, today, now, **ALL)
    assert kept(db) == KEPT | {
        "name": "Mara Oak", "first_name": "Maria", "notes": "New note", "salutation": "Dear M",
        "no_mail": True, "status": "declined", "phones": "+1 555-0199", "street": "9 New Road",
        "tags": "choir",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", [{"notes": "burn"}, {"amount": "keep"}, {"id; --": "fill"}])
def test_what_is_no_choice_is_refused(db, ruth, today, now, wrong):
    with pytest.raises(InvalidError, match="is no choice"):
        bring(db, ruth, today, now, **wrong)
