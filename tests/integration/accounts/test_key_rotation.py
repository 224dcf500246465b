"""Rotation of SECRET_KEY: values of the older key stay readable until none is left."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pyotp
import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import accounts, audit, imports, mail
from app.accounts import Scope, key_rotation
from app.accounts.authentication import known_devices, mfa
from app.accounts.authentication.sessions import digest
from app.accounts.queries import api_tokens as api_token_queries
from app.api.rest.cursors import decode_cursor, encode_cursor
from app.cache import versioned_cache
from app.cli import main, secret
from app.db import transaction_for_system
from app.imports import disk_uploads, upload_store
from app.kit.errors import InvalidError
from app.kit.security import file_encryption
from app.kit.security.encryption import KeyUse, seal, unseal
from app.kit.security.signed_tokens import verify
from app.mail import bounces
from app.settings import ROOT, settings
from tests import factories
from tests.conftest import KEY
from tests.values import present

OLD, NEW = KEY, "another key, as long as the first one 0123456789"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Use SECRET_KEY and SECRET_KEY_FALLBACKS as given."""

    def keys(current: str, *older: str) -> None:
        monkeypatch.setenv("SECRET_KEY", current)
        monkeypatch.setenv("SECRET_KEY_FALLBACKS", json.dumps(older))
        settings.cache_clear()

    return keys


