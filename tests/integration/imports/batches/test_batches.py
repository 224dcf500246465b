"""Several files as one import: order, links, all or nothing, and the undo of all of them."""

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories
from tests.integration.imports.test_service import (
    ENTITIES,
    FUNDS,
    GIFTS,
    PLEDGES,
    dump,
)

FILES = {
    "gifts.csv": GIFTS.replace("entity_id,", "entity_id,pledge_id,")
    .replace("E1,F1", "E1,P1,F1")
    .replace("007,F2", "007,,F2"),
    "pledges.csv": PLEDGES,
    "people.csv": ENTITIES,
    "funds.csv": FUNDS,
}
ORDER = ["funds.csv", "people.csv", "pledges.csv", "gifts.csv"]
# from a system whose format is not known
OWN_PEOPLE = "Supporter No,Full name,Email\n1,Ann Lee,ann@lee.example\n2,Bo Lee,bo@lee.example\n"
OWN_GIFTS = (
    "Supporter No,Amount,Date,Gift No\n1,10.00,2026-01-05,G1\n2,20.00,2026-02-05,G2\n"
    "3,30.00,2026-03-05,G3\n"
)
OWN = {"gifts.csv": OWN_GIFTS, "people.csv": OWN_PEOPLE}
PEOPLE_MAP = {"Supporter No": "external_id", "Full name": "name", "Email": "email"}
GIFTS_MAP = {
    "Supporter No": "donor_external_id",
    "Amount": "amount",
    "Date": "gift_date",
    "Gift No": "external_id",
}

Plan = Callable[..., imports.Batch]


def requests(files: dict[str, str]) -> list[imports.ImportRequest]:
    return [imports.ImportRequest(name, data.encode()) for name, data in files.items()]


def own_requests() -> list[imports.ImportRequest]:
    people, gifts = (imports.ImportRequest(name, OWN[name].encode()) for name in reversed(OWN))
    return [
        replace(gifts, kind="gifts", mapping=GIFTS_MAP),
        replace(people, kind="donors", mapping=PEOPLE_MAP),
    ]


@pytest.fixture
def ruth(db: Session) -> Actor:
    factories.organisation(db)
    return factories.person(db, name="Ruth")


@pytest.fixture
def plan(db: Session, ruth: Actor, today: date, now: datetime) -> Plan:
    def plan(
        files: Sequence[imports.ImportRequest] | dict[str, str], actor: Actor | None = None
    ) -> imports.Batch:
        given = requests(files) if isinstance(files, dict) else files
        return imports.preview_together(db, actor or ruth, given, today=today, now=now)

    return plan


@pytest.fixture
def commit(db: Session, ruth: Actor, today: date, now: datetime) -> Callable[..., None]:
    def commit(batch: imports.Batch, actor: Actor | None = None) -> None:
        assert batch.batch_id is not None
        imports.commit_together(
            db,
            actor or ruth,
            batch_id=batch.batch_id,
            plan_hashes=batch.plan_hashes,
            today=today,
            now=now,
        )

    return commit


def names(batch: imports.Batch) -> list[str]:
    return [file.file_name for file in batch.files]


def counts(batch: imports.Batch) -> dict[str, tuple[int, ...]]:
    return {
        preview.file_name: tuple(
            getattr(preview.plan.main, name)
            for name in ("create", "update", "skip", "conflict", "error")
        )
        for preview in batch.previews
    }


def states(db: Session) -> list[str]:
    return list(db.scalars(text("select state from import_run order by id")))


