"""Uploads that an earlier version left below DATA_DIR: still read, and moved to the database."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.imports import disk_uploads, upload_store
from app.kit.errors import NotFoundError
from app.kit.security import file_encryption
from app.kit.security.encryption import KeyUse
from app.settings import settings
from tests import factories as make
from tests.conftest import KEY

FILE = b"name,email\nZwetsloot-Quirina,quirina.canary@example.org\n"
NAME = hashlib.sha256(FILE).hexdigest()


@pytest.fixture
def folder() -> Path:
    folder = Path(settings().data_dir) / "uploads"
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, data: bytes = FILE, *, plain: bool = False, key: str = KEY) -> Path:
    """Store a file as an earlier version did."""
    path = folder / hashlib.sha256(data).hexdigest()
    with path.open("wb") as file:
        if plain:
            file.write(data)
        else:
            file_encryption.write(key, disk_uploads.PURPOSE, data, file)
    return path


@pytest.mark.parametrize("plain", [False, True], ids=["encrypted", "plain"])
def test_a_file_on_the_disk_is_used_and_then_moved(
    db: Session, ruth: Actor, folder: Path, plain: bool
) -> None:
    path = put(folder, plain=plain)
    run = make.import_run(db, ruth, file_sha256=NAME)
    assert imports.get(db, ruth, run_id=run).has_file
    assert imports.stored_file(db, ruth, run_id=run)[1] == FILE
    assert imports.copy_disk_files(db) == [NAME]
    assert path.exists(), "until the copy is committed"
    assert imports.delete_disk_files([NAME]) == 1
    assert not list(folder.iterdir())
    assert imports.get(db, ruth, run_id=run).has_file
    assert imports.stored_file(db, ruth, run_id=run)[1] == FILE
    assert imports.copy_disk_files(db) == []


def test_a_file_of_two_users_is_copied_for_each(db: Session, ruth: Actor, folder: Path) -> None:
    put(folder)
    sam = make.person(db)
    for actor in (ruth, sam, sam):
        make.import_run(db, actor, file_sha256=NAME)
    assert imports.copy_disk_files(db) == [NAME]
    owners = list(db.scalars(text("select user_id from stored_file order by 1")))
    assert owners == [ruth.user_id, sam.user_id]


def test_what_is_damaged_or_used_by_nobody_stays_until_it_is_old(
    db: Session, ruth: Actor, folder: Path
) -> None:
    put(folder, b"used by nobody")
    damaged = put(folder)
    damaged.write_bytes(damaged.read_bytes()[:-4])
    lost = put(folder, b"lost", key="another key, as long as the first one 0123456789")
    (folder / f"{NAME}.x.part").write_bytes(b"half")
    for path in (damaged, lost):
        make.import_run(db, ruth, file_sha256=path.name)
    for path in (damaged, lost):
        with pytest.raises(NotFoundError, match="no longer be opened here"):
            upload_store.load(db, user_id=ruth.user_id, name=path.name)
    assert imports.copy_disk_files(db) == []
    now = datetime.now(UTC)
    assert imports.delete_old_files(db, before=now - timedelta(days=1)) == 0
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))
    # the runs of two of them are recent
    assert imports.delete_old_files(db, before=now - timedelta(days=1)) == 2
    assert {path.name for path in folder.iterdir()} == {damaged.name, lost.name}


def test_an_erased_donor_is_in_no_file_on_the_disk(db: Session, folder: Path) -> None:
    path = put(folder)
    assert imports.delete_files(db, [NAME]) == 1
    assert not path.exists()


def test_files_on_the_disk_count_by_their_key(db: Session, folder: Path) -> None:
    put(folder)
    put(folder, b"lost", key="another key, as long as the first one 0123456789")
    put(folder, b"plain", plain=True)
    assert imports.file_key_use(db) == KeyUse(current=1, lost=1)


def test_no_folder_is_no_file(db: Session) -> None:
    assert disk_uploads.names() == []
    assert imports.copy_disk_files(db) == []
    assert imports.delete_old_files(db, before=datetime.now(UTC)) == 0