@pytest.fixture
def ruth(db: Session) -> accounts.Actor:
    factories.organisation(db)
    return factories.person(db, name="Ruth")


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run a command as `python -m app` does; return what it wrote."""

    def command(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_error:
            main()
        output = capsys.readouterr()
        assert not exit_error.value.code, output.err
        return output.out

    return command


def key_use() -> KeyUse:
    with transaction_for_system() as db:
        return imports.file_key_use(db)


def with_second_factor(
    db: Session, actor: accounts.Actor, now: datetime = NOW - timedelta(hours=1)
) -> pyotp.TOTP:
    phone = pyotp.TOTP(accounts.begin_mfa_enrolment(db, actor, now=now).secret)
    accounts.confirm_mfa_enrolment(db, actor, code=phone.at(now), now=now)
    return phone


# signatures: accepted while the older key is configured


def access_token(db: Session, ruth: accounts.Actor) -> Callable[[], bool]:
    tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    return lambda: accounts.token_actor(db, access=tokens.access, now=NOW) == ruth


def refresh_token(db: Session, ruth: accounts.Actor) -> Callable[[], bool]:
    tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    return lambda: (
        accounts.refresh_tokens(db, refresh=tokens.refresh, now=NOW + SECOND) is not None
    )


def action_link(_db: Session, ruth: accounts.Actor) -> Callable[[], bool]:
    link = mail.action_link(ruth.user_id, "called", 7, access_version=1, now=NOW)
    return lambda: mail.read_action_token(link.rpartition("/")[2], now=NOW) is not None


def preferences_link(_db: Session, ruth: accounts.Actor) -> Callable[[], bool]:
    token = mail.email_preferences_link(ruth.user_id, "weekly_summary", now=NOW).rpartition("/")[2]
    return lambda: (
        mail.read_email_preferences_token(token, now=NOW) == (ruth.user_id, "weekly_summary")
    )


def bounce_address(_db: Session, _ruth: accounts.Actor) -> Callable[[], bool]:
    os.environ["EMAIL_BOUNCES_TO"] = "bounces@example.org"
    settings.cache_clear()
    local = present(bounces.bounce_address(41)).partition("@")[0].partition("+")[2]
    del os.environ["EMAIL_BOUNCES_TO"]
    return lambda: verify(settings().signing_keys, bounces.PURPOSE, local) == ("41",)


def cached_result(_db: Session, _ruth: accounts.Actor) -> Callable[[], bool]:
    sealed = seal(settings().secret_key, versioned_cache.PURPOSE, b"{}")
    return lambda: unseal(settings().signing_keys, versioned_cache.PURPOSE, sealed) == b"{}"


def cursor(_db: Session, _ruth: accounts.Actor) -> Callable[[], bool]:
    place = encode_cursor("gifts", "2026-11-23", 7)

    def readable() -> bool:
        try:
            return decode_cursor("gifts", place, tuple[str, int]) == ("2026-11-23", 7)
        except InvalidError:
            return False

    return readable


def known_device(db: Session, ruth: accounts.Actor) -> Callable[[], bool]:
    session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    cookie = accounts.remember_device(db, session_id=session_id, cookie="", now=NOW)
    return lambda: bool(known_devices.known_device(db, email=ruth.email, cookie=present(cookie)))


def audit_head(db: Session, _ruth: accounts.Actor) -> Callable[[], bool]:
    audit.record(db, actor_id=None, action="a.b", entity="a", sentence="x")
    audit.seal(db)
    head = audit.head(db)
    return lambda: audit.why_head_missing(db, head) is None


SIGNED = (
    access_token,
    refresh_token,
    action_link,
    preferences_link,
    bounce_address,
    cached_result,
    cursor,
    known_device,
    audit_head,
)


@pytest.mark.parametrize("make", SIGNED)
def test_signatures_of_the_older_key_are_accepted_while_it_is_configured(
    db: Session,
    ruth: accounts.Actor,
    keys: Callable[..., None],
    make: Callable[..., Callable[[], object]],
) -> None:
    readable = make(db, ruth)
    keys(NEW)
    assert not readable()
    keys(NEW, OLD)
    assert readable()
    fresh = make(db, ruth)
    keys(NEW)
    assert fresh(), "new things are signed with the current key"


def test_two_tabs_get_the_same_token_across_a_replaced_key(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    first = accounts.refresh_tokens(db, refresh=tokens.refresh, now=NOW + SECOND)
    keys(NEW, OLD)
    second = accounts.refresh_tokens(db, refresh=tokens.refresh, now=NOW + 3 * SECOND)
    assert second == first
    assert accounts.refresh_tokens(db, refresh=present(second).refresh, now=NOW + 60 * SECOND)


# stored as hashes: independent of the key


def test_a_session_goes_on_and_its_older_cookies_are_still_noticed(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    session_id, code = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    copied = newest = accounts.redeem_code(db, code=code, now=NOW)
    for turn in (1, 2):
        _, newest = present(
            accounts.identify(db, cookie=present(newest), now=NOW + turn * timedelta(minutes=16))
        )
    later = NOW + timedelta(minutes=40)
    keys(NEW, OLD)
    assert accounts.identify(db, cookie=present(newest), now=later, rotate=False) == (
        session_id,
        None,
    )
    assert accounts.identify(db, cookie=present(copied), now=later) is None
    assert accounts.session_actor(db, session_id=session_id, now=later) is None


def test_personal_tokens_and_calendars_do_not_depend_on_the_key(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    token = accounts.create_api_token(
        db, ruth, name="Sheet", scopes=frozenset({Scope.CALENDAR}), now=NOW
    )
    # as earlier versions made them, with a signature at the end
    stem = f"dcrm_{'x' * 43}"
    mark = hmac.new(OLD.encode(), b"personal:" + b"x" * 43, hashlib.sha256).hexdigest()[:32]
    earlier = f"{stem}.{mark}"
    api_token_queries.add(
        db,
        user_id=ruth.user_id,
        name="Old sheet",
        token_hash=digest(earlier),
        scopes=["read"],
        created_at=NOW,
        expires_at=None,
    )
    keys(NEW)
    for valid_token in (token, earlier):
        assert present(accounts.api_token_actor(db, token=valid_token, now=NOW)).actor == ruth


# stored values: re-encrypted


def test_a_reencrypted_second_factor_needs_the_new_key_only(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    phone = with_second_factor(db, ruth)

    def opens(moment: datetime) -> bool:
        return mfa.verify_code(db, ruth.user_id, code=phone.at(moment), now=moment)

    keys(NEW)
    assert key_rotation.mfa_key_use_for_system(db) == KeyUse(lost=1)
    assert not mfa.verify_code(db, ruth.user_id, code=phone.at(NOW), now=NOW)
    keys(NEW, OLD)
    assert key_rotation.mfa_key_use_for_system(db) == KeyUse(older=1)
    assert mfa.verify_code(db, ruth.user_id, code=phone.at(NOW), now=NOW)
    reseal = key_rotation.reencrypt_mfa_secrets_for_system
    assert reseal(db, after=0) == (1, ruth.user_id)
    assert reseal(db, after=ruth.user_id) == (0, None)
    assert reseal(db, after=0) == (0, ruth.user_id)
    keys(NEW)
    later = NOW + timedelta(minutes=5)
    assert key_rotation.mfa_key_use_for_system(db) == KeyUse(current=1)
    assert mfa.verify_code(db, ruth.user_id, code=phone.at(later), now=later)


def test_what_is_made_since_needs_the_new_key_only(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    keys(NEW, OLD)
    with_second_factor(db, ruth)
    session_id, code = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    copied = newest = accounts.redeem_code(db, code=code, now=NOW)
    for turn in (1, 2):
        _, newest = present(
            accounts.identify(db, cookie=present(newest), now=NOW + turn * timedelta(minutes=16))
        )
    keys(NEW)
    assert key_rotation.mfa_key_use_for_system(db) == KeyUse(current=1)
    # a copied cookie is noticed although two have followed it
    later = NOW + timedelta(minutes=40)
    assert accounts.session_actor(db, session_id=session_id, now=later)
    assert accounts.identify(db, cookie=present(copied), now=later) is None
    assert accounts.session_actor(db, session_id=session_id, now=later) is None


def test_a_secret_is_not_replaced_while_it_is_reencrypted(
    database: URL, keys: Callable[..., None]
) -> None:
    """Otherwise a phone enrolled at that moment would be lost."""
    with transaction_for_system() as db:
        factories.organisation(db)
        with_second_factor(db, factories.person(db))
    keys(OLD, NEW)
    with transaction_for_system() as db:
        assert key_rotation.reencrypt_mfa_secrets_for_system(db, after=0)[0] == 0
        with pytest.raises(OperationalError), transaction_for_system() as other:
            other.execute(text("select from second_factor for update nowait"))


def test_a_secret_that_no_key_decrypts_stays_unchanged(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    with_second_factor(db, ruth)
    before = db.execute(text("select secret from second_factor")).scalar_one()
    keys(NEW, "a third key, which has nothing to do with it 123")
    assert key_rotation.reencrypt_mfa_secrets_for_system(db, after=0)[0] == 0
    assert db.execute(text("select secret from second_factor")).scalar_one() == before


def save(db: Session, ruth: accounts.Actor, data: bytes) -> str:
    return upload_store.save(db, user_id=ruth.user_id, data=data)


def load(db: Session, ruth: accounts.Actor, name: str) -> bytes:
    return upload_store.load(db, user_id=ruth.user_id, name=name)


def reencrypt(db: Session) -> int:
    """Re-encrypt what the command would; return how many files."""
    return sum(imports.reencrypt_file(db, key) for key in imports.files_under_older_keys(db))


def test_reencrypted_uploads_need_the_new_key_only(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    names = [save(db, ruth, data) for data in (b"", b"small", os.urandom(2**20 + 5))]
    keys(NEW)
    assert imports.file_key_use(db) == KeyUse(lost=3)
    assert reencrypt(db) == 0
    keys(NEW, OLD)
    current = save(db, ruth, b"new")
    assert imports.file_key_use(db) == KeyUse(current=1, older=3)
    assert load(db, ruth, names[1]) == b"small"
    assert (reencrypt(db), reencrypt(db)) == (3, 0)
    keys(NEW)
    assert imports.file_key_use(db) == KeyUse(current=4)
    assert [load(db, ruth, name)[:5] for name in (names[1], current)] == [b"small", b"new"]


def test_reencrypted_uploads_keep_their_times(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    save(db, ruth, os.urandom(3 * 2**22))
    db.execute(text("update stored_file set saved_at = '2026-01-02 03:04:05+00'"))
    keys(NEW, OLD)
    assert reencrypt(db) == 1
    ((moment,),) = db.execute(text("select distinct saved_at from stored_file")).all()
    assert moment == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_file_that_is_not_what_its_name_says_stays_unchanged(
    db: Session, ruth: accounts.Actor, keys: Callable[..., None]
) -> None:
    save(db, ruth, b"good")
    other = save(db, ruth, b"other")
    db.execute(
        text("update stored_file set name = :new where name = :name"),
        {"new": "0" * 64, "name": other},
    )
    keys(NEW, OLD)
    assert reencrypt(db) == 1
    assert imports.file_key_use(db) == KeyUse(current=1, older=1)


# the command


def test_a_killed_run_loses_nothing_and_the_next_one_continues(
    database: URL, keys: Callable[..., None], command: Callable[..., str]
) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        ruth = factories.person(db)
        contents = {save(db, ruth, data): data for data in (os.urandom(2**20) for _ in range(40))}
    keys(NEW, OLD)
    arguments = [sys.executable, "-m", "app", "secret", "rotate"]
    running = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while key_use().current < 3 and running.poll() is None:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=180)
    use = key_use()
    assert running.returncode == -signal.SIGKILL
    assert use.older, "it was killed too late to show anything"
    assert (use.lost, use.current + use.older) == (0, 40)
    with transaction_for_system() as db:
        assert {name: load(db, ruth, name) for name in contents} == contents
    assert f"Sealed {use.older} uploaded files and 0 two-factor secrets" in command(
        "secret", "rotate"
    )
    keys(NEW)
    with transaction_for_system() as db:
        assert {name: load(db, ruth, name) for name in contents} == contents


def test_files_of_an_earlier_version_are_moved_under_the_new_key(
    database: URL, keys: Callable[..., None], command: Callable[..., str]
) -> None:
    data = b"name,email\nQuirina,quirina@example.org\n"
    path = settings().data_dir / "uploads" / upload_store.digest(data)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file_encryption.write(OLD, disk_uploads.PURPOSE, data, file)
    with transaction_for_system() as db:
        factories.organisation(db)
        ruth = factories.person(db)
        factories.import_run(db, ruth, file_sha256=path.name)
    keys(NEW, OLD)
    assert key_use() == KeyUse(older=1)
    assert "Sealed 1 uploaded file and" in command("secret", "rotate")
    assert not path.exists()
    keys(NEW)
    assert key_use() == KeyUse(current=1)
    with transaction_for_system() as db:
        assert load(db, ruth, path.name) == data


def test_each_batch_is_committed(
    database: URL, keys: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        people = [factories.person(db) for _ in range(3)]
        phones = {person.user_id: with_second_factor(db, person) for person in people}
    keys(NEW, OLD)
    monkeypatch.setattr(key_rotation, "BATCH", 1)
    reseal, calls = accounts.reencrypt_mfa_secrets_for_system, []

    def stopped(db: Session, *, after: int | None) -> tuple[int, int | None]:
        calls.append(after)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return reseal(db, after=present(after))

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "reencrypt_mfa_secrets_for_system", stopped)
        with pytest.raises(KeyboardInterrupt):
            secret.rotate()
    assert secret.key_uses()["Two-factor secrets"] == KeyUse(current=2, older=1)
    secret.rotate()
    keys(NEW)
    for user_id, phone in phones.items():
        with transaction_for_system() as db:
            assert mfa.verify_code(db, user_id, code=phone.at(NOW), now=NOW)


def output_at(
    command: Callable[..., str], *arguments: str, days: int, monkeypatch: pytest.MonkeyPatch
) -> str:
    moment = datetime.now(UTC) + timedelta(days=days)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            assert tz is UTC
            return cls.fromtimestamp(moment.timestamp(), tz)

    with monkeypatch.context() as patch:
        patch.setattr(secret, "datetime", Clock)
        return command(*arguments)


def test_status_lists_what_still_uses_an_older_key_and_until_when(
    database: URL,
    keys: Callable[..., None],
    command: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        ruth = factories.person(db)
        with_second_factor(db, ruth)
        save(db, ruth, b"file")
    keys(NEW, OLD)
    before = command("secret", "status")
    assert "Uploaded files: 0 sealed with SECRET_KEY, 1 with an older key, 0 with no" in before
    assert "Two-factor secrets: 0 sealed with SECRET_KEY, 1 with an older key" in before
    assert "An older key is still needed. Run: python -m app secret rotate" in before
    assert [*secret.problems()] == [
        f"2 stored secrets still sealed with an older key. {secret.ROTATE}"
    ]
    rotated = command("secret", "rotate")
    assert rotated.startswith("Sealed 1 uploaded file and 1 two-factor secret with SECRET_KEY.\n")
    since = datetime.now(UTC)
    for name, days in (
        ("sign-ins of programs", 7),
        ("that do something", 14),
        ("preferences", 365),
    ):
        until = f"{since + timedelta(days=days):%-d %B %Y}"
        assert re.search(rf"still good: .*{name}, until {until}\.", rotated), rotated
    assert f"Empty SECRET_KEY_FALLBACKS after {since + timedelta(days=365):%-d %B %Y}." in rotated
    assert [*secret.problems()] == []
    later = output_at(command, "secret", "status", days=15, monkeypatch=monkeypatch)
    assert "that do something" not in later
    assert "preferences" in later
    last = output_at(command, "secret", "status", days=366, monkeypatch=monkeypatch)
    assert last.endswith("Nothing needs an older key. Empty SECRET_KEY_FALLBACKS and restart.\n")
    for days, problem in (
        (364, ""),
        (366, "Nothing needs SECRET_KEY_FALLBACKS any more. Empty it."),
    ):
        found = output_at(lambda: "".join(secret.problems()), days=days, monkeypatch=monkeypatch)
        assert found == problem
    for output in (before, rotated, later, last):
        assert OLD not in output
        assert NEW not in output


def test_a_second_run_does_not_postpone_the_dates(
    database: URL, keys: Callable[..., None], command: Callable[..., str]
) -> None:
    keys(NEW, OLD)
    command("secret", "rotate")
    command("secret", "rotate")
    with transaction_for_system() as db:
        lines = db.execute(
            text("select after from activity where action = 'secret.rotated'")
        ).all()
    assert len(lines) == 1
    assert OLD not in str(lines)
    assert NEW not in str(lines)
    # another key starts its own period
    keys("a third key, which has nothing to do with it 123", NEW)
    with transaction_for_system() as db:
        assert secret.first_used_at(db) is None


def test_undecryptable_values_are_reported_with_advice(
    database: URL, keys: Callable[..., None], command: Callable[..., str]
) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        save(db, factories.person(db), b"file")
    keys(NEW)
    status = command("secret", "status")
    assert "1 uploaded files open with no key named here." in status
    assert "0 sealed with SECRET_KEY, 0 with an older key, 1 with no key named here." in status
    assert "SECRET_KEY_FALLBACKS" in status
    assert [*secret.problems()] == [status.splitlines()[-1]]
    keys(OLD)
    assert [*secret.problems()] == []
    assert "older keys" in command("secret", "status")
