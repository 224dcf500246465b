"""Acts that are hard to take back ask for the password or a code again, for ten minutes."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import text

from app import accounts, privacy
from app.accounts import Scope
from app.kit.errors import ConfirmFirstError, InvalidError, NotAllowedError
from tests import factories

GOOD, OTHER = "violet ladder seven oceans", "orbit candle meadow thirty"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
REST = Path(__file__).parents[3] / "app" / "api" / "rest"


@pytest.fixture
def start(now):
    return now - timedelta(hours=1)


@pytest.fixture
def ada(db, start):
    """An administrator inside a session that began an hour ago."""
    user_id = accounts.create(
        db, accounts.SYSTEM, email="ada@example.org", name="Ada", role="admin", password=GOOD
    )
    return signed_in(db, user_id, start)


def signed_in(db, user_id, at):
    session_id, _ = accounts.open_session(db, user_id=user_id, now=at)
    return accounts.session_actor(db, session_id=session_id, now=at)


def phone_of(db, actor, now):
    shell = replace(actor, session_id=None)
    begun = accounts.begin_second_factor(db, shell, now=now)
    phone = pyotp.TOTP(begun.secret)
    accounts.confirm_second_factor(db, actor, code=phone.at(now), now=now)
    return phone


def lift(db, who, now):
    other = factories.person(db)
    phone_of(db, other, now)
    accounts.lift_second_factor(db, who, user_id=other.user_id, now=now)


def invite_again(db, who, now):
    earlier = now - 2 * MINUTE
    shell = replace(who, session_id=None)
    made = accounts.invite(db, shell, email="b@example.org", name="B", role="admin", now=earlier)
    accounts.invite_again(db, who, user_id=made.user_id, now=now)


def erase(db, who, now):
    donor_id = factories.donor(db, None, name="Ivy")
    privacy.erase(db, who, donor_id=donor_id, name="Ivy", now=now)


def reactivate(db, who, now):
    ended = factories.person(db, "admin")
    db.execute(text("update app_user set active = false where id = :id"), {"id": ended.user_id})
    accounts.reactivate(db, who, user_id=ended.user_id, now=now)


def weaken(db, who, now):
    roles = {"roles": ["admin"], "grace_days": 14}
    accounts.save_mfa_policy(db, replace(who, session_id=None), **roles, now=now)
    accounts.save_mfa_policy(db, who, roles=[], grace_days=14, now=now)


ACTS = {
    "token": lambda db, who, now: accounts.open_personal(
        db, who, name="A", scopes=frozenset({Scope.READ}), now=now
    ),
    "role": lambda db, who, now: accounts.change_role(
        db, who, user_id=factories.person(db).user_id, role="finance", now=now
    ),
    "new administrator": lambda db, who, now: accounts.create(
        db, who, email="a@example.org", name="A", role="admin", password=None, now=now
    ),
    "invitation": lambda db, who, now: accounts.invite(
        db, who, email="a@example.org", name="A", role="admin", now=now
    ),
    "invitation again": invite_again,
    "an ended administrator": reactivate,
    "second factor of nobody": weaken,
    "second factor on": lambda db, who, now: accounts.begin_second_factor(db, who, now=now),
    "second factor off": lambda db, who, now: accounts.end_second_factor(db, who, now=now),
    "another's second factor off": lift,
    "recovery codes": lambda db, who, now: (
        phone_of(db, who, now - 2 * MINUTE) and accounts.renew_recovery(db, who, now=now)
    ),
    "password": lambda db, who, now: accounts.change_password(
        db, who, old=GOOD, new=OTHER, keep_session=who.session_id, now=now
    ),
    "erasure": erase,
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_asks_first_and_goes_on_afterwards(db, ada, now, act):
    with pytest.raises(ConfirmFirstError) as refused, db.begin_nested():
        ACTS[act](db, ada, now)
    assert refused.value.password
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    ACTS[act](db, ada, now)


@pytest.mark.parametrize("act", ACTS)
def test_a_command_on_the_server_is_asked_nothing(db, ada, now, act):
    ACTS[act](db, replace(ada, session_id=None), now)


@pytest.mark.parametrize("act", ACTS)
def test_no_token_may(db, ada, now, act):
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    token = accounts.open_personal(
        db, ada, name="A", scopes=frozenset(Scope) - {Scope.CALENDAR}, now=now
    )
    by_token = accounts.personal_actor(db, token=token, now=now).actor
    access = accounts.open_tokens(db, user_id=ada.user_id, now=now).access
    by_password = accounts.token_actor(db, access=access, now=now)
    for program in (by_token, by_password):
        assert program.program
        with pytest.raises(NotAllowedError, match="token"), db.begin_nested():
            ACTS[act](db, program, now)


def test_no_route_of_the_api_leads_to_such_an_act():
    named = {
        "open_personal",
        "change_role",
        "create",
        "invite",
        "invite_again",
        "begin_second_factor",
        "reactivate",
        "save_mfa_policy",
        "end_second_factor",
        "lift_second_factor",
        "renew_recovery",
        "change_password",
        "erase",
        "write_everything",
        "confirm",
    }
    used = {
        node.attr
        for file in REST.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"accounts", "privacy", "exports"}
    }
    assert used
    assert not used & named


def test_it_holds_for_ten_minutes_and_for_this_session_alone(db, ada, now):
    other = signed_in(db, ada.user_id, now - 2 * MINUTE)
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    accounts.require_confirmed(db, ada, now=now + 10 * MINUTE - SECOND)
    for who, at in ((ada, now + 10 * MINUTE), (other, now), (ada, None)):
        with pytest.raises(ConfirmFirstError):
            accounts.require_confirmed(db, who, now=at)
    accounts.end_session(db, session_id=ada.session_id, now=now)
    with pytest.raises(ConfirmFirstError):
        accounts.require_confirmed(db, ada, now=now)


def test_another_persons_session_confirms_nothing(db, ada, now):
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    ruth = replace(factories.person(db), session_id=ada.session_id)
    with pytest.raises(ConfirmFirstError):
        accounts.require_confirmed(db, ruth, now=now)


def test_a_code_will_do_and_works_once(db, ada, now):
    phone = phone_of(db, ada, now - 5 * MINUTE)
    with pytest.raises(ConfirmFirstError) as refused:
        accounts.require_confirmed(db, ada, now=now)
    assert refused.value.code
    assert not accounts.confirm(db, ada, secret="000000", now=now)
    assert accounts.confirm(db, ada, secret=phone.at(now), now=now)
    assert not accounts.confirm(db, ada, secret=phone.at(now), now=now)
    accounts.require_confirmed(db, ada, now=now)


def test_no_phone_of_a_strangers_confirms_anything(db, ada, now):
    """Somebody at an unlocked computer does not know the password, and has a phone."""
    with pytest.raises(ConfirmFirstError), db.begin_nested():
        accounts.begin_second_factor(db, ada, now=now)
    # nor one of an enrolment that its owner began and left
    begun = accounts.begin_second_factor(db, replace(ada, session_id=None), now=now)
    code = pyotp.TOTP(begun.secret).at(now)
    assert not accounts.confirm(db, ada, secret=code, now=now)
    with pytest.raises(ConfirmFirstError), db.begin_nested():
        accounts.begin_second_factor(db, ada, now=now)


def test_who_comes_from_a_provider_signs_in_again(db, now):
    person = factories.person(db, "admin")
    old = signed_in(db, person.user_id, now - 10 * MINUTE)
    with pytest.raises(ConfirmFirstError) as refused:
        accounts.require_confirmed(db, old, now=now)
    assert (refused.value.password, refused.value.code) == (False, False)
    assert not accounts.confirm(db, old, secret="", now=now)
    fresh = signed_in(db, person.user_id, now - 9 * MINUTE)
    accounts.require_confirmed(db, fresh, now=now)


def test_wrong_ones_are_counted_for_the_session(db, ada, now):
    for _ in range(5):
        assert not accounts.confirm(db, ada, secret="wrong", now=now)
    assert not accounts.confirm(db, ada, secret=GOOD, now=now)
    other = signed_in(db, ada.user_id, now)
    assert accounts.confirm(db, other, secret=GOOD, now=now)
    assert accounts.confirm(db, ada, secret=GOOD, now=now + MINUTE)
    # a right one clears the count
    for _ in range(4):
        assert not accounts.confirm(db, ada, secret="wrong", now=now + MINUTE)
    assert accounts.confirm(db, ada, secret=GOOD, now=now + MINUTE)


def test_wrong_ones_are_counted_for_the_account_whatever_session(db, ada, now, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "app.accounts.authentication.passwords.matches",
        lambda typed, kept: asked.append(typed) and False,
    )
    for number in range(60):
        at = now + number * MINUTE
        thief = signed_in(db, ada.user_id, at)
        for _ in range(3):
            accounts.confirm(db, thief, secret="wrong", now=at)
    assert 10 <= len(asked) <= 20
    # at the sign-in nothing of it counts
    monkeypatch.undo()
    assert accounts.sign_in(db, email="ada@example.org", password=GOOD, now=at)


def test_tries_at_the_sign_in_count_for_no_session(db, ada, now):
    for number in range(50):
        accounts.sign_in(
            db, email="ada@example.org", password="wrong", now=now, caller=f"8.8.8.{number}"
        )
    assert accounts.confirm(db, ada, secret=GOOD, now=now)


def test_what_cannot_be_right_is_said_before_the_question(db, ada, now):
    donor_id = factories.donor(db, None, name="Ivy")
    with pytest.raises(InvalidError, match="as it stands"):
        privacy.erase(db, ada, donor_id=donor_id, name="Iv", now=now)
    with pytest.raises(InvalidError, match="what the token may do"):
        accounts.open_personal(db, ada, name="A", scopes=frozenset(), now=now)


def test_everyday_acts_ask_nothing(db, ada, now):
    accounts.invite(db, ada, email="f@example.org", name="F", role="fundraiser", now=now)
    accounts.create(db, ada, email="g@example.org", name="G", role="finance", password=None)
    assert db.execute(text("select count(*) from app_user")).scalar_one() == 3


def test_looking_as_somebody_confirms_nothing(db, ada, now):
    person = factories.person(db)
    accounts.view_as(db, ada, session_id=ada.session_id, user_id=person.user_id)
    looking = accounts.session_actor(db, session_id=ada.session_id, now=now)
    with pytest.raises(NotAllowedError, match="looking"):
        accounts.confirm(db, looking, secret=GOOD, now=now)
