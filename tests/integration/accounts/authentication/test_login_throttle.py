"""Rate limit of sign-ins: owners are not locked out; at most 20 guesses an hour."""

import ipaddress
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypedDict

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import Actor
from app.accounts.authentication import known_devices, login_throttle, passwords
from app.db import transaction_for_system
from app.settings import settings
from tests import factories
from tests.values import present

GOOD = "violet ladder seven oceans"
MINUTE, SECOND, HOUR = timedelta(minutes=1), timedelta(seconds=1), timedelta(hours=1)
EMAIL = "ruth@example.org"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords without the time a hash takes."""
    monkeypatch.setattr(
        "app.accounts.authentication.passwords.verify_password",
        lambda password, stored_hash: bool(stored_hash) and password == GOOD,
    )


def make_ruth(db: Session) -> int:
    return accounts.create_user(
        db, accounts.SYSTEM, email=EMAIL, name="Ruth", role="fundraiser", password=GOOD
    )


@pytest.fixture
def ruth(db: Session) -> int:
    return make_ruth(db)


class Source(TypedDict, total=False):
    """Where a sign-in comes from: its network address, its device cookie."""

    caller: str
    device: str | None


def sign_in(
    db: Session,
    now: datetime,
    password: str = GOOD,
    *,
    caller: str = "",
    device: str | None = "",
) -> bool:
    return isinstance(
        accounts.sign_in(
            db, email=EMAIL, password=password, now=now, caller=caller, device=device or ""
        ),
        Actor,
    )


def device(db: Session, user_id: int, now: datetime, cookie: str | None = "") -> str | None:
    """Sign in with a browser; return its device cookie."""
    session_id, _ = accounts.open_session(db, user_id=user_id, now=now)
    return accounts.remember_device(db, session_id=session_id, cookie=present(cookie), now=now)


def answered_numbers(
    db: Session,
    monkeypatch: pytest.MonkeyPatch,
    tries: list[tuple[datetime, Source]],
) -> int:
    """Make the tries; return the numbers of those whose password was checked."""
    checked = []

    def wrong(password: str, stored_hash: str) -> bool:
        checked.append(password)
        return False

    monkeypatch.setattr("app.accounts.authentication.passwords.verify_password", wrong)
    for number, (moment, options) in enumerate(tries):
        assert not sign_in(db, moment, password=f"guess {number}", **options)
    return len(checked)


def test_one_address_cannot_lock_an_account(db: Session, ruth: int, now: datetime) -> None:
    for number in range(500):
        sign_in(db, now + number * SECOND, "wrong", caller="8.8.8.8")
    assert sign_in(db, now + 501 * SECOND, caller="9.9.9.9")
    assert not sign_in(db, now + 501 * SECOND, caller="8.8.8.8")


def test_a_known_device_does_not_wait_for_strangers(db: Session, ruth: int, now: datetime) -> None:
    cookie = device(db, ruth, now)
    for number in range(300):
        sign_in(db, now, "wrong", caller=f"8.8.{number // 100}.{number % 100}")
    # not even for those behind the same address
    for number in range(100):
        accounts.sign_in(
            db, email=f"n{number}@example.org", password="x", now=now, caller="9.9.9.9"
        )
    assert not sign_in(db, now, caller="9.9.9.9")
    assert sign_in(db, now, caller="9.9.9.9", device=cookie)
    assert not sign_in(db, now, caller="7.7.7.7")


def test_a_known_device_has_its_own_limit(
    db: Session, ruth: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = device(db, ruth, now)
    tries: list[tuple[datetime, Source]] = [
        (now + number * MINUTE / 4, {"device": cookie}) for number in range(240)
    ]
    assert 10 <= answered_numbers(db, monkeypatch, tries) <= 20
    assert not sign_in(db, now + HOUR, device=cookie)


def test_a_device_is_known_to_the_accounts_it_signed_in_to(
    db: Session, ruth: int, now: datetime
) -> None:
    ada = factories.person(db, "admin", name="Ada")
    other = device(db, ada.user_id, now)
    assert known_devices.known_device(db, email=EMAIL, cookie=present(other)) == ""
    both = device(db, ruth, now, cookie=other)
    assert both == other
    for email in (EMAIL.upper(), ada.email):
        assert known_devices.known_device(db, email=email, cookie=present(both))
    accounts.end_other_sessions(db, ada, keep=None, now=now)
    assert known_devices.known_device(db, email=ada.email, cookie=present(both)) == ""
    assert known_devices.known_device(db, email=EMAIL, cookie=present(both))


def test_a_forged_or_foreign_cookie_is_no_known_device(
    db: Session, ruth: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = device(db, ruth, now)
    for wrong in (
        "",
        "x",
        "x.y",
        present(cookie)[:-1] + ("A" if present(cookie)[-1] != "A" else "B"),
        "é",
        "\0",
    ):
        assert known_devices.known_device(db, email=EMAIL, cookie=wrong) == ""
    other = settings().model_copy(update={"secret_key": "another key, and long enough for one"})
    monkeypatch.setattr("app.accounts.authentication.known_devices.settings", lambda: other)
    assert known_devices.known_device(db, email=EMAIL, cookie=present(cookie)) == ""


def test_a_device_not_seen_for_a_year_is_forgotten(db: Session, ruth: int, now: datetime) -> None:
    cookie = device(db, ruth, now)
    accounts.purge_sessions(db, now=now + timedelta(days=364))
    assert known_devices.known_device(db, email=EMAIL, cookie=present(cookie))
    accounts.purge_sessions(db, now=now + timedelta(days=366))
    assert known_devices.known_device(db, email=EMAIL, cookie=present(cookie)) == ""


@pytest.mark.parametrize("callers", [1, 3, 50, 1000])
def test_however_many_callers_guess_at_most_twenty_times_an_hour(
    db: Session, ruth: int, now: datetime, monkeypatch: pytest.MonkeyPatch, callers: int
) -> None:
    addresses = [str(ipaddress.ip_address("8.8.0.0") + number) for number in range(callers)]
    tries: list[tuple[datetime, Source]] = [
        (now + number * 6 * SECOND, {"caller": addresses[number % callers]})
        for number in range(1200)
    ]
    half = answered_numbers(db, monkeypatch, tries[:600])
    assert half <= 20
    assert half + answered_numbers(db, monkeypatch, tries[600:]) <= 30


def test_few_callers_leave_tries_for_new_callers(db: Session, ruth: int, now: datetime) -> None:
    for number in range(1200):
        sign_in(db, now + 3 * number * SECOND, "wrong", caller=f"8.8.8.{number % 50}")
    assert sign_in(db, now + HOUR, caller="9.9.9.9")


def test_a_caller_who_tried_before_uses_no_share_of_new_callers(
    db: Session, ruth: int, now: datetime
) -> None:
    # two tries of each as a new caller, then five of the other share: one of the first is left
    for caller in ("8.8.8.1", "8.8.8.2"):
        for _ in range(5):
            sign_in(db, now, "wrong", caller=caller)
    assert sign_in(db, now, caller="9.9.9.9")


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("2a00:1450:4001:800::1", "2a00:1450:4001:800:ffff::2", True),
        ("2a00:1450:4001:800::1", "2a00:1450:4001:801::1", False),
        ("::ffff:8.8.8.8", "8.8.8.8", True),
        ("8.8.8.8", "8.8.8.9", False),
        ("::ffff:8.8.8.8", "::ffff:8.8.8.9", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("nonsense", "", True),
    ],
)
def test_caller_network(address: str, other: str, same: bool) -> None:
    assert (login_throttle.caller_network(address) == login_throttle.caller_network(other)) is same


def test_all_spellings_of_an_address_share_a_count(
    db: Session, ruth: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    spellings = (EMAIL, EMAIL.upper(), f" {EMAIL} ", "ru\0th@example.org", "\0ruth@example.\0org")
    checked = []

    def wrong(password: str, stored_hash: str) -> bool:
        checked.append(stored_hash)
        return False

    monkeypatch.setattr("app.accounts.authentication.passwords.verify_password", wrong)
    for number in range(30):
        accounts.sign_in(db, email=spellings[number % 5], password="wrong", now=now)
    assert len(checked) == 5
    assert all(checked)


def test_a_right_password_does_not_use_up_the_accounts_tries(
    db: Session, ruth: int, now: datetime
) -> None:
    for number in range(100):
        assert sign_in(db, now, caller=f"8.8.8.{number}")


def test_a_reset_makes_the_browser_a_known_device(db: Session, ruth: int, now: datetime) -> None:
    old = device(db, ruth, now)
    *_, code = present(accounts.request_password_reset(db, email=EMAIL, now=now))
    fetch = accounts.reset_password(db, code=code, new="orbit candle meadow thirty", now=now)
    for number in range(300):
        sign_in(db, now, "wrong", caller=f"8.8.{number // 100}.{number % 100}")
    assert known_devices.known_device(db, email=EMAIL, cookie=present(old)) == ""
    assert accounts.redeem_device_code(db, code="x", cookie="", now=now) is None
    assert accounts.redeem_device_code(db, code=fetch, cookie="", now=now + 30 * SECOND) is None
    cookie = accounts.redeem_device_code(db, code=fetch, cookie="", now=now)
    assert accounts.redeem_device_code(db, code=fetch, cookie="", now=now) is None
    assert not sign_in(db, now, caller="9.9.9.9")
    assert sign_in(db, now, caller="9.9.9.9", device=cookie)


def test_twenty_concurrent_tries_are_counted_separately(
    database: URL, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []

    def wrong(password: str, stored_hash: str) -> bool:
        checked.append(password)
        return False

    monkeypatch.setattr(passwords, "verify_password", wrong)
    with transaction_for_system() as db:
        make_ruth(db)

    def race(number: int) -> None:
        with transaction_for_system() as db:
            sign_in(db, now, f"guess {number}", caller="8.8.8.8")

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(race, range(20)))
    assert len(checked) == 5


def test_a_caller_asks_for_twenty_reset_links_at_once_and_for_each_address_once(
    db: Session, now: datetime
) -> None:
    def ask(email: str, caller: str, moment: datetime = now) -> None:
        accounts.request_reset(db, email=email, caller=caller, now=moment)

    def waiting() -> int:
        tasks = "select count(*) from procrastinate_jobs where task_name = 'reset_link'"
        number: int = db.execute(
            text(f"{tasks} and status = 'todo' and priority < 0")
        ).scalar_one()
        return number

    for number in range(100):
        ask(f"n{number}@example.org", "8.8.8.8")
    assert waiting() == 20
    ask("another@example.org", "8.8.8.8", now + 3 * MINUTE)
    assert waiting() == 21
    # however many strangers ask for it
    for number in range(50):
        ask(EMAIL if number % 2 else f" {EMAIL.upper()}", f"9.9.9.{number}", now)
    assert waiting() == 22
    # behind a local proxy all callers have the same address
    for number in range(30):
        ask(f"local{number}@example.org", "10.1.2.3")
    assert waiting() == 52


def test_five_reset_links_are_mailed_an_hour(db: Session, ruth: int, now: datetime) -> None:
    codes = []
    for number in range(30):
        reset = accounts.request_password_reset(db, email=EMAIL, now=now + number * MINUTE)
        codes += [reset[3]] if reset else []
    assert len(codes) == 5
    # an hour after the first, there may be another
    assert accounts.request_password_reset(db, email=EMAIL, now=now + HOUR - SECOND) is None
    assert accounts.request_password_reset(db, email=EMAIL, now=now + HOUR)