def gifts(db: Session) -> list[tuple[object, ...]]:
    rows = db.execute(
        text("""
        select g.external_id, d.name, p.external_id, f.name, g.amount_minor from gift g
        join donor d on d.id = g.donor_id left join pledge p on p.id = g.pledge_id
        left join fund f on f.id = g.fund_id order by 1
        """)
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("order", list(itertools.permutations(FILES))[::5])
def test_the_order_of_the_upload_does_not_matter(
    db: Session, plan: Plan, commit: Callable[..., None], order: tuple[str, ...]
) -> None:
    before = dump(db)
    batch = plan({name: FILES[name] for name in order})
    assert names(batch) == ORDER
    assert [order[file.place] for file in batch.files] == ORDER
    assert counts(batch) == {
        "funds.csv": (2, 0, 0, 0, 0),
        "people.csv": (2, 0, 0, 0, 0),
        "pledges.csv": (1, 0, 0, 0, 0),
        "gifts.csv": (4, 0, 0, 0, 0),
    }
    # the plan has changed nothing
    assert dump(db) == before
    assert states(db) == ["preview"] * 4
    commit(batch)
    assert states(db) == ["done"] * 4
    assert gifts(db) == [
        ("T1", "Hanna Vogel", "P1", "General", 123450),
        ("T2", "Hanna Vogel", "P1", "General", 5000),
        ("T3", "Grace Chapel", None, "Camp", 2500),
        ("T4", "Grace Chapel", None, "Camp", -2500),
    ]


def test_the_result_is_that_of_one_file_after_the_other(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None], today: date, now: datetime
) -> None:
    def facts() -> dict[str, list[str]]:
        return {
            table: sorted(
                json.dumps(row, sort_keys=True, default=str)
                for row in db.scalars(
                    text(
                        "select to_jsonb(t) - array['id', 'donor_id', 'fund_id', 'pledge_id',"
                        " 'gift_id', 'alert_id', 'reverses_id', 'import_run_id', 'created_at',"
                        f" 'updated_at', 'key', 'data', 'first_id', 'last_id'] from {table} t"
                    )
                )
            )
            for table in ("donor", "donor_email", "fund", "pledge", "gift", "alert", "task")
        }

    with db.begin_nested() as savepoint:
        for name in ORDER:
            request = imports.ImportRequest(name, FILES[name].encode())
            imports.import_file(db, ruth, request, today=today, now=now)
        expected = facts()
        savepoint.rollback()
    commit(plan(FILES))
    assert facts() == expected


def test_the_same_files_again_change_nothing(
    db: Session, plan: Plan, commit: Callable[..., None]
) -> None:
    commit(plan(FILES))
    before = dump(db)
    batch = plan(FILES)
    assert counts(batch) == {
        "funds.csv": (0, 0, 2, 0, 0),
        "people.csv": (0, 0, 2, 0, 0),
        "pledges.csv": (0, 0, 1, 0, 0),
        "gifts.csv": (0, 0, 4, 0, 0),
    }
    commit(batch)
    assert dump(db) == before


def test_files_of_an_unknown_format_are_linked_by_their_ids_and_every_row_is_counted(
    db: Session, plan: Plan, commit: Callable[..., None]
) -> None:
    batch = plan(own_requests())
    assert names(batch) == ["people.csv", "gifts.csv"]
    assert counts(batch) == {"people.csv": (2, 0, 0, 0, 0), "gifts.csv": (2, 0, 0, 0, 1)}
    for preview in batch.previews:
        part = preview.plan.main
        assert part.rows == part.create + part.update + part.skip + part.conflict + part.error
    (problem,) = batch.previews[1].plan.main.problems
    assert problem.row == 4
    # the plan names donors that are not here yet
    assert [row.name for row in batch.previews[1].rows] == ["Ann Lee", "Bo Lee", "3"]
    commit(batch)
    assert [row[:2] for row in gifts(db)] == [("G1", "Ann Lee"), ("G2", "Bo Lee")]


def test_a_file_of_an_unknown_format_takes_the_source_of_the_known_one(
    db: Session, plan: Plan, commit: Callable[..., None]
) -> None:
    own = imports.ImportRequest(
        "gifts.csv",
        OWN_GIFTS.replace("\n1,", "\nE1,").replace("\n2,", "\n007,").encode(),
        kind="gifts",
        mapping=GIFTS_MAP,
    )
    batch = plan([own, *requests({"people.csv": ENTITIES})])
    assert counts(batch)["gifts.csv"] == (2, 0, 0, 0, 1)
    commit(batch)
    assert [row[:2] for row in gifts(db)] == [("G1", "Hanna Vogel"), ("G2", "Grace Chapel")]


