"""User accounts: passwords, rate limits, sessions, password resets, roles."""

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher
from sqlalchemy import URL, event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import accounts, mail
from app.accounts import Role
from app.accounts.authentication import passwords
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.db import transaction_for_system
from app.db.models import OutboxMessage, SignInTry
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.settings import settings
from tests import factories
from tests.values import OrganisationSettings, present

GOOD, OTHER = "violet ladder seven oceans", "orbit candle meadow thirty"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    return factories.person(db, "admin", name="Ada", email="ada@example.org")


@pytest.fixture
def ruth(db: Session, ada: accounts.Actor) -> accounts.Actor:
    user_id = accounts.create_user(
        db, ada, email="Ruth@example.org", name="Ruth Adeyemi", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


def open_session(db: Session, ruth: accounts.Actor, now: datetime) -> tuple[str, str | None]:
    """Sign in as the browser does; return the session's id and its first cookie."""
    session_id, code = accounts.open_session(db, user_id=ruth.user_id, now=now)
    return session_id, accounts.redeem_code(db, code=code, now=now)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "123456789012345678",
        "passwordpassword",
        "Ruth Adeyemi",
        "ruth@example.org",
        "aaaaaaaaaaaaaa",
        "qwertyuiop[]",
    ],
)
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidError):
        passwords.require_strong_password(password, name="Ruth Adeyemi", email="ruth@example.org")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "drei Möwen über dem Hafen", "猫 7 boats & rain, ok"],
)
def test_sentences_are_good_passwords(password: str) -> None:
    passwords.require_strong_password(password, name="Ruth Adeyemi", email="ruth@example.org")
    stored_hash = passwords.hash_password(password)
    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", stored_hash)
    assert passwords.verify_password(f" {password} ", stored_hash)
    assert not passwords.verify_password(password + "x", stored_hash)


def test_the_hash_for_unknown_users_takes_as_long_as_a_new_one() -> None:
    assert not passwords.needs_rehash(passwords.DUMMY_HASH)
    assert passwords.verify_password("nobody has this password", passwords.DUMMY_HASH)
    assert not passwords.verify_password("nobody has this password", None)


def test_a_weaker_hash_is_renewed_at_sign_in(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024).hash(GOOD)
    queries.set_user(db, ruth.user_id, password_hash=weak)
    assert accounts.sign_in(db, email=ruth.email, password=GOOD, now=now) == ruth
    assert not passwords.needs_rehash(
        present(present(queries.user(db, ruth.user_id)).password_hash)
    )


