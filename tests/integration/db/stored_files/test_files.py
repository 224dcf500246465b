"""Files in the database: written and read in parts, replaced, listed, deleted."""

import os

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import stored_files
from app.db.stored_files import ARCHIVE, PART, UPLOAD, FileKey
from tests import factories as make
from tests.values import present


@pytest.fixture
def key(db: Session) -> FileKey:
    make.organisation(db)
    return FileKey(make.person(db).user_id, UPLOAD, "a" * 64)


def put(db: Session, key: FileKey, *pieces: bytes) -> None:
    with stored_files.replace(db, key) as file:
        for piece in pieces:
            file.write(piece)


def count(db: Session) -> int:
    return int(db.scalar(text("select count(*) from stored_file")) or 0)


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 2 * PART + 7])
def test_what_is_written_is_read(db: Session, key: FileKey, size: int) -> None:
    data = os.urandom(size)
    put(db, key, data[: size // 3], data[size // 3 :])
    file = present(stored_files.reader(db, key))
    assert file.read() == data
    assert count(db) == -(-size // PART)


def test_a_shorter_file_leaves_nothing_of_the_longer_one(db: Session, key: FileKey) -> None:
    put(db, key, os.urandom(2 * PART))
    put(db, key, b"short")
    assert present(stored_files.reader(db, key)).read() == b"short"
    assert count(db) == 1


def test_no_file_is_none(db: Session, key: FileKey) -> None:
    assert stored_files.reader(db, key) is None
    assert not stored_files.exists(db, key)
    put(db, key)
    assert not stored_files.exists(db, key), "an empty file has no part"


def test_files_are_listed_by_kind_and_deleted_by_name(db: Session, key: FileKey) -> None:
    other = FileKey(key.user_id, ARCHIVE, key.name)
    put(db, key, b"x" * (PART + 1))
    put(db, other, b"x")
    assert [(file.key, file.size) for file in stored_files.sizes(db, UPLOAD)] == [(key, PART + 1)]
    assert stored_files.delete_named(db, UPLOAD, [key.name, "b" * 64]) == {key.name}
    assert not stored_files.exists(db, key)
    assert stored_files.exists(db, other)
    stored_files.remove(db, other)
    assert count(db) == 0


def test_the_parts_are_stored_without_compression(db: Session) -> None:
    """They are encrypted: an attempt costs time, and the length is read without the content."""
    storage = "select attstorage from pg_attribute where attrelid = 'stored_file'::regclass"
    assert db.scalar(text(f"{storage} and attname = 'data'")) == "e"