def test_two_files_of_one_kind_are_read_in_the_order_given(
    db: Session, plan: Plan, commit: Callable[..., None]
) -> None:
    head, *rows = GIFTS.splitlines(keepends=True)
    corrected = head + rows[1].replace("50.00", "60.00") + rows[3]
    files = {
        "second.csv": head + "".join(rows[:3]),
        "people.csv": ENTITIES,
        "third.csv": corrected,
        "funds.csv": FUNDS,
    }
    batch = plan(files)
    assert names(batch) == ["funds.csv", "people.csv", "second.csv", "third.csv"]
    # the second file corrects a gift of the first, and reverses one
    assert counts(batch)["third.csv"] == (1, 1, 0, 0, 0)
    before = dump(db)
    commit(batch)
    assert [(row[0], row[4]) for row in gifts(db)] == [
        ("T1", 123450),
        ("T2", 6000),
        ("T3", 2500),
        ("T4", -2500),
    ]
    assert batch.batch_id is not None
    assert dump(db) != before


def test_undoing_all_restores_what_was_there_before(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None], now: datetime
) -> None:
    donor = factories.donor(
        db, ruth, "Hanna Vogel", email="Hanna@Vogel.example", status="lapsed", notes="kept"
    )
    pledge = factories.pledge(db, donor, "50", fund_id=None)
    key = f"late_pledge:{pledge}:2026-01-01"
    alert = factories.alert(db, donor, pledge_id=pledge, key=key, since=date(2026, 1, 1))
    factories.task(db, ruth, donor_id=donor, alert_id=alert)
    before = dump(db)
    head, *rows = GIFTS.splitlines(keepends=True)
    more = head + rows[1].replace("50.00", "60.00")
    batch = plan({**FILES, "more.csv": more})
    assert counts(batch)["people.csv"] == (1, 1, 0, 0, 0)
    assert counts(batch)["more.csv"] == (0, 1, 0, 0, 0)
    commit(batch)
    assert dump(db) != before
    assert batch.batch_id is not None
    undone = imports.undo_together(db, ruth, batch_id=batch.batch_id, now=now)
    assert [(each.run_id, each.kept) for each in undone] == [
        (preview.run_id, ()) for preview in batch.previews
    ]
    assert dump(db) == before
    assert states(db) == ["undone"] * 5
    with pytest.raises(ConflictError):
        imports.undo_together(db, ruth, batch_id=batch.batch_id, now=now)


def test_one_file_is_undone_alone_and_the_others_later(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None], now: datetime
) -> None:
    before = dump(db)
    batch = plan(FILES)
    commit(batch)
    assert batch.batch_id is not None
    imports.undo(db, ruth, run_id=batch.previews[-1].run_id, now=now)
    assert not gifts(db)
    assert states(db) == ["done", "done", "done", "undone"]
    undone = imports.undo_together(db, ruth, batch_id=batch.batch_id, now=now)
    assert [each.run_id for each in undone] == [each.run_id for each in batch.previews[:3]]
    assert dump(db) == before


def test_what_was_worked_on_since_stays_with_what_it_hangs_on(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None], now: datetime
) -> None:
    batch = plan(FILES)
    commit(batch)
    db.execute(text("update gift set thanked_at = now() where external_id = 'T1'"))
    assert batch.batch_id is not None
    undone = imports.undo_together(db, ruth, batch_id=batch.batch_id, now=now)
    kept = [sentence for each in undone for sentence in each.kept]
    assert any("gift of Hanna Vogel" in sentence for sentence in kept)
    assert list(db.scalars(text("select name from donor"))) == ["Hanna Vogel"]


