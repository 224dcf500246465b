"""The demonstration mode: a file, settings of its own, and processes that end at a switch."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import demonstration_mode, secret_key
from app.settings import ROOT, settings

WATCH = """
import sys, threading
from pathlib import Path
from app import demonstration_mode
demonstration_mode.end_when_changed(Path(sys.argv[1]), started_with=False)
print("watching", flush=True)
threading.Event().wait(60)
"""


def test_it_is_on_until_it_is_turned_off(tmp_path: Path) -> None:
    folder = tmp_path / "not yet there"
    assert not demonstration_mode.is_on(folder)
    demonstration_mode.turn_off(folder)
    demonstration_mode.turn_on(folder)
    demonstration_mode.turn_on(folder)
    assert demonstration_mode.is_on(folder)
    demonstration_mode.turn_off(folder)
    assert not demonstration_mode.is_on(folder)


def test_the_demonstration_signs_with_another_key_and_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EMAIL_BACKEND", "smtp")
    monkeypatch.setenv("BACKUP_TO", "s3://bucket")
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "an older key of this place 0123456789 abcdef")
    monkeypatch.setenv("OIDC_CLIENT_ID", "a")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "b")
    monkeypatch.setenv("OIDC_METADATA_URL", "https://id.example.org/.well-known")
    settings.cache_clear()
    own = settings()
    demonstration_mode.turn_on(own.data_dir)
    settings.cache_clear()
    shown = settings()
    assert (own.demonstration, shown.demonstration) == (False, True)
    assert not set(shown.signing_keys) & set(own.signing_keys)
    assert shown.own_key == own.own_key == own.secret_key
    assert (shown.email_backend, shown.backup_to, shown.oidc) == ("console", "", False)
    assert (own.email_backend, own.backup_to, own.oidc) == ("smtp", "s3://bucket", True)


def test_keys_are_derived_for_one_purpose_each() -> None:
    keys = [secret_key.derive(key, purpose) for key in ("a" * 32, "b" * 32) for purpose in "xy"]
    assert len(set(keys)) == 4
    assert keys[0] == secret_key.derive("a" * 32, "x")
    for key in keys:
        secret_key.require_strong("SECRET_KEY", key)


def test_a_process_ends_when_the_mode_changes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WATCH, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "watching\n"
        assert process.poll() is None
        demonstration_mode.turn_on(tmp_path)
        assert process.wait(timeout=30) == -signal.SIGTERM
