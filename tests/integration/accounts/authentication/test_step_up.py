"""Step-up authentication: critical actions require the password or a code, for ten minutes."""

import ast
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts, privacy
from app.accounts import Actor, Scope
from app.kit.errors import ConfirmFirstError, InvalidError, NotAllowedError
from tests import factories
from tests.values import present

GOOD, OTHER = "violet ladder seven oceans", "orbit candle meadow thirty"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
REST = Path(__file__).parents[4] / "app" / "api" / "rest"


@pytest.fixture
def start(now: datetime) -> datetime:
    return now - timedelta(hours=1)


@pytest.fixture
def ada(db: Session, start: datetime) -> accounts.Actor:
    """An administrator inside a session that began an hour ago."""
    user_id = accounts.create_user(
        db, accounts.SYSTEM, email="ada@example.org", name="Ada", role="admin", password=GOOD
    )
    return signed_in(db, user_id, start)


def signed_in(db: Session, user_id: int, moment: datetime) -> accounts.Actor:
    session_id, _ = accounts.open_session(db, user_id=user_id, now=moment)
    return present(accounts.session_actor(db, session_id=session_id, now=moment))


def phone_of(db: Session, actor: accounts.Actor, now: datetime) -> pyotp.TOTP:
    without_session = replace(actor, session_id=None)
    begun = accounts.begin_mfa_enrolment(db, without_session, now=now)
    phone = pyotp.TOTP(begun.secret)
    accounts.confirm_mfa_enrolment(db, actor, code=phone.at(now), now=now)
    return phone


def reset_mfa(db: Session, actor: accounts.Actor, now: datetime) -> None:
    other = factories.person(db)
    phone_of(db, other, now)
    accounts.reset_mfa(db, actor, user_id=other.user_id, now=now)


def invite_again(db: Session, actor: accounts.Actor, now: datetime) -> None:
    earlier = now - 2 * MINUTE
    shell = replace(actor, session_id=None)
    invitation = accounts.invite(
        db, shell, email="b@example.org", name="B", role="admin", now=earlier
    )
    accounts.invite_again(db, actor, user_id=invitation.user_id, now=now)


def erase(db: Session, actor: accounts.Actor, now: datetime) -> None:
    donor_id = factories.donor(db, None, name="Ivy")
    privacy.erase(db, actor, donor_id=donor_id, name="Ivy", now=now)


def reactivate(db: Session, who: Actor, now: datetime) -> None:
    ended = factories.person(db, "admin")
    db.execute(text("update app_user set active = false where id = :id"), {"id": ended.user_id})
    accounts.reactivate(db, who, user_id=ended.user_id, now=now)


def weaken(db: Session, who: Actor, now: datetime) -> None:
    accounts.save_mfa_policy(
        db, replace(who, session_id=None), roles=["admin"], grace_days=14, now=now
    )
    accounts.save_mfa_policy(db, who, roles=[], grace_days=14, now=now)


ACTS = {
    "token": lambda db, actor, now: accounts.create_api_token(
        db, actor, name="A", scopes=frozenset({Scope.READ}), now=now
    ),
    "role": lambda db, actor, now: accounts.change_role(
        db, actor, user_id=factories.person(db).user_id, role="finance", now=now
    ),
    "new administrator": lambda db, actor, now: accounts.create_user(
        db, actor, email="a@example.org", name="A", role="admin", password=None, now=now
    ),
    "invitation": lambda db, actor, now: accounts.invite(
        db, actor, email="a@example.org", name="A", role="admin", now=now
    ),
    "invitation again": invite_again,
    "an ended administrator": reactivate,
    "second factor of nobody": weaken,
    "second factor on": lambda db, actor, now: accounts.begin_mfa_enrolment(db, actor, now=now),
    "second factor off": lambda db, actor, now: accounts.disable_mfa(db, actor, now=now),
    "another's second factor off": reset_mfa,
    "recovery codes": lambda db, actor, now: (
        phone_of(db, actor, now - 2 * MINUTE) and accounts.renew_recovery_codes(db, actor, now=now)
    ),
    "password": lambda db, actor, now: accounts.change_password(
        db, actor, old=GOOD, new=OTHER, keep_session=actor.session_id, now=now
    ),
    "erasure": erase,
}


