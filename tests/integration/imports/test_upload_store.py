"""Encrypted storage of uploaded files: encryption, damage, other keys, retention."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.imports import upload_store
from app.kit.errors import ConfigurationError, NotFoundError
from app.kit.security import file_encryption
from app.settings import settings
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


def folder() -> Path:
    return Path(settings().data_dir) / "uploads"


def on_disk(root: Path) -> bytes:
    """Return the names and contents of all files below a folder."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + path.read_bytes() for path in files)


def change_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another key, as long as the first one 0123456789")
    settings.cache_clear()


def preview(db: Session, ruth: Actor, data: bytes = FILE) -> imports.Preview:
    return imports.preview(
        db, ruth, imports.ImportRequest("gifts.csv", data, kind="gifts"), today=TODAY
    )


def test_no_cell_of_a_file_is_on_disk_in_plain_text(
    db: Session, ruth: Actor, now: datetime, scratch: Path, tmp_path: Path
) -> None:
    planned = preview(db, ruth)
    imports.commit(
        db, ruth, run_id=planned.run_id, plan_hash=planned.plan_hash, today=TODAY, now=now
    )
    assert b"not a date" in imports.error_file(db, ruth, run_id=planned.run_id)
    content = on_disk(tmp_path)
    assert file_encryption.MARK in content
    assert {cell for cell in CELLS if cell.encode() in content} == set()
    assert not list(scratch.iterdir())
    assert [path.name for path in folder().iterdir()] == [upload_store.digest(FILE)]


def test_only_the_owner_may_read_the_folder() -> None:
    name = upload_store.save(FILE)
    assert (folder().stat().st_mode & 0o777, (folder() / name).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_a_plain_file_is_loaded_and_encrypted_by_the_next_upload() -> None:
    name = upload_store.digest(FILE)
    folder().mkdir(parents=True)
    (folder() / name).write_bytes(FILE)
    assert upload_store.load(name) == FILE
    assert upload_store.save(FILE) == name
    assert b"quirina" not in (folder() / name).read_bytes()
    assert upload_store.load(name) == FILE


def test_plain_files_are_encrypted_and_keep_their_modification_time() -> None:
    name, damaged = upload_store.digest(FILE), "f" * 64
    sealed = upload_store.save(b"other")
    for file_name, data in (
        (name, FILE),
        (damaged, b"no longer what it was"),
        ("x.part", b"half"),
    ):
        (folder() / file_name).write_bytes(data)
    os.utime(folder() / name, (1e9, 1e9))
    before = (folder() / sealed).read_bytes()
    assert imports.encrypt_plain_files() == 1
    assert imports.encrypt_plain_files() == 0
    assert b"quirina" not in (folder() / name).read_bytes()
    assert upload_store.load(name) == FILE
    assert (folder() / name).stat().st_mtime == 1e9
    assert (folder() / sealed).read_bytes() == before
    assert (folder() / damaged).read_bytes() == b"no longer what it was"


def test_a_file_that_begins_like_an_encrypted_one() -> None:
    data = file_encryption.MARK + FILE
    assert upload_store.load(upload_store.save(data)) == data


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


@pytest.mark.parametrize("plain", [False, True], ids=["encrypted", "plain"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "swapped"])
def test_a_damaged_file_is_refused(damage: str, plain: bool) -> None:
    name = upload_store.save(FILE)
    path = folder() / name
    if plain:
        path.write_bytes(FILE)
    flipped = bytearray(path.read_bytes())
    flipped[-3] ^= 1
    other = b"other" if plain else (folder() / upload_store.save(b"other")).read_bytes()
    damaged = {"flipped": bytes(flipped), "cut": path.read_bytes()[:-4], "emptied": b""}
    path.write_bytes(damaged.get(damage, other))
    with pytest.raises(NotFoundError, match="Upload it again"):
        upload_store.load(name)


def test_a_deleted_file_is_missing() -> None:
    name = upload_store.save(FILE)
    assert upload_store.exists(name)
    assert upload_store.delete(name)
    assert not upload_store.exists(name)
    with pytest.raises(NotFoundError, match="no longer kept"):
        upload_store.load(name)


def test_concurrent_uploads_of_the_same_file() -> None:
    data = os.urandom(3 * file_encryption.PIECE)
    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(upload_store.save, [data] * 8))
    assert upload_store.load(names.pop()) == data
    assert len(list(folder().iterdir())) == 1


def test_a_full_disk_is_reported_and_leaves_no_partial_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_partly(_key: object, _purpose: object, data: bytes, file: BinaryIO) -> None:
        file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_encryption, "write", write_partly)
    with pytest.raises(ConfigurationError, match="disk is full"):
        upload_store.save(FILE)
    assert not list(folder().iterdir())
