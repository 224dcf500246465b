"""Erasing a person: nothing that names them is left anywhere, and no sum changes."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import String, Table, Text, insert, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app import audit, donors, gifts, imports, pledges, privacy, tasks
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
SIGN = "Zwetsloot"

# what the books refer to, and who looked: about the ledger and the users, not the person
STAYS = {
    ("gift", "source"),
    ("gift", "external_id"),
    ("gift", "receipt_number"),
    ("pledge", "source"),
    ("pledge", "external_id"),
}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def ada(db):
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


def filled(db, actor) -> int:
    """A donor with a row in every table that can hold something about one."""
    donor_id = make.donor(
        db,
        actor,
        NAME,
        email=MAIL,
        phone="555 0147 88",
        tag=f"friend of {SIGN}",
        address={"street": f"{SIGN} Lane 4", "city": "Delft"},
        external=("old", SIGN),
        notes=f"{SIGN} likes tea",
        first_name="Quirina",
        last_name=SIGN,
        custom={"nickname": SIGN},
        status="donor",
    )
    fund = make.fund(db, "Wells")
    first = make.gift(
        db,
        donor_id,
        "50",
        date(2026, 3, 1),
        note=f"from {SIGN}",
        parts=((fund, "30"), (None, "20")),
    )
    make.gift(db, donor_id, "70", date(2026, 9, 1), thanked_how="letter")
    pledge = make.pledge(db, donor_id, "20", "monthly", date(2026, 1, 1), note=f"{SIGN} said")
    make.pause(db, pledge, date(2026, 5, 1), date(2026, 6, 1))
    make.skip(db, pledge, date(2026, 8, 1))
    for table in ("pledge_pause", "pledge_skip"):
        db.execute(text(f"update {table} set reason = '{SIGN} is away'"))
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
    make.contact(db, donor_id, text=f"Called {SIGN}")
    make.task(db, actor, f"Write to {NAME}", donor_id=donor_id, note=SIGN)
    make.rhythm(db, donor_id)
    alert = make.alert(db, donor_id, pledge_id=pledge, reason=f"{SIGN} is late")
    db.execute(update(Alert).where(Alert.id == alert).values(facts={"name": SIGN}))
    db.execute(
        insert(SoftCredit).values(
            gift_id=first, donor_id=donor_id, type="spouse", amount_minor=5000
        )
    )
    donors.record_consent(
        db,
        actor,
        donor_id=donor_id,
        channel="email",
        purpose="news",
        granted=True,
        source=f"{SIGN} wrote",
        given_on=TODAY,
        today=TODAY,
    )
    donors.log_view(db, actor, donor_id=donor_id)
    return donor_id


def about_others(db, actor, donor_id: int) -> str:
    """Texts of others that name the donor; return the hash of the uploaded file."""
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
    sha = upload_store.save(data)
    run = make.import_run(
        db,
        actor,
        file_sha256=sha,
        file_name=f"{MAIL}.csv",
        problems=[{"cells": [NAME, MAIL]}],
        kept={"rows": 1, "said": [f"{NAME} stays: somebody changed it."]},
    )
    db.execute(update(Donor).where(Donor.id == donor_id).values(import_run_id=run))
    before = {"id": donor_id, "name": NAME, "notes": SIGN}
    images = [("donor", donor_id, before), ("donor_address", 1, {"donor_id": donor_id, "x": SIGN})]
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


def held(db, sign: str) -> set[str]:
    """Every table with the sign in any column that does not stay."""
    found = set()
    for table in Base.metadata.sorted_tables:
        stays = [column for name, column in STAYS if name == table.name]
        row = "to_jsonb(t)" + "".join(f" - '{one}'" for one in stays)
        statement = f"select exists (select from {table.name} t where ({row})::text ilike :sign)"
        if db.execute(text(statement), {"sign": f"%{sign}%"}).scalar_one():
            found.add(table.name)
    return found


def erase(db, actor, donor_id, name=NAME, now=NOW):
    return privacy.erase(db, actor, donor_id=donor_id, name=name, now=now)


def test_nothing_that_names_them_is_left(db, ada):
    donor_id = filled(db, ada)
    sha = about_others(db, ada, donor_id)
    audit.seal(db)
    signs = (SIGN, "quirina", MAIL, "0147")
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
    } <= held(db, SIGN)
    done = erase(db, ada, donor_id)
    # a tag is a word for many, and stays one
    assert {sign: held(db, sign) - {"tag"} for sign in signs} == {sign: set() for sign in signs}
    assert (done.texts, done.files) == (5, 1)
    with pytest.raises(NotFoundError):
        upload_store.load(sha)
    assert audit.verify(db).broken is None


def free_columns(table: Table) -> list[str]:
    """Columns anybody may write words into: no key, no list of known words."""
    checked = " ".join(str(one.sqltext) for one in table.constraints if hasattr(one, "sqltext"))
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, String | Text | JSONB | ARRAY)
        and not column.primary_key
        and not column.foreign_keys
        and not re.search(rf"\b{column.name} (in|=)", checked)
        and column.name != "currency"
    ]


def about_a_donor() -> list[Table]:
    return [t for t in Base.metadata.sorted_tables if "donor_id" in t.columns or t.name == "donor"]


def test_every_column_of_every_table_about_a_donor_is_reached(db, ada):
    """A canary in each free column, also of tables that come later."""
    donor_id = filled(db, ada)
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
    assert len(held(db, "Canary77")) > 10
    erase(db, ada, donor_id, name="Canary77")
    assert held(db, "Canary77") == set()


def sums(db) -> list[object]:
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


def test_no_sum_changes(db, ada):
    donor_id = filled(db, ada)
    make.gift(db, make.donor(db, ada, "Somebody Else"), "12", date(2026, 2, 2))
    before = sums(db)
    erase(db, ada, donor_id)
    assert sums(db) == before
    view = donors.get(db, ada, donor_id, today=TODAY)
    assert (view.name, view.emails, view.phones) == ("Erased donor", (), ())
    assert view.lifetime == Money(12_000, "USD")


def test_nobody_is_reminded_of_them(db, ada):
    donor_id = filled(db, ada)
    erase(db, ada, donor_id)
    assert pledges.late(db, ada, today=date(2027, 6, 1)) == []
    donors.score(db, today=date(2029, 1, 1))
    assert donors.at_risk(db, ada, today=date(2029, 1, 1)) == []
    assert tasks.due(db, ada, today=date(2029, 1, 1)) == []
    assert donors.search(db, ada, query="Zwetsloot") == []


def test_an_import_takes_back_its_gifts_and_leaves_the_erased(db, ada):
    data = f"name,email,notes\n{NAME},{MAIL},tea\n".encode()
    seen = imports.import_file(db, ada, imports.ImportRequest("a.csv", data), today=TODAY, now=NOW)
    donor_id = db.execute(text("select id from donor")).scalar_one()
    erase(db, ada, donor_id)
    imports.undo(db, ada, run_id=seen.run_id, now=NOW)
    assert db.execute(text("select name from donor")).scalars().all() == ["Erased donor"]
    assert held(db, SIGN) == set()


def refused(db, deed: Callable[[], object], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words), db.begin_nested():
        deed()


def test_who_may_and_what_is_asked(db, ada):
    donor_id = filled(db, ada)
    for role in ("fundraiser", "supervisor", "coach", "finance", "read_only"):
        other = make.person(db, role)
        refused(db, lambda who=other: erase(db, who, donor_id), NotAllowedError, "role")
    refused(db, lambda: erase(db, ada, donor_id, "Somebody"), InvalidError, f"stands: {NAME}")
    refused(db, lambda: erase(db, ada, 2_000_000_000), NotFoundError, "donor")
    erase(db, ada, donor_id, f" {NAME.upper()}  ")
    refused(db, lambda: erase(db, ada, donor_id, "Erased donor"), ConflictError, "already")


def test_nothing_can_be_written_about_them_afterwards(db, ada):
    donor_id = filled(db, ada)
    erase(db, ada, donor_id)
    view = donors.get(db, ada, donor_id, today=TODAY)
    for deed in (
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
        refused(db, deed, NotAllowedError, "asked to be erased")
    # a refund that arrives later still finds its gift
    line = gifts.page(db, ada, filter=gifts.GiftFilter(donor_id=donor_id)).lines[0]
    gifts.reverse(db, ada, gift_id=line.gift_id, reason="Returned", on=TODAY, today=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("words", "whole", "kept"),
    [
        (["Li Wei", "Li", "li@x.org", "+31 61"], "Li Wei", ("li@x.org", "+31 61", "Li Wei")),
        (["Anna", None, " ", "555 01 47 88"], "Anna", ("555 01 47 88", "Anna")),
    ],
)
def test_what_tells_who_somebody_is(words, whole, kept):
    assert text_redaction.telling(words, whole=whole) == kept


def test_texts_lose_the_person_and_keep_the_rest():
    found = text_redaction.pattern(("Tom & Ann O'Neil", "ann@x.org"))
    said = "TOM &amp;  Ann O&#x27;Neil, tom & ann\no'neil; Ann Other; joann@x.org, Ann@X.org."
    assert text_redaction.scrubbed(said, found, "-") == "-, -; Ann Other; joann@x.org, -."
    nested = {"Tom & Ann O'Neil": [1, None, {"a": "by ann@x.org"}]}
    assert text_redaction.scrubbed(nested, found, "-") == {"-": [1, None, {"a": "by -"}]}


def test_old_texts_files_and_before_images_are_forgotten(db, ada):
    # the file's age is told by the disk, so the moment is today's
    now = datetime.now(UTC)
    donor_id = filled(db, ada)
    sha = about_others(db, ada, donor_id)
    db.execute(text("update outbox set created_at = :at"), {"at": now})
    db.execute(text("update outbox set sent_at = :at where state = 'sent'"), {"at": now})
    db.execute(text("update import_run set updated_at = :at, created_at = :at"), {"at": now})
    forgotten = privacy.forget_old(db, now=now + timedelta(days=89))
    assert not any(count for count, one, _ in forgotten if "mail" in one or "import" in one)
    names = {one: count for count, one, _ in privacy.forget_old(db, now=now + timedelta(days=91))}
    assert names["text of a mail cleared"] == 2
    bodies = db.execute(text("select state, html_body is null from outbox")).all()
    assert set(map(tuple, bodies)) == {("sent", True), ("queued", False), ("failed", True)}
    assert names["uploaded file cleared"] == 1
    with pytest.raises(NotFoundError):
        upload_store.load(sha)
    later = {one: count for count, one, _ in privacy.forget_old(db, now=now + timedelta(days=366))}
    assert later["import closed"] == 1
    assert db.execute(text("select count(*) from import_change")).scalar_one() == 0
    assert db.execute(text("select problems from import_run")).scalar_one() == []


def test_files_are_forgotten_when_no_import_is_young(db, ada, tmp_path):
    now = datetime.now(UTC)
    old, young = upload_store.save(b"old"), upload_store.save(b"young")
    make.import_run(db, ada, file_sha256=young)
    later = now + timedelta(days=1)
    assert imports.delete_old_files(db, before=now - timedelta(days=1)) == 0
    # both files are older than "later"; the run of the second is young enough to be asked about
    db.execute(update(ImportRun).values(updated_at=later + timedelta(hours=1)))
    assert imports.delete_old_files(db, before=later) == 1
    assert [one.name for one in (tmp_path / "uploads").iterdir()] == [young]
    assert old != young


def test_an_import_cannot_be_undone_for_ever(db, ada):
    data = f"name,email\n{NAME},{MAIL}\n".encode()
    seen = imports.import_file(db, ada, imports.ImportRequest("a.csv", data), today=TODAY, now=NOW)
    late = NOW + imports.UNDO_WITHIN + timedelta(seconds=1)
    refused(
        db, lambda: imports.undo(db, ada, run_id=seen.run_id, now=late), ConflictError, "a year"
    )
    imports.undo(db, ada, run_id=seen.run_id, now=NOW + imports.UNDO_WITHIN)


def test_consents_are_exported_and_gone(db, ada):
    donor_id = filled(db, ada)
    erase(db, ada, donor_id)
    assert db.query(DonorConsent).count() == 0
