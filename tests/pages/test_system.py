"""The System screen: sizes, versions, what waits, and what an administrator should see to."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app import VERSION
from app.db import transaction
from app.settings import ROOT, settings
from tests import factories as make
from tests.pages.conftest import words


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
