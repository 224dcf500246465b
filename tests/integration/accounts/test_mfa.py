"""The second factor: turning it on, signing in with it, losing the phone, turning it off."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from app import accounts
from app.accounts import SYSTEM, CodeNeeded
from app.accounts.authentication import mfa
from app.db import transaction
from app.kit.errors import ConfirmFirstError, ConflictError, InvalidError, NotFoundError
from app.settings import settings
from tests import factories
from tests.integration.accounts.test_jwt_tokens import GOOD

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HALF = timedelta(seconds=30)


@pytest.fixture
def ada(db):
    return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db, ada):
    user_id = accounts.create(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


def guarded(db, who, now=NOW - 10 * HALF):
    """Turn it on a while ago; return the phone and the recovery codes."""
    phone = pyotp.TOTP(
        accounts.begin_second_factor(db, replace(who, session_id=None), now=now).secret
    )
    return phone, accounts.confirm_second_factor(db, who, code=phone.at(now), now=now)


def come_in(db, code="", now=NOW, password=GOOD):
    return accounts.sign_in(db, email="ruth@example.org", password=password, code=code, now=now)


def give(db, needed, code, now=NOW):
    return accounts.give_code(db, needed=needed, code=code, now=now)


def test_nothing_is_asked_for_before_it_is_confirmed(db, ruth):
    begun = accounts.begin_second_factor(db, ruth, now=NOW)
    assert "otpauth://totp/DonorCRM:ruth%40example.org" in begun.link
    assert f"secret={begun.secret}" in begun.link
    assert come_in(db) == ruth
    with pytest.raises(InvalidError, match="six digits"):
        accounts.confirm_second_factor(db, ruth, code="000000", now=NOW)
    assert accounts.guard(db, ruth).since is None
    # a screen that is drawn again shows the same secret, an hour later another
    assert accounts.begin_second_factor(db, ruth, now=NOW) == begun
    later = accounts.begin_second_factor(db, ruth, now=NOW + timedelta(hours=1))
    assert later.secret != begun.secret


def test_the_password_alone_lets_nobody_in(db, ruth):
    phone, _ = guarded(db, ruth)
    needed = come_in(db)
    assert isinstance(needed, CodeNeeded)
    assert give(db, needed, phone.at(NOW)) == ruth
    assert come_in(db, "000000") is None
    later = NOW + 2 * HALF
    assert come_in(db, phone.at(later), later) == ruth


def test_a_code_works_once(db, ruth):
    phone, _ = guarded(db, ruth)
    assert give(db, come_in(db), phone.at(NOW)) == ruth
    assert give(db, come_in(db), phone.at(NOW)) is None
    # nor does an older one after a newer
    assert give(db, come_in(db), phone.at(NOW - HALF)) is None


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_phone_may_be_half_a_minute_off(db, ruth, steps, good):
    phone, _ = guarded(db, ruth)
    assert (give(db, come_in(db), phone.at(NOW + steps * HALF)) == ruth) is good


def test_codes_are_typed_in_many_ways(db, ruth):
    phone, recovery = guarded(db, ruth)
    code = phone.at(NOW)
    for wrong in ("", " ", "١٢٣٤٥٦", "12345", "1234567", "\0", "é" * 6, code + "0"):
        assert give(db, come_in(db), wrong) is None
        db.execute(text("delete from sign_in_try"))
    assert give(db, come_in(db), f" {code[:3]} {code[3:]} ") == ruth
    typed = recovery[0].upper().replace("-", " ")
    assert give(db, come_in(db), typed) == ruth


def test_a_recovery_code_works_once(db, ruth):
    _, recovery = guarded(db, ruth)
    assert len(set(recovery)) == 10
    assert give(db, come_in(db), recovery[3]) == ruth
    assert give(db, come_in(db), recovery[3]) is None
    assert accounts.guard(db, ruth).recovery_left == 9
    fresh = accounts.renew_recovery(db, ruth, now=NOW)
    assert give(db, come_in(db), recovery[4]) is None
    assert give(db, come_in(db), fresh[4]) == ruth


def test_wrong_codes_are_counted_like_wrong_passwords(db, ruth):
    phone, _ = guarded(db, ruth)
    for _ in range(5):
        # the right password in between forgives nothing
        assert give(db, come_in(db), "000000") is None
    assert come_in(db) is None
    needed = CodeNeeded(ruth.user_id, ruth.email, NOW + HALF)
    assert give(db, needed, phone.at(NOW)) is None
    later = NOW + timedelta(minutes=1)
    assert give(db, come_in(db, now=later), phone.at(later), later) == ruth


def test_a_password_does_not_wait_for_its_code_for_ever(db, ruth):
    phone, _ = guarded(db, ruth)
    needed = come_in(db)
    assert give(db, needed, phone.at(needed.until), needed.until) is None


def test_a_leaver_is_not_let_in_by_the_code(db, ruth, ada):
    phone, _ = guarded(db, ruth)
    needed = come_in(db)
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)
    assert give(db, needed, phone.at(NOW)) is None


def test_turning_it_off_takes_the_password(db, ruth):
    guarded(db, ruth)
    session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    ruth = accounts.session_actor(db, session_id=session_id, now=NOW)
    assert not accounts.confirm(db, ruth, secret="not this one", now=NOW)
    for act in (accounts.end_second_factor, accounts.renew_recovery):
        with pytest.raises(ConfirmFirstError):
            act(db, ruth, now=NOW)
    with pytest.raises(ConflictError):
        accounts.begin_second_factor(db, ruth, now=NOW)
    assert accounts.confirm(db, ruth, secret=GOOD, now=NOW)
    accounts.end_second_factor(db, ruth, now=NOW)
    assert come_in(db) == ruth
    with pytest.raises(NotFoundError):
        accounts.renew_recovery(db, ruth, now=NOW)


def test_an_administrator_helps_who_lost_the_phone(db, ruth, ada):
    guarded(db, ruth)
    assert accounts.factors_of_people(db, ada)[ruth.user_id].codes
    accounts.lift_second_factor(db, ada, user_id=ruth.user_id)
    assert come_in(db) == ruth
    with pytest.raises(NotFoundError, match="has no second factor"):
        accounts.lift_second_factor(db, SYSTEM, user_id=ruth.user_id)
    said = db.execute(text("select string_agg(sentence, ' ') from activity")).scalar_one()
    assert "Turned the second factor of Ruth off." in said


def test_nothing_readable_is_kept(db, ruth):
    phone, recovery = guarded(db, ruth)
    kept = db.execute(
        text(
            "select (select string_agg(encode(secret, 'escape'), ' ') from second_factor)"
            " || (select string_agg(code_hash, ' ') from recovery_code)"
            " || (select string_agg(to_jsonb(a)::text, ' ') from activity a)"
        )
    ).scalar_one()
    for secret in (phone.secret, *recovery, *(one.replace("-", "") for one in recovery)):
        assert secret not in kept


def test_with_another_key_the_phone_no_longer_opens_and_recovery_codes_do(db, ruth, monkeypatch):
    phone, recovery = guarded(db, ruth)
    other = settings().model_copy(update={"secret_key": "another key, and long enough for one"})
    monkeypatch.setattr(mfa, "settings", lambda: other)
    assert give(db, come_in(db), phone.at(NOW)) is None
    assert give(db, come_in(db), recovery[0]) == ruth


@pytest.mark.parametrize("kind", ["phone", "recovery"])
def test_of_twenty_racers_with_one_code_one_comes_in(database, kind):
    with transaction() as db:
        factories.organisation(db)
        ada = factories.person(db, "admin")
        user_id = accounts.create(
            db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
        )
        ruth = accounts.actor_by_id(db, user_id)
        phone, recovery = guarded(db, ruth)
    code = phone.at(NOW) if kind == "phone" else recovery[0]

    def race(number):
        # an address of one's own for each, so that the count of tries does not order them
        needed = CodeNeeded(ruth.user_id, f"{number}@example.org", NOW + HALF)
        with transaction() as db:
            return accounts.give_code(db, needed=needed, code=code, now=NOW)

    with ThreadPoolExecutor(20) as racers:
        came = [one for one in racers.map(race, range(20)) if one is not None]
    assert came == [ruth]