def test_data_changed_after_the_plan_stops_all_files(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None]
) -> None:
    batch = plan(FILES)
    # the first file stays as it was planned, the second does not
    factories.donor(db, ruth, "Hanna Vogel", email="hanna@vogel.example")
    before = dump(db)
    with pytest.raises(imports.PlanChangedError):
        commit(batch)
    assert dump(db) == before
    assert states(db) == ["preview"] * 4
    again = plan(FILES)
    assert counts(again)["people.csv"] == (1, 1, 0, 0, 0)
    commit(again)


def test_the_plan_stays_the_same_while_ids_are_used_up(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None]
) -> None:
    head, *rows = GIFTS.splitlines(keepends=True)
    files = FILES | {"more.csv": head + rows[0] + rows[3].replace("T4", "T5")}
    batch = plan(files)
    other = factories.donor(db, ruth, "Somebody Else")
    factories.gift(db, other, 5, on=date(2026, 1, 1))
    assert plan(files).plan_hashes == batch.plan_hashes
    commit(batch)


def test_a_file_that_fails_while_it_is_written_leaves_nothing(
    db: Session, plan: Plan, commit: Callable[..., None]
) -> None:
    batch = plan(FILES)
    before = dump(db)
    with db.begin_nested() as savepoint:
        db.execute(
            text(
                "create function refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'refused'; end $$"
            )
        )
        db.execute(text("create trigger refuse before insert on gift execute function refuse()"))
        with pytest.raises(Exception, match="refused"):
            commit(batch)
        assert dump(db) == before
        assert states(db) == ["preview"] * 4
        savepoint.rollback()


def test_a_file_that_cannot_be_planned_is_named_and_nothing_is_stored(
    db: Session, plan: Plan
) -> None:
    batch = plan({"gifts.csv": GIFTS, "empty.csv": " ", "people.csv": ENTITIES})
    assert batch.batch_id is None
    assert names(batch) == ["people.csv", "gifts.csv", "empty.csv"]
    assert [file.kind for file in batch.files] == ["donors", "gifts", None]
    people, money, empty = batch.files
    assert people.error is None
    assert money.error is None
    assert "empty" in str(empty.error)
    assert not batch.previews
    assert states(db) == []


def test_every_file_asks_its_own_question(db: Session, plan: Plan) -> None:
    day = "Supporter No,Amount,Date,Gift No\n1,10.00,03/04/2026,G1\n"
    first = imports.ImportRequest("a.csv", day.encode(), kind="gifts", mapping=GIFTS_MAP)
    second = replace(first, file_name="b.csv", data=day.replace("G1", "G2").encode())
    people = own_requests()[1]
    batch = plan([first, second, people])
    assert {file.file_name: getattr(file.error, "question", None) for file in batch.files} == {
        "people.csv": None,
        "a.csv": "date_order",
        "b.csv": "date_order",
    }
    assert states(db) == []
    answered = plan([replace(first, date_order="dmy"), replace(second, date_order="mdy"), people])
    assert [each.plan.main.first_date for each in answered.previews[1:]] == [
        "2026-04-03",
        "2026-03-04",
    ]


def test_a_question_about_a_donor_that_another_file_adds_is_answered(
    db: Session, plan: Plan, commit: Callable[..., None]
) -> None:
    people = "Name,Email,City\nAnn Lee,home@lee.example,Barton\nBo Lee,home@lee.example,Barton\n"
    money = "Name,Email,Amount,Date\nC. Lee,home@lee.example,10.00,2026-01-05\n"
    files = requests({"people.csv": people, "gifts.csv": money})
    batch = plan(files)
    (question,) = batch.previews[1].people
    keys = {each.name: each.donor_id for each in question.candidates}
    assert sorted(keys) == ["Ann Lee", "Bo Lee"]
    assert max(keys.values()) < 0
    answer = {str(question.row): str(keys["Bo Lee"])}
    # a file added before them leaves the answer as it is
    (funds,) = requests({"funds.csv": FUNDS})
    batch = plan([funds, files[0], replace(files[1], people=answer)])
    assert counts(batch)["gifts.csv"] == (1, 0, 0, 0, 0)
    commit(batch)
    assert [row[1] for row in gifts(db)] == ["Bo Lee"]