def test_any_case_of_the_address_signs_in(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    assert accounts.sign_in(db, email=" RUTH@Example.ORG ", password=GOOD, now=now) == ruth
    assert accounts.profile(db, ruth).last_sign_in_at == now


def test_unknown_deactivated_and_passwordless_users_do_not_sign_in(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    assert accounts.sign_in(db, email="nobody@example.org", password=GOOD, now=now) is None
    assert accounts.sign_in(db, email="\0", password="\0", now=now) is None
    assert accounts.sign_in(db, email=ada.email, password="", now=now) is None
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    assert accounts.sign_in(db, email=ruth.email, password=GOOD, now=now) is None


def test_an_unknown_user_costs_a_hash_too(
    db: Session, ruth: accounts.Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    real = passwords.verify_password

    def noting(password: str, stored_hash: str) -> bool:
        hashed.append(stored_hash)
        return real(password, stored_hash)

    monkeypatch.setattr("app.accounts.authentication.passwords.verify_password", noting)
    accounts.sign_in(db, email="nobody@example.org", password=GOOD, now=now)
    accounts.sign_in(db, email=ruth.email, password="wrong", now=now)
    assert len(hashed) == 2
    assert hashed[0] is None


def blocked_until(db: Session, email: str) -> datetime | None:
    key = f"pair:{hashlib.sha256(email.lower().encode()).hexdigest()}:"
    return db.scalar(select(SignInTry.blocked_until).where(SignInTry.key == key))


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_wrong_tries_delay_the_next_one_but_not_forever(
    db: Session, ruth: accounts.Actor, now: datetime, known: bool
) -> None:
    email = ruth.email if known else "nobody@example.org"
    for _ in range(5):
        assert accounts.sign_in(db, email=email, password="wrong", now=now) is None
    assert blocked_until(db, email) == now + 30 * SECOND
    assert accounts.sign_in(db, email=email.upper(), password=GOOD, now=now) is None
    waits = []
    for _ in range(12):
        now = present(blocked_until(db, email)) + SECOND
        accounts.sign_in(db, email=email, password="wrong", now=now)
        waits.append(present(blocked_until(db, email)) - now)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=15)
    assert accounts.sign_in(db, email=email, password=GOOD, now=now) is None
    now += waits[-1] + SECOND
    expected = ruth if known else None
    assert accounts.sign_in(db, email=email, password=GOOD, now=now) == expected
    if known:
        assert accounts.sign_in(db, email=email, password="wrong", now=now) is None
        assert accounts.sign_in(db, email=email, password=GOOD, now=now) == ruth


def test_a_caller_who_tries_many_addresses_waits_too(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    for number in range(50):
        email = f"n{number}@example.org"
        accounts.sign_in(db, email=email, password="wrong", now=now, caller="8.8.8.8")
    tries = {"email": ruth.email, "password": GOOD}
    assert accounts.sign_in(db, **tries, now=now, caller="8.8.8.8") is None
    assert accounts.sign_in(db, **tries, now=now, caller="9.9.9.9") == ruth
    assert accounts.sign_in(db, **tries, now=now + 31 * SECOND, caller="8.8.8.8") == ruth


def test_a_local_proxy_is_not_counted_as_a_caller(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    for caller in ("127.0.0.1", "10.1.2.3", "::1", "", "nonsense"):
        for number in range(12):
            email = f"{caller}{number}@example.org"
            accounts.sign_in(db, email=email, password="wrong", now=now, caller=caller)
    assert (
        accounts.sign_in(db, email=ruth.email, password=GOOD, now=now, caller="10.1.2.3") == ruth
    )


def test_known_and_unknown_addresses_run_the_same_statements(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    def statements_of(work: Callable[[], object]) -> list[str]:
        statements = []
        engine = db.get_bind()
        listen = lambda *args: statements.append(re.sub(r"_\d+", "", args[2]))  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        try:
            work()
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return statements

    works: tuple[Callable[[str], object], ...] = (
        lambda email: accounts.sign_in(db, email=email, password="wrong", now=now),
        lambda email: accounts.request_reset(db, email=email, caller="8.8.8.8", now=now),
    )
    for work in works:
        expected = statements_of(partial(work, ruth.email))
        assert expected == statements_of(partial(work, "nobody@example.org"))
        assert expected


def test_a_new_password_clears_the_delay(db: Session, ruth: accounts.Actor, now: datetime) -> None:
    for _ in range(6):
        accounts.sign_in(db, email=ruth.email, password="wrong", now=now)
    code = present(accounts.request_password_reset(db, email=ruth.email, now=now))[3]
    accounts.reset_password(db, code=code, new=OTHER, now=now)
    assert accounts.sign_in(db, email=ruth.email, password=OTHER, now=now) == ruth


def test_old_tries_are_deleted(db: Session, ruth: accounts.Actor, now: datetime) -> None:
    accounts.sign_in(db, email=ruth.email, password="wrong", now=now)
    accounts.purge_sessions(db, now=now + timedelta(hours=23))
    assert db.execute(select(func.count()).select_from(SignInTry)).scalar_one() > 0
    accounts.purge_sessions(db, now=now + timedelta(hours=25))
    assert db.scalar(select(func.count()).select_from(SignInTry)) == 0


def test_a_password_reset_is_mailed_to_existing_accounts_only(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    assert not accounts.send_reset_link(db, email="nobody@example.org", now=now)
    assert accounts.send_reset_link(db, email=ruth.email.upper(), now=now)
    assert not accounts.send_reset_link(db, email=ruth.email, now=now + 30 * SECOND)
    [sent] = mail.messages(db)
    assert (sent.to_email, sent.subject) == (ruth.email, "Your new DonorCRM password")


def test_the_code_fetches_the_cookie_once_within_thirty_seconds(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, code = accounts.open_session(db, user_id=ruth.user_id, now=now)
    assert accounts.redeem_code(db, code="guessed", now=now) is None
    cookie = accounts.redeem_code(db, code=code, now=now + 29 * SECOND)
    assert accounts.identify(db, cookie=present(cookie), now=now + 30 * SECOND) == (
        session_id,
        None,
    )
    assert accounts.redeem_code(db, code=code, now=now + 29 * SECOND) is None
    _, late = accounts.open_session(db, user_id=ruth.user_id, now=now)
    assert accounts.redeem_code(db, code=late, now=now + 30 * SECOND) is None


def test_no_secret_is_stored_in_the_database(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, cookie = open_session(db, ruth, now)
    row = session_queries.session_row(db, session_id)
    assert present(cookie).partition(".")[2] not in (
        present(row).token_hash,
        present(row).previous_hash,
    )


@pytest.mark.parametrize("cookie", ["", ".", "x", "x.y", "'; drop table session; --.x", "\x00.a"])
def test_forged_cookies_are_invalid(
    db: Session, ruth: accounts.Actor, now: datetime, cookie: str
) -> None:
    open_session(db, ruth, now)
    assert accounts.identify(db, cookie=cookie, now=now) is None


def test_the_cookie_rotates_and_open_tabs_stay_signed_in(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, first = open_session(db, ruth, now)
    later = now + 16 * MINUTE
    assert accounts.identify(db, cookie=present(first), now=later, rotate=False) == (
        session_id,
        None,
    )
    same, second = present(accounts.identify(db, cookie=present(first), now=later))
    assert same == session_id
    assert second not in (None, first)
    for tab in range(4):
        moment = later + tab * 9 * SECOND
        assert accounts.identify(db, cookie=present(first), now=moment) == (session_id, None)
    assert accounts.identify(db, cookie=second, now=later + MINUTE) == (session_id, None)


def test_a_copied_cookie_ends_the_session_for_both(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, first = open_session(db, ruth, now)
    _, second = present(accounts.identify(db, cookie=present(first), now=now + 16 * MINUTE))
    moment = now + 16 * MINUTE + 31 * SECOND
    assert accounts.identify(db, cookie=present(first), now=moment) is None
    assert accounts.identify(db, cookie=present(second), now=moment) is None
    assert accounts.session_actor(db, session_id=session_id, now=moment) is None


def test_a_guessed_token_ends_nothing(db: Session, ruth: accounts.Actor, now: datetime) -> None:
    session_id, cookie = open_session(db, ruth, now)
    assert accounts.identify(db, cookie=f"{session_id}.guess", now=now) is None
    assert accounts.identify(db, cookie=present(cookie), now=now) == (session_id, None)


@pytest.mark.parametrize("rotations", [2, 3, 20])
def test_an_old_copied_cookie_ends_the_session_and_alerts_its_owner(
    db: Session, ruth: accounts.Actor, now: datetime, rotations: int
) -> None:
    """The number and speed of later rotations do not matter."""
    factories.organisation(db)
    session_id, copied = open_session(db, ruth, now)
    newest = copied
    for turn in range(1, rotations + 1):
        moment = now + turn * 16 * MINUTE
        _, newest = present(accounts.identify(db, cookie=present(newest), now=moment))
    assert accounts.identify(db, cookie=present(copied), now=moment) is None
    assert accounts.identify(db, cookie=present(newest), now=moment) is None
    assert accounts.session_actor(db, session_id=session_id, now=moment) is None
    assert accounts.identify(db, cookie=present(copied), now=moment) is None
    (mail,) = db.scalars(select(OutboxMessage)).all()
    assert (mail.to_email, mail.name) == (ruth.email, "copied_sign_in")
    assert "change your password" in mail.text_body


def test_a_cookie_signed_for_another_session_ends_nothing(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, cookie = open_session(db, ruth, now)
    _, hers = open_session(db, ada, now)
    grafted = f"{session_id}.{present(hers).partition('.')[2]}"
    assert accounts.identify(db, cookie=grafted, now=now) is None
    assert accounts.identify(db, cookie=present(cookie), now=now) == (session_id, None)


def test_a_session_ends_after_thirty_days_of_use(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, cookie = open_session(db, ruth, now)
    for day in range(1, 30):
        moment = now + timedelta(days=day)
        assert accounts.session_actor(db, session_id=session_id, now=moment), day
        _, cookie = present(accounts.identify(db, cookie=present(cookie), now=moment))
    expiry = now + timedelta(days=30)
    assert accounts.session_actor(db, session_id=session_id, now=expiry - SECOND)
    assert accounts.session_actor(db, session_id=session_id, now=expiry) is None
    assert accounts.identify(db, cookie=present(cookie), now=expiry) is None


def test_the_idle_timeout_is_a_setting(
    db: Session, ruth: accounts.Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSION_IDLE_HOURS", "1")
    settings.cache_clear()
    session_id, _ = open_session(db, ruth, now)
    assert accounts.session_actor(db, session_id=session_id, now=now + 59 * MINUTE)
    assert accounts.session_actor(db, session_id=session_id, now=now + 118 * MINUTE)
    assert accounts.session_actor(db, session_id=session_id, now=now + 179 * MINUTE) is None


@pytest.mark.parametrize(
    ("hours", "lasts"), [("1", timedelta(hours=1)), ("720", timedelta(days=30))]
)
def test_a_session_whose_cookie_is_never_fetched_ends_after_the_idle_timeout(
    db: Session,
    ruth: accounts.Actor,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    hours: str,
    lasts: timedelta,
) -> None:
    monkeypatch.setenv("SESSION_IDLE_HOURS", hours)
    settings.cache_clear()
    session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
    assert accounts.session_actor(db, session_id=session_id, now=now + lasts) is None


def test_an_idle_session_lasts_two_weeks(db: Session, ruth: accounts.Actor, now: datetime) -> None:
    visited, _ = open_session(db, ruth, now)
    left_alone, cookie = open_session(db, ruth, now)
    before_expiry, expiry = now + timedelta(days=14) - SECOND, now + timedelta(days=14)
    assert accounts.session_actor(db, session_id=visited, now=before_expiry) == ruth
    assert accounts.session_actor(db, session_id=visited, now=expiry) == ruth
    assert accounts.session_actor(db, session_id=left_alone, now=expiry) is None
    assert accounts.identify(db, cookie=present(cookie), now=expiry) is None
    assert [device.session_id for device in accounts.devices(db, ruth, now=expiry)] == [visited]
    accounts.purge_sessions(db, now=expiry + SECOND)
    assert [device.session_id for device in accounts.devices(db, ruth, now=expiry)] == [visited]


def test_every_revocation_takes_effect_at_the_next_request(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    ends: dict[str, Callable[[str], object]] = {
        "sign-out": lambda session_id: accounts.end_session(db, session_id=session_id, now=now),
        "another role": lambda _: accounts.change_role(
            db, ada, user_id=ruth.user_id, role="finance", now=now
        ),
        "password": lambda _: accounts.change_password(
            db, ruth, old=GOOD, new=OTHER, keep_session=None, now=now
        ),
        "elsewhere": lambda _: accounts.end_other_sessions(db, ruth, keep=None, now=now),
        "deactivated": lambda _: accounts.deactivate(db, ada, user_id=ruth.user_id, now=now),
    }
    for name, end in ends.items():
        session_id, cookie = open_session(db, ruth, now)
        assert accounts.session_actor(db, session_id=session_id, now=now), name
        end(session_id)
        assert accounts.session_actor(db, session_id=session_id, now=now) is None, name
        assert accounts.identify(db, cookie=present(cookie), now=now) is None, name


def test_the_session_list_shows_the_last_use(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, _ = open_session(db, ruth, now)
    for seconds in (59, 60, 61, 100):
        accounts.session_actor(db, session_id=session_id, now=now + seconds * SECOND)
    (device,) = accounts.devices(db, ruth, now=now)
    assert device.last_seen_at == now + 61 * SECOND


def test_a_reset_works_once_within_the_hour_and_ends_every_session(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    session_id, _ = open_session(db, ruth, now)
    user_id, name, email, code = present(
        accounts.request_password_reset(db, email="RUTH@example.org", now=now)
    )
    assert (user_id, name, email) == (ruth.user_id, ruth.name, ruth.email)
    with pytest.raises(InvalidError, match="easy"), db.begin_nested():
        accounts.reset_password(db, code=code, new="passwordpassword", now=now)
    accounts.reset_password(db, code=code, new=OTHER, now=now + 59 * MINUTE)
    assert accounts.session_actor(db, session_id=session_id, now=now) is None
    assert accounts.sign_in(db, email=ruth.email, password=OTHER, now=now) == ruth
    with pytest.raises(InvalidError, match="used before"):
        accounts.reset_password(db, code=code, new=GOOD, now=now + 59 * MINUTE)


def test_an_old_link_is_refused(db: Session, ruth: accounts.Actor, now: datetime) -> None:
    *_, code = present(accounts.request_password_reset(db, email=ruth.email, now=now))
    with pytest.raises(InvalidError, match="older than an hour"):
        accounts.reset_password(db, code=code, new=OTHER, now=now + 60 * MINUTE)


def test_a_used_link_or_a_new_password_invalidates_the_others(
    db: Session, ruth: accounts.Actor, now: datetime
) -> None:
    codes = []
    for number in range(4):
        moment = now + 2 * number * MINUTE
        codes.append(present(accounts.request_password_reset(db, email=ruth.email, now=moment))[3])
        assert (
            accounts.request_password_reset(db, email=ruth.email, now=moment + 30 * SECOND) is None
        )
    moment = now + 10 * MINUTE
    # three are valid at the same time
    with pytest.raises(InvalidError, match="used before"):
        accounts.reset_password(db, code=codes[0], new=OTHER, now=moment)
    accounts.reset_password(db, code=codes[1], new=OTHER, now=moment)
    with pytest.raises(InvalidError, match="used before"):
        accounts.reset_password(db, code=codes[2], new=GOOD, now=moment)
    *_, last = present(accounts.request_password_reset(db, email=ruth.email, now=moment))
    accounts.change_password(db, ruth, old=OTHER, new=GOOD, keep_session=None, now=moment)
    with pytest.raises(InvalidError, match="used before"):
        accounts.reset_password(db, code=last, new=OTHER, now=moment)


def test_unknown_and_deactivated_users_get_no_link(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    assert accounts.request_password_reset(db, email=ruth.email, now=now) is None
    assert accounts.request_password_reset(db, email="nobody@example.org", now=now) is None


def test_of_twenty_concurrent_resets_one_succeeds(database: URL, now: datetime) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth", email="ruth@example.org")
        *_, code = present(accounts.request_password_reset(db, email=ruth.email, now=now))

    def race(number: int) -> bool:
        try:
            with transaction_for_system() as db:
                accounts.reset_password(db, code=code, new=f"{OTHER} {number}", now=now)
        except InvalidError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(race, range(20))) == 1


def test_only_administrators_manage_users(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    for role in set(Role) - {Role.ADMIN, Role.SYSTEM}:
        user = factories.person(db, role)
        for work in (
            lambda actor: accounts.create_user(
                db, actor, email="x@example.org", name="X", role="admin", password=GOOD
            ),
            lambda actor: accounts.deactivate(db, actor, user_id=ada.user_id, now=now),
            lambda actor: accounts.reactivate(db, actor, user_id=ruth.user_id),
            lambda actor: accounts.change_role(
                db, actor, user_id=actor.user_id, role="admin", now=now
            ),
            lambda actor: accounts.set_team(
                db, actor, lead_id=actor.user_id, member_ids=[ada.user_id]
            ),
        ):
            with pytest.raises(NotAllowedError):
                work(user)
        if role != Role.FINANCE:
            # finance reads the audit log and the users in it
            with pytest.raises(NotAllowedError):
                accounts.list_users(db, user)


def test_the_last_administrator_stays(db: Session, ada: accounts.Actor, now: datetime) -> None:
    with pytest.raises(InvalidError):
        accounts.deactivate(db, ada, user_id=ada.user_id, now=now)
    with pytest.raises(InvalidError):
        accounts.change_role(db, ada, user_id=ada.user_id, role="finance", now=now)


def test_invalid_users_are_refused(db: Session, ada: accounts.Actor, ruth: accounts.Actor) -> None:
    def make(email: str = "sam@example.org", name: str = "Sam", role: str = "finance") -> int:
        return accounts.create_user(db, ada, email=email, name=name, role=role, password=None)

    for wrong in ({"email": "sam"}, {"name": "  "}, {"role": "owner"}, {"role": "system"}):
        with pytest.raises(InvalidError):
            make(**wrong)
    with pytest.raises(ConflictError, match="already has the e-mail"):
        make(email="ruth@EXAMPLE.org")
    with pytest.raises(NotFoundError):
        accounts.reactivate(db, ada, user_id=0)
    assert make() > 0


def settings_of(currency: str) -> OrganisationSettings:
    return {"name": "Harbour", "currency": currency, "time_zone": "UTC", "fiscal_start_month": 7}


@pytest.mark.parametrize("money", ["gift", "pledge"])
def test_the_currency_cannot_change_once_there_is_money(db: Session, money: str) -> None:
    ada = factories.person(db, "admin")
    accounts.save_organisation(db, ada, **settings_of("CHF"))
    accounts.save_organisation(db, ada, **settings_of("EUR"))
    getattr(factories, money)(db, factories.donor(db, None), "50", currency="EUR")
    accounts.save_organisation(db, ada, **settings_of("EUR") | {"name": "Haven"})
    with pytest.raises(InvalidError, match="currency stays EUR"):
        accounts.save_organisation(db, ada, **settings_of("USD"))
    assert accounts.organisation(db).currency == "EUR"
    assert accounts.organisation(db).name == "Haven"


@pytest.mark.parametrize("money", ["gift", "pledge"])
def test_the_database_refuses_to_change_the_currency(db: Session, money: str) -> None:
    factories.organisation(db)
    getattr(factories, money)(db, factories.donor(db, None), "50")
    with pytest.raises(IntegrityError, match="currency cannot change"), db.begin_nested():
        db.execute(text("update organisation set currency = 'EUR'"))
    db.execute(text("update organisation set currency = 'USD', name = 'Haven'"))
