"""A backup holds everything, comes back whole, and is refused when it is not."""

import filecmp
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import URL, text

from app import accounts, backups, demo, donors, gifts, summaries
from app.accounts import actor_by_email
from app.backups import archive, s3_client, storage
from app.backups.queries import tables
from app.backups.queries import tables as queries
from app.db import (
    aggregate_check,
    elsewhere,
    migrate,
    schema_revision,
    transaction,
    transaction_for_system,
)
from app.db.session import database_url
from app.kit.errors import ConfigurationError, ConflictError, InvalidError
from app.kit.money import Money
from app.settings import ROOT, settings
from jobs import schedule
from tests import database as run
from tests import factories as make
from tests.integration.cli.test_commands import Said, app
from tests.values import present

__all__ = ["app"]
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ODD = "quotes \" and ' and \\N, tab\t, lines\r\n, é 李 🎁 \\\\ \\."


@pytest.fixture
def full(database: URL) -> URL:
    """The demonstration organisation, with a row of everything that is odd."""
    with transaction_for_system() as db:
        demo.load(db, now=NOW)
        ruth = actor_by_email(db, demo.SIGN_INS[0].email)
        make.donor(db, ruth, ODD, notes=ODD, custom={"a": [1, None, {"b": ODD}], "c": 1.5})
        accounts.open_session(db, user_id=ruth.user_id, now=NOW)
        assert summaries.send_now(db, ruth, today=TODAY, now=NOW)
    return database


@pytest.fixture
def empty(database: URL) -> Iterator[str]:
    """Another database on the same server, with nothing in it."""
    name = f"restored_{os.getpid()}"
    run.admin(f"drop database if exists {name} with (force)")
    run.admin(f"create database {name}")
    yield database_url().set(database=name).render_as_string(hide_password=False)
    run.admin(f"drop database {name} with (force)")


def table_hashes() -> tuple[dict[str, tuple[int, str]], dict[str, int]]:
    """Every table's rows and hash as the database spells them."""
    with transaction_for_system() as db:
        queries.read_as_of_one_moment(db)
        result = {}
        for name, columns in queries.tables(db).items():
            stream = archive.Hashing()
            rows = queries.copy_out(db, name, columns, stream)
            result[name] = rows, stream.sha256
        return result, queries.counters(db)


def visible_pages(email: str) -> tuple[donors.DonorPage, Money]:
    with transaction_for_system() as db:
        actor = actor_by_email(db, email)
    with transaction(actor) as db:
        page = donors.page(db, actor, filter=donors.DonorFilter(), today=TODAY)
        return page, gifts.page(db, actor, filter=gifts.GiftFilter()).total


ENDED = {"session", "token_family", "one_time_code", "outbox"}


def test_everything_comes_back_in_another_database(full: URL, empty: str, tmp_path: Path) -> None:
    before, counted = table_hashes()
    email = demo.SIGN_INS[0].email
    page, total = visible_pages(email)
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    assert backup.rows == sum(rows for rows, _ in before.values()) > 2_000
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    with elsewhere(empty):
        done = backups.restore(backup.path, now=NOW)
        after, going_on = table_hashes()
        assert visible_pages(email) == (page, total)
        with transaction_for_system() as db:
            assert not db.scalar(text("select count(*) from session where revoked_at is null"))
            assert db.scalars(text("select distinct state from outbox")).all() == ["failed"]
            # the server has learnt what each of them holds; -1 is one it has never looked at
            unknown = text(
                "select relname from pg_class where relname = any(:n) and reltuples < 0"
            )
            assert db.scalars(unknown, {"n": list(before)}).all() == []
            # row-level security is active: without a user nothing is visible
        with transaction_for_system() as db:
            db.execute(text("select rls_enter(null, null, null, null, null, now())"))
            assert db.scalar(text("select count(*) from donor")) == 0
        migrate.check()
        password = demo.SIGN_INS[0].password
        with transaction_for_system() as db:
            assert accounts.sign_in(db, email=email, password=password, now=NOW)
    assert (done.rows, done.tables) == (backup.rows, backup.tables)
    assert done.sums > 5
    assert {name: after[name][0] for name in after} == {name: before[name][0] for name in before}
    assert {name for name in after if after[name] != before[name]} <= ENDED
    assert going_on == counted
    # what was backed up is as it was
    assert table_hashes() == (before, counted)


