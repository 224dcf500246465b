"""Files of this program are its own user's, also those an earlier version wrote."""

import os
import stat
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from app import file_rights
from app.mail.backends import FileBackend
from app.settings import ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A DATA_DIR as an earlier version left it, open to everybody."""
    folder = tmp_path / "var"
    for name in (
        "secret_key",
        "mail/one.eml",
        "backups/donorcrm-20261101-0330.zip",
        "uploads/ab/cd",
        "postgres/server.log",
        "postgres/alive",
        "postgres/data/PG_VERSION",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(0o644)
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    return folder


def open_ones(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in [folder, *folder.rglob("*")]
        if mode(path) & 0o077
    }


SERVERS = {"postgres/data", "postgres/data/PG_VERSION"}


def test_what_was_open_is_closed(earlier: Path) -> None:
    assert len(open_ones(earlier)) == 14
    assert file_rights.repair(earlier) == 12
    # below a closed folder, and the server's own
    assert open_ones(earlier) == SERVERS
    assert mode(earlier) == 0o700
    assert mode(earlier / "mail" / "one.eml") == 0o600
    assert file_rights.repair(earlier) == 0


def test_a_folder_that_holds_other_things_stays_open_and_ours_are_closed(earlier: Path) -> None:
    (earlier / "theirs").touch(mode=0o644)
    file_rights.repair(earlier)
    assert open_ones(earlier) == {".", "theirs"} | SERVERS


def test_a_folder_that_is_not_known_to_be_ours_is_left_alone(tmp_path: Path) -> None:
    for name in ("mail", "backups", "log"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    assert file_rights.repair(tmp_path) == 0
    assert mode(tmp_path / "mail") == 0o755


def test_links_are_not_followed(earlier: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.chmod(0o755)
    (earlier / "uploads" / "link").symlink_to(outside)
    file_rights.repair(earlier)
    assert mode(outside) == 0o755


def test_of_another_folder_of_backups_only_backups_are_closed(tmp_path: Path) -> None:
    backup, other = tmp_path / "donorcrm-20261101-0330.zip", tmp_path / "photo.jpg"
    for path in (backup, other):
        path.touch()
        path.chmod(0o644)
    assert file_rights.repair(tmp_path / "nowhere", backups=tmp_path) == 1
    assert (mode(backup), mode(other)) == (0o600, 0o644)


@pytest.mark.parametrize("start", ["serve", "jobs"])
def test_each_process_closes_them_as_it_starts(earlier: Path, start: str, tmp_path: Path) -> None:
    """Both end at once, for there is no database here."""
    backup = tmp_path / "kept" / "donorcrm-20261101-0330.zip"
    backup.parent.mkdir()
    backup.touch()
    backup.chmod(0o644)
    words = ["app", "serve", "--port", "18699"] if start == "serve" else ["jobs"]
    subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=120,
        env=os.environ | {"DATA_DIR": str(earlier), "BACKUP_TO": str(backup.parent)},
    )
    assert open_ones(earlier) == SERVERS
    assert mode(backup) == 0o600


def test_what_a_command_writes_is_its_owners(tmp_path: Path) -> None:
    script = (
        "import sys, app.cli, typer; from pathlib import Path\n"
        "made = typer.Typer()\n"
        "@made.command()\ndef write():\n"
        f"    Path({str(tmp_path)!r}, 'folder').mkdir()\n"
        f"    Path({str(tmp_path)!r}, 'folder', 'file').write_text('x')\n"
        "app.cli.build = lambda: made\nsys.argv = ['app']\napp.cli.main()"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=120)
    assert mode(tmp_path / "folder") == 0o700
    assert mode(tmp_path / "folder" / "file") == 0o600


def test_what_the_scheduler_writes_is_its_owners(tmp_path: Path) -> None:
    script = (
        "import os, runpy, sys\nfrom pathlib import Path\nfrom jobs import process\nos.umask(0)\n"
        "def write(out):\n"
        f"    Path({str(tmp_path)!r}, 'folder').mkdir()\n"
        f"    Path({str(tmp_path)!r}, 'folder', 'file').write_text('x')\n"
        "    raise SystemExit\n"
        "process.prepare = write\nsys.argv = ['jobs']\n"
        "runpy.run_module('jobs', run_name='__main__')"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=120)
    assert mode(tmp_path / "folder") == 0o700
    assert mode(tmp_path / "folder" / "file") == 0o600


def test_a_message_written_to_a_file_is_its_owners(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Message-ID"] = "<one@donorcrm>"
    message.set_content("Dear Eleanor")
    before = os.umask(0)
    try:
        (tmp_path / "mail").mkdir(mode=0o755)
        (tmp_path / "mail" / ".one-donorcrm.part").touch(mode=0o666)
        FileBackend(tmp_path / "mail").send(message)
        FileBackend(tmp_path / "mail").send(message)
    finally:
        os.umask(before)
    (written,) = (tmp_path / "mail").iterdir()
    assert mode(written) == 0o600
