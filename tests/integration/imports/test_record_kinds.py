"""Contacts, tasks, consents and requests of a file: imported, changed, undone, exported again."""

import csv
import io
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app import exports, imports
from app.accounts import Actor, Role
from app.imports.parsing import record_rows
from app.imports.queries.records import (
    record_kinds,
    record_plan,
    record_write,
    staged_records,
)
from app.imports.queries.related.kinds import RELATED_KINDS
from app.imports.values.records import record_fields, record_problems
from tests import factories as make

AT = time(14, 30)
KINDS = tuple(record_kinds.RECORD_KINDS)
TABLES = {kind: spec.table for kind, spec in record_kinds.RECORD_KINDS.items()}


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db, time_zone="America/New_York", modules=["requests"])
    return make.person(db, name="Ada", role=Role.ADMIN)


def add_everything(db: Session, ada: Actor) -> None:
    ruth = make.person(db, name="Ruth")
    mara = make.donor(db, ruth, "=Mara", email="mara@vogel.example")
    otto = make.donor(db, None, "Otto")
    at = datetime(2026, 3, 1, 3, 30, 5, 123456, tzinfo=UTC)
    make.contact(db, mara, "call", at=at, by_id=ruth.user_id, text='=two\nlines, "quoted"')
    make.contact(db, otto, "note")
    values = {"due_on": date(2027, 2, 28), "repeats": "monthly", "repeats_from": date(2027, 1, 31)}
    make.task(db, ruth, "-Call", donor_id=mara, note="@later", type="thank", priority=1, **values)
    done_at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    make.task(db, ada, "Dentist", due_on=date(2027, 1, 1), due_at=AT, done_at=done_at)
    make.consent(db, mara, recorded_by=ruth.user_id, source="+card")
    make.consent(db, otto, channel="text", granted=False, given_on=date(2026, 2, 3))
    make.care_request(db, mara, '=two\nlines, "quoted"', created_by=ruth.user_id)
    make.care_request(db, otto, "Rest", answered_on=date(2026, 11, 2), answer="@yes")


def export(db: Session, actor: Actor, kind: str, today: date, form: str = "csv") -> bytes:
    out = io.BytesIO()
    exports.write(db, actor, kind=kind, out=out, form=form, today=today)
    return out.getvalue()


def bring(
    db: Session, actor: Actor, data: bytes | str, today: date, now: datetime, **choices: str
) -> imports.Preview:
    data = data.encode() if isinstance(data, str) else data
    request = imports.ImportRequest("x.csv", data, **choices)  # type: ignore[arg-type]
    return imports.import_file(db, actor, request, today=today, now=now)


def counts(preview: imports.Preview) -> tuple[int, int, int, int, int]:
    part = preview.plan.main
    return part.create, part.update, part.skip, part.conflict, part.error


def stored(db: Session, kind: str) -> list[dict[str, object]]:
    return list(db.scalars(text(f"select to_jsonb(t) from {TABLES[kind]} t order by id")))


