"""Personal API tokens: owner, scopes, expiry and revocation."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import Scope
from app.accounts.queries import api_tokens as queries_api_tokens
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories
from tests.integration.accounts.tokens.test_jwt_tokens import GOOD
from tests.values import present

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
READ = frozenset({Scope.READ})


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db: Session, ada: accounts.Actor) -> accounts.Actor:
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


def create_token(
    db: Session,
    actor: accounts.Actor | None,
    *,
    name: str = "My sheet",
    scopes: frozenset[Scope] = READ,
    now: datetime = NOW,
    lasts: timedelta | None = None,
) -> str:
    return accounts.create_api_token(
        db, present(actor), name=name, scopes=scopes, now=now, lasts=lasts
    )


def token_actor(db: Session, token: str, now: datetime = NOW) -> accounts.ApiTokenActor | None:
    return accounts.api_token_actor(db, token=token, now=now)


def list_tokens(
    db: Session, actor: accounts.Actor | None, now: datetime = NOW
) -> list[accounts.ApiTokenLine]:
    return accounts.api_tokens(db, present(actor), now=now)


def test_a_token_acts_as_its_owner_within_its_scopes(db: Session, ruth: accounts.Actor) -> None:
    token = create_token(
        db, ruth, name=" My  sheet ", scopes=frozenset({Scope.READ, Scope.EXPORT})
    )
    program = token_actor(db, token)
    assert present(program).actor == ruth
    assert present(program).scopes == frozenset({Scope.READ, Scope.EXPORT})
    [line] = list_tokens(db, ruth)
    assert (line.name, line.scopes, line.last_used_at) == (
        "My sheet",
        frozenset({Scope.READ, Scope.EXPORT}),
        NOW,
    )


def test_only_the_hash_is_stored(db: Session, ruth: accounts.Actor) -> None:
    token = create_token(db, ruth)
    stored = db.execute(text("select to_jsonb(t)::text from api_token t")).scalar_one()
    message = db.execute(
        text("select string_agg(to_jsonb(a)::text, ' ') from activity a")
    ).scalar()
    secret = token.removeprefix("dcrm_").partition(".")[0]
    assert secret not in stored
    assert "Made the token “My sheet” for read." in present(message)
    assert secret not in present(message)


def test_a_malformed_token_is_not_looked_up(
    db: Session, ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = create_token(db, ruth)
    looked_up = []
    monkeypatch.setattr(queries_api_tokens, "by_hash", lambda *a: looked_up.append(a))
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
    assert [token_actor(db, text) for text in forged] == [None] * 13
    assert looked_up == []


def test_a_changed_token_is_invalid(db: Session, ruth: accounts.Actor) -> None:
    token = create_token(db, ruth)
    last = "A" if token[-1] != "A" else "B"
    signature = "0123456789abcdef" * 2
    for changed in (f"{token[:-1]}{last}", f"{token}.{signature}", f"dcrm_{'x' * 43}"):
        assert token_actor(db, changed) is None


def test_a_token_expires(db: Session, ruth: accounts.Actor) -> None:
    token = create_token(db, ruth, lasts=30 * DAY)
    assert token_actor(db, token, NOW + 30 * DAY - timedelta(seconds=1))
    assert token_actor(db, token, NOW + 30 * DAY) is None
    assert list_tokens(db, ruth, NOW + 30 * DAY) == []


def test_only_the_owner_revokes_a_token(
    db: Session, ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    token = create_token(db, ruth)
    [token_line] = list_tokens(db, ruth)
    with pytest.raises(NotFoundError):
        accounts.revoke_api_token(db, ada, token_id=token_line.id, now=NOW)
    assert token_actor(db, token)
    accounts.revoke_api_token(db, ruth, token_id=token_line.id, now=NOW)
    assert token_actor(db, token) is None
    with pytest.raises(NotFoundError):
        accounts.revoke_api_token(db, ruth, token_id=token_line.id, now=NOW)


@pytest.mark.parametrize("deed", ["password", "role", "leaver", "reset"])
def test_a_new_password_another_role_and_deactivation_revoke_tokens(
    db: Session, ruth: accounts.Actor, ada: accounts.Actor, deed: str
) -> None:
    token = create_token(db, ruth)
    other = create_token(db, ada)
    new = "orbit candle meadow thirty"
    if deed == "password":
        accounts.change_password(db, ruth, old=GOOD, new=new, keep_session=None, now=NOW)
    elif deed == "role":
        accounts.change_role(db, ada, user_id=ruth.user_id, role="coach", now=NOW)
    elif deed == "leaver":
        accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)
        accounts.reactivate(db, ada, user_id=ruth.user_id)
    else:
        code = present(accounts.request_password_reset(db, email=ruth.email, now=NOW))[3]
        accounts.reset_password(db, code=code, new=new, now=NOW)
    assert token_actor(db, token) is None
    assert token_actor(db, other)


def test_ending_other_sessions_keeps_api_tokens(db: Session, ruth: accounts.Actor) -> None:
    token = create_token(db, ruth)
    accounts.end_other_sessions(db, ruth, keep=None, now=NOW)
    assert token_actor(db, token)


def test_invalid_values_are_refused(
    db: Session, ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    with pytest.raises(InvalidError, match="Name the program"):
        create_token(db, ruth, name="  ")
    with pytest.raises(InvalidError, match="60 characters at most"):
        create_token(db, ruth, name="x" * 61)
    with pytest.raises(InvalidError, match="what the token may do"):
        create_token(db, ruth, scopes=frozenset())
    for number in range(20):
        create_token(db, ruth, name=f"Program {number}")
    with pytest.raises(ConflictError, match="20 tokens are enough"):
        create_token(db, ruth)
    # ended tokens do not count
    accounts.revoke_api_token(db, ruth, token_id=list_tokens(db, ruth)[0].id, now=NOW)
    create_token(db, ruth)


def test_an_impersonated_user_has_no_tokens(
    db: Session, ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    session_id = accounts.open_session(db, user_id=ada.user_id, now=NOW)[0]
    accounts.impersonate(db, ada, session_id=session_id, user_id=ruth.user_id)
    eyes = accounts.session_actor(db, session_id=session_id, now=NOW)
    create_token(db, ruth)
    for deed in (
        lambda: create_token(db, eyes),
        lambda: list_tokens(db, eyes),
        lambda: accounts.revoke_api_token(db, present(eyes), token_id=1, now=NOW),
    ):
        with pytest.raises(NotAllowedError):
            deed()


def test_ended_tokens_are_deleted_after_ninety_days(db: Session, ruth: accounts.Actor) -> None:
    create_token(db, ruth, name="lives")
    create_token(db, ruth, name="over", lasts=DAY)
    accounts.purge_sessions(db, now=NOW + 91 * DAY)
    names = text("select name from api_token")
    assert set(db.execute(names).scalars()) == {"over", "lives"}
    accounts.purge_sessions(db, now=NOW + 92 * DAY)
    assert db.execute(names).scalars().all() == ["lives"]
