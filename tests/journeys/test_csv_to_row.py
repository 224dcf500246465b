"""Journey A of ARCHITECTURE.md: files from the browser to rows, and back."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, BinaryExpression, ColumnElement, func, select, text

from app import alerts, imports, pledges
from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import (
    Activity,
    Alert,
    Base,
    Donor,
    DonorExternalId,
    DonorSummary,
    Fund,
    Gift,
    ImportRun,
    Pledge,
    Task,
)
from app.kit.errors import ConflictError
from app.kit.money import Money
from tests import factories as make
from tests.values import present

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
# as other systems write them: a byte-order mark, Windows line ends, semicolons, a totals row
ENTITIES = (
    "﻿entity_id,name,email,phone,address,entity_type\r\n"
    "E-1,Zoë Marchbank,zoe@post.example,+1 212 555 0101,12 Mill Street,individual\r\n"
    "E-2,Hillcrest Community Church,office@hillcrest.example,,1 Church Row,organization\r\n"
    "E-3,Æthel Underhill,aethel@post.example,,,individual\r\n"
).encode()
FUNDS = b"fund_id,name,status\nF-1,School meals,active\n"
PLEDGES = (
    b"pledge_id,entity_id,fund_id,amount,cadence,status,start_date\n"
    b"P-1,E-1,F-1,50.00,monthly,active,2026-08-05\n"
)
GIFTS = (
    b"transaction_id;entity_id;fund_id;amount;posted_date\n"
    b"T-1;E-1;F-1;50.00;2026-08-05\n"
    b"T-2;E-1;F-1;50.00;2026-09-07\n"
    b"T-3;E-2;;1250.00;2026-11-20\n"
    b"T-4;E-1;F-1;2.00;2026-10-30\n"
    b"T-5;E-9;F-1;75.00;2026-11-02\n"
    b"T-6;E-1;F-1;12.345;2026-11-02\n"
    b"T-7;E-3;;30.00;2027-01-02\n"
)
NEXT_GIFT = b"transaction_id,entity_id,fund_id,amount,posted_date\nT-8,E-1,F-1,100.00,2026-11-22\n"


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, goal="4000")


def preview(actor: Actor, name: str, data: bytes) -> imports.Preview:
    with transaction_for_system() as db:
        return imports.preview(db, actor, imports.ImportRequest(name, data), today=TODAY)


def commit(actor: Actor, preview: imports.Preview) -> imports.Plan:
    with transaction_for_system() as db:
        return imports.commit(
            db, actor, run_id=preview.run_id, plan_hash=preview.plan_hash, today=TODAY, now=NOW
        )


def bring(actor: Actor, name: str, data: bytes) -> imports.Preview:
    plan_preview = preview(actor, name, data)
    commit(actor, plan_preview)
    return plan_preview


def numbers(preview: imports.Preview) -> dict[str, int]:
    main = preview.plan.main
    names = ("rows", "create", "update", "skip", "conflict", "error")
    return {name: getattr(main, name) for name in names if getattr(main, name)}


def counted(model: type[Base], *conditions: ColumnElement[bool] | BinaryExpression[bool]) -> int:
    with transaction_for_system() as db:
        answer: int = present(
            db.scalar(select(func.count()).select_from(model).where(*conditions))
        )
        return answer


def summaries_are_exact() -> bool:
    with transaction_for_system() as db:
        return not any(
            db.scalar(text(f"select count(*) from (table {name} except table {name}_fresh) x"))
            for name in ("donor_summary", "donor_year", "owner_month")
        )


def test_four_files_become_donors_funds_promises_and_gifts(ruth: Actor) -> None:
    first = bring(ruth, "entities.csv", ENTITIES)
    assert numbers(first) == {"rows": 3, "create": 3}
    assert numbers(bring(ruth, "funds.csv", FUNDS)) == {"rows": 1, "create": 1}
    assert numbers(bring(ruth, "pledges.csv", PLEDGES)) == {"rows": 1, "create": 1}

    plan_preview = preview(ruth, "transactions.csv", GIFTS)
    assert plan_preview.plan.preset == "entities"
    assert numbers(plan_preview) == {"rows": 7, "create": 4, "error": 3}
    assert plan_preview.plan.main.sum == {"USD": "1352.00"}
    assert (plan_preview.plan.main.first_date, plan_preview.plan.main.last_date) == (
        "2026-08-05",
        "2026-11-20",
    )
    assert {problem.row for problem in plan_preview.plan.main.problems} == {6, 7, 8}
    assert counted(Gift) == 0, "looking changes nothing"

    commit(ruth, plan_preview)

    with transaction_for_system() as db:
        gifts = db.scalars(select(Gift).order_by(Gift.external_id)).all()
        zoe = db.scalars(
            select(Donor).join(DonorExternalId).where(DonorExternalId.external_id == "E-1")
        ).one()
        church = db.scalars(select(Donor).where(Donor.kind == "organisation")).one()
        fund = db.scalars(select(Fund).where(Fund.name == "School meals")).one()
        promise = db.scalars(select(Pledge)).one()
        summary = db.get(DonorSummary, zoe.id)
    assert [gift.external_id for gift in gifts] == ["T-1", "T-2", "T-3", "T-4"]
    assert {gift.import_run_id for gift in gifts} == {plan_preview.run_id}
    assert (zoe.name, zoe.owner_id, zoe.status) == ("Zoë Marchbank", ruth.user_id, "donor")
    assert church.name == "Hillcrest Community Church"
    linked = {gift.external_id: gift.pledge_id for gift in gifts}
    assert linked == {"T-1": promise.id, "T-2": promise.id, "T-3": None, "T-4": None}
    assert gifts[0].fund_id == fund.id == promise.fund_id
    assert (present(summary).gifts, present(summary).total_minor) == (3, 10_200)
    assert present(summary).last_gift_date == date(2026, 10, 30)
    assert summaries_are_exact()
    assert counted(Activity, Activity.action == "import.committed") == 4


def test_an_imported_gift_closes_the_alert_of_a_late_pledge(ruth: Actor) -> None:
    for name, data in (
        ("entities.csv", ENTITIES),
        ("funds.csv", FUNDS),
        ("pledges.csv", PLEDGES),
        ("transactions.csv", GIFTS),
    ):
        bring(ruth, name, data)
    with transaction_for_system() as db:
        alerts.raise_late_pledges(db, today=TODAY, now=NOW)
        (late,) = pledges.late(db, ruth, today=TODAY)
    assert counted(Alert, Alert.state == "open") == 1
    assert counted(Task, Task.done_at.is_(None)) == 1
    assert late.donor_name == "Zoë Marchbank"
    assert (late.oldest_due, late.behind) == (date(2026, 10, 5), Money.of(100, "USD"))

    bring(ruth, "sunday.csv", NEXT_GIFT)

    with transaction_for_system() as db:
        assert pledges.late(db, ruth, today=TODAY) == []
    assert counted(Alert, Alert.state == "resolved", Alert.resolved_gift_id.is_not(None)) == 1
    assert counted(Task, Task.done_at.is_(None)) == 0
    assert summaries_are_exact()


def test_the_same_file_again_changes_nothing(ruth: Actor) -> None:
    bring(ruth, "entities.csv", ENTITIES)
    second = preview(ruth, "entities.csv", ENTITIES)
    assert numbers(second) == {"rows": 3, "skip": 3}
    commit(ruth, second)
    assert counted(Donor) == 3


def test_a_commit_needs_the_current_preview(ruth: Actor) -> None:
    """The donors change between preview and commit: the plan must be shown again."""
    plan_preview = preview(ruth, "entities.csv", ENTITIES)
    bring(ruth, "entities.csv", ENTITIES)
    with pytest.raises(ConflictError, match="changed since you looked"):
        commit(ruth, plan_preview)
    assert counted(Donor) == 3


def test_undo_reverts_exactly_the_changes_of_the_file(ruth: Actor) -> None:
    bring(ruth, "entities.csv", ENTITIES)
    bring(ruth, "funds.csv", FUNDS)
    bring(ruth, "pledges.csv", PLEDGES)
    preview = bring(ruth, "transactions.csv", GIFTS)
    with transaction_for_system() as db:
        undone = imports.undo(db, ruth, run_id=preview.run_id, now=NOW)
    assert undone.kept == ()
    assert (counted(Gift), counted(Donor), counted(Pledge)) == (0, 3, 1)
    assert counted(Donor, Donor.status == "donor") == 0
    assert summaries_are_exact()
    with transaction_for_system() as db:
        assert present(db.get(ImportRun, preview.run_id)).state == "undone"


def test_another_fundraisers_file_does_not_touch_my_donors(ruth: Actor) -> None:
    bring(ruth, "entities.csv", ENTITIES)
    with transaction_for_system() as db:
        sam = make.person(db)
        rows_before = db.scalars(select(Donor.name).order_by(Donor.id)).all()
    plan_preview = preview(sam, "gifts.csv", NEXT_GIFT)
    assert numbers(plan_preview)["rows"] == 1
    assert not numbers(plan_preview).get("create")
    commit(sam, plan_preview)
    assert counted(Gift) == 0
    with transaction_for_system() as db:
        assert db.scalars(select(Donor.name).order_by(Donor.id)).all() == rows_before
