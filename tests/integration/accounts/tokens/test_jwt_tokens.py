"""JWTs for programs: valid and forged tokens, refresh, reuse and revocation."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts
from app.accounts.tokens import jwt_tokens
from app.db import transaction_for_system
from app.settings import settings
from tests import factories
from tests.values import present

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD = "violet ladder seven oceans"


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db: Session, ada: accounts.Actor) -> accounts.Actor:
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


@pytest.fixture
def issued(db: Session, ruth: accounts.Actor) -> accounts.Tokens:
    return accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)


def actor_of(db: Session, access: str, now: datetime = NOW) -> accounts.Actor | None:
    return accounts.token_actor(db, access=access, now=now)


def refreshed(db: Session, refresh: str, now: datetime) -> accounts.Tokens | None:
    return accounts.refresh_tokens(db, refresh=refresh, now=now)


def claims(token: str) -> dict[str, object]:
    return jwt.decode(token, options={"verify_signature": False})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(values: dict[str, object], key: str | None = None) -> str:
    return jwt.encode(values, key or settings().secret_key, algorithm="HS256")


def forged(values: dict[str, object], *, says: str, mac: str, key: bytes) -> str:
    body = f"{part({'alg': says, 'typ': 'JWT'})}.{part(values)}"
    signature = jwt.get_algorithm_by_name(mac).sign(body.encode(), key)
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def signed_with_another_key(values: dict[str, object]) -> str:
    """An RS256 header over an HMAC whose key is a public key."""
    public = rsa.generate_private_key(65537, 2048).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return forged(values, says="RS256", mac="HS256", key=pem)


def forged_with_our_key(values: dict[str, object], *, says: str, mac: str) -> str:
    return forged(values, says=says, mac=mac, key=settings().secret_key.encode())


def without(values: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in values.items() if key != name}


def tampered(token: str, values: dict[str, object]) -> str:
    head, _, signature = token.split(".")
    changed = values | {"sub": f"{values['sub']}0"}
    return f"{head}.{part(changed)}.{signature}"


FORGED = {
    "alg none": lambda issued, c: f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(c)}.",
    "HS512": lambda issued, c: forged_with_our_key(c, says="HS512", mac="HS512"),
    "another key": lambda issued, c: signed(c, key="k" * 64),
    "public key as secret": lambda issued, c: signed_with_another_key(c),
    "RS256 in name, our key": lambda issued, c: forged_with_our_key(c, says="RS256", mac="HS256"),
    "expired": lambda issued, c: signed(c | {"exp": int(NOW.timestamp())}),
    "not yet": lambda issued, c: signed(c | {"nbf": int(NOW.timestamp()) + 60}),
    "made tomorrow": lambda issued, c: signed(c | {"iat": int(NOW.timestamp()) + 86_400}),
    "another audience": lambda issued, c: signed(c | {"aud": "elsewhere"}),
    "another issuer": lambda issued, c: signed(c | {"iss": "elsewhere"}),
    "refresh as access": lambda issued, c: issued.refresh,
    "tampered": lambda issued, c: tampered(issued.access, c),
    "empty": lambda issued, c: "",
    "truncated": lambda issued, c: issued.access[:-1],
    "no signature": lambda issued, c: issued.access.rpartition(".")[0] + ".",
    "far too long": lambda issued, c: issued.access + "a" * 5_000,
    "not ASCII": lambda issued, c: "é" + issued.access,
    "words as times": lambda issued, c: signed(c | {"exp": "9999999999"}),
    "unknown family": lambda issued, c: signed(c | {"jti": "a" * 22 + ".b"}),
} | {
    f"no {name}": lambda issued, c, name=name: signed(without(c, name))
    for name in jwt_tokens.REQUIRED_CLAIMS
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_invalid(
    db: Session, issued: accounts.Tokens, ruth: accounts.Actor, name: str
) -> None:
    true = claims(issued.access)
    assert (
        actor_of(db, signed(true)) == ruth
    )  # the helper signs valid tokens: only the change is refused
    assert actor_of(db, FORGED[name](issued, true)) is None


@pytest.mark.parametrize(("debug", "access", "refresh"), [("0", 900, 7), ("1", 3_600, 30)])
def test_token_lifetimes(
    db: Session,
    ruth: accounts.Actor,
    monkeypatch: pytest.MonkeyPatch,
    debug: str,
    access: int,
    refresh: int,
) -> None:
    monkeypatch.setenv("DEBUG", debug)
    settings.cache_clear()
    issued = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    assert issued.expires_in == access
    assert actor_of(db, issued.access, NOW + (access - 1) * SECOND) == ruth
    assert actor_of(db, issued.access, NOW + access * SECOND) is None
    assert refreshed(db, issued.refresh, NOW + timedelta(days=refresh)) is None
    assert refreshed(db, issued.refresh, NOW + timedelta(days=refresh) - SECOND)


def test_an_access_token_does_not_refresh(db: Session, issued: accounts.Tokens) -> None:
    assert refreshed(db, issued.access, NOW) is None
    assert refreshed(db, issued.refresh, NOW)


def test_only_hashes_are_stored(db: Session, issued: accounts.Tokens) -> None:
    stored = str(db.execute(text("select t::text from token_family t")).all())
    assert issued.refresh not in stored
    assert issued.access not in stored


def test_reuse_of_an_old_token_revokes_the_family(db: Session, issued: accounts.Tokens) -> None:
    second = refreshed(db, issued.refresh, NOW + SECOND)
    assert refreshed(db, issued.refresh, NOW + 12 * SECOND) is None
    assert refreshed(db, present(second).refresh, NOW + 12 * SECOND) is None
    assert actor_of(db, present(second).access, NOW + 12 * SECOND) is None


def test_two_concurrent_tabs_get_the_same_token(
    db: Session, issued: accounts.Tokens, ruth: accounts.Actor
) -> None:
    second = refreshed(db, issued.refresh, NOW + SECOND)
    assert present(second).refresh != issued.refresh
    assert refreshed(db, issued.refresh, NOW + 11 * SECOND) == second
    third = refreshed(db, present(second).refresh, NOW + 60 * SECOND)
    assert actor_of(db, present(third).access, NOW + 60 * SECOND) == ruth


def test_a_token_two_steps_old_has_no_grace(db: Session, issued: accounts.Tokens) -> None:
    second = refreshed(db, issued.refresh, NOW + SECOND)
    third = refreshed(db, present(second).refresh, NOW + 2 * SECOND)
    assert refreshed(db, issued.refresh, NOW + 3 * SECOND) is None
    assert refreshed(db, present(third).refresh, NOW + 3 * SECOND) is None


def test_concurrent_refreshes_get_the_same_tokens(database: URL) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
        first = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)

    def race(_: object) -> accounts.Tokens | None:
        with transaction_for_system() as db:
            return refreshed(db, first.refresh, NOW + SECOND)

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(race, range(8)))
    assert len(results) == 1
    assert None not in results


def test_signing_out_revokes_one_family(
    db: Session, issued: accounts.Tokens, ruth: accounts.Actor
) -> None:
    other = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    accounts.revoke_tokens(db, refresh=issued.refresh, now=NOW)
    assert actor_of(db, issued.access) is None
    assert refreshed(db, issued.refresh, NOW) is None
    assert actor_of(db, other.access) == ruth


def change_password(db: Session, ada: accounts.Actor, ruth: accounts.Actor) -> None:
    accounts.change_password(
        db, ruth, old=GOOD, new="orbit candle meadow thirty", keep_session=None, now=NOW
    )


ENDS: dict[str, Callable[[Session, accounts.Actor, accounts.Actor], object]] = {
    "deactivated": lambda db, ada, ruth: accounts.deactivate(
        db, ada, user_id=ruth.user_id, now=NOW
    ),
    "another role": lambda db, ada, ruth: accounts.change_role(
        db, ada, user_id=ruth.user_id, role="finance", now=NOW
    ),
    "another password": change_password,
    "everywhere else": lambda db, ada, ruth: accounts.end_other_sessions(
        db, ruth, keep=None, now=NOW
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_revokes_tokens(
    db: Session, issued: accounts.Tokens, ada: accounts.Actor, ruth: accounts.Actor, name: str
) -> None:
    other = accounts.issue_tokens(db, user_id=ada.user_id, now=NOW)
    ENDS[name](db, ada, ruth)
    assert actor_of(db, issued.access) is None
    assert refreshed(db, issued.refresh, NOW) is None
    assert actor_of(db, other.access) == ada


def test_expired_families_are_deleted(db: Session, issued: accounts.Tokens) -> None:
    assert accounts.purge_sessions(db, now=NOW + timedelta(days=6)) == 0
    assert accounts.purge_sessions(db, now=NOW + timedelta(days=8)) == 1
