"""The System screen: sizes, versions, what waits, and what an administrator should see to."""

import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app import VERSION, backups, cache
from app.backups import history
from app.cache import redis_client
from app.db import transaction
from app.settings import ROOT, settings
from tests import factories as make
from tests.external_tools import needed
from tests.pages.conftest import words
from tests.smtp_sink import free_port


@pytest.fixture
def ada(database):
    with transaction() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada")


def test_the_machinery_in_figures(screen, ada):
    page = screen("system", ada)
    assert not page.exception
    labels = {one.label: one.value for one in page.metric}
    assert set(labels) == {"Database", "Found in memory", "Connections", "Disk left"}
    assert labels["Database"].endswith(" MB")
    said = words(page)
    assert f"**DonorCRM** {VERSION}" in said
    assert "**Queue** · nothing waits" in said
    assert "**E-mail** · 0 messages waiting, 0 sent" in said
    assert "**Dashboards** · " in said
    assert "Rows, about" in page.dataframe[0].value


def test_what_is_wrong_is_said_with_the_way_on(screen, ada):
    with transaction() as db:
        db.execute(
            text(
                "insert into outbox (key, name, to_email, subject, text_body, message_id, state)"
                " values ('a', 'a', 'a@b.example', 'a', 'a', 'a', 'failed')"
            )
        )
    said = [one.value for one in screen("system", ada).warning]
    assert "No scheduler is alive. Start it with `python -m jobs`." in said
    assert "1 e-mail failed. See Outbox." in said
    assert "No backup is made. Set BACKUP_TO to a folder or a bucket." in said


def test_when_all_is_well_nothing_is_asked(screen, ada, monkeypatch):
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    with transaction() as db:
        db.execute(
            text(
                "insert into heartbeat (process, kind, at, started_at)"
                " values ('a', 'scheduler', :now, :now)"
            ),
            {"now": datetime.now(UTC)},
        )
    page = screen("system", ada)
    assert not page.warning
    assert "**Processes alive** · scheduler" in words(page)


def test_only_for_administrators(screen, ada):
    with transaction() as db:
        ruth = make.person(db)
    assert screen("system", ruth).exception


def test_the_version_is_said_once():
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


BACKUP = (
    "insert into job_run (job, slot, state, started_at, finished_at, tries, result, error)"
    " values ('backup', :at, :state, :at, :at, 1, :result, :error)"
)


def backed_up(*, days: float = 0, result: str | None = None, error: str | None = None):
    at = datetime.now(UTC) - timedelta(days=days)
    state = "failed" if error else "done"
    with transaction() as db:
        db.execute(text(BACKUP), {"at": at, "state": state, "result": result, "error": error})


def test_the_last_backup(screen, ada, monkeypatch):
    assert "**Last backup** · none so far" in words(screen("system", ada))
    backed_up(days=4, result=backups.NO_PLACE)
    assert "**Last backup** · none so far" in words(screen("system", ada))
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    backed_up(days=3, result="7 rows kept, 0.1 MB.")
    page = screen("system", ada)
    assert "· 7 rows kept" in words(page)
    old = "The last backup is more than two days old. Look into Jobs."
    assert old in [one.value for one in page.warning]

    backed_up(error="PermissionError: kept")
    said = [one.value for one in screen("system", ada).warning]
    assert [one for one in said if one.startswith("The last backup failed: PermissionError")]
    assert old not in said


def test_a_backup_by_a_command_is_the_last_one_too(screen, ada, monkeypatch):
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    backed_up(days=3, result="7 rows kept, 0.1 MB.")
    backed_up(days=0.1, error="PermissionError: kept")
    noted()
    page = screen("system", ada)
    (line,) = [one.value for one in page.markdown if one.value.startswith("**Last backup**")]
    assert line.endswith(" · 7 rows, 9 B")
    assert "this morning" in line or "today" in line
    assert not [one.value for one in page.warning if "last backup" in one.value]
    backed_up(error="PermissionError: kept")
    said = [one.value for one in screen("system", ada).warning]
    assert [one for one in said if one.startswith("The last backup failed: PermissionError")]


def test_redis_is_told_of_where_there_is_one(screen, ada, monkeypatch, tmp_path):
    assert "Redis" not in words(screen("system", ada))
    port = free_port()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    settings.cache_clear()
    page = screen("system", ada)
    assert "**Redis** · does not answer" in words(page)
    away = "Redis does not answer. Until it does, each process works by itself."
    assert away in [one.value for one in page.warning]

    command = [needed("redis-server"), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while not cache.reachable():
            assert time.monotonic() < until
        redis_client.forget()
        store = redis_client.redis_client(settings().redis_url)
        store.set("there", 1)
        assert [store.get(one) for one in ("there", "there", "there", "gone")][-1] is None
        assert "**Redis** · answers; 75 % of what was asked was there" in words(
            screen("system", ada)
        )
    finally:
        server.kill()
        server.wait()
        redis_client.forget()


def noted(*, encrypted=False, drill=None, **facts):
    kept = history.Kept(
        datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "donorcrm-20261123-0930.zip",
        9,
        "ab",
        7,
        encrypted,
    )
    with transaction() as db:
        history.note_made(db, kept, backups.AuditFacts(12, "12-k7q2m4xsz5ab3cde", **facts))
        if drill:
            history.note_drill(db, result=drill, sentence="It went so.", file=kept.file)


def test_the_audit_log_encryption_and_drill_are_shown(screen, ada, monkeypatch):
    said = words(screen("system", ada))
    assert "**Restore drill**" not in said
    noted(encrypted=True, drill="restored")
    page = screen("system", ada)
    said = words(page)
    assert "**Backup encryption** · on" in said
    assert "**Restore drill** · " in said
    assert "restored and compared" in said
    assert "**Audit log** · checked " in said
    assert ": no line changed" in said
    assert "**Head of the audit log** · `12-k7q2m4xsz5ab3cde`" in said
    assert not page.error


def test_a_broken_audit_log_and_a_failed_drill_are_errors(screen, ada):
    noted(drill="failed", broken_lines=3, first_broken=5, why="Line 5 was changed.")
    page = screen("system", ada)
    assert ": 3 lines changed" in words(page)
    first, second = [one.value for one in page.error]
    assert first.startswith("Somebody changed the audit log in the database. Line 5 was changed")
    assert second.startswith("The restore drill failed. It went so")
    noted()
    assert [one.value for one in screen("system", ada).error] == [second]


def test_encryption_is_advised_and_what_was_not_restored_is_said(screen, ada, monkeypatch):
    noted(drill="checked")
    assert [one.value for one in screen("system", ada).info] == ["It went so\\."]
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    first, _second = [one.value for one in screen("system", ada).info]
    assert first.startswith("Backups are not encrypted.")
    key = "age1p3e44nxadg3ecyphu0zwccw54wu4nzcrycr7ejkuzxvuym8qf9hsq7twdg"
    monkeypatch.setenv("BACKUP_RECIPIENTS", key)
    settings.cache_clear()
    assert [one.value for one in screen("system", ada).info] == ["It went so\\."]
