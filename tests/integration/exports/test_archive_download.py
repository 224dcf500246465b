"""The archive of the whole organisation: made once, in the background, for administrators."""

import csv
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from app import exports
from app.accounts import Actor, Role
from app.db import transaction
from app.db import transaction_for_system as system
from app.exports import archive_download
from app.kit.errors import ConfirmFirstError, NotAllowedError, NotFoundError
from app.kit.security import file_encryption
from app.settings import settings
from tests import factories as make

NOW = datetime.now(UTC)


@pytest.fixture
def ada(database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Actor]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with system() as db:
        make.organisation(db, name="Lantern Road")
        ada = make.person(db, name="Ada", role=Role.ADMIN)
        make.contact(db, make.donor(db, None, "Mara"), text="Hello")
    yield ada
    wait()
    settings.cache_clear()


def wait() -> None:
    """Wait until the work that was started before has ended."""
    archive_download.POOL.submit(int).result(timeout=180)


def start(actor: Actor, now: datetime = NOW) -> bool:
    with transaction(actor) as db:
        return exports.start_archive(db, actor, now=now)


def download(actor: Actor, now: datetime = NOW) -> tuple[str, bytes]:
    out = io.BytesIO()
    with transaction(actor) as db:
        name = exports.write_archive(db, actor, out=out, now=now)
    return name, out.getvalue()


def purge(now: datetime) -> int:
    with system() as db:
        return exports.delete_old_archives(db, now=now)


def sentences() -> list[str]:
    with system() as db:
        return list(db.scalars(text("select sentence from activity order by id")))


def test_the_archive_holds_every_file_and_is_recorded(ada: Actor, tmp_path: Path) -> None:
    assert exports.newest_archive(ada, now=NOW) is None
    assert start(ada)
    wait()
    archive = exports.newest_archive(ada, now=NOW)
    assert archive is not None
    assert (archive.state, archive.by, archive.error) == ("done", "Ada", "")
    assert archive.done == archive.of
    name, data = download(ada)
    assert name == f"donorcrm-{NOW.date()}.zip"
    assert len(data) == archive.bytes
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert set(packed.namelist()) == {
            "manifest.json",
            *(f"{kind}.csv" for kind in exports.KINDS),
        }
        assert json.loads(packed.read("manifest.json"))["organisation"] == "Lantern Road"
        [contact] = csv.DictReader(io.StringIO(packed.read("contacts.csv").decode()))
        assert contact["contact_text"] == "Hello"
    with system() as db:
        parts = db.scalars(text("select data from stored_file where part = 0")).all()
    assert len(parts) == 2
    assert all(bytes(part).startswith(file_encryption.MARK) for part in parts), "encrypted"
    assert not list((tmp_path / "full-exports").iterdir()), "nothing is left in plain text"
    started, written, downloaded = sentences()
    assert started == "Started an archive of the whole organisation."
    assert written.startswith("Exported the whole organisation: ")
    assert downloaded == "Downloaded the archive of the whole organisation."
    with system() as db:
        assert set(db.scalars(text("select actor_id from activity"))) == {ada.user_id}
        assert list(db.scalars(text("select user_id from donor_access"))) == [ada.user_id]


def test_another_machine_has_the_archive_too(
    ada: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(ada)
    wait()
    made = exports.newest_archive(ada, now=NOW)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "of another machine"))
    settings.cache_clear()
    assert exports.newest_archive(ada, now=NOW) == made
    name, data = download(ada)
    assert zipfile.is_zipfile(io.BytesIO(data))
    assert name == f"donorcrm-{NOW.date()}.zip"


def test_a_second_click_starts_no_other(ada: Actor) -> None:
    go_on = threading.Event()
    archive_download.POOL.submit(go_on.wait, 60)
    assert [start(ada), start(ada), start(ada)] == [True, False, False]
    go_on.set()
    wait()
    assert len([line for line in sentences() if line.startswith("Exported the whole")]) == 1


def test_a_running_one_is_seen_and_not_started_again(ada: Actor) -> None:
    running = archive_download.Archive("running", NOW, NOW, "Ada", ada.user_id, "k", 3, 9, "gifts")
    archive_download.save(running)
    assert exports.newest_archive(ada, now=NOW) == running
    assert not start(ada)
    with pytest.raises(NotFoundError):
        download(ada)
    assert purge(NOW) == 0
    later = NOW + timedelta(minutes=31)
    stopped = exports.newest_archive(ada, now=later)
    assert stopped is not None
    assert (stopped.state, stopped.error) == ("failed", archive_download.STOPPED)
    assert start(ada, later)


def test_a_failure_says_so_and_leaves_nothing(
    ada: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "disk full"
        raise OSError(msg)

    monkeypatch.setattr(archive_download, "write_everything", fail)
    assert start(ada)
    wait()
    archive = exports.newest_archive(ada, now=NOW)
    assert archive is not None
    assert (archive.state, archive.error) == ("failed", archive_download.FAILED)
    assert not list((tmp_path / "full-exports").iterdir())
    assert sentences()[-1] == "The archive of the whole organisation was not made."
    # the error's own words may name a person, and are not logged
    assert "OSError" in caplog.text


def test_the_file_is_deleted_after_its_retention(ada: Actor, tmp_path: Path) -> None:
    start(ada)
    wait()
    assert purge(NOW) == 0
    later = datetime.now(UTC) + archive_download.KEPT_FOR
    assert exports.newest_archive(ada, now=later) is None
    with pytest.raises(NotFoundError, match="no longer kept"):
        download(ada, later)
    left = tmp_path / "full-exports" / "part-of-a-killed-process"
    left.mkdir()
    (left / "gifts.csv").write_text("somebody's gifts")
    assert purge(later) == 1
    with system() as db:
        assert db.scalar(text("select count(*) from stored_file")) == 0
    assert not list((tmp_path / "full-exports").iterdir())
    assert purge(later) == 0


def test_it_requires_recent_confirmation(ada: Actor) -> None:
    on_screen = replace(ada, session_id="gone")
    with system() as db:
        with pytest.raises(ConfirmFirstError):
            exports.start_archive(db, on_screen, now=NOW)
        with pytest.raises(ConfirmFirstError):
            exports.write_archive(db, on_screen, out=io.BytesIO(), now=NOW)
    assert exports.newest_archive(ada, now=NOW) is None


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.SYSTEM}])
def test_it_is_for_administrators(ada: Actor, role: Role) -> None:
    with system() as db:
        other = make.person(db, role=role)
    for call in (start, download):
        with pytest.raises(NotAllowedError):
            call(other)
    with pytest.raises(NotAllowedError):
        exports.newest_archive(other, now=NOW)
    assert sentences() == []
