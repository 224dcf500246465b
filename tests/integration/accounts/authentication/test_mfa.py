"""Two-factor authentication (TOTP): enrolment, sign-in, a lost phone, disabling it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import SYSTEM, CodeRequired
from app.accounts.authentication import mfa
from app.db import transaction_for_system
from app.kit.errors import ConfirmFirstError, ConflictError, InvalidError, NotFoundError
from app.settings import settings
from tests import factories
from tests.integration.accounts.tokens.test_jwt_tokens import GOOD
from tests.values import present

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HALF = timedelta(seconds=30)


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db: Session, ada: accounts.Actor) -> accounts.Actor:
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


def with_mfa(
    db: Session, actor: accounts.Actor, now: datetime = NOW - 10 * HALF
) -> tuple[pyotp.TOTP, list[str]]:
    """Turn it on a while ago; return the phone and the recovery codes."""
    phone = pyotp.TOTP(
        accounts.begin_mfa_enrolment(db, replace(actor, session_id=None), now=now).secret
    )
    return phone, accounts.confirm_mfa_enrolment(db, actor, code=phone.at(now), now=now)


def sign_in(
    db: Session, code: str = "", now: datetime = NOW, password: str = GOOD
) -> accounts.Actor | CodeRequired | None:
    return accounts.sign_in(db, email="ruth@example.org", password=password, code=code, now=now)


def half_way(answer: accounts.Actor | CodeRequired | None) -> CodeRequired:
    """Return what says that a code is needed."""
    assert isinstance(answer, CodeRequired)
    return answer


def enter_code(
    db: Session, needed: CodeRequired, code: str, now: datetime = NOW
) -> accounts.Actor | None:
    return accounts.sign_in_with_code(db, needed=needed, code=code, now=now)


def test_no_code_is_required_before_the_enrolment_is_confirmed(
    db: Session, ruth: accounts.Actor
) -> None:
    begun = accounts.begin_mfa_enrolment(db, ruth, now=NOW)
    assert "otpauth://totp/DonorCRM:ruth%40example.org" in begun.link
    assert f"secret={begun.secret}" in begun.link
    assert sign_in(db) == ruth
    with pytest.raises(InvalidError, match="six digits"):
        accounts.confirm_mfa_enrolment(db, ruth, code="000000", now=NOW)
    assert accounts.mfa_status(db, ruth).since is None
    # a screen that is drawn again shows the same secret, a quarter of an hour later another
    assert accounts.begin_mfa_enrolment(db, ruth, now=NOW) == begun
    later = accounts.begin_mfa_enrolment(db, ruth, now=NOW + timedelta(minutes=15))
    assert later.secret != begun.secret


def test_the_password_alone_is_not_enough(db: Session, ruth: accounts.Actor) -> None:
    phone, _ = with_mfa(db, ruth)
    needed = sign_in(db)
    assert isinstance(needed, CodeRequired)
    assert enter_code(db, needed, phone.at(NOW)) == ruth
    assert sign_in(db, "000000") is None
    later = NOW + 2 * HALF
    assert sign_in(db, phone.at(later), later) == ruth


def test_a_new_password_from_the_mail_does_not_replace_the_second_factor(
    db: Session, ruth: accounts.Actor
) -> None:
    phone, _ = with_mfa(db, ruth)
    _, _, _, code = present(accounts.request_password_reset(db, email=ruth.email, now=NOW))
    new = "violet ladder seven oceans"
    accounts.reset_password(db, code=code, new=new, now=NOW)
    assert enter_code(db, half_way(sign_in(db, password=new)), "000000") is None
    assert enter_code(db, half_way(sign_in(db, password=new)), phone.at(NOW)) == ruth


def test_a_code_works_once(db: Session, ruth: accounts.Actor) -> None:
    phone, _ = with_mfa(db, ruth)
    assert enter_code(db, half_way(sign_in(db)), phone.at(NOW)) == ruth
    assert enter_code(db, half_way(sign_in(db)), phone.at(NOW)) is None
    # nor does an older one after a newer
    assert enter_code(db, half_way(sign_in(db)), phone.at(NOW - HALF)) is None


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_phones_clock_may_differ_by_half_a_minute(
    db: Session, ruth: accounts.Actor, steps: int, good: bool
) -> None:
    phone, _ = with_mfa(db, ruth)
    assert (enter_code(db, half_way(sign_in(db)), phone.at(NOW + steps * HALF)) == ruth) is good


def test_codes_may_contain_spaces(db: Session, ruth: accounts.Actor) -> None:
    phone, recovery = with_mfa(db, ruth)
    code = phone.at(NOW)
    for wrong in ("", " ", "١٢٣٤٥٦", "12345", "1234567", "\0", "é" * 6, code + "0"):
        assert enter_code(db, half_way(sign_in(db)), wrong) is None
        db.execute(text("delete from sign_in_try"))
    assert enter_code(db, half_way(sign_in(db)), f" {code[:3]} {code[3:]} ") == ruth
    typed = recovery[0].upper().replace("-", " ")
    assert enter_code(db, half_way(sign_in(db)), typed) == ruth


def test_a_recovery_code_works_once(db: Session, ruth: accounts.Actor) -> None:
    _, recovery = with_mfa(db, ruth)
    assert len(set(recovery)) == 10
    assert enter_code(db, half_way(sign_in(db)), recovery[3]) == ruth
    assert enter_code(db, half_way(sign_in(db)), recovery[3]) is None
    assert accounts.mfa_status(db, ruth).recovery_left == 9
    fresh = accounts.renew_recovery_codes(db, ruth, now=NOW)
    assert enter_code(db, half_way(sign_in(db)), recovery[4]) is None
    assert enter_code(db, half_way(sign_in(db)), fresh[4]) == ruth


def test_wrong_codes_are_counted_like_wrong_passwords(db: Session, ruth: accounts.Actor) -> None:
    phone, _ = with_mfa(db, ruth)
    for _ in range(5):
        # a right password in between does not clear the count
        assert enter_code(db, half_way(sign_in(db)), "000000") is None
    assert sign_in(db) is None
    needed = CodeRequired(ruth.user_id, ruth.email, NOW + HALF)
    assert enter_code(db, needed, phone.at(NOW)) is None
    later = NOW + timedelta(minutes=1)
    assert enter_code(db, half_way(sign_in(db, now=later)), phone.at(later), later) == ruth


def test_a_password_expires_without_its_code(db: Session, ruth: accounts.Actor) -> None:
    phone, _ = with_mfa(db, ruth)
    needed = half_way(sign_in(db))
    assert needed.until == NOW + timedelta(minutes=5)
    assert enter_code(db, needed, phone.at(needed.until), needed.until) is None


def test_a_deactivated_user_cannot_sign_in_with_a_code(
    db: Session, ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    phone, _ = with_mfa(db, ruth)
    needed = half_way(sign_in(db))
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)
    assert enter_code(db, needed, phone.at(NOW)) is None


def test_disabling_needs_the_password(db: Session, ruth: accounts.Actor) -> None:
    with_mfa(db, ruth)
    session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    ruth = present(accounts.session_actor(db, session_id=session_id, now=NOW))
    assert not accounts.confirm(db, ruth, secret="not this one", now=NOW)
    for act in (accounts.disable_mfa, accounts.renew_recovery_codes):
        with pytest.raises(ConfirmFirstError):
            act(db, ruth, now=NOW)
    with pytest.raises(ConflictError):
        accounts.begin_mfa_enrolment(db, ruth, now=NOW)
    assert accounts.confirm(db, ruth, secret=GOOD, now=NOW)
    accounts.disable_mfa(db, ruth, now=NOW)
    assert sign_in(db) == ruth
    with pytest.raises(NotFoundError):
        accounts.renew_recovery_codes(db, ruth, now=NOW)


def test_an_administrator_resets_a_lost_phone(
    db: Session, ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    with_mfa(db, ruth)
    assert accounts.factors_by_user(db, ada)[ruth.user_id].codes
    accounts.reset_mfa(db, ada, user_id=ruth.user_id)
    assert sign_in(db) == ruth
    with pytest.raises(NotFoundError, match="has no second factor"):
        accounts.reset_mfa(db, SYSTEM, user_id=ruth.user_id)
    sentence = db.execute(text("select string_agg(sentence, ' ') from activity")).scalar_one()
    assert "Turned the second factor of Ruth off." in sentence


def test_nothing_is_stored_in_plain_text(db: Session, ruth: accounts.Actor) -> None:
    phone, recovery = with_mfa(db, ruth)
    stored = db.execute(
        text(
            "select (select string_agg(encode(secret, 'escape'), ' ') from second_factor)"
            " || (select string_agg(code_hash, ' ') from recovery_code)"
            " || (select string_agg(to_jsonb(a)::text, ' ') from activity a)"
        )
    ).scalar_one()
    for secret in (phone.secret, *recovery, *(code.replace("-", "") for code in recovery)):
        assert secret not in stored


def test_with_another_secret_key_only_recovery_codes_work(
    db: Session, ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, recovery = with_mfa(db, ruth)
    other = settings().model_copy(update={"secret_key": "another key, and long enough for one"})
    monkeypatch.setattr(mfa, "settings", lambda: other)
    assert enter_code(db, half_way(sign_in(db)), phone.at(NOW)) is None
    assert enter_code(db, half_way(sign_in(db)), recovery[0]) == ruth


@pytest.mark.parametrize("kind", ["phone", "recovery"])
def test_of_twenty_concurrent_uses_of_a_code_one_succeeds(database: URL, kind: str) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        ada = factories.person(db, "admin")
        user_id = accounts.create_user(
            db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
        )
        ruth = accounts.actor_by_id(db, user_id)
        phone, recovery = with_mfa(db, ruth)
    code = phone.at(NOW) if kind == "phone" else recovery[0]

    def race(number: int) -> accounts.Actor | None:
        # a separate address for each, so that the rate limit does not serialise them
        needed = CodeRequired(ruth.user_id, f"{number}@example.org", NOW + HALF)
        with transaction_for_system() as db:
            return accounts.sign_in_with_code(db, needed=needed, code=code, now=NOW)

    with ThreadPoolExecutor(20) as racers:
        came = [result for result in racers.map(race, range(20)) if result is not None]
    assert came == [ruth]
