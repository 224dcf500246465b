"""The System screen: sizes, versions, queues, and problems for the administrator."""

import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import VERSION, backups, cache
from app.accounts import Actor
from app.backups import history
from app.cache import redis_client
from app.db import replica, transaction_for_system
from app.db.replica import ReplicaStatus, Trouble
from app.db.replica.status import Lag
from app.settings import ROOT, settings
from tests import factories as make
from tests.external_tools import needed
from tests.pages.conftest import html_tables, page_text
from tests.smtp_sink import free_port
from tests.values import present


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada")


def test_the_metrics_of_the_system(screen: Callable[..., AppTest], ada: Actor) -> None:
    page = screen("system", ada)
    assert not page.exception
    labels = {metric.label: metric.value for metric in page.metric}
    assert set(labels) == {"Database", "Found in memory", "Connections", "Disk left"}
    assert labels["Database"].endswith(" MB")
    shown_text = page_text(page)
    assert f"**DonorCRM** {VERSION}" in shown_text
    assert "**Queue** · nothing waits" in shown_text
    assert "**E-mail** · 0 messages waiting, 0 sent" in shown_text
    assert "**Dashboards** · " in shown_text
    assert "Rows, about" in html_tables(page)[0]


def test_problems_are_shown_with_advice(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        db.execute(
            text(
                "insert into outbox (key, name, to_email, subject, text_body, message_id, state)"
                " values ('a', 'a', 'a@b.example', 'a', 'a', 'a', 'failed')"
            )
        )
    warnings = [warning.value for warning in screen("system", ada).warning]
    assert "The scheduler is not running. Start it with `python -m jobs`." in warnings
    assert "1 e-mail failed. See Outbox." in warnings
    assert "No backup is made. Set BACKUP_TO to a folder or a bucket." in warnings


def test_without_problems_there_is_no_warning(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    with transaction_for_system() as db:
        db.execute(
            text(
                "insert into heartbeat (process, kind, at, started_at)"
                " values ('a', 'scheduler', :now, :now)"
            ),
            {"now": datetime.now(UTC)},
        )
    page = screen("system", ada)
    assert not page.warning
    assert "**Processes alive** · scheduler" in page_text(page)


def test_the_read_replica_is_shown_with_its_lag(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lag = Lag(Trouble.BEHIND, 1_500_000, 90.0)
    status = ReplicaStatus("first", "second", lag)
    monkeypatch.setattr(replica, "replica_status", lambda: status)
    page = screen("system", ada)
    shown_text = page_text(page)
    assert "**Database server** · first" in shown_text
    assert "**Read replica** · second · 1.5 MB, 90 seconds behind" in shown_text
    warnings = [warning.value for warning in page.warning]
    assert (
        "The read replica is not used, the primary is read. It is behind the primary." in warnings
    )


def test_only_for_administrators(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        ruth = make.person(db)
    assert screen("system", ruth).exception


def test_the_version_is_the_one_of_the_project_file() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


BACKUP = (
    "insert into job_run (job, slot, state, started_at, finished_at, tries, result, error)"
    " values ('backup', :at, :state, :at, :at, 1, :result, :error)"
)


def add_backup_run(
    *, days: float = 0, result: str | None = None, error: str | None = None
) -> None:
    finished_at = datetime.now(UTC) - timedelta(days=days)
    state = "failed" if error else "done"
    with transaction_for_system() as db:
        db.execute(
            text(BACKUP), {"at": finished_at, "state": state, "result": result, "error": error}
        )


def test_the_last_backup(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "**Last backup** · none so far" in page_text(screen("system", ada))
    add_backup_run(days=4, result=backups.NO_PLACE)
    assert "**Last backup** · none so far" in page_text(screen("system", ada))
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    add_backup_run(days=3, result="7 rows kept, 0.1 MB.")
    page = screen("system", ada)
    assert "· 7 rows kept" in page_text(page)
    old = "The last backup is more than two days old. See Jobs."
    assert old in [warning.value for warning in page.warning]

    add_backup_run(error="PermissionError: kept")
    warnings = [warning.value for warning in screen("system", ada).warning]
    assert [
        warning
        for warning in warnings
        if warning.startswith("The last backup failed: PermissionError")
    ]
    assert old not in warnings


def test_a_backup_by_a_command_is_the_last_one_too(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    add_backup_run(days=3, result="7 rows kept, 0.1 MB.")
    add_backup_run(days=0.1, error="PermissionError: kept")
    note_backup()
    page = screen("system", ada)
    (line,) = [
        markdown.value
        for markdown in page.markdown
        if markdown.value.startswith("**Last backup**")
    ]
    assert line.endswith(" · 7 rows, 9 B")
    assert "this morning" in line or "today" in line
    assert not [warning.value for warning in page.warning if "last backup" in warning.value]
    add_backup_run(error="PermissionError: kept")
    warnings = [warning.value for warning in screen("system", ada).warning]
    assert [
        warning
        for warning in warnings
        if warning.startswith("The last backup failed: PermissionError")
    ]


def test_redis_is_shown_if_it_is_configured(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Redis" not in page_text(screen("system", ada))
    port = free_port()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    settings.cache_clear()
    page = screen("system", ada)
    assert "**Redis** · does not answer" in page_text(page)
    away = "Redis does not answer. Until it does, each process works by itself."
    assert away in [warning.value for warning in page.warning]

    command = [needed("redis-server"), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while not cache.reachable():
            assert time.monotonic() < until
        redis_client.forget()
        store = redis_client.redis_client(settings().redis_url)
        present(store).set("there", 1)
        assert [present(store).get(key) for key in ("there", "there", "there", "gone")][-1] is None
        assert "**Redis** · answers; 75 % of what was asked was there" in page_text(
            screen("system", ada)
        )
    finally:
        server.kill()
        server.wait()
        redis_client.forget()


def note_backup(
    *,
    encrypted: bool = False,
    drill: str | None = None,
    broken_lines: int = 0,
    first_broken: int | None = None,
    why: str = "",
) -> None:
    backup = history.RecordedBackup(
        datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "donorcrm-20261123-0930.zip",
        9,
        "ab",
        7,
        encrypted,
    )
    with transaction_for_system() as db:
        facts = backups.AuditFacts(12, "12-k7q2m4xsz5ab3cde", broken_lines, first_broken, why)
        history.note_made(db, backup, facts)
        if drill:
            history.note_drill(db, result=drill, sentence="It went so.", file=backup.file)


def test_the_audit_log_encryption_and_drill_are_shown(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_text = page_text(screen("system", ada))
    assert "**Restore drill**" not in shown_text
    note_backup(encrypted=True, drill="restored")
    page = screen("system", ada)
    shown_text = page_text(page)
    assert "**Backup encryption** · on" in shown_text
    assert "**Restore drill** · " in shown_text
    assert "restored and compared" in shown_text
    assert "**Audit log** · checked " in shown_text
    assert ": no line changed" in shown_text
    assert "**Head of the audit log** · `12-k7q2m4xsz5ab3cde`" in shown_text
    assert not page.error


def test_a_broken_audit_log_and_a_failed_drill_are_errors(
    screen: Callable[..., AppTest], ada: Actor
) -> None:
    note_backup(drill="failed", broken_lines=3, first_broken=5, why="Line 5 was changed.")
    page = screen("system", ada)
    assert ": 3 lines changed" in page_text(page)
    first, second = [error.value for error in page.error]
    assert first.startswith("Somebody changed the audit log in the database. Line 5 was changed")
    assert second.startswith("The restore drill failed. It went so")
    note_backup()
    assert [error.value for error in screen("system", ada).error] == [second]


def test_encryption_and_an_incomplete_drill_give_advice(
    screen: Callable[..., AppTest], ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_backup(drill="checked")
    assert [info.value for info in screen("system", ada).info] == ["It went so\\."]
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    first, _second = [info.value for info in screen("system", ada).info]
    assert first.startswith("Backups are not encrypted.")
    key = "age1p3e44nxadg3ecyphu0zwccw54wu4nzcrycr7ejkuzxvuym8qf9hsq7twdg"
    monkeypatch.setenv("BACKUP_RECIPIENTS", key)
    settings.cache_clear()
    assert [info.value for info in screen("system", ada).info] == ["It went so\\."]
