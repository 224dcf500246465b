"""The parts of a file in the database: their size, and reading at any position."""

import io
import os

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.stored_files import PART, UPLOAD, FileKey
from app.db.stored_files.parts import PartReader, PartWriter
from tests import factories as make


@pytest.fixture
def key(db: Session) -> FileKey:
    make.organisation(db)
    return FileKey(make.person(db).user_id, UPLOAD, "a" * 64)


def put(db: Session, key: FileKey, data: bytes) -> list[int]:
    """Write a file in pieces that are no parts; return the sizes of its parts."""
    writer = PartWriter(db, key, None)
    for start in range(0, len(data), 1_000_003):
        writer.write(data[start : start + 1_000_003])
    writer.insert_rest()
    query = "select octet_length(data) from stored_file order by part"
    return list(db.scalars(text(query)))


def test_every_part_but_the_last_is_of_one_size(db: Session, key: FileKey) -> None:
    assert put(db, key, os.urandom(2 * PART + 5)) == [PART, PART, 5]


def test_any_position_is_read(db: Session, key: FileKey) -> None:
    data = os.urandom(PART + 100)
    file = io.BufferedReader(PartReader(db, key, put(db, key, data)))
    for offset in (PART - 10, 3, PART + 40):
        file.seek(offset)
        assert file.tell() == offset
        assert file.read(60) == data[offset : offset + 60]
    file.seek(-5, io.SEEK_END)
    assert file.read() == data[-5:]
    file.seek(-50, io.SEEK_CUR)
    assert file.read(20) == data[-50:-30]


def test_a_missing_part_ends_the_file(db: Session, key: FileKey) -> None:
    data = os.urandom(2 * PART + 5)
    sizes = put(db, key, data)
    db.execute(text("delete from stored_file where part = 1"))
    assert io.BufferedReader(PartReader(db, key, sizes)).read() == data[:PART]
