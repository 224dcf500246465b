"""The restore drill: the newest backup restored beside the database, compared, removed again."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from unittest.mock import Mock

import psycopg2
import pytest
from sqlalchemy import URL, Connection, Row, make_url, text

from app import backups
from app.backups import history, restore_drill
from app.cli.doctor import backups as doctor_backups
from app.db import scratch, transaction_for_system
from app.db.embedded import server
from app.db.session import database_url
from app.settings import ROOT, settings
from jobs import schedule
from jobs.runner import JobFailedError
from tests import database as run
from tests import factories as make
from tests.integration.audit.test_hash_chain import tamper
from tests.integration.backups.test_encryption import key
from tests.integration.backups.test_service import NOW, Bucket, bucket, damage
from tests.values import present

__all__ = ["bucket", "key"]


@pytest.fixture
def backup_folder(database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A place for backups, and the people who would be mailed or not."""
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "kept"))
    settings.cache_clear()
    with transaction_for_system() as db:
        make.organisation(db)
        make.person(db, "admin", name="Ada Stone", email="ada@example.org")
        make.person(db, "admin", name="Gone", email="gone@example.org", active=False)
        make.gift(db, make.donor(db, make.person(db, email="ruth@example.org")), "20")
    return tmp_path / "kept"


def drill() -> str:
    return schedule.run_line("backup_drill", NOW, now=NOW)


def databases() -> list[str]:
    """What is left of this worker's drills; others are at work on the same server."""
    own = f"{database_url().database}{scratch.SUFFIX}"
    connection = psycopg2.connect(
        host=server.url(run.home()).query["host"], user="donorcrm", dbname="postgres"
    )
    with connection.cursor() as cursor:
        cursor.execute("select datname from pg_database where datname = %s", (own,))
        result = [row[0] for row in cursor.fetchall()]
    connection.close()
    return result


def mails() -> list[tuple[str, str]]:
    with transaction_for_system() as db:
        rows = db.execute(text("select to_email, text_body from outbox order by id"))
        return [tuple(row) for row in rows]


def last() -> backups.DrillLine | None:
    with transaction_for_system() as db:
        return backups.status(db).drill


def gifts() -> Row[tuple[int, int]]:
    with transaction_for_system() as db:
        return db.execute(text("select count(*), sum(amount_minor) from gift")).one()


def test_the_newest_backup_is_restored_compared_and_removed(backup_folder: Path) -> None:
    assert drill() == "There is no backup to restore yet."
    (backup_folder).mkdir()
    (backup_folder / "donorcrm-20261101-0930.zip").write_text("an older one, and damaged")
    schedule.run_line("backup", NOW, now=NOW)
    before = gifts()
    message = drill()
    assert message.startswith("Restored donorcrm-20261123-0930")
    assert "and the head of the audit log are as in its manifest." in message
    assert present(last()).result == backups.DRILL_RESTORED
    assert databases() == []
    assert mails() == []
    assert gifts() == before
    assert list(doctor_backups.CHECKS["Restore drill"]()) == []


def test_an_encrypted_one_is_restored_with_the_private_key(
    backup_folder: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule.run_line("backup", NOW, now=NOW)
    message = drill()
    assert "was checked but not restored: it is encrypted" in message
    assert "its size and SHA-256 are those of the file that was made" in message
    assert present(last()).result == restore_drill.CHECKED
    assert list(doctor_backups.CHECKS["Restore drill"]()) == [message]
    assert mails() == []
    monkeypatch.setenv("BACKUP_IDENTITY_FILE", str(key))
    settings.cache_clear()
    assert drill().startswith("Restored donorcrm-20261123-0930")
    assert databases() == []


def test_an_encrypted_one_that_was_changed_is_found_without_the_key(
    backup_folder: Path, key: Path
) -> None:
    schedule.run_line("backup", NOW, now=NOW)
    (file,) = backup_folder.iterdir()
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)
    with pytest.raises(JobFailedError, match="its size or SHA-256 differs"):
        drill()


@pytest.mark.parametrize("how", ["a byte", "a row less"])
def test_a_damaged_one_fails_and_administrators_are_mailed_once(
    backup_folder: Path, how: str
) -> None:
    backups.back_up(str(backup_folder), now=NOW)
    (file,) = backup_folder.iterdir()
    damage(file, how).replace(file)
    # as if it had never been noted what it was like
    with transaction_for_system() as db:
        tamper(db, "delete from activity where action = 'backup.made'")
    for _ in range(2):
        with pytest.raises(JobFailedError, match="no whole backup"):
            drill()
    assert present(last()).result == backups.DRILL_FAILED
    ((to, body),) = mails()
    assert to == "ada@example.org"
    assert "no whole backup" in body
    assert databases() == []
    (message,) = doctor_backups.CHECKS["Restore drill"]()
    assert "no whole backup" in message


