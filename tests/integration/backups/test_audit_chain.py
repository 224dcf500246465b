"""A changed audit log: found by a backup, told, restored as it is, and still known afterwards."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, cast

import pytest
from sqlalchemy import URL

from app import audit, backups
from app.backups import archive
from app.cli.doctor import backups as doctor_backups
from app.db import elsewhere, transaction_for_system
from app.db.session import database_url
from app.settings import ROOT, settings
from jobs import schedule
from tests import database as run
from tests import factories as make
from tests.integration.audit.test_hash_chain import tamper, write_entries
from tests.integration.cli.test_commands import Said, app
from tests.values import present

__all__ = ["app"]
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def sealed(database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "kept"))
    settings.cache_clear()
    with transaction_for_system() as db:
        make.organisation(db)
        make.gift(db, make.donor(db, make.person(db)), "20")
        ids = write_entries(db)
        audit.seal(db)
    return ids


@pytest.fixture
def broken(sealed: list[int]) -> list[int]:
    """Two lines changed by SQL."""
    with transaction_for_system() as db:
        tamper(
            db,
            "update activity set sentence = 'x' where id in (:one, :two)",
            one=sealed[1],
            two=sealed[3],
        )
    return sealed


@pytest.fixture
def empty(database: URL) -> Iterator[str]:
    name = f"audited_{os.getpid()}"
    run.admin(f"drop database if exists {name} with (force)")
    run.admin(f"create database {name}")
    yield database_url().set(database=name).render_as_string(hide_password=False)
    run.admin(f"drop database {name} with (force)")


class AuditManifest(TypedDict):
    """What a manifest says of the audit log."""

    sealed: int
    head: str
    broken_lines: int
    first_broken: int | None
    why: str


def manifest(path: Path) -> AuditManifest:
    with zipfile.ZipFile(path) as archive:
        return cast("AuditManifest", json.loads(archive.read("manifest.json"))["audit"])


def test_a_whole_log_is_in_the_manifest_and_its_head_in_the_name(
    sealed: list[int], tmp_path: Path
) -> None:
    with transaction_for_system() as db:
        head = audit.head(db)
    schedule.run_line("backup", NOW, now=NOW)
    (file,) = (tmp_path / "kept").iterdir()
    assert file.name == f"donorcrm-20261123-0930-{head}.zip"
    assert manifest(file) == {
        "sealed": 6,
        "head": head,
        "broken_lines": 0,
        "first_broken": None,
        "why": "",
    }
    assert list(doctor_backups.CHECKS["Audit log"]()) == []
    # what the backup itself notes is sealed after it, and the chain still contains the head
    with transaction_for_system() as db:
        audit.seal(db)
        assert audit.verify(db).broken is None
        assert audit.why_head_missing(db, head) is None


def test_what_waited_to_be_sealed_is_sealed_by_the_backup(
    sealed: list[int], tmp_path: Path
) -> None:
    """Otherwise the head in its name would say nothing about the newest lines."""
    with transaction_for_system() as db:
        write_entries(db, 2)
    schedule.run_line("backup", NOW, now=NOW)
    (file,) = (tmp_path / "kept").iterdir()
    facts = manifest(file)
    assert facts["sealed"] == 8
    assert facts["head"].startswith("8-")
    assert facts["head"] in file.name


def test_a_changed_line_is_found_at_backup_time(broken: list[int], tmp_path: Path) -> None:
    message = schedule.run_line("backup", NOW, now=NOW)
    assert f"The audit log is broken. Line {broken[1]} of the audit log" in message
    (file,) = (tmp_path / "kept").iterdir()
    facts = manifest(file)
    assert (facts["broken_lines"], facts["first_broken"]) == (2, broken[1])
    with transaction_for_system() as db:
        result = backups.status(db)
    assert present(result.audit).broken_lines == 2
    assert present(result.kept).file == file.name
    (audit_line,) = doctor_backups.CHECKS["Audit log"]()
    assert f"Line {broken[1]} of the audit log is not as it was" in audit_line
    assert "2 lines in all" in audit_line


def test_it_stops_no_restore_and_stays_known(
    broken: list[int], empty: str, tmp_path: Path
) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    with elsewhere(empty):
        done = backups.restore(backup.path, now=NOW)
        (note,) = done.notes
        assert "The audit log of this backup is broken." in note
        assert f"Line {broken[1]} " in note
        assert not done.changed
        with transaction_for_system() as db:
            assert present(backups.status(db).audit).first_broken == broken[1]
            write_entries(db, 3)
            # the restore noted itself, and new lines go on from the last link
            assert audit.seal(db) == 4
            result = audit.verify(db)
            assert (result.first, result.lines, result.sealed) == (broken[1], 2, 10)
            assert audit.why_head_missing(db, backup.audit.head) is None


def test_it_stops_no_move(broken: list[int], empty: str, tmp_path: Path) -> None:
    run.use(database_url())
    done = backups.move(empty, now=NOW, folder=tmp_path)
    assert f"Line {broken[1]} " in done.notes[0]
    with elsewhere(empty), transaction_for_system() as db:
        assert present(backups.status(db).audit).broken_lines == 2


def test_the_command_says_it_and_goes_on(broken: list[int], empty: str, tmp_path: Path) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    done = subprocess.run(
        [sys.executable, "-m", "app", "restore", str(backup.path), "--to", empty],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "every row and" in done.stdout
    assert "The audit log of this backup is broken." in done.stderr


def test_the_commands_backup_and_doctor_say_it(
    broken: list[int], tmp_path: Path, app: Callable[..., Said]
) -> None:
    done = app("backup", "--to", str(tmp_path / "kept"))
    assert done.returncode == 0
    assert f"The audit log is broken. Line {broken[1]} of the audit log" in done.stderr
    # as a process of its own
    found = subprocess.run(
        [sys.executable, "-m", "app", "doctor"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert f"Audit log: Line {broken[1]} of the audit log is not as it was" in found.stdout
    assert "Restore drill: No backup has been restored on trial yet." in found.stdout
    assert "Backup encryption: warning: Backups are not encrypted" in found.stdout


def test_a_log_changed_in_the_file_is_said(sealed: list[int], empty: str, tmp_path: Path) -> None:
    """Whoever can change the file can make its hashes fit, but not the head."""
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(backup.path) as old, zipfile.ZipFile(forged, "w") as new:
        manifest_facts = json.loads(old.read("manifest.json"))
        for name in old.namelist():
            content = old.read(name)
            if name == "tables/activity.copy":
                content = content.replace(b"Quintessa 1.", b"Somebody 1.")
                stream = archive.Hashing()
                stream.write(content)
                manifest_facts["tables"]["activity"]["sha256"] = stream.sha256
            if name == "tables/activity_seal.copy":
                content = b"".join(content.splitlines(keepends=True)[:-1])
                stream = archive.Hashing()
                stream.write(content)
                manifest_facts["tables"]["activity_seal"] |= {"sha256": stream.sha256, "rows": 5}
            if name != "manifest.json":
                new.writestr(name, content)
        new.writestr("manifest.json", json.dumps(manifest_facts))
    with elsewhere(empty):
        done = backups.restore(forged, now=NOW)
    assert done.changed
    assert any("the file was changed since" in note for note in done.notes)
    assert any(f"does not contain the head {backup.audit.head}" in note for note in done.notes)


def test_a_backup_of_an_earlier_version_has_no_audit_facts(
    sealed: list[int], empty: str, tmp_path: Path
) -> None:
    backup = backups.make(tmp_path / "b.zip", now=NOW)
    older = tmp_path / "older.zip"
    with zipfile.ZipFile(backup.path) as old, zipfile.ZipFile(older, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                facts = json.loads(content)
                del facts["audit"]
                content = json.dumps(facts).encode()
            new.writestr(name, content)
    with elsewhere(empty):
        done = backups.restore(older, now=NOW)
    assert (done.notes, done.changed) == ((), False)
