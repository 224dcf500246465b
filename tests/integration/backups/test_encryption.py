"""Encrypted backups: written without the private key, opened with it, refused when damaged."""

import io
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
import typer
from pyrage import x25519
from sqlalchemy import URL

from app import backups
from app.backups import encryption, storage
from app.backups.queries import tables
from app.cli.doctor import backups as doctor_backups
from app.cli.doctor import command as doctor
from app.db import elsewhere, transaction_for_system
from app.kit.errors import ConfigurationError, InvalidError
from app.settings import ROOT, settings
from tests.integration.backups.test_service import (
    ENDED,
    NOW,
    Bucket,
    bucket,
    empty,
    job,
    names,
    small,
    table_hashes,
)
from tests.integration.cli.test_commands import Said, app

__all__ = ["app", "bucket", "empty", "small"]


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pair of keys: the public one is set, the file of the private one is returned."""
    file = tmp_path / "key.txt"
    monkeypatch.setenv("BACKUP_RECIPIENTS", backups.new_key(file, now=NOW))
    settings.cache_clear()
    return file


@pytest.fixture
def backup(small: URL, key: Path, tmp_path: Path) -> tuple[backups.Made, str]:
    return backups.back_up(str(tmp_path / "kept"), now=NOW)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_encrypted_comes_back_with_the_private_key(
    backup: tuple[backups.Made, str], key: Path, empty: str, tmp_path: Path
) -> None:
    path = next((tmp_path / "kept").iterdir())
    assert path.name.endswith(".zip.age")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(encryption.MARK)
    assert not encryption.MARK.startswith(b"PK")
    assert backup[0].encrypted
    before = table_hashes()[0]
    with elsewhere(empty):
        backups.restore(path, now=NOW, identity=str(key))
        after = table_hashes()[0]
    # the note of the backup came after it
    assert {name for name in after if after[name] != before[name]} <= ENDED | {"activity"}
    # nothing readable stays on the way
    assert files(settings().data_dir / "backups") == []


def test_the_private_key_may_be_a_setting(
    backup: tuple[backups.Made, str],
    key: Path,
    empty: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = next((tmp_path / "kept").iterdir())
    with elsewhere(empty):
        with pytest.raises(InvalidError, match="--identity FILE, or BACKUP_IDENTITY_FILE"):
            backups.restore(path, now=NOW)
        monkeypatch.setenv("BACKUP_IDENTITY_FILE", str(key))
        settings.cache_clear()
        assert backups.restore(path, now=NOW).rows == backup[0].rows


def test_several_keys_each_open_it(
    small: URL, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    keys = [backups.new_key(file, now=NOW) for file in (first, second)]
    monkeypatch.setenv("BACKUP_RECIPIENTS", ", ".join(keys))
    settings.cache_clear()
    _backup, address = backups.back_up(str(tmp_path / "kept"), now=NOW)
    for file in (first, second):
        with Path(address).open("rb") as source:
            opened = io.BytesIO()
            pyrage.decrypt_io(source, opened, encryption.identities(str(file)))
            assert opened.getvalue().startswith(b"PK")


@pytest.mark.parametrize("where", [0.02, 0.5, 0.999, "cut off", "a piece", "header"])
def test_a_damaged_one_is_refused_before_anything_is_restored(
    backup: tuple[backups.Made, str], key: Path, empty: str, tmp_path: Path, where: float | str
) -> None:
    data = bytearray(next((tmp_path / "kept").iterdir()).read_bytes())
    start = data.index(b"\n---") + 60
    if where == "cut off":
        data = data[:-1]
    elif where == "a piece":
        # a whole chunk of the age format, so that only the order could tell
        data = data[: start + 65_552] if len(data) > start + 65_552 else data[:start]
    elif where == "header":
        data[len(encryption.MARK) + 20] ^= 1
    else:
        data[start + int((len(data) - start) * where)] ^= 1
    broken = tmp_path / "broken.zip.age"
    broken.write_bytes(data)
    with elsewhere(empty):
        with pytest.raises(InvalidError, match=r"no whole backup|its beginning is damaged"):
            backups.restore(broken, now=NOW, identity=str(key))
        with transaction_for_system() as db:
            assert tables.revision(db) is None
    assert files(settings().data_dir / "backups") == []


def test_another_key_opens_nothing(
    backup: tuple[backups.Made, str], empty: str, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    backups.new_key(other, now=NOW)
    path = next((tmp_path / "kept").iterdir())
    with elsewhere(empty), pytest.raises(InvalidError, match="encrypted for another one"):
        backups.restore(path, now=NOW, identity=str(other))


@pytest.mark.parametrize("text", ["", "# a comment\n", "AGE-SECRET-KEY-1WRONG\n", "age1x\n"])
def test_a_file_without_a_private_key_is_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="holds no age identity"):
        backups.identities(str(file))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        backups.identities(str(tmp_path / "none"))


def test_what_cannot_be_read_back_gets_no_name(
    small: URL, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as a disk does that loses what it was given
    monkeypatch.setattr(encryption, "decrypt_io", lambda *_: None)
    with pytest.raises(ConfigurationError, match="could not be written"):
        backups.back_up(str(tmp_path / "kept"), now=NOW)
    assert not (tmp_path / "kept").exists()
    assert files(settings().data_dir / "backups") == []


def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    small: URL, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, limits[1]))
    try:
        with pytest.raises(ConfigurationError, match="File too large"):
            backups.make(tmp_path / "b.zip.age", now=NOW, keys=encryption.recipients())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.glob("*b.zip*"))


def test_no_changed_or_shortened_file_is_decrypted_silently(tmp_path: Path) -> None:
    own, path = x25519.Identity.generate(), tmp_path / "x.age"
    with path.open("w+b") as out, encryption.encrypting(out, [own.to_public()]) as stream:
        stream.write(b"x" * 200_000)
    whole = path.read_bytes()
    encryption.decrypt(path, [own], io.BytesIO())
    flipped = [
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        for place in (len(whole) - 1, len(whole) // 2, len(whole) - 199_000)
    ]
    # the code that authenticates the header
    place = whole.index(b"\n--- ") + len(b"\n--- ")
    other = b"B" if whole[place : place + 1] == b"A" else b"A"
    flipped.append(whole[:place] + other + whole[place + 1 :])
    for damaged in (*flipped, whole[:-1], whole[:-70_000], whole + b"x"):
        path.write_bytes(damaged)
        with pytest.raises(encryption.AuthenticationError):
            encryption.decrypt(path, [own], io.BytesIO())


def test_it_is_a_stream(tmp_path: Path) -> None:
    """A hundred megabytes take no hundred megabytes of memory."""
    program = """
