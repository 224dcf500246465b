"""Encrypted storage of uploaded files: encryption, damage, other keys, retention, one database."""

import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from app.db import stored_files, transaction, transaction_for_system
from app.db.stored_files import UPLOAD, FileKey
from app.imports import upload_store
from app.imports.runs import retention
from app.kit.errors import NotFoundError
from app.kit.security import file_encryption
from app.settings import settings
from tests import factories as make
from tests.conftest import TODAY

CELLS = ("Zwetsloot-Quirina", "quirina.canary@example.org", "not a date", "name,email")
FILE = (
    b"name,email,amount,date\nZwetsloot-Quirina,quirina.canary@example.org,5,2026-01-02\n"
    b"Zwetsloot-Quirina,quirina.canary@example.org,5,not a date\n"
)


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return an empty folder that this process uses for temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def save(db: Session, user: Actor, data: bytes = FILE) -> str:
    return upload_store.save(db, user_id=user.user_id, data=data)


def load(db: Session, user: Actor, name: str) -> bytes:
    return upload_store.load(db, user_id=user.user_id, name=name)


def parts(db: Session) -> list[bytes]:
    query = "select data from stored_file order by user_id, name, part"
    return [bytes(data) for data in db.scalars(text(query))]


def change_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another key, as long as the first one 0123456789")
    settings.cache_clear()


def preview(db: Session, ruth: Actor, data: bytes = FILE) -> imports.Preview:
    return imports.preview(
        db, ruth, imports.ImportRequest("gifts.csv", data, kind="gifts"), today=TODAY
    )


def test_no_cell_of_a_file_is_stored_in_plain_text(
    db: Session, ruth: Actor, now: datetime, scratch: Path, tmp_path: Path
) -> None:
    planned = preview(db, ruth)
    imports.commit(
        db, ruth, run_id=planned.run_id, plan_hash=planned.plan_hash, today=TODAY, now=now
    )
    assert b"not a date" in imports.error_file(db, ruth, run_id=planned.run_id)
    (stored,) = parts(db)
    assert stored.startswith(file_encryption.MARK)
    assert {cell for cell in CELLS if cell.encode() in stored} == set()
    # nothing on the disk, which another process may not have
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not list(scratch.iterdir())


@pytest.mark.parametrize("size", [0, 1, file_encryption.PIECE, stored_files.PART + 5])
def test_a_file_is_loaded_as_it_was_uploaded(db: Session, ruth: Actor, size: int) -> None:
    # what cannot be compressed takes several parts
    data = os.urandom(size) * 2
    assert load(db, ruth, save(db, ruth, data)) == data


def test_a_file_of_text_takes_a_fraction_of_its_size(db: Session, ruth: Actor) -> None:
    rows = (f"{n},Donor {n % 997},{n % 50}.00,2026-01-02\n" for n in range(50_000))
    data = "".join(rows).encode()
    assert load(db, ruth, save(db, ruth, data)) == data
    assert sum(map(len, parts(db))) < len(data) / 3


def test_a_file_that_begins_like_an_encrypted_one(db: Session, ruth: Actor) -> None:
    data = file_encryption.MARK + FILE
    assert load(db, ruth, save(db, ruth, data)) == data


def test_a_file_that_is_stored_is_not_written_again(db: Session, ruth: Actor) -> None:
    name = save(db, ruth)
    before = parts(db)
    db.execute(text("update stored_file set saved_at = now() - interval '80 days'"))
    assert save(db, ruth) == name
    assert parts(db) == before
    age = db.scalar(text("select now() - saved_at from stored_file"))
    assert age == timedelta(0), "it is kept for as long as a new one"


