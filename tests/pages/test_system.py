"""The System screen: sizes, versions, what waits, and what an administrator should see to."""

import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app import VERSION, backups, shared
from app.db import transaction
from app.settings import ROOT, settings
from app.shared import client
from tests import factories as make
from tests.pages.conftest import words
from tests.programs import needed
from tests.sink import free_port


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
        db.execute(text(
            "insert into outbox (key, name, to_email, subject, text_body, message_id, state)"
            " values ('a', 'a', 'a@b.example', 'a', 'a', 'a', 'failed')"
        ))  # fmt: skip
    said = [one.value for one in screen("system", ada).warning]
    assert "No scheduler is alive. Start it with `python -m jobs`." in said
    assert "1 e-mail failed. See Outbox." in said
    assert "No backup is made. Set BACKUP_TO to a folder or a bucket." in said


def test_when_all_is_well_nothing_is_asked(screen, ada, monkeypatch):
    monkeypatch.setenv("BACKUP_TO", "kept")
    settings.cache_clear()
    with transaction() as db:
        db.execute(
            text("insert into heartbeat (process, kind, at, started_at)"
                 " values ('a', 'scheduler', :now, :now)"), {"now": datetime.now(UTC)},
        )  # fmt: skip
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
        while not shared.reachable():
            assert time.monotonic() < until
        client.forget()
        store = client.the_client(settings().redis_url)
        store.set("there", 1)
        assert [store.get(one) for one in ("there", "there", "there", "gone")][-1] is None
        assert "**Redis** · answers; 75 % of what was asked was there" in words(
            screen("system", ada)
        )
    finally:
        server.kill()
        server.wait()
        client.forget()
