"""Update policies of a stored pledge's day, grace, instalments, total and method."""

from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from tests.integration.imports.test_service import dump, ruth
from tests.integration.imports.updates.test_update_policies import stored
from tests.values import Clock

__all__ = ["ruth", "stored"]
TERMS = (
    "id,donor_email,amount,frequency,start_date,anchor_day,grace_days,instalments,total,method\n"
)
DONOR = "mara@vogel.example,30,monthly,2026-01-01"
# one pledge with every field, one with none
FULL = f"{TERMS}P1,{DONOR},5,7,12,360,check\nP2,{DONOR},,,,,\n"
NEWER = f"{TERMS}P1,{DONOR},20,14,24,720,card\nP2,{DONOR},20,14,24,720,card\n"
READ_TERMS = """
    select p.external_id, p.anchor_day, p.grace_days, p.instalments, p.total_minor, p.method
    from pledge p order by p.external_id
"""
STORED: dict[str, list[int | str | None]] = {"P1": [5, 7, 12, 36000, "check"], "P2": [None] * 5}
IN_FILE: list[int | str | None] = [20, 14, 24, 72000, "card"]
# field, its index in the lists above, its name in the plan, whether it adds dated terms
OF_TERMS = {
    "pledge_day": (0, "day", True),
    "pledge_grace": (1, "grace", True),
    "pledge_instalments": (2, "number", False),
    "pledge_total": (3, "total", False),
    "pledge_method": (4, "method", False),
}


def request(data: str, policies: dict[str, str] | None = None) -> imports.ImportRequest:
    return imports.ImportRequest("p.csv", data.encode(), kind="pledges", policies=policies or {})


def terms_of(db: Session) -> dict[str, list[object]]:
    return {row[0]: list(row[1:]) for row in db.execute(text(READ_TERMS))}


@pytest.mark.parametrize("policy", imports.POLICIES)
@pytest.mark.parametrize("name", OF_TERMS)
def test_the_policy_of_one_field(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int, name: str, policy: str
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(db, ruth, request(FULL), **when)
    before = dump(db)
    others = dict.fromkeys(OF_TERMS, "keep") | {name: policy}
    preview = imports.import_file(db, ruth, request(NEWER, others), **when)
    place, label, dated = OF_TERMS[name]
    changed = {"keep": [], "fill": ["P2"], "overwrite": ["P1", "P2"]}[policy]
    expected = {number: list(values) for number, values in STORED.items()}
    for number in changed:
        expected[number][place] = IN_FILE[place]
    assert terms_of(db) == expected
    assert (preview.plan.main.update, preview.plan.main.skip) == (len(changed), 2 - len(changed))
    # fields that the policy keeps are counted
    all_kept = dict.fromkeys(("day", "grace", "method", "number", "total"), 2)
    kept = all_kept | {label: 2 - len(changed)}
    assert preview.plan.main.kept == {field: rows for field, rows in kept.items() if rows}
    versions = db.execute(
        text(
            "select p.external_id, t.anchor_day, t.grace_days from pledge_terms t"
            " join pledge p on p.id = t.pledge_id order by 1"
        )
    ).all()
    earlier = {"P1": (5, 7), "P2": (1, None)}
    assert versions == [(number, *earlier[number]) for number in changed if dated]
    assert not imports.undo(db, ruth, run_id=preview.run_id, now=now).kept
    assert dump(db) == before


def test_the_file_overwrites_the_terms_by_default(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(db, ruth, request(FULL), **when)
    preview = imports.import_file(db, ruth, request(NEWER), **when)
    assert terms_of(db) == {"P1": IN_FILE, "P2": IN_FILE}
    assert {preview.policies[name] for name in OF_TERMS} == {"overwrite"}
    assert preview.plan.main.kept == {}


def test_the_plan_lists_the_kept_fields_of_each_row(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    imports.import_file(db, ruth, request(FULL), today=today, now=now)
    policies = {"pledge_day": "fill", "pledge_total": "keep", "pledge_method": "keep"}
    preview = imports.preview(
        db,
        ruth,
        request(NEWER, policies),
        today=today,
    )
    first, second = preview.rows
    assert [(field.name, field.before) for field in first.kept] == [
        ("day", "5"),
        ("total", "360.00 USD"),
        ("method", "check"),
    ]
    assert [(field.name, field.before) for field in second.kept] == [
        ("total", None),
        ("method", None),
    ]
    assert "day" in {field.name for field in second.fields}
    # a row without changes left is skipped, and lists its kept fields
    unchanged = imports.preview(
        db,
        ruth,
        request(NEWER, dict.fromkeys(OF_TERMS, "keep")),
        today=today,
    )
    assert [row.action for row in unchanged.rows] == ["skip", "skip"]
    assert all(len(row.kept) == len(OF_TERMS) for row in unchanged.rows)
    assert imports.as_json(unchanged.plan)["kept"] == dict.fromkeys(
        ("day", "grace", "method", "number", "total"), 2
    )


def test_equal_values_are_not_listed_as_kept(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(db, ruth, request(FULL), **when)
    preview = imports.import_file(db, ruth, request(FULL, dict.fromkeys(OF_TERMS, "keep")), **when)
    assert (preview.plan.main.skip, preview.plan.main.kept) == (2, {})


def test_a_new_pledge_gets_all_its_terms(
    db: Session, ruth: Actor, today: date, now: datetime, stored: int
) -> None:
    policies = dict.fromkeys(OF_TERMS, "keep")
    preview = imports.import_file(
        db,
        ruth,
        request(FULL, policies),
        today=today,
        now=now,
    )
    assert terms_of(db) == STORED
    assert preview.plan.main.kept == {}
