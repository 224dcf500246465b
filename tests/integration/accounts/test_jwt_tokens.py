"""Tokens for programs: what is accepted, what never is, and what ends them."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text

from app import accounts
from app.accounts.tokens import jwt_tokens
from app.db import transaction
from app.settings import settings
from tests import factories

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD = "violet ladder seven oceans"


@pytest.fixture
def ada(db):
    return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db, ada):
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    return accounts.actor_by_id(db, user_id)


@pytest.fixture
def given(db, ruth):
    return accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)


def who(db, access, now=NOW):
    return accounts.token_actor(db, access=access, now=now)


def again(db, refresh, now):
    return accounts.refresh_tokens(db, refresh=refresh, now=now)


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(values, key=None):
    return jwt.encode(values, key or settings().secret_key, algorithm="HS256")


def by_hand(values, *, says, mac, key):
    body = f"{part({'alg': says, 'typ': 'JWT'})}.{part(values)}"
    signature = jwt.get_algorithm_by_name(mac).sign(body.encode(), key)
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def by_public_key(values):
    """An RS256 header over an HMAC whose key is a public key."""
    public = rsa.generate_private_key(65537, 2048).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return by_hand(values, says="RS256", mac="HS256", key=pem)


def by_our_key(values, *, says, mac):
    return by_hand(values, says=says, mac=mac, key=settings().secret_key.encode())


def without(values, name):
    return {key: value for key, value in values.items() if key != name}


def tampered(token, values):
    head, _, signature = token.split(".")
    return f"{head}.{part(values | {'sub': '1'})}.{signature}"


FORGED = {
    "alg none": lambda given, c: f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(c)}.",
    "HS512": lambda given, c: by_our_key(c, says="HS512", mac="HS512"),
    "another key": lambda given, c: signed(c, key="k" * 64),
    "public key as secret": lambda given, c: by_public_key(c),
    "RS256 in name, our key": lambda given, c: by_our_key(c, says="RS256", mac="HS256"),
    "expired": lambda given, c: signed(c | {"exp": int(NOW.timestamp())}),
    "not yet": lambda given, c: signed(c | {"nbf": int(NOW.timestamp()) + 60}),
    "made tomorrow": lambda given, c: signed(c | {"iat": int(NOW.timestamp()) + 86_400}),
    "another audience": lambda given, c: signed(c | {"aud": "elsewhere"}),
    "another issuer": lambda given, c: signed(c | {"iss": "elsewhere"}),
    "refresh as access": lambda given, c: given.refresh,
    "tampered": lambda given, c: tampered(given.access, c),
    "empty": lambda given, c: "",
    "truncated": lambda given, c: given.access[:-1],
    "no signature": lambda given, c: given.access.rpartition(".")[0] + ".",
    "far too long": lambda given, c: given.access + "a" * 5_000,
    "not ASCII": lambda given, c: "é" + given.access,
    "words as times": lambda given, c: signed(c | {"exp": "9999999999"}),
    "unknown family": lambda given, c: signed(c | {"jti": "a" * 22 + ".b"}),
} | {
    f"no {name}": lambda given, c, name=name: signed(without(c, name))
    for name in jwt_tokens.REQUIRED
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_nobody(db, given, ruth, name):
    true = claims(given.access)
    assert who(db, signed(true)) == ruth  # the forge is good: only the fault refuses it
    assert who(db, FORGED[name](given, true)) is None


@pytest.mark.parametrize(("debug", "access", "refresh"), [("0", 900, 7), ("1", 3_600, 30)])
def test_how_long_they_last(db, ruth, monkeypatch, debug, access, refresh):
    monkeypatch.setenv("DEBUG", debug)
    settings.cache_clear()
    found = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    assert found.expires_in == access
    assert who(db, found.access, NOW + (access - 1) * SECOND) == ruth
    assert who(db, found.access, NOW + access * SECOND) is None
    assert again(db, found.refresh, NOW + timedelta(days=refresh)) is None
    assert again(db, found.refresh, NOW + timedelta(days=refresh) - SECOND)


def test_an_access_token_does_not_refresh(db, given):
    assert again(db, given.access, NOW) is None
    assert again(db, given.refresh, NOW)


def test_only_hashes_are_kept(db, given):
    kept = str(db.execute(text("select t::text from token_family t")).all())
    assert given.refresh not in kept
    assert given.access not in kept


def test_an_old_token_ends_the_family(db, given):
    second = again(db, given.refresh, NOW + SECOND)
    assert again(db, given.refresh, NOW + 12 * SECOND) is None
    assert again(db, second.refresh, NOW + 12 * SECOND) is None
    assert who(db, second.access, NOW + 12 * SECOND) is None


def test_a_double_tab_goes_on_with_the_same_token(db, given, ruth):
    second = again(db, given.refresh, NOW + SECOND)
    assert second.refresh != given.refresh
    assert again(db, given.refresh, NOW + 11 * SECOND) == second
    third = again(db, second.refresh, NOW + 60 * SECOND)
    assert who(db, third.access, NOW + 60 * SECOND) == ruth


def test_a_token_two_steps_old_has_no_grace(db, given):
    second = again(db, given.refresh, NOW + SECOND)
    third = again(db, second.refresh, NOW + 2 * SECOND)
    assert again(db, given.refresh, NOW + 3 * SECOND) is None
    assert again(db, third.refresh, NOW + 3 * SECOND) is None


def test_racers_are_given_the_same_tokens(database):
    with transaction() as db:
        ruth = factories.person(db, name="Ruth")
        first = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)

    def race(_):
        with transaction() as db:
            return again(db, first.refresh, NOW + SECOND)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(race, range(8)))
    assert len(found) == 1
    assert None not in found


def test_signing_out_ends_one_family(db, given, ruth):
    other = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    accounts.revoke_tokens(db, refresh=given.refresh, now=NOW)
    assert who(db, given.access) is None
    assert again(db, given.refresh, NOW) is None
    assert who(db, other.access) == ruth


def change_password(db, ada, ruth):
    accounts.change_password(
        db, ruth, old=GOOD, new="orbit candle meadow thirty", keep_session=None, now=NOW
    )


ENDS = {
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
def test_what_ends_tokens(db, given, ada, ruth, name):
    other = accounts.issue_tokens(db, user_id=ada.user_id, now=NOW)
    ENDS[name](db, ada, ruth)
    assert who(db, given.access) is None
    assert again(db, given.refresh, NOW) is None
    assert who(db, other.access) == ada


def test_expired_families_are_forgotten(db, given):
    assert accounts.purge_sessions(db, now=NOW + timedelta(days=6)) == 0
    assert accounts.purge_sessions(db, now=NOW + timedelta(days=8)) == 1