def test_what_comes_in_differently_fails(
    backup_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit log's head is not that of the manifest: the backup was made for another log."""
    with transaction_for_system() as db:
        history.note_drill(db, result="restored", sentence="An earlier one.", file="x")
    schedule.run_line("backup", NOW, now=NOW)
    schedule.run_line("backup", NOW.replace(minute=31), now=NOW.replace(minute=31))
    monkeypatch.setenv("SECRET_KEY", "another key of the tests, as long as the first 98765")
    settings.cache_clear()
    with pytest.raises(JobFailedError, match="does not contain the head"):
        drill()
    assert databases() == []


def test_a_user_who_may_not_create_databases_is_told(
    backup_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule.run_line("backup", NOW, now=NOW)
    run.admin("drop role if exists plain_owner")
    run.admin("create role plain_owner login superuser")
    run.use(database_url().set(username="plain_owner"))
    run.admin("alter role plain_owner nosuperuser nocreatedb")
    run.admin("grant donorcrm to plain_owner")
    message = drill()
    assert "was read and is whole, but was not restored" in message
    assert 'alter role "plain_owner" createdb;' in message
    assert present(last()).result == restore_drill.CHECKED
    assert databases() == []


def test_a_restore_that_is_killed_is_a_failure_and_leaves_no_database(
    backup_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule.run_line("backup", NOW, now=NOW)
    real = subprocess.run
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda words, **more: real(["sh", "-c", "kill -9 $$"], **more),
    )
    with pytest.raises(JobFailedError, match="ended without an answer"):
        drill()
    assert databases() == []


def test_a_connection_of_a_superuser_is_waited_for(backup_folder: Path) -> None:
    # as autovacuum's is, which works in any database at any time
    with scratch.scratch_database() as address:
        connection = run.superuser_connection(str(make_url(address).database))
        leaving = Timer(1, connection.close)
        leaving.start()
    leaving.join()
    assert databases() == []


def test_a_database_that_the_server_refuses_once_is_created_at_the_second_try(
    backup_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = scratch.remove_leftover
    tries: list[str] = []

    def occupied(connection: Connection, name: str) -> None:
        """Create the database just after the first look, as a concurrent process would."""
        remove(connection, name)
        if not tries:
            connection.execute(text(f'create database "{name}"'))
            connection.execute(text(f"comment on database \"{name}\" is '{scratch.MADE_BY}'"))
        tries.append(name)

    monkeypatch.setattr(scratch, "remove_leftover", occupied)
    schedule.run_line("backup", NOW, now=NOW)
    assert drill().startswith("Restored donorcrm-")
    assert len(tries) == 2


def test_what_a_killed_drill_left_is_removed_and_nothing_else(backup_folder: Path) -> None:
    schedule.run_line("backup", NOW, now=NOW)
    name = f"{database_url().database}{scratch.SUFFIX}"
    run.admin(f"create database {name}")
    with pytest.raises(JobFailedError, match="is in the way"):
        drill()
    assert databases() == [name]
    run.admin(f"comment on database {name} is '{scratch.MADE_BY}'")
    assert drill().startswith("Restored")
    assert databases() == []


def test_from_a_bucket(database: URL, bucket: Bucket) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
    schedule.run_line("backup", NOW, now=NOW)
    assert drill().startswith("Restored donorcrm-20261123-0930")


def test_it_can_be_turned_off(backup_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # what it was called before
    for how in ("off", "false"):
        monkeypatch.setenv("BACKUP_DRILL", how)
        settings.cache_clear()
        assert drill() == "Turned off (BACKUP_DRILL)."
    monkeypatch.delenv("BACKUP_TO")
    settings.cache_clear()
    assert drill() == backups.NO_PLACE


@pytest.mark.parametrize(
    ("how", "young", "old"), [("weekly", 8, 11), ("monthly", 36, 41), ("quarterly", 98, 106)]
)
def test_the_doctor_says_when_one_was_left_out(
    backup_folder: Path, monkeypatch: pytest.MonkeyPatch, how: str, young: int, old: int
) -> None:
    monkeypatch.setenv("BACKUP_DRILL", how)
    settings.cache_clear()
    backups.back_up(str(backup_folder), now=NOW)
    (message,) = doctor_backups.CHECKS["Restore drill"]()
    assert message.startswith("No backup has been restored on trial yet")
    moment = datetime.now(UTC)
    with transaction_for_system() as db:
        history.note_drill(db, result="restored", sentence="It was restored.", file="x")
    for days, count in ((young, 0), (old, 1)):
        later = moment + timedelta(days=days)
        monkeypatch.setattr(doctor_backups, "datetime", Mock(now=Mock(return_value=later)))
        assert len(list(doctor_backups.CHECKS["Restore drill"]())) == count
    monkeypatch.setenv("BACKUP_DRILL", "off")
    settings.cache_clear()
    assert list(doctor_backups.CHECKS["Restore drill"]()) == []


def test_the_command(backup_folder: Path) -> None:
    def command() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", "backup", "drill", "--from", str(backup_folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    schedule.run_line("backup", NOW, now=NOW)
    done = command()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Restored donorcrm-20261123-0930")
    (file,) = backup_folder.iterdir()
    file.write_bytes(b"PK")
    failed = command()
    assert failed.returncode == 1
    assert "its size or SHA-256 differs" in failed.stderr