def test_finance_imports_several_files_of_gifts_and_nothing_else(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None], today: date, now: datetime
) -> None:
    factories.donor(db, ruth, "Hanna Vogel", email="hanna@vogel.example")
    fiona = factories.person(db, role=Role.FINANCE, name="Fiona")
    money = "Email,Amount,Date,Gift id\nhanna@vogel.example,{},2026-01-05,{}\n"
    files = {"a.csv": money.format(10, "A"), "b.csv": money.format(20, "B")}
    commit(plan(files, fiona), fiona)
    assert [row[:2] for row in gifts(db)] == [("A", "Hanna Vogel"), ("B", "Hanna Vogel")]
    batch = plan(files | {"people.csv": ENTITIES}, fiona)
    assert batch.batch_id is None
    refused = {file.file_name: file.error for file in batch.files}
    assert isinstance(refused["people.csv"], NotAllowedError)


def test_another_user_neither_commits_nor_undoes_it(
    db: Session, ruth: Actor, plan: Plan, commit: Callable[..., None], now: datetime
) -> None:
    batch = plan(FILES)
    assert batch.batch_id is not None
    mei = factories.person(db, name="Mei")
    with pytest.raises(NotFoundError):
        commit(batch, mei)
    with pytest.raises(NotFoundError):
        imports.queue_together(db, mei, batch_id=batch.batch_id, plan_hashes=batch.plan_hashes)
    with pytest.raises(NotAllowedError):
        commit(batch, factories.person(db, role=Role.ADMIN, name="Ada"))
    commit(batch)
    with pytest.raises(NotFoundError):
        imports.undo_together(db, mei, batch_id=batch.batch_id, now=now)


def test_a_file_of_a_batch_is_not_imported_alone(
    db: Session, ruth: Actor, plan: Plan, today: date, now: datetime
) -> None:
    first = plan(FILES).previews[0]
    with pytest.raises(ConflictError, match="together"):
        imports.commit(
            db, ruth, run_id=first.run_id, plan_hash=first.plan_hash, today=today, now=now
        )
    with pytest.raises(ConflictError):
        imports.queue_import(db, ruth, run_id=first.run_id, plan_hash=first.plan_hash)


@pytest.mark.parametrize("number", [0, 1, imports.MAX_FILES + 1])
def test_the_number_of_files_is_limited(plan: Plan, number: int) -> None:
    with pytest.raises(InvalidError, match="between 2 and"):
        plan([imports.ImportRequest(f"{n}.csv", ENTITIES.encode()) for n in range(number)])


def test_a_batch_can_be_cancelled_while_it_waits(
    db: Session, ruth: Actor, plan: Plan, now: datetime
) -> None:
    batch = plan(FILES)
    assert batch.batch_id is not None
    imports.queue_together(db, ruth, batch_id=batch.batch_id, plan_hashes=batch.plan_hashes)
    assert states(db) == ["queued"] * 4
    imports.cancel(db, ruth, run_id=batch.previews[2].run_id, now=now)
    assert states(db) == ["cancelled"] * 4


def test_one_step_for_the_command_line(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    failed = imports.import_together(
        db, ruth, requests(FILES | {"empty.csv": " "}), today=today, now=now
    )
    assert failed.batch_id is None
    assert not gifts(db)
    imports.import_together(db, ruth, requests(FILES), today=today, now=now)
    assert len(gifts(db)) == 4


def test_many_new_donors_update_the_statistics_before_they_are_joined(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    """Statistics of an emptied table would make the joins compare every donor with every row."""
    people = "Name,Email\n" + "".join(f"Donor {n},d{n}@lee.example\n" for n in range(5_001))
    request = imports.ImportRequest("people.csv", people.encode())
    imports.import_file(db, ruth, request, today=today, now=now)
    estimated = db.scalar(text("select reltuples from pg_class where relname = 'donor'"))
    assert estimated is not None
    assert estimated > 5_000
