"""What a file may do to the day, grace, number, total and method of a pledge that is here."""

import pytest
from sqlalchemy import text

from app import imports
from tests.integration.imports.test_service import dump, ruth
from tests.integration.imports.test_update_policies import here

__all__ = ["here", "ruth"]
TERMS = (
    "id,donor_email,amount,frequency,start_date,anchor_day,grace_days,instalments,total,method\n"
)
WHO = "mara@vogel.example,30,monthly,2026-01-01"
# one pledge that has everything, one that has nothing
FULL = f"{TERMS}P1,{WHO},5,7,12,360,check\nP2,{WHO},,,,,\n"
NEWER = f"{TERMS}P1,{WHO},20,14,24,720,card\nP2,{WHO},20,14,24,720,card\n"
READ_TERMS = """
    select p.external_id, p.anchor_day, p.grace_days, p.instalments, p.total_minor, p.method
    from pledge p order by p.external_id
"""
HAD = {"P1": [5, 7, 12, 36000, "check"], "P2": [None] * 5}
SAID = [20, 14, 24, 72000, "card"]
# the choice, its place above, what the plan calls it, and whether it makes a dated version
OF_TERMS = {
    "pledge_day": (0, "day", True),
    "pledge_grace": (1, "grace", True),
    "pledge_instalments": (2, "number", False),
    "pledge_total": (3, "total", False),
    "pledge_method": (4, "method", False),
}
PLEDGES = {"file_name": "p.csv", "kind": "pledges"}


def terms_of(db):
    return {row[0]: list(row[1:]) for row in db.execute(text(READ_TERMS))}


@pytest.mark.parametrize("way", imports.POLICIES)
@pytest.mark.parametrize("name", OF_TERMS)
def test_one_column_at_a_time(db, ruth, today, now, here, name, way):
    how = PLEDGES | {"today": today, "now": now}
    imports.import_file(db, ruth, data=FULL.encode(), **how)
    before = dump(db)
    others = dict.fromkeys(OF_TERMS, "keep") | {name: way}
    seen = imports.import_file(db, ruth, data=NEWER.encode(), policies=others, **how)
    at, called, dated = OF_TERMS[name]
    changed = {"keep": [], "fill": ["P2"], "overwrite": ["P1", "P2"]}[way]
    wanted = {number: list(values) for number, values in HAD.items()}
    for number in changed:
        wanted[number][at] = SAID[at]
    assert terms_of(db) == wanted
    assert (seen.plan.main.update, seen.plan.main.skip) == (len(changed), 2 - len(changed))
    # what is not changed because of the choice is named, and how often
    all_kept = dict.fromkeys(("day", "grace", "method", "number", "total"), 2)
    left = all_kept | {called: 2 - len(changed)}
    assert seen.plan.main.kept == {one: rows for one, rows in left.items() if rows}
    versions = db.execute(
        text(
            "select p.external_id, t.anchor_day, t.grace_days from pledge_terms t"
            " join pledge p on p.id = t.pledge_id order by 1"
        )
    ).all()
    then = {"P1": (5, 7), "P2": (1, None)}
    assert versions == [(one, *then[one]) for one in changed if dated]
    assert not imports.undo(db, ruth, run_id=seen.run_id, now=now).kept
    assert dump(db) == before


def test_the_terms_change_as_the_file_says_when_nothing_is_chosen(db, ruth, today, now, here):
    how = PLEDGES | {"today": today, "now": now}
    imports.import_file(db, ruth, data=FULL.encode(), **how)
    seen = imports.import_file(db, ruth, data=NEWER.encode(), **how)
    assert terms_of(db) == {"P1": SAID, "P2": SAID}
    assert {seen.policies[name] for name in OF_TERMS} == {"overwrite"}
    assert seen.plan.main.kept == {}


def test_the_plan_names_row_by_row_what_it_leaves(db, ruth, today, now, here):
    imports.import_file(db, ruth, data=FULL.encode(), **PLEDGES, today=today, now=now)
    policies = {"pledge_day": "fill", "pledge_total": "keep", "pledge_method": "keep"}
    seen = imports.preview(
        db, ruth, data=NEWER.encode(), policies=policies, **PLEDGES, today=today
    )
    first, second = seen.rows
    assert [(one.name, one.before) for one in first.kept] == [
        ("day", "5"),
        ("total", "360.00 USD"),
        ("method", "check"),
    ]
    assert [(one.name, one.before) for one in second.kept] == [("total", None), ("method", None)]
    assert "day" in {one.name for one in second.fields}
    # a row of which nothing is left to change is here already, and says why
    everything = imports.preview(
        db,
        ruth,
        data=NEWER.encode(),
        policies=dict.fromkeys(OF_TERMS, "keep"),
        **PLEDGES,
        today=today,
    )
    assert [one.action for one in everything.rows] == ["skip", "skip"]
    assert all(len(one.kept) == len(OF_TERMS) for one in everything.rows)
    assert imports.as_json(everything.plan)["kept"] == dict.fromkeys(
        ("day", "grace", "method", "number", "total"), 2
    )


def test_a_file_that_says_the_same_is_not_said_to_be_left(db, ruth, today, now, here):
    how = PLEDGES | {"today": today, "now": now, "data": FULL.encode()}
    imports.import_file(db, ruth, **how)
    seen = imports.import_file(db, ruth, policies=dict.fromkeys(OF_TERMS, "keep"), **how)
    assert (seen.plan.main.skip, seen.plan.main.kept) == (2, {})


def test_a_new_pledge_takes_its_terms(db, ruth, today, now, here):
    policies = dict.fromkeys(OF_TERMS, "keep")
    seen = imports.import_file(
        db, ruth, data=FULL.encode(), policies=policies, **PLEDGES, today=today, now=now
    )
    assert terms_of(db) == HAD
    assert seen.plan.main.kept == {}