@pytest.mark.parametrize("act", ACTS)
def test_an_action_requires_confirmation_once(
    db: Session, ada: accounts.Actor, now: datetime, act: str
) -> None:
    with pytest.raises(ConfirmFirstError) as refused, db.begin_nested():
        ACTS[act](db, ada, now)
    assert refused.value.password
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    ACTS[act](db, ada, now)


@pytest.mark.parametrize("act", ACTS)
def test_a_command_on_the_server_needs_no_confirmation(
    db: Session, ada: accounts.Actor, now: datetime, act: str
) -> None:
    ACTS[act](db, replace(ada, session_id=None), now)


@pytest.mark.parametrize("act", ACTS)
def test_api_tokens_are_refused(db: Session, ada: accounts.Actor, now: datetime, act: str) -> None:
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    token = accounts.create_api_token(
        db, ada, name="A", scopes=frozenset(Scope) - {Scope.CALENDAR}, now=now
    )
    by_token = present(accounts.api_token_actor(db, token=token, now=now)).actor
    access = accounts.issue_tokens(db, user_id=ada.user_id, now=now).access
    by_password = accounts.token_actor(db, access=access, now=now)
    for program in (by_token, by_password):
        assert present(program).program
        with pytest.raises(NotAllowedError, match="token"), db.begin_nested():
            ACTS[act](db, present(program), now)


def test_no_route_of_the_api_calls_such_a_function() -> None:
    protected = {
        "create_api_token",
        "change_role",
        "create_user",
        "invite",
        "invite_again",
        "begin_mfa_enrolment",
        "reactivate",
        "save_mfa_policy",
        "disable_mfa",
        "reset_mfa",
        "renew_recovery_codes",
        "change_password",
        "erase",
        "write_everything",
        "confirm",
    }
    used = {
        node.attr
        for file in REST.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"accounts", "privacy", "exports"}
    }
    assert used
    assert not used & protected