def test_a_file_says_how_often_a_task_repeats(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    file = "Task,Due,Repeats\nReport,2027-01-31,every month\nOnce,2027-01-31,once\nCall,,\n"
    assert counts(bring(db, ada, file, today, now, kind="tasks")) == (3, 0, 0, 0, 0)
    rows = [(row["title"], row["repeats"], row["repeats_from"]) for row in stored(db, "tasks")]
    assert rows == [
        ("Report", "monthly", "2027-01-31"),
        ("Once", None, None),
        ("Call", None, None),
    ]


def cells(data: bytes) -> list[dict[str, str]]:
    """Return the rows of an export without the ids, which are new in another instance."""
    rows = csv.DictReader(io.StringIO(data.decode()))
    return [
        {name: cell for name, cell in row.items() if "id" not in name.split("_")} for row in rows
    ]


def test_the_modules_know_the_same_kinds() -> None:
    every = (*record_kinds.RECORD_KINDS, *RELATED_KINDS)
    assert set(every) == set(record_fields.KINDS) == set(record_fields.FIELDS)
    assert set(record_rows.MAKERS) == set(every) == set(staged_records.SHAPES)
    assert set(every) <= set(exports.IMPORTABLE)
    assert all(sentence.endswith(".") for sentence, _ in record_problems.PROBLEMS.values())


@pytest.mark.parametrize("form", exports.FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_own_export_changes_nothing(
    db: Session, ada: Actor, today: date, now: datetime, kind: str, form: str
) -> None:
    add_everything(db, ada)
    before = stored(db, kind)
    assert counts(bring(db, ada, export(db, ada, kind, today, form), today, now)) == (
        0,
        0,
        2,
        0,
        0,
    )
    assert stored(db, kind) == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_comes_back_in_another_instance(
    db: Session, ada: Actor, today: date, now: datetime, kind: str
) -> None:
    add_everything(db, ada)
    files = {name: export(db, ada, name, today) for name in ("donors", kind)}
    for table in ("care_request", "task", "contact_log", "donor_consent", "donor_email", "donor"):
        db.execute(text(f"delete from {table}"))
    # the id of the instance is computed from it
    db.execute(text("update organisation set created_at = created_at - interval '1 year'"))
    bring(db, ada, files["donors"], today, now)
    imported = bring(db, ada, files[kind], today, now)
    assert counts(imported) == (2, 0, 0, 0, 0), imported.plan.main.problems
    assert cells(export(db, ada, kind, today)) == cells(files[kind])
    assert counts(bring(db, ada, files[kind], today, now)) == (0, 0, 2, 0, 0)
    assert counts(bring(db, ada, export(db, ada, kind, today), today, now)) == (0, 0, 2, 0, 0)
    assert imports.undo(db, ada, run_id=imported.run_id, now=now).kept == ()
    assert stored(db, kind) == []


CHANGES = {
    "contacts": (b"two\nlines", b"three\nlines", "text"),
    "tasks": (b"Dentist", b"Doctor", "title"),
    "requests": (b"@yes", b"@no", "answer"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_changed_cell_is_an_update_that_an_undo_reverts(
    db: Session, ada: Actor, today: date, now: datetime, kind: str
) -> None:
    add_everything(db, ada)
    before = stored(db, kind)
    old, new, field = CHANGES[kind]
    data = export(db, ada, kind, today).replace(old, new)
    preview = bring(db, ada, data, today, now)
    assert counts(preview) == (0, 1, 1, 0, 0)
    [change] = [change for change in preview.rows if change.action == "update"]
    [shown] = change.fields
    assert (shown.name, new.decode().replace("\n", ", ") in (shown.after or "")) == (field, True)
    after = stored(db, kind)
    changed = [
        name
        for row, was in zip(after, before, strict=True)
        for name in row
        if row[name] != was[name]
    ]
    assert set(changed) <= {field, "version", "updated_at"}
    assert field in changed
    imports.undo(db, ada, run_id=preview.run_id, now=now)
    assert [row | {"updated_at": ""} for row in stored(db, kind)] == [
        row | {"updated_at": ""} for row in before
    ]


def test_a_file_does_not_change_a_consent(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    add_everything(db, ada)
    before = stored(db, "consents")
    data = export(db, ada, "consents", today).replace(b",no,", b",yes,")
    preview = bring(db, ada, data, today, now)
    assert counts(preview) == (0, 0, 1, 1, 0)
    [problem] = preview.plan.main.problems
    assert problem.problem.code == "consent_unlike_stored"
    assert stored(db, "consents") == before


def test_contacts_of_another_system_are_mapped_and_imported_once(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    mara = make.donor(db, ada, "Mara", email="mara@vogel.example")
    data = (
        "Email address,Date,Type,Notes\n"
        "mara@vogel.example,2026-01-31,Phone call,Said hello\n"
        "mara@vogel.example,2026-02-01 09:30,Visit,\n"
        "mara@vogel.example,2026-03-01,Note,Not a contact\n"
        "nobody@vogel.example,2026-02-01,Visit,\n"
        "mara@vogel.example,,Visit,\n"
        "mara@vogel.example,2026-02-01,,\n"
        ",2026-02-01,Visit,\n"
    )
    preview = bring(db, ada, data, today, now, kind="contacts")
    assert counts(preview) == (3, 0, 0, 0, 4)
    assert {problem.problem.code for problem in preview.plan.main.problems} == {
        "donor_unknown",
        "date_missing",
        "contact_kind_missing",
        "donor_missing",
    }
    kept = [(row["kind"], row["at"], row["text"]) for row in stored(db, "contacts")]
    assert kept == [
        ("call", "2026-01-31T17:00:00+00:00", "Said hello"),
        ("meeting", "2026-02-01T14:30:00+00:00", None),
        ("note", "2026-03-01T17:00:00+00:00", "Not a contact"),
    ]
    last = "select last_contacted_on from donor where id = :id"
    assert db.scalar(text(last), {"id": mara}) == date(2026, 2, 1)
    assert counts(bring(db, ada, data, today, now, kind="contacts"))[:3] == (0, 0, 3)
    imports.undo(db, ada, run_id=preview.run_id, now=now)
    assert stored(db, "contacts") == []
    assert db.scalar(text(last), {"id": mara}) is None


def test_a_fundraiser_brings_rows_of_own_donors_in_the_own_name(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    ruth, sam = make.person(db, name="Ruth"), make.person(db, name="Sam")
    make.donor(db, ruth, "Mara", email="mara@vogel.example")
    make.donor(db, sam, "Otto", email="otto@fir.example")
    header = "id,donor_id,donor_email,contact_kind,contacted_at,logged_by,contact_text\n"
    rows = "".join(
        f"C-{number},,{email},call,2026-01-05T10:00:00Z,{by},Hello\n"
        for number, (email, by) in enumerate(
            [
                ("mara@vogel.example", ruth.email),
                ("mara@vogel.example", sam.email),
                ("otto@fir.example", ruth.email),
            ]
        )
    )
    preview = bring(db, ruth, header + rows, today, now)
    assert counts(preview) == (2, 0, 0, 0, 1)
    assert [row["by_id"] for row in stored(db, "contacts")] == [ruth.user_id, None]
    tasks = "id,donor_id,donor_name,type,title,note,priority,due_on,assignee_email,done_on\n"
    for number, by in enumerate(("", ruth.email, sam.email, "gone@x.example")):
        tasks += f"T-{number},,,call,Call {number},,2,2026-12-01,{by},\n"
    preview = bring(db, ruth, tasks, today, now)
    assert counts(preview) == (2, 0, 0, 0, 2)
    assert [problem.problem.code for problem in preview.plan.main.problems] == [
        "assignee_is_other",
        "assignee_unknown",
    ]
    assert {row["assignee_id"] for row in stored(db, "tasks")} == {ruth.user_id}
    assert counts(bring(db, ada, tasks, today, now))[3] == 2, "the tasks of somebody else"


def test_a_stored_record_of_somebody_elses_donor_is_not_changed(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    add_everything(db, ada)
    sam = make.person(db, name="Sam")
    for kind in KINDS:
        data = export(db, ada, kind, today)
        before = stored(db, kind)
        created, updated, *_ = counts(bring(db, sam, data, today, now))
        assert (created, updated) == (0, 0), kind
        assert stored(db, kind) == before


def test_an_undo_of_a_run_without_records_says_nothing(db: Session, ada: Actor) -> None:
    add_everything(db, ada)
    before = {kind: stored(db, kind) for kind in KINDS}
    assert record_write.take_back(db, run_id=10**9) == []
    assert {kind: stored(db, kind) for kind in KINDS} == before


def test_a_row_is_planned_only_when_its_kind_is_staged(db: Session, ada: Actor) -> None:
    with pytest.raises(ProgrammingError, match="import_tasks"), db.begin_nested():
        record_plan.plan(db, ada, kind="tasks", source="file")


def test_an_undo_leaves_a_task_that_was_worked_on(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    data = (
        "id,donor_id,title,due_on,done_on,note,priority,type\n"
        "T-1,,Write,2026-12-01,,,,\nT-2,,Call,2026-12-01,,,,\n"
    )
    preview = bring(db, ada, data, today, now)
    db.execute(text("update task set done_at = now(), version = 2 where title = 'Write'"))
    undone = imports.undo(db, ada, run_id=preview.run_id, now=now)
    assert undone.kept == ("Task Write was changed by somebody since.",)
    assert [row["title"] for row in stored(db, "tasks")] == ["Write"]


def test_requests_of_another_system_are_mapped_and_refused_one_by_one(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    make.donor(db, ada, "Mara", email="mara@vogel.example")
    data = (
        "Email address,Prayer request,Request date,Answered,Outcome\n"
        "mara@vogel.example,Rest,2026-01-31,2026-03-01,She rests.\n"
        "mara@vogel.example,Work,2026-01-31,,\n"
        "mara@vogel.example,,2026-02-01,,\n"
        "mara@vogel.example,Health,,,\n"
        "mara@vogel.example,Health,2026-03-01,2026-02-01,Yes\n"
        "mara@vogel.example,Health,2026-03-01,,Yes\n"
        "nobody@vogel.example,Health,2026-03-01,,\n"
    )
    preview = bring(db, ada, data, today, now, kind="requests")
    assert counts(preview) == (2, 0, 0, 0, 5)
    assert sorted(problem.problem.code for problem in preview.plan.main.problems) == [
        "answer_without_day",
        "answered_too_early",
        "date_missing",
        "donor_unknown",
        "request_missing",
    ]
    kept = [(row["text"], row["answered_on"], row["answer"]) for row in stored(db, "requests")]
    assert kept == [("Rest", "2026-03-01", "She rests."), ("Work", None, None)]
    assert counts(bring(db, ada, data, today, now, kind="requests"))[:3] == (0, 0, 2)


def test_a_file_cannot_ask_after_the_answer_that_is_stored(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    add_everything(db, ada)
    before = stored(db, "requests")
    header, *rows = export(db, ada, "requests", today).decode().splitlines()
    answered = next(row for row in rows if "2026-11-02" in row)
    later = (
        answered.replace("2026-11-01", "2026-11-20").replace("2026-11-02", "").replace("'@yes", "")
    )
    preview = bring(db, ada, f"{header}\n{later}\n", today, now)
    assert counts(preview) == (0, 0, 0, 0, 1)
    [problem] = preview.plan.main.problems
    assert problem.problem.code == "answered_too_early"
    assert stored(db, "requests") == before


def test_requests_are_refused_while_the_module_is_off(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    add_everything(db, ada)
    data = export(db, ada, "requests", today)
    db.execute(text("delete from care_request"))
    db.execute(text("update organisation set modules = '{}'"))
    preview = bring(db, ada, data, today, now)
    assert counts(preview) == (0, 0, 0, 0, 2)
    assert {problem.problem.code for problem in preview.plan.main.problems} == {
        "requests_switched_off"
    }
    assert stored(db, "requests") == []


def test_an_undo_leaves_a_request_that_was_answered(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    make.donor(db, ada, "Mara", email="mara@vogel.example")
    data = "Email,Prayer request,Request date\nmara@vogel.example,Rest,2026-01-31\n"
    preview = bring(db, ada, data, today, now, kind="requests")
    db.execute(text("update care_request set answered_on = '2026-02-01', version = 2"))
    undone = imports.undo(db, ada, run_id=preview.run_id, now=now)
    assert undone.kept == ("A request of Mara was changed by somebody since.",)
    assert len(stored(db, "requests")) == 1
