"""Personal tokens: whose they are, what they are for, and what ends them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app import accounts
from app.accounts import Scope
from app.accounts.tokens import api_tokens
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories
from tests.integration.accounts.test_jwt_tokens import GOOD

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
READ = frozenset({Scope.READ})


@pytest.fixture
def ada(db):
    return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db, ada):
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


def opened(db, who, **more):
    fields = {"name": "My sheet", "scopes": READ, "now": NOW} | more
    return accounts.create_api_token(db, who, **fields)


def found(db, token, now=NOW):
    return accounts.api_token_actor(db, token=token, now=now)


def listed(db, who, now=NOW):
    return accounts.api_tokens(db, who, now=now)


def test_a_token_speaks_for_its_owner_and_for_what_was_chosen(db, ruth):
    token = opened(db, ruth, name=" My  sheet ", scopes=frozenset({Scope.READ, Scope.EXPORT}))
    program = found(db, token)
    assert program.actor == ruth
    assert program.scopes == {"read", "export"}
    [one] = listed(db, ruth)
    assert (one.name, one.scopes, one.last_used_at) == ("My sheet", {"read", "export"}, NOW)


def test_only_its_hash_is_kept(db, ruth):
    token = opened(db, ruth)
    kept = db.execute(text("select to_jsonb(t)::text from api_token t")).scalar_one()
    said = db.execute(text("select string_agg(to_jsonb(a)::text, ' ') from activity a")).scalar()
    secret = token.removeprefix("dcrm_").partition(".")[0]
    assert secret not in kept
    assert "Made the token “My sheet” for read." in said
    assert secret not in said


def test_what_is_not_formed_like_a_token_is_not_even_looked_up(db, ruth, monkeypatch):
    token = opened(db, ruth)
    asked = []
    monkeypatch.setattr(api_tokens.queries, "by_hash", lambda *a: asked.append(a))
    signature = "0123456789abcdef" * 2
    forged = [
        token[:-1],
        f"{token}.",
        f"{token}.{signature[:-1]}",
        f"{token}0",
        f"{token}\n",
        "dcrm_",
        f"dcrm_x.{signature}",
        f"{token}\0",
        f"{token.upper()}",
        "dcrm_é.é",
        "dcrm_\ud800",
        token.removeprefix("dcrm_"),
        f"{token}.{signature.upper()}",
    ]
    assert [found(db, one) for one in forged] == [None] * 13
    assert asked == []


def test_a_changed_token_is_nobodys(db, ruth):
    token = opened(db, ruth)
    last = "A" if token[-1] != "A" else "B"
    signature = "0123456789abcdef" * 2
    for one in (f"{token[:-1]}{last}", f"{token}.{signature}", f"dcrm_{'x' * 43}"):
        assert found(db, one) is None


def test_a_token_ends_on_its_day(db, ruth):
    token = opened(db, ruth, lasts=30 * DAY)
    assert found(db, token, NOW + 30 * DAY - timedelta(seconds=1))
    assert found(db, token, NOW + 30 * DAY) is None
    assert listed(db, ruth, NOW + 30 * DAY) == []


def test_its_owner_ends_it_and_nobody_else(db, ruth, ada):
    token = opened(db, ruth)
    [one] = listed(db, ruth)
    with pytest.raises(NotFoundError):
        accounts.revoke_api_token(db, ada, token_id=one.id, now=NOW)
    assert found(db, token)
    accounts.revoke_api_token(db, ruth, token_id=one.id, now=NOW)
    assert found(db, token) is None
    with pytest.raises(NotFoundError):
        accounts.revoke_api_token(db, ruth, token_id=one.id, now=NOW)


@pytest.mark.parametrize("deed", ["password", "role", "leaver", "reset"])
def test_a_new_password_another_role_and_the_end_of_the_account_end_it(db, ruth, ada, deed):
    token = opened(db, ruth)
    other = opened(db, ada)
    new = "orbit candle meadow thirty"
    if deed == "password":
        accounts.change_password(db, ruth, old=GOOD, new=new, keep_session=None, now=NOW)
    elif deed == "role":
        accounts.change_role(db, ada, user_id=ruth.user_id, role="coach", now=NOW)
    elif deed == "leaver":
        accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)
        accounts.reactivate(db, ada, user_id=ruth.user_id)
    else:
        code = accounts.request_password_reset(db, email=ruth.email, now=NOW)[3]
        accounts.reset_password(db, code=code, new=new, now=NOW)
    assert found(db, token) is None
    assert found(db, other)


def test_signing_out_other_devices_leaves_programs_alone(db, ruth):
    token = opened(db, ruth)
    accounts.end_other_sessions(db, ruth, keep=None, now=NOW)
    assert found(db, token)


def test_what_cannot_be_is_said(db, ruth, ada):
    with pytest.raises(InvalidError, match="Name the program"):
        opened(db, ruth, name="  ")
    with pytest.raises(InvalidError, match="60 characters at most"):
        opened(db, ruth, name="x" * 61)
    with pytest.raises(InvalidError, match="what the token may do"):
        opened(db, ruth, scopes=frozenset())
    for number in range(20):
        opened(db, ruth, name=f"Program {number}")
    with pytest.raises(ConflictError, match="20 tokens are enough"):
        opened(db, ruth)
    # those that have ended do not count
    accounts.revoke_api_token(db, ruth, token_id=listed(db, ruth)[0].id, now=NOW)
    opened(db, ruth)


def test_who_only_looks_has_no_tokens(db, ruth, ada):
    session_id = accounts.open_session(db, user_id=ada.user_id, now=NOW)[0]
    accounts.impersonate(db, ada, session_id=session_id, user_id=ruth.user_id)
    eyes = accounts.session_actor(db, session_id=session_id, now=NOW)
    opened(db, ruth)
    for deed in (
        lambda: opened(db, eyes),
        lambda: listed(db, eyes),
        lambda: accounts.revoke_api_token(db, eyes, token_id=1, now=NOW),
    ):
        with pytest.raises(NotAllowedError):
            deed()


def test_ended_tokens_are_forgotten_after_ninety_days(db, ruth):
    opened(db, ruth, name="lives")
    opened(db, ruth, name="over", lasts=DAY)
    accounts.purge_sessions(db, now=NOW + 91 * DAY)
    names = text("select name from api_token")
    assert set(db.execute(names).scalars()) == {"over", "lives"}
    accounts.purge_sessions(db, now=NOW + 92 * DAY)
    assert db.execute(names).scalars().all() == ["lives"]
