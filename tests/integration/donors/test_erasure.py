"""Erasure of a donor: no trace of the name remains in any table, and no sum changes."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import String, Table, Text, insert, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app import audit, donors, gifts, households, imports, pledges, privacy, tasks
from app.accounts import Actor
from app.db import idempotency_keys
from app.db.models import (
    Alert,
    Base,
    Donor,
    DonorConsent,
    ImportChange,
    ImportRun,
    OutboxMessage,
    SoftCredit,
)
from app.imports import upload_store
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from app.privacy import text_redaction
from app.settings import settings
from tests import factories as make

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
NAME = "Quirina Zwetsloot"
MAIL = "quirina@zwetsloot.example"
LAST_NAME = "Zwetsloot"

# references of the accounting, not personal data
NOT_ERASED = {
    ("gift", "source"),
    ("gift", "external_id"),
    ("gift", "receipt_number"),
    ("pledge", "source"),
    ("pledge", "external_id"),
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


def fill_every_table(db: Session, actor: Actor) -> int:
    """Create a donor with a row in every table about donors; return its id."""
    donor_id = make.donor(
        db,
        actor,
        NAME,
        email=MAIL,
        phone="555 0147 88",
        tag=f"friend of {LAST_NAME}",
        address={"street": f"{LAST_NAME} Lane 4", "city": "Delft"},
        external=("old", LAST_NAME),
        notes=f"{LAST_NAME} likes tea",
        first_name="Quirina",
        last_name=LAST_NAME,
        custom={"nickname": LAST_NAME},
        status="donor",
    )
    fund = make.fund(db, "Wells")
    first = make.gift(
        db,
        donor_id,
        "50",
        date(2026, 3, 1),
        note=f"from {LAST_NAME}",
        parts=((fund, "30"), (None, "20")),
    )
    make.gift(db, donor_id, "70", date(2026, 9, 1), thanked_how="letter")
    pledge = make.pledge(db, donor_id, "20", "monthly", date(2026, 1, 1), note=f"{LAST_NAME} said")
    make.pause(db, pledge, date(2026, 5, 1), date(2026, 6, 1))
    make.skip(db, pledge, date(2026, 8, 1))
    for table in ("pledge_pause", "pledge_skip"):
        db.execute(text(f"update {table} set reason = '{LAST_NAME} is away'"))
    make.pledge_amount(db, pledge, "25", date(2026, 7, 1))
    values = {"donor": donor_id, "pledge": pledge, "gift": first}
    db.execute(
        text(
            "insert into pledge_terms (pledge_id, donor_id, until_date, frequency)"
            " values (:pledge, :donor, '2026-02-01', 'weekly')"
        ),
        values,
    )
    db.execute(
        text(
            "insert into pledge_refusal (gift_id, pledge_id, donor_id)"
            " values (:gift, :pledge, :donor)"
        ),
        values,
    )
    make.contact(db, donor_id, text=f"Called {LAST_NAME}")
    make.task(db, actor, f"Write to {NAME}", donor_id=donor_id, note=LAST_NAME)
    day = date(2026, 11, 2)
    make.care_request(db, donor_id, f"{LAST_NAME} is ill", answered_on=day, answer=LAST_NAME)
    make.rhythm(db, donor_id)
    alert = make.alert(db, donor_id, pledge_id=pledge, reason=f"{LAST_NAME} is late")
    db.execute(update(Alert).where(Alert.id == alert).values(facts={"name": LAST_NAME}))
    db.execute(
        insert(SoftCredit).values(
            gift_id=first, donor_id=donor_id, type="spouse", amount_minor=5000
        )
    )
    other = make.donor(db, actor, "Otto")
    households.add_relation(db, actor, donor_id=donor_id, other_id=other, type="parent")
    donors.record_consent(
        db,
        actor,
        donor_id=donor_id,
        channel="email",
        purpose="news",
        granted=True,
        source=f"{LAST_NAME} wrote",
        given_on=TODAY,
        today=TODAY,
    )
    donors.log_view(db, actor, donor_id=donor_id)
    linked = {"gift": first, "pledge": pledge}
    db.execute(text("update gift set pledge_id = :pledge where id = :gift"), linked)
    pledges.refresh_prepaid(db)
    return donor_id


def other_texts_naming_the_donor(db: Session, actor: Actor, donor_id: int) -> str:
    """Create mails and imports that name the donor; return the hash of the uploaded file."""
    mail = {"name": "weekly_summary", "to_email": actor.email, "user_id": actor.user_id}
    for number, state in enumerate(("sent", "queued", "failed")):
        db.execute(
            insert(OutboxMessage).values(
                **mail,
                key=f"k{number}",
                message_id=f"m{number}",
                state=state,
                subject=f"{NAME} gave",
                text_body=f"QUIRINA\n  ZWETSLOOT gave 50 ({MAIL})",
                html_body=f"<b>{NAME}</b>, 555 0147 88",
            )
        )
    data = f"name,email\n{NAME},{MAIL}\n".encode()
    sha = upload_store.save(db, user_id=actor.user_id, data=data)
    run = make.import_run(
        db,
        actor,
        file_sha256=sha,
        file_name=f"{MAIL}.csv",
        problems=[{"cells": [NAME, MAIL]}],
        kept={"rows": 1, "said": [f"{NAME} stays: somebody changed it."]},
    )
    db.execute(update(Donor).where(Donor.id == donor_id).values(import_run_id=run))
    before = {"id": donor_id, "name": NAME, "notes": LAST_NAME}
    images = [
        ("donor", donor_id, before),
        ("donor_address", 1, {"donor_id": donor_id, "x": LAST_NAME}),
    ]
    for table, row, image in images:
        db.execute(
            insert(ImportChange).values(
                run_id=run, table_name=table, row_id=row, before=image, after=image
            )
        )
    idempotency_keys.claim(db, user_id=actor.user_id, key_hash="h", request_hash="r", now=NOW)
    idempotency_keys.store_response(
        db,
        user_id=actor.user_id,
        key_hash="h",
        answer={"status": 201, "body": {"name": NAME, "emails": [MAIL]}},
    )
    return sha


def tables_with(db: Session, text_part: str) -> set[str]:
    """Return the tables that contain the text in any column that is erased."""
    tables = set()
    for table in Base.metadata.sorted_tables:
        not_erased = [column for name, column in NOT_ERASED if name == table.name]
        row = "to_jsonb(t)" + "".join(f" - '{column}'" for column in not_erased)
        statement = f"select exists (select from {table.name} t where ({row})::text ilike :sign)"
        if db.execute(text(statement), {"sign": f"%{text_part}%"}).scalar_one():
            tables.add(table.name)
    return tables


def erase(
    db: Session, actor: Actor, donor_id: int, name: str = NAME, now: datetime = NOW
) -> privacy.Erased:
    return privacy.erase(db, actor, donor_id=donor_id, name=name, now=now)


def test_erasure_removes_every_trace_of_the_name(db: Session, ada: Actor) -> None:
    donor_id = fill_every_table(db, ada)
    sha = other_texts_naming_the_donor(db, ada, donor_id)
    audit.seal(db)
    text_parts = (LAST_NAME, "quirina", MAIL, "0147")
    assert {
        "donor",
        "outbox",
        "import_run",
        "import_change",
        "idempotency_key",
        "activity",
        "donor_search",
        "donor_consent",
        "alert",
        "task",
        "care_request",
    } <= tables_with(db, LAST_NAME)
    done = erase(db, ada, donor_id)
    # a tag belongs to many donors and is not erased
    assert {text_part: tables_with(db, text_part) - {"tag"} for text_part in text_parts} == {
        text_part: set() for text_part in text_parts
    }
    assert (done.texts, done.files) == (5, 1)
    with pytest.raises(NotFoundError):
        upload_store.load(db, user_id=ada.user_id, name=sha)
    assert audit.verify(db).broken is None


def free_columns(table: Table) -> list[str]:
    """Return the free-text columns: no keys and no columns with fixed values."""
    constraints = " ".join(
        str(constraint.sqltext)
        for constraint in table.constraints
        if hasattr(constraint, "sqltext")
    )
    return [
        column.name
        for column in table.columns
        if isinstance(getattr(column.type, "item_type", column.type), String | Text | JSONB)
        and not column.primary_key
        and not column.foreign_keys
        and not re.search(rf"\b{column.name} (in|=|~)", constraints)
        and column.name != "currency"
    ]


def about_a_donor() -> list[Table]:
    return [t for t in Base.metadata.sorted_tables if "donor_id" in t.columns or t.name == "donor"]


def test_every_free_text_column_about_a_donor_is_erased(db: Session, ada: Actor) -> None:
    """Write a marker into each free-text column, also of tables added later."""
    donor_id = fill_every_table(db, ada)
    for table in about_a_donor():
        key = "id" if table.name == "donor" else "donor_id"
        where = f" where {key} = :id"
        count = text(f"select count(*) from {table.name}{where}")
        assert db.execute(count, {"id": donor_id}).scalar_one(), f"fill {table.name}"
        if table.name == "activity":
            continue
        for column in free_columns(table):
            kind = table.columns[column].type
            value = json.dumps({"x": "Canary77"}) if isinstance(kind, JSONB) else "Canary77"
            cast = "::jsonb" if isinstance(kind, JSONB) else ""
            unique = " || id" if column in {"key", "receipt_number", "external_id"} else ""
            db.execute(
                text(f"update {table.name} set {column} = cast(:v as text){cast}{unique}{where}"),
                {"v": value, "id": donor_id},
            )
    assert len(tables_with(db, "Canary77")) > 10
    erase(db, ada, donor_id, name="Canary77")
    assert tables_with(db, "Canary77") == set()


def test_a_removed_email_is_erased_in_mails(db: Session, ada: Actor) -> None:
    donor_id = make.donor(db, ada, NAME, email="old@canary77.example")
    email = donors.get(db, ada, donor_id, today=TODAY).contact.emails[0]
    donors.remove_contact_detail(
        db,
        ada,
        donor_id=donor_id,
        version=1,
        kind=donors.EmailDetail,
        detail_id=email.id or 0,
        today=TODAY,
    )
    make.import_run(db, ada, problems=[{"cells": ["old@canary77.example"]}])
    erase(db, ada, donor_id)
    assert tables_with(db, "canary77") == set()


def sums(db: Session) -> list[object]:
    return [
        db.execute(text(statement)).all()
        for statement in (
            "select * from owner_month order by 1, 2",
            "select * from donor_year order by 1, 2",
            "select sum(total_minor), sum(gifts) from donor_summary",
            "select id, donor_id, amount_minor, base_minor, gift_date, kind from gift order by id",
            "select * from gift_line order by id",
            "select id, amount_minor, currency, frequency, start_date from pledge order by id",
            "select pledge_id, effective_from, amount_minor from pledge_amount order by 1, 2",
        )
    ]


def test_erasure_changes_no_sum(db: Session, ada: Actor) -> None:
    donor_id = fill_every_table(db, ada)
    make.gift(db, make.donor(db, ada, "Somebody Else"), "12", date(2026, 2, 2))
    before = sums(db)
    erase(db, ada, donor_id)
    assert sums(db) == before
    view = donors.get(db, ada, donor_id, today=TODAY)
    assert (view.name, view.emails, view.phones) == ("Erased donor", (), ())
    assert view.lifetime == Money(12_000, "USD")


def test_an_erased_donor_causes_no_alerts_or_tasks(db: Session, ada: Actor) -> None:
    donor_id = fill_every_table(db, ada)
    erase(db, ada, donor_id)
    assert pledges.late(db, ada, today=date(2027, 6, 1)) == []
    donors.score(db, today=date(2029, 1, 1))
    assert donors.at_risk(db, ada, today=date(2029, 1, 1)) == []
    assert tasks.due(db, ada, today=date(2029, 1, 1)) == []
    assert donors.search(db, ada, query="Zwetsloot") == []


def test_undoing_an_import_leaves_the_erased_donor(db: Session, ada: Actor) -> None:
    data = f"name,email,notes\n{NAME},{MAIL},tea\n".encode()
    preview = imports.import_file(
        db, ada, imports.ImportRequest("a.csv", data), today=TODAY, now=NOW
    )
    donor_id = db.execute(text("select id from donor")).scalar_one()
    erase(db, ada, donor_id)
    imports.undo(db, ada, run_id=preview.run_id, now=NOW)
    assert db.execute(text("select name from donor")).scalars().all() == ["Erased donor"]
    assert tables_with(db, LAST_NAME) == set()


def assert_refused(
    db: Session, action: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message), db.begin_nested():
        action()


def test_erasure_needs_an_administrator_and_the_exact_name(db: Session, ada: Actor) -> None:
    donor_id = fill_every_table(db, ada)
    for role in ("fundraiser", "supervisor", "coach", "finance", "read_only"):
        user = make.person(db, role)
        assert_refused(db, partial(erase, db, user, donor_id), NotAllowedError, "role")
    assert_refused(
        db, lambda: erase(db, ada, donor_id, "Somebody"), InvalidError, f"stands: {NAME}"
    )
    assert_refused(db, lambda: erase(db, ada, 2_000_000_000), NotFoundError, "donor")
    erase(db, ada, donor_id, f" {NAME.upper()}  ")
    assert_refused(db, lambda: erase(db, ada, donor_id, "Erased donor"), ConflictError, "already")


def test_an_erased_donor_cannot_be_changed(db: Session, ada: Actor) -> None:
    donor_id = fill_every_table(db, ada)
    erase(db, ada, donor_id)
    view = donors.get(db, ada, donor_id, today=TODAY)
    for action in (
        lambda: donors.update(
            db,
            ada,
            donor_id=donor_id,
            version=view.version,
            today=TODAY,
            fields=donors.DonorFields(name=NAME, owner_id=ada.user_id),
        ),
        lambda: donors.log_contact(db, ada, donor_id=donor_id, kind="call", text="x", at=NOW),
        lambda: donors.record_consent(
            db,
            ada,
            donor_id=donor_id,
            channel="email",
            purpose="news",
            granted=True,
            source="x",
            given_on=TODAY,
            today=TODAY,
        ),
    ):
        assert_refused(db, action, NotAllowedError, "asked to be erased")
    # a later refund can still be recorded
    line = gifts.page(db, ada, filter=gifts.GiftFilter(donor_id=donor_id)).lines[0]
    gifts.reverse(db, ada, gift_id=line.gift_id, reason="Returned", on=TODAY, today=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        (["Li Wei", "Li", "li@x.org", "+31 61"], "Li Wei", ("li@x.org", "+31 61", "Li Wei")),
        (["Anna", None, " ", "555 01 47 88"], "Anna", ("555 01 47 88", "Anna")),
    ],
)
def test_identifying_values_of_a_person(
    values: list[str | None], name: str, expected: tuple[str, ...]
) -> None:
    assert text_redaction.identifying_words(values, full_name=name) == expected


def test_redaction_removes_only_the_person() -> None:
    pattern = text_redaction.redaction_pattern(("Tom & Ann O'Neil", "ann@x.org"))
    text_with_names = (
        "TOM &amp;  Ann O&#x27;Neil, tom & ann\no'neil; Ann Other; joann@x.org, Ann@X.org."
    )
    assert (
        text_redaction.redacted(text_with_names, pattern, "-")
        == "-, -; Ann Other; joann@x.org, -."
    )
    nested = {"Tom & Ann O'Neil": [1, None, {"a": "by ann@x.org"}]}
    assert text_redaction.redacted(nested, pattern, "-") == {"-": [1, None, {"a": "by -"}]}


def test_old_texts_files_and_before_images_are_purged(db: Session, ada: Actor) -> None:
    # the file is as old as the transaction, so the test uses the current time
    now = datetime.now(UTC)
    donor_id = fill_every_table(db, ada)
    sha = other_texts_naming_the_donor(db, ada, donor_id)
    db.execute(text("update outbox set created_at = :at"), {"at": now})
    db.execute(text("update outbox set sent_at = :at where state = 'sent'"), {"at": now})
    db.execute(text("update import_run set updated_at = :at, created_at = :at"), {"at": now})
    purged = privacy.purge_expired(db, now=now + timedelta(days=89))
    assert not any(count for count, kind, _ in purged if "mail" in kind or "import" in kind)
    counts = {
        kind: count for count, kind, _ in privacy.purge_expired(db, now=now + timedelta(days=91))
    }
    assert counts["text of a mail cleared"] == 2
    bodies = db.execute(text("select state, html_body is null from outbox")).all()
    assert set(map(tuple, bodies)) == {("sent", True), ("queued", False), ("failed", True)}
    assert counts["uploaded file cleared"] == 1
    with pytest.raises(NotFoundError):
        upload_store.load(db, user_id=ada.user_id, name=sha)
    later_counts = {
        kind: count for count, kind, _ in privacy.purge_expired(db, now=now + timedelta(days=366))
    }
    assert later_counts["import closed"] == 1
    assert db.execute(text("select count(*) from import_change")).scalar_one() == 0
    assert db.execute(text("select problems from import_run")).scalar_one() == []


def test_uploads_without_a_recent_import_are_purged(db: Session, ada: Actor) -> None:
    now = datetime.now(UTC)
    old, young = (
        upload_store.save(db, user_id=ada.user_id, data=data) for data in (b"old", b"young")
    )
    make.import_run(db, ada, file_sha256=young)
    later = now + timedelta(days=1)
    assert imports.delete_old_files(db, before=now - timedelta(days=1)) == 0
    # both files are older than "later", but the import run of the second is recent
    db.execute(update(ImportRun).values(updated_at=later + timedelta(hours=1)))
    assert imports.delete_old_files(db, before=later) == 1
    assert [file.key.name for file in upload_store.sizes(db)] == [young]
    assert old != young


def test_an_import_can_be_undone_for_a_year_only(db: Session, ada: Actor) -> None:
    data = f"name,email\n{NAME},{MAIL}\n".encode()
    preview = imports.import_file(
        db, ada, imports.ImportRequest("a.csv", data), today=TODAY, now=NOW
    )
    too_late = NOW + imports.UNDO_WITHIN + timedelta(seconds=1)
    assert_refused(
        db,
        lambda: imports.undo(db, ada, run_id=preview.run_id, now=too_late),
        ConflictError,
        "a year",
    )
    imports.undo(db, ada, run_id=preview.run_id, now=NOW + imports.UNDO_WITHIN)


def test_consents_are_deleted(db: Session, ada: Actor) -> None:
    donor_id = fill_every_table(db, ada)
    erase(db, ada, donor_id)
    assert db.query(DonorConsent).count() == 0
