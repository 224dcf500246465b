"""The uploaded files: encrypted where they are kept, and the same when they are needed again."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import imports
from app.imports import upload_store
from app.kit import file_encryption
from app.kit.errors import ConfigurationError, NotFoundError
from app.settings import settings
from tests import factories as make
from tests.conftest import TODAY

CELLS = ("Zwetsloot-Quirina", "quirina.canary@example.org", "not a date", "name,email")
FILE = (
    b"name,email,amount,date\nZwetsloot-Quirina,quirina.canary@example.org,5,2026-01-02\n"
    b"Zwetsloot-Quirina,quirina.canary@example.org,5,not a date\n"
)


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db)


@pytest.fixture
def scratch(monkeypatch, tmp_path):
    """Every temporary file of this process goes here."""
    chosen = tmp_path / "scratch"
    chosen.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(chosen))
    return chosen


def folder() -> Path:
    return Path(settings().data_dir) / "uploads"


def on_disk(root: Path) -> bytes:
    """Every name and every byte below a folder."""
    files = [one for one in root.rglob("*") if one.is_file()]
    return b"\n".join(str(one).encode() + one.read_bytes() for one in files)


def another_key(monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another key, as long as the first one 0123456789")
    settings.cache_clear()


def plan(db, ruth, data=FILE):
    return imports.preview(db, ruth, today=TODAY, file_name="gifts.csv", data=data, kind="gifts")


def test_no_cell_of_a_file_is_on_disk(db, ruth, now, scratch, tmp_path):
    seen = plan(db, ruth)
    imports.commit(db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=TODAY, now=now)
    assert b"not a date" in imports.error_file(db, ruth, run_id=seen.run_id)
    found = on_disk(tmp_path)
    assert file_encryption.MARK in found
    assert {cell for cell in CELLS if cell.encode() in found} == set()
    assert not list(scratch.iterdir())
    assert [one.name for one in folder().iterdir()] == [upload_store.digest(FILE)]


def test_only_we_may_read_the_folder():
    name = upload_store.keep(FILE)
    assert (folder().stat().st_mode & 0o777, (folder() / name).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_a_plain_file_of_before_still_loads_and_is_encrypted_when_it_comes_again():
    name = upload_store.digest(FILE)
    folder().mkdir(parents=True)
    (folder() / name).write_bytes(FILE)
    assert upload_store.load(name) == FILE
    assert upload_store.keep(FILE) == name
    assert b"quirina" not in (folder() / name).read_bytes()
    assert upload_store.load(name) == FILE


def test_plain_files_of_before_are_encrypted_at_night_and_get_no_younger():
    name, damaged = upload_store.digest(FILE), "f" * 64
    sealed = upload_store.keep(b"other")
    for one, data in ((name, FILE), (damaged, b"no longer what it was"), ("x.part", b"half")):
        (folder() / one).write_bytes(data)
    os.utime(folder() / name, (1e9, 1e9))
    before = (folder() / sealed).read_bytes()
    assert imports.encrypt_plain_files() == 1
    assert imports.encrypt_plain_files() == 0
    assert b"quirina" not in (folder() / name).read_bytes()
    assert upload_store.load(name) == FILE
    assert (folder() / name).stat().st_mtime == 1e9
    assert (folder() / sealed).read_bytes() == before
    assert (folder() / damaged).read_bytes() == b"no longer what it was"


def test_a_file_may_begin_like_an_encrypted_one():
    data = file_encryption.MARK + FILE
    assert upload_store.load(upload_store.keep(data)) == data


def test_with_another_key_a_sentence_asks_for_the_file_again(db, ruth, now, monkeypatch):
    seen = plan(db, ruth)
    another_key(monkeypatch)
    with pytest.raises(NotFoundError, match="no longer be opened here"):
        imports.commit(
            db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=TODAY, now=now
        )
    with pytest.raises(NotFoundError, match="Upload it again"):
        imports.error_file(db, ruth, run_id=seen.run_id)
    again = plan(db, ruth)
    imports.commit(db, ruth, run_id=again.run_id, plan_hash=again.plan_hash, today=TODAY, now=now)
    assert imports.get(db, ruth, run_id=again.run_id).state == "done"


@pytest.mark.parametrize("plain", [False, True], ids=["encrypted", "plain"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "swapped"])
def test_a_damaged_file_is_never_taken_for_the_uploaded_one(damage, plain):
    name = upload_store.keep(FILE)
    kept = folder() / name
    if plain:
        kept.write_bytes(FILE)
    box = bytearray(kept.read_bytes())
    box[-3] ^= 1
    other = b"other" if plain else (folder() / upload_store.keep(b"other")).read_bytes()
    damaged = {"flipped": bytes(box), "cut": kept.read_bytes()[:-4], "emptied": b""}
    kept.write_bytes(damaged.get(damage, other))
    with pytest.raises(NotFoundError, match="Upload it again"):
        upload_store.load(name)


def test_a_removed_file_is_said_to_be_gone():
    name = upload_store.keep(FILE)
    assert upload_store.is_kept(name)
    assert upload_store.forget(name)
    assert not upload_store.is_kept(name)
    with pytest.raises(NotFoundError, match="no longer kept"):
        upload_store.load(name)


def test_the_same_file_twice_at_one_time_is_whole():
    data = os.urandom(3 * file_encryption.PIECE)
    with ThreadPoolExecutor(4) as many:
        names = set(many.map(upload_store.keep, [data] * 8))
    assert upload_store.load(names.pop()) == data
    assert len(list(folder().iterdir())) == 1


def test_a_full_disk_is_a_sentence_and_leaves_no_part(monkeypatch):
    def full(_key, _purpose, data, out):
        out.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_encryption, "write", full)
    with pytest.raises(ConfigurationError, match="disk is full"):
        upload_store.keep(FILE)
    assert not list(folder().iterdir())
