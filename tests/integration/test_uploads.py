"""Uploaded files as they lie on the disk: encrypted, whole or not at all, opened by us alone."""

import secrets

import pytest

from app import imports
from app.imports import uploads
from app.kit.errors import NotFoundError
from app.settings import settings
from tests import factories

CANARY = b"Mara Vogel-Canary"
FILE = b"name,email\n" + CANARY + b",m@vogel.example\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def on_disk(folder) -> bytes:
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


def test_no_cell_of_an_import_lies_open_on_the_disk(db, folder, today, now):
    factories.organisation(db)
    ruth = factories.person(db)
    how = {"file_name": "f.csv", "data": FILE, "today": today}
    seen = imports.preview(db, ruth, **how)
    imports.commit(
        db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
    )  # fmt: skip
    lying = on_disk(folder)
    assert len(lying) > len(FILE)
    assert CANARY not in lying
    (kept,) = (folder / "uploads").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert uploads.load(kept.name) == FILE


@pytest.mark.parametrize("size", [0, 10, 3_000_000])
def test_what_is_kept_is_read_again_and_once(folder, size):
    data = secrets.token_bytes(size)
    name = uploads.keep(data)
    assert uploads.load(name) == data
    before = on_disk(folder)
    assert uploads.keep(data) == name
    assert on_disk(folder) == before


def test_a_file_from_before_is_read_as_it_is(folder):
    (folder / "uploads").mkdir()
    (folder / "uploads" / uploads.digest(FILE)).write_bytes(FILE)
    assert uploads.load(uploads.digest(FILE)) == FILE


def test_another_key_or_a_damaged_file_is_a_sentence(folder, monkeypatch):
    name = uploads.keep(FILE)
    kept = folder / "uploads" / name
    whole = kept.read_bytes()
    for wrong in (whole[:-1], whole[:40], b"", FILE + b" ", whole[:-3] + b"xyz"):
        kept.write_bytes(wrong)
        with pytest.raises(NotFoundError, match="Upload it again"):
            uploads.load(name)
    kept.write_bytes(whole)
    assert uploads.load(name) == FILE
    monkeypatch.setenv("SECRET_KEY", secrets.token_urlsafe(48))
    settings.cache_clear()
    with pytest.raises(NotFoundError, match="can no longer be opened here"):
        uploads.load(name)