def test_moving_takes_everything_as_it_is(full: URL, empty: str, tmp_path: Path) -> None:
    before, counted = table_hashes()
    run.use(full)
    done = backups.move(empty, now=NOW, folder=tmp_path)
    assert done.rows == sum(rows for rows, _ in before.values())
    with elsewhere(empty):
        assert table_hashes() == (before, counted)
    assert table_hashes() == (before, counted)
    assert not list(tmp_path.iterdir())


def test_a_database_in_use_is_not_overwritten_unless_it_is_named(
    full: URL, tmp_path: Path
) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    with transaction_for_system() as db:
        name = queries.database_name(db)
        make.donor(db, None, "Came after the backup")
    before = table_hashes()
    for wrong in ("", "another"):
        with pytest.raises(ConflictError, match=name):
            backups.restore(backup.path, now=NOW, replace=wrong)
    assert table_hashes() == before
    backups.restore(backup.path, now=NOW, replace=name)
    with transaction_for_system() as db:
        assert not db.scalar(text("select count(*) from donor where name like 'Came after%'"))


def test_nothing_is_replaced_or_moved_while_the_database_is_in_use(
    full: URL, empty: str, tmp_path: Path
) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    program = (
        "import time; from app.db import transaction_for_system\n"
        "with transaction_for_system() as db: db.connection(); print('in', flush=True);"
        " time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    try:
        assert present(other.stdout).readline() == "in\n"
        with transaction_for_system() as db:
            name = queries.database_name(db)
        with pytest.raises(ConflictError, match="still at work"):
            backups.restore(backup.path, now=NOW, replace=name)
        with pytest.raises(ConflictError, match="still at work"):
            backups.move(empty, now=NOW, folder=tmp_path)
    finally:
        other.kill()
        other.communicate()


def damage(path: Path, damage: str) -> Path:
    broken = path.with_name("broken.zip")
    if damage == "cut off":
        broken.write_bytes(path.read_bytes()[:-4000])
    elif damage == "empty":
        broken.write_bytes(b"")
    elif damage == "no zip":
        broken.write_bytes(b"hello" * 1000)
    elif damage == "a byte":
        data = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            at = archive.getinfo("tables/gift.copy").header_offset
        # behind its own header: within what the table holds
        data[at + 30 + len("tables/gift.copy") + 25] ^= 0xFF
        broken.write_bytes(data)
    else:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "tables/gift.copy" and damage == "a row less":
                    content = content.partition(b"\n")[2]
                if name == "tables/gift.copy" and damage == "no table":
                    continue
                if name == "manifest.json" and damage == "newer format":
                    content = content.replace(b'"format": 1', b'"format": 99')
                new.writestr(name, content)
    return broken


@pytest.mark.parametrize(
    "how",
    ["cut off", "empty", "no zip", "a byte", "a row less", "no table", "newer format"],
)
def test_a_damaged_backup_is_refused_and_changes_nothing(
    small: URL, empty: str, tmp_path: Path, how: str
) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    broken = damage(backup.path, how)
    with elsewhere(empty):
        with pytest.raises(backups.DamagedError, match="no whole backup"):
            backups.restore(broken, now=NOW)
        with transaction_for_system() as db:
            assert queries.revision(db) is None


@pytest.fixture
def small(database: URL) -> URL:
    with transaction_for_system() as db:
        make.organisation(db)
        make.gift(db, make.donor(db, make.person(db)), "20")
    return database


def test_what_is_not_there_or_newer_is_a_sentence(
    small: URL, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidError, match="There is no file"):
        backups.restore(tmp_path / "none.zip", now=NOW)
    monkeypatch.setattr(tables, "revision", lambda _db: "99990101_later")
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    monkeypatch.undo()
    with elsewhere(empty), pytest.raises(InvalidError, match="99990101_later"):
        backups.restore(backup.path, now=NOW)


def test_a_restore_that_fails_at_its_end_leaves_an_empty_database(
    small: URL, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    monkeypatch.setattr(aggregate_check, "differences", lambda _db: {"donor_year": 3})
    with elsewhere(empty):
        with pytest.raises(ConfigurationError, match="donor_year"):
            backups.restore(backup.path, now=NOW)
        with transaction_for_system() as db:
            assert queries.is_empty(db)
            assert not db.scalar(text("select count(*) from gift"))
        monkeypatch.undo()
        assert backups.restore(backup.path, now=NOW).rows == backup.rows


def test_an_older_schema_comes_back_and_is_brought_up(
    small: URL, empty: str, tmp_path: Path
) -> None:
    """A backup of an earlier version of the program."""
    migrate.downgrade("0012_audit_log")
    with transaction_for_system() as db:
        sums = db.execute(text("select count(*), sum(amount_minor) from gift")).one()
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    with elsewhere(empty):
        backups.restore(backup.path, now=NOW)
        assert schema_revision.at_head()
        with transaction_for_system() as db:
            assert db.execute(text("select count(*), sum(amount_minor) from gift")).one() == sums


def test_a_full_disk_leaves_no_half_file(
    small: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: object, _data: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Hashing, "write", full)
    with pytest.raises((ConfigurationError, OSError), match="No space left"):
        backups.make(tmp_path / "b.zip", now=NOW)
    assert not list(tmp_path.glob("*b.zip*"))


def job(now: datetime) -> str:
    return schedule.run_line("backup", now, now=now)


@pytest.fixture
def another_disk(tmp_path: Path) -> Path:
    """A folder on another file system than the temporary files of the tests."""
    for folder in (Path("/dev/shm"), Path("/var/tmp")):  # noqa: S108
        if folder.is_dir() and folder.stat().st_dev != tmp_path.stat().st_dev:
            return folder
    pytest.skip("there is no second file system here")


def test_a_backup_gets_to_another_disk_whole_or_not_at_all(
    small: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, another_disk: Path
) -> None:
    backup = backups.make(tmp_path / backups.file_name(NOW), now=NOW)
    written = backup.path.read_bytes()
    with TemporaryDirectory(dir=another_disk) as folder:
        target_folder = Path(folder) / "kept"
        with monkeypatch.context() as patch:
            patch.setattr(filecmp, "cmp", lambda *_, **__: False)
            with pytest.raises(ConfigurationError, match="did not arrive whole"):
                backups.put(backup.path, str(target_folder))
        assert list(target_folder.iterdir()) == []
        assert backup.path.exists()
        put = Path(backups.put(backup.path, str(target_folder)))
        assert list(target_folder.iterdir()) == [put]
        assert put.read_bytes() == written
        assert put.stat().st_mode & 0o777 == 0o600
        assert not backup.path.exists()


def test_every_night_one_more_and_the_old_ones_go(
    small: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "BACKUP_TO" in job(NOW)
    folder = tmp_path / "kept"
    monkeypatch.setenv("BACKUP_TO", str(folder))
    monkeypatch.setenv("BACKUP_KEEP", "3")
    settings.cache_clear()
    for day in range(6):
        message = job(NOW + timedelta(days=day))
    assert message.endswith(", 1 old one removed.")
    names = sorted(path.name for path in folder.iterdir())
    # the note of the first backup is the first line of the audit log
    assert names[0].startswith("donorcrm-20261125-0930-2-")
    assert [name.split("-")[1] for name in names] == [f"202611{day}" for day in (25, 26, 27, 28)]
    (folder / "donorcrm-20261101-0930.zip").write_text("of an earlier version")
    (folder / "donorcrm-notes.zip").write_text("not ours")
    storage.remove_old(str(folder), now=NOW + timedelta(days=900), keep_days=3)
    assert sorted(path.name for path in folder.iterdir()) == [
        names[-1],
        "donorcrm-notes.zip",
    ]


class Bucket(Protocol):
    """What these tests call of the client of an S3 server."""

    def list_objects_v2(self, **where: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Return the files of a bucket."""

    def get_object(self, **where: str) -> Mapping[str, IO[bytes]]:
        """Return a file."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A real server that speaks S3, with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    # what it holds belongs to the process, and other tests put files there
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    for name, value in {
        "BACKUP_ENDPOINT": f"http://{host}:{port}",
        "BACKUP_ACCESS_KEY": "key",
        "BACKUP_SECRET_KEY": "the secret of the bucket",
        "BACKUP_TO": "s3://safe/crm",
        "BACKUP_KEEP": "1",
    }.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="key",
        aws_secret_access_key="x",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="safe")
    yield client
    server.stop()


def test_backups_go_to_a_bucket_and_come_back_from_it(
    small: URL, empty: str, bucket: Bucket
) -> None:
    before = table_hashes()[0]
    for day in range(3):
        message = job(NOW + timedelta(days=day))
    assert message.endswith("1 old one removed.")
    keys = names(bucket)
    assert [key.rpartition("-")[0] for key in keys] == [
        "crm/donorcrm-20261124-0930-1",
        "crm/donorcrm-20261125-0930-2",
    ]
    # nothing of it stays here
    assert not list((settings().data_dir / "backups").iterdir())
    with backups.local_copy(f"s3://safe/{keys[1]}") as path, elsewhere(empty):
        backups.restore(path, now=NOW)
        after = table_hashes()[0]
    assert {name for name in after if after[name] != before[name]} <= ENDED | {
        "activity",
        "activity_horizon",
        "activity_seal",
        "job_run",
    }


def test_a_bucket_without_its_packages_is_an_error_that_says_what_to_install(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "app.backups.s3_client", None)
    with pytest.raises(ConfigurationError, match=r"pip install -r requirements-s3\.txt"):
        backups.try_out("s3://safe/crm")


def names(bucket: Bucket) -> list[str]:
    return [item["Key"] for item in bucket.list_objects_v2(Bucket="safe").get("Contents", ())]


def test_a_place_is_tried_out_and_left_as_it_was(bucket: Bucket, tmp_path: Path) -> None:
    before = names(bucket)
    backups.try_out("s3://safe/crm")
    assert names(bucket) == before
    with pytest.raises(ConfigurationError, match="NoSuchBucket"):
        backups.try_out("s3://elsewhere/crm")
    backups.try_out(str(tmp_path / "a" / "b"))
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("place", ["s3://nowhere/crm", "s3://safe/crm"])
def test_a_bucket_that_is_away_is_a_failed_run_with_a_sentence(
    small: URL, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("BACKUP_TO", place)
    if "safe" in place:
        monkeypatch.setenv("BACKUP_ENDPOINT", "http://127.0.0.1:9")
    settings.cache_clear()
    monkeypatch.setattr(s3_client, "Config", lambda **_how: None)
    with pytest.raises(Exception, match="cannot be used") as caught:
        job(NOW)
    assert "secret of the bucket" not in str(caught.value)
    assert not list((settings().data_dir / "backups").iterdir())


def test_the_commands(small: URL, empty: str, tmp_path: Path, app: Callable[..., Said]) -> None:
    output = app("backup", "--to", str(tmp_path / "out"))
    assert output.returncode == 0, output.stderr
    assert "read again and whole" in output.stdout
    (file,) = (tmp_path / "out").iterdir()
    shutil.copy(file, tmp_path / "copy.zip")
    done = app("restore", str(tmp_path / "copy.zip"), "--to", empty)
    assert done.returncode == 0, done.stderr
    assert "every row and" in done.stdout
    again = app("restore", str(tmp_path / "copy.zip"), "--to", empty)
    assert again.returncode == 1
    assert "is in use" in again.stderr
    run.admin(f"drop database {empty.rpartition('/')[2].partition('?')[0]} with (force)")
    run.admin(f"create database {empty.rpartition('/')[2].partition('?')[0]}")
    # another process, as this one is connected and so still at work
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from donor"))
    moved = subprocess.run(
        [sys.executable, "-m", "app", "db", "move", "--to", empty],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert moved.returncode == 1
    assert "still at work" in moved.stderr
    run.use(run.NOWHERE)