def test_a_file_encrypted_with_another_key_must_be_uploaded_again(
    db: Session, ruth: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = preview(db, ruth)
    change_key(monkeypatch)
    with pytest.raises(NotFoundError, match="no longer be opened here"):
        imports.commit(
            db, ruth, run_id=planned.run_id, plan_hash=planned.plan_hash, today=TODAY, now=now
        )
    with pytest.raises(NotFoundError, match="Upload it again"):
        imports.error_file(db, ruth, run_id=planned.run_id)
    again = preview(db, ruth)
    imports.commit(db, ruth, run_id=again.run_id, plan_hash=again.plan_hash, today=TODAY, now=now)
    assert imports.get(db, ruth, run_id=again.run_id).state == "done"


@pytest.mark.parametrize(
    "damage",
    [
        "overlay(data placing '\\x00' from octet_length(data) - 3)",
        "substring(data for octet_length(data) - 4)",
        "''::bytea",
        "(select o.data from stored_file o where o.name <> stored_file.name)",
    ],
    ids=["flipped", "cut", "emptied", "swapped"],
)
def test_a_damaged_file_is_refused(db: Session, ruth: Actor, damage: str) -> None:
    name = save(db, ruth)
    save(db, ruth, b"other")
    db.execute(text(f"update stored_file set data = {damage} where name = :name"), {"name": name})
    with pytest.raises(NotFoundError, match="Upload it again"):
        load(db, ruth, name)


def test_a_file_without_one_of_its_parts_is_refused(db: Session, ruth: Actor) -> None:
    name = save(db, ruth, os.urandom(3 * stored_files.PART))
    db.execute(text("delete from stored_file where part = 1"))
    with pytest.raises(NotFoundError, match="Upload it again"):
        load(db, ruth, name)


def test_a_deleted_file_is_missing(db: Session, ruth: Actor) -> None:
    name = save(db, ruth)
    planned = preview(db, ruth)
    assert imports.get(db, ruth, run_id=planned.run_id).has_file
    assert imports.delete_files(db, [name, name]) == 1
    assert not imports.get(db, ruth, run_id=planned.run_id).has_file
    with pytest.raises(NotFoundError, match="no longer kept"):
        load(db, ruth, name)


def test_concurrent_uploads_of_the_same_file(database: URL) -> None:
    data = os.urandom(3 * file_encryption.PIECE)
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)

    def upload(_number: int) -> str:
        with transaction_for_system() as db:
            return save(db, ruth, data)

    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(upload, range(8)))
    with transaction_for_system() as db:
        assert load(db, ruth, names.pop()) == data
        assert len(upload_store.sizes(db)) == 1


@pytest.fixture
def people(database: URL) -> dict[str, Actor]:
    with transaction_for_system() as db:
        make.organisation(db)
        return {
            "ruth": make.person(db),
            "sam": make.person(db),
            "ada": make.person(db, role=Role.ADMIN),
            "view": make.person(db, role=Role.READ_ONLY),
        }


def test_the_database_gives_a_file_to_its_user_and_to_administrators(
    people: dict[str, Actor],
) -> None:
    """Also where a query forgets to ask whose it is."""
    with transaction(people["ruth"]) as db:
        name = save(db, people["ruth"])
    seen = {}
    for who, actor in people.items():
        with transaction(actor) as db:
            seen[who] = len(parts(db))
    assert seen == {"ruth": 1, "sam": 0, "ada": 1, "view": 0}
    with transaction(people["sam"]) as db:
        assert imports.delete_files(db, [name]) == 0
        with pytest.raises(NotFoundError, match="no longer kept"):
            load(db, people["ruth"], name)
        # the same content is a file of his own
        assert save(db, people["sam"]) == name
    with transaction_for_system() as db:
        assert len(parts(db)) == 2


def test_the_oldest_files_go_when_all_together_are_too_large(
    db: Session, ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [save(db, ruth, os.urandom(1_000)) for _ in range(4)]
    for days, name in enumerate(reversed(names)):
        moment = "saved_at = now() - :days * interval '1 day'"
        db.execute(
            text(f"update stored_file set {moment} where name = :name"),
            {"days": days, "name": name},
        )
    make.import_run(db, ruth, file_sha256=names[0], state="queued")
    long_ago = datetime.now(UTC) - timedelta(days=90)
    assert imports.delete_old_files(db, before=long_ago) == 0
    monkeypatch.setattr(retention, "MOST_STORED", 2_500)
    assert imports.delete_old_files(db, before=long_ago) == 2
    # the first one waits for the worker
    assert {file.key.name for file in upload_store.sizes(db)} == {names[0], names[3]}


def test_a_user_who_is_deleted_takes_the_files_along(db: Session, ruth: Actor) -> None:
    save(db, ruth)
    db.execute(text("delete from app_user where id = :id"), {"id": ruth.user_id})
    assert parts(db) == []


def test_the_name_is_the_hash_of_the_content(db: Session, ruth: Actor) -> None:
    name = save(db, ruth)
    assert name == hashlib.sha256(FILE).hexdigest()
    assert stored_files.exists(db, FileKey(ruth.user_id, UPLOAD, name))