import os, resource, sys
from pathlib import Path
from pyrage import x25519
from app.backups import encryption
own = x25519.Identity.generate()
piece = os.urandom(1 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path = Path(sys.argv[1])
with path.open("w+b") as out:
    with encryption.encrypting(out, [own.to_public()]) as stream:
        for _ in range(100):
            stream.write(piece)
with (path.parent / "plain").open("w+b") as out:
    encryption.decrypt(path, [own], out)
    assert out.tell() == 100 << 20
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "big.age")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 30_000


def test_encrypted_backups_go_to_a_bucket_and_come_back(
    small: URL, key: Path, empty: str, bucket: Bucket
) -> None:
    for day in (23, 24, 25):
        message = job(NOW.replace(day=day))
    assert message.endswith(" removed.")
    keys = names(bucket)
    assert len(keys) == 2
    assert all(key.endswith(".zip.age") for key in keys)
    assert storage.newest("s3://safe/crm") == f"s3://safe/{keys[-1]}"
    assert bucket.get_object(Bucket="safe", Key=keys[1])["Body"].read(22) == encryption.MARK
    with backups.local_copy(f"s3://safe/{keys[1]}") as path, elsewhere(empty):
        backups.restore(path, now=NOW, identity=str(key))


@pytest.mark.parametrize("wrong", ["age1x", "somebody", "private"])
def test_what_is_no_public_key_is_refused_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    wrong = str(x25519.Identity.generate()) if wrong == "private" else wrong
    monkeypatch.setenv("BACKUP_RECIPIENTS", wrong)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="BACKUP_RECIPIENTS: write public keys") as caught:
        settings()
    assert wrong not in str(caught.value)


def test_the_doctor_advises_encryption(
    database: URL, key: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "kept"))
    monkeypatch.setenv("BACKUP_IDENTITY_FILE", str(key))
    settings.cache_clear()
    assert list(doctor_backups.CHECKS["Backup encryption"]()) == []
    key.chmod(0o640)
    assert "chmod 600" in next(doctor_backups.CHECKS["Backup encryption"]())
    monkeypatch.delenv("BACKUP_RECIPIENTS")
    monkeypatch.delenv("BACKUP_IDENTITY_FILE")
    settings.cache_clear()
    (message,) = doctor_backups.CHECKS["Backup encryption"]()
    assert "backup new-key FILE" in message


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        (
            "kept",
            0,
            "Backup encryption: warning: Backups are not encrypted, unless their disk is.",
        ),
        (
            "s3://kept/here",
            1,
            "Backup encryption: Backups leave this server and are not encrypted",
        ),
    ],
)
def test_the_doctor_fails_for_a_plain_backup_in_a_bucket_alone(
    database: URL,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    place: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("BACKUP_TO", place if "://" in place else str(tmp_path / place))
    settings.cache_clear()
    monkeypatch.setattr(
        doctor, "CHECKS", {"Backup encryption": doctor_backups.CHECKS["Backup encryption"]}
    )
    with pytest.raises(typer.Exit) as ended:
        doctor.doctor()
    assert ended.value.exit_code == code
    assert said in capsys.readouterr().out


def test_the_commands(small: URL, empty: str, tmp_path: Path, app: Callable[..., Said]) -> None:
    file = tmp_path / "key.txt"
    new = app("backup", "new-key", str(file))
    assert new.returncode == 0, new.stderr
    public, what_to_do = new.stdout.splitlines()
    assert public.startswith("age1")
    assert f"BACKUP_RECIPIENTS={public}" in what_to_do
    assert file.stat().st_mode & 0o777 == 0o600
    again = app("backup", "new-key", str(file))
    assert again.returncode == 1
    assert "Name a new file" in again.stderr

    output = app("backup", "--to", str(tmp_path / "out"), BACKUP_RECIPIENTS=public)
    assert output.returncode == 0, output.stderr
    assert "encrypted, read again and whole" in output.stdout
    (backup,) = (tmp_path / "out").iterdir()
    refused = app("restore", str(backup), "--to", empty)
    assert refused.returncode == 1
    assert "is encrypted" in refused.stderr
    done = app("restore", str(backup), "--to", empty, "--identity", str(file))
    assert done.returncode == 0, done.stderr