def test_a_confirmation_is_valid_for_ten_minutes_in_one_session(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    other = signed_in(db, ada.user_id, now - 2 * MINUTE)
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    accounts.require_confirmed(db, ada, now=now + 10 * MINUTE - SECOND)
    for actor, moment in ((ada, now + 10 * MINUTE), (other, now), (ada, None)):
        with pytest.raises(ConfirmFirstError):
            accounts.require_confirmed(db, actor, now=moment)
    accounts.end_session(db, session_id=present(ada.session_id), now=now)
    with pytest.raises(ConfirmFirstError):
        accounts.require_confirmed(db, ada, now=now)


def test_another_persons_session_confirms_nothing(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    assert accounts.confirm(db, ada, secret=GOOD, now=now)
    ruth = replace(factories.person(db), session_id=ada.session_id)
    with pytest.raises(ConfirmFirstError):
        accounts.require_confirmed(db, ruth, now=now)


def test_a_code_confirms_once(db: Session, ada: accounts.Actor, now: datetime) -> None:
    phone = phone_of(db, ada, now - 5 * MINUTE)
    with pytest.raises(ConfirmFirstError) as refused:
        accounts.require_confirmed(db, ada, now=now)
    assert refused.value.code
    assert not accounts.confirm(db, ada, secret="000000", now=now)
    assert accounts.confirm(db, ada, secret=phone.at(now), now=now)
    assert not accounts.confirm(db, ada, secret=phone.at(now), now=now)
    accounts.require_confirmed(db, ada, now=now)


def test_a_strangers_phone_confirms_nothing(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    """A stranger at an unlocked computer has a phone, and does not know the password."""
    with pytest.raises(ConfirmFirstError), db.begin_nested():
        accounts.begin_mfa_enrolment(db, ada, now=now)
    # nor one of an enrolment that its owner began and left
    begun = accounts.begin_mfa_enrolment(db, replace(ada, session_id=None), now=now)
    code = pyotp.TOTP(begun.secret).at(now)
    assert not accounts.confirm(db, ada, secret=code, now=now)
    with pytest.raises(ConfirmFirstError), db.begin_nested():
        accounts.begin_mfa_enrolment(db, ada, now=now)


def test_a_user_of_a_provider_signs_in_again(db: Session, now: datetime) -> None:
    person = factories.person(db, "admin")
    old = signed_in(db, person.user_id, now - 10 * MINUTE)
    with pytest.raises(ConfirmFirstError) as refused:
        accounts.require_confirmed(db, old, now=now)
    assert (refused.value.password, refused.value.code) == (False, False)
    assert not accounts.confirm(db, old, secret="", now=now)
    fresh = signed_in(db, person.user_id, now - 9 * MINUTE)
    accounts.require_confirmed(db, fresh, now=now)


def test_a_user_of_a_provider_with_a_phone_enters_a_code(db: Session, now: datetime) -> None:
    person = factories.person(db, "admin")
    phone = phone_of(db, person, now - 5 * MINUTE)
    actor = signed_in(db, person.user_id, now)
    with pytest.raises(ConfirmFirstError) as refused:
        accounts.require_confirmed(db, actor, now=now)
    assert (refused.value.password, refused.value.code) == (False, True)
    assert accounts.confirm(db, actor, secret=phone.at(now), now=now)
    accounts.require_confirmed(db, actor, now=now)


def test_wrong_passwords_are_counted_for_the_session(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    for _ in range(5):
        assert not accounts.confirm(db, ada, secret="wrong", now=now)
    assert not accounts.confirm(db, ada, secret=GOOD, now=now)
    other = signed_in(db, ada.user_id, now)
    assert accounts.confirm(db, other, secret=GOOD, now=now)
    assert accounts.confirm(db, ada, secret=GOOD, now=now + MINUTE)
    # a right password clears the count
    for _ in range(4):
        assert not accounts.confirm(db, ada, secret="wrong", now=now + MINUTE)
    assert accounts.confirm(db, ada, secret=GOOD, now=now + MINUTE)


def test_wrong_passwords_are_counted_for_the_account_across_sessions(
    db: Session, ada: accounts.Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []

    def wrong(password: str, stored_hash: str) -> bool:
        checked.append(password)
        return False

    monkeypatch.setattr("app.accounts.authentication.passwords.verify_password", wrong)
    for number in range(60):
        moment = now + number * MINUTE
        thief = signed_in(db, ada.user_id, moment)
        for _ in range(3):
            accounts.confirm(db, thief, secret="wrong", now=moment)
    assert 10 <= len(checked) <= 20
    # these tries do not count at the sign-in
    monkeypatch.undo()
    assert accounts.sign_in(db, email="ada@example.org", password=GOOD, now=moment)


def test_sign_in_tries_do_not_count_for_a_session(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    for number in range(50):
        accounts.sign_in(
            db, email="ada@example.org", password="wrong", now=now, caller=f"8.8.8.{number}"
        )
    assert accounts.confirm(db, ada, secret=GOOD, now=now)


def test_invalid_values_are_refused_before_the_confirmation(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    donor_id = factories.donor(db, None, name="Ivy")
    with pytest.raises(InvalidError, match="as it stands"):
        privacy.erase(db, ada, donor_id=donor_id, name="Iv", now=now)
    with pytest.raises(InvalidError, match="what the token may do"):
        accounts.create_api_token(db, ada, name="A", scopes=frozenset(), now=now)


def test_everyday_actions_need_no_confirmation(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    accounts.invite(db, ada, email="f@example.org", name="F", role="fundraiser", now=now)
    accounts.create_user(db, ada, email="g@example.org", name="G", role="finance", password=None)
    assert db.execute(text("select count(*) from app_user")).scalar_one() == 3


def test_an_impersonated_user_cannot_confirm(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    person = factories.person(db)
    accounts.impersonate(db, ada, session_id=present(ada.session_id), user_id=person.user_id)
    looking = accounts.session_actor(db, session_id=present(ada.session_id), now=now)
    with pytest.raises(NotAllowedError, match="read-only"):
        accounts.confirm(db, present(looking), secret=GOOD, now=now)
