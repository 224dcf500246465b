"""Tokens over HTTP: getting, renewing and ending them, and who is let in without."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pyotp
import pytest
import time_machine
from httpx import Response
from sqlalchemy import update

from app import accounts
from app.accounts.authentication.passwords import hash_password
from app.api.rest import rate_limits
from app.db import transaction_for_system
from app.db.models import TokenFamily, User
from app.settings import settings
from tests.api.conftest import PASSWORD, V1, Book
from tests.web_client import TestClient

WRONG = "E-mail or password is not right. After five wrong tries, wait a few minutes."


@pytest.fixture
def ruth(book: Book) -> accounts.Actor:
    with transaction_for_system() as db:
        db.execute(
            update(User)
            .where(User.email == "ruth@example.org")
            .values(password_hash=hash_password(PASSWORD))
        )
    return book.people["ruth"]


def post(web: TestClient, path: str, **body: object) -> Response:
    answer: Response = web.post(f"{V1}/{path}", json=body)
    return answer


def sign_in(
    web: TestClient, email: str = "ruth@example.org", password: str = PASSWORD
) -> Response:
    return post(web, "auth/token", email=email, password=password)


def me(web: TestClient, access: str) -> Response:
    answer: Response = web.get(f"{V1}/me", headers={"authorization": f"Bearer {access}"})
    return answer


@pytest.mark.parametrize("slash", ["", "/"])
def test_password_tokens_me_refresh_logout(
    web: TestClient, ruth: accounts.Actor, slash: str
) -> None:
    got = post(web, f"auth/token{slash}", email="Ruth@Example.org", password=PASSWORD)
    assert (got.status_code, got.headers["cache-control"]) == (200, "no-store")
    first = got.json()
    assert first.keys() == {"access", "refresh", "expires_in"}
    assert first["expires_in"] == 900
    assert me(web, first["access"]).json() == {
        "id": ruth.user_id,
        "name": "Ruth Adler",
        "email": "ruth@example.org",
        "role": "fundraiser",
        "time_zone": "UTC",
        "locale": "en_US",
        "sees_amounts": True,
    }
    second = post(web, f"auth/refresh{slash}", refresh=first["refresh"]).json()
    assert second["refresh"] != first["refresh"]
    assert me(web, second["access"]).status_code == 200
    answer = post(web, f"auth/logout{slash}", refresh=second["refresh"])
    assert (answer.status_code, answer.json()) == (200, {"done": True})
    for access in (first["access"], second["access"]):
        assert me(web, access).status_code == 401
    assert post(web, "auth/refresh", refresh=second["refresh"]).status_code == 401


def test_development_has_longer_tokens(
    web: TestClient, ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "true")
    settings.cache_clear()
    assert sign_in(web).json()["expires_in"] == 3600


def test_a_copied_refresh_token_ends_the_family(web: TestClient, ruth: accounts.Actor) -> None:
    first = sign_in(web).json()
    second = post(web, "auth/refresh", refresh=first["refresh"]).json()
    with transaction_for_system() as db:
        db.execute(
            update(TokenFamily).values(rotated_at=TokenFamily.rotated_at - timedelta(minutes=1))
        )
    assert post(web, "auth/refresh", refresh=first["refresh"]).status_code == 401
    assert me(web, second["access"]).status_code == 401
    assert post(web, "auth/refresh", refresh=second["refresh"]).status_code == 401


def test_unknown_wrong_and_blocked_sound_alike_and_wrong_tries_count(
    web: TestClient, ruth: accounts.Actor
) -> None:
    unknown = sign_in(web, "nobody@example.org")
    wrong = [sign_in(web, password="not this one at all") for _ in range(5)]
    blocked = sign_in(web)
    for answer in (unknown, *wrong, blocked):
        assert answer.status_code == 401
        assert answer.json() == unknown.json()
        assert answer.json()["detail"] == WRONG
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        assert sign_in(web).status_code == 200


def test_many_addresses_from_one_place_are_slowed_down(
    web: TestClient, ruth: accounts.Actor
) -> None:
    # on a busy machine the minute would go on meanwhile
    with time_machine.travel(datetime.now(UTC), tick=False):
        answers = [
            sign_in(web, f"nobody{n}@example.org").status_code
            for n in range(rate_limits.SIGN_INS_A_MINUTE + 1)
        ]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {401}


def test_a_person_who_left_is_out_at_once(web: TestClient, ruth: accounts.Actor) -> None:
    access = sign_in(web).json()["access"]
    with transaction_for_system() as db:
        db.execute(update(User).where(User.id == ruth.user_id).values(active=False))
    assert me(web, access).status_code == 401
    assert sign_in(web).status_code == 401


def forged(access: str) -> dict[str, str]:
    claims = jwt.decode(access, options={"verify_signature": False})
    head, body, tail = access.split(".")
    key = settings().secret_key
    late = claims | {"exp": claims["iat"] - 1}
    return {
        "nothing": "",
        "no scheme": access,
        "basic": f"Basic {access}",
        "two": f"Bearer {access} {access}",
        "words": "Bearer let me in",
        "none": "Bearer " + jwt.encode(claims, "", algorithm="none"),
        "another key": "Bearer " + jwt.encode(claims, "another key " * 4, algorithm="HS256"),
        "another algorithm": "Bearer " + jwt.encode(claims, key * 2, algorithm="HS512"),
        "signature cut": f"Bearer {head}.{body}.",
        "signature bent": f"Bearer {head}.{body}.{tail[::-1]}",
        "expired": "Bearer " + jwt.encode(late, key, algorithm="HS256"),
        "for refreshing": "Bearer "
        + jwt.encode(claims | {"aud": "donorcrm:refresh"}, key, algorithm="HS256"),
        "of nobody": "Bearer "
        + jwt.encode(claims | {"jti": "x" * 22 + ".y"}, key, algorithm="HS256"),
        "too long": "Bearer " + "a" * 5_000,
    }


def operations(web: TestClient) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in web.get(f"{V1}/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_no_route_lets_a_forged_token_in(
    web: TestClient, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every operation that is not signing in itself refuses each kind of wrong token."""
    # more requests than one caller has in a minute
    monkeypatch.setenv("API_REQUESTS_A_MINUTE", "100000")
    settings.cache_clear()
    bad = forged(book.bearer("admin")["authorization"].removeprefix("Bearer "))
    open_to_all = set()
    for method, path, operation in operations(web):
        if "security" not in operation:
            open_to_all.add(path)
            continue
        address = V1 + path.replace("{id}", "1").replace("{kind}", "donors")
        for why, header in bad.items():
            answer = web.request(
                method, address, headers={"authorization": header, "cookie": f"donorcrm={header}"}
            )
            attempt = (method, path, why)
            assert (answer.status_code, *attempt) == (401, *attempt)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"
    # the address of a calendar is itself the secret
    calendar = "/calendar/{token}.ics"
    assert open_to_all == {"/auth/token", "/auth/refresh", "/auth/logout", calendar}
    for header in bad.values():
        token = header.removeprefix("Bearer ")[:190].replace("/", "")
        if token.strip():
            assert web.get(f"{V1}/calendar/{token}.ics").status_code == 404


def test_the_browsers_cookie_is_no_token(web: TestClient, book: Book) -> None:
    with transaction_for_system() as db:
        ruth = book.people["ruth"]
        _, code = accounts.open_session(db, user_id=ruth.user_id, now=datetime.now(UTC))
    got = web.post(
        f"{V1}/auth/session/", json={"code": code}, headers={"x-requested-with": "donorcrm"}
    )
    assert got.status_code == 200
    assert web.cookies.get("donorcrm")
    assert web.get(f"{V1}/me").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.org"},
        {"email": "a", "password": 5},
        [],
        "x",
        None,
        {"email": "a@example.org", "password": "x", "role": "admin"},
        {"email": "a\x00@example.org", "password": "x"},
        {"email": "a@example.org", "password": "x" * 1_001},
        {"email": "\ud800", "password": "x"},
    ],
)
def test_a_wrong_body_is_a_problem_and_never_said_back(
    web: TestClient, body: dict[str, object]
) -> None:
    answer = web.post(
        f"{V1}/auth/token",
        content=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert "x" * 100 not in answer.text


def test_a_second_factor_is_asked_for_here_too(web: TestClient, ruth: accounts.Actor) -> None:
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        phone = pyotp.TOTP(accounts.begin_mfa_enrolment(db, ruth, now=now).secret)
        begun = now - timedelta(minutes=5)
        codes = accounts.confirm_mfa_enrolment(db, ruth, code=phone.at(begun), now=begun)
    answer = sign_in(web)
    assert answer.status_code == 401
    assert "send the code of your app" in answer.json()["detail"]
    fields = {"email": "ruth@example.org", "password": PASSWORD}
    wrong = post(web, "auth/token", **fields, code="000000")
    assert (wrong.status_code, wrong.json()["detail"]) == (401, WRONG)
    for code in (phone.now(), codes[0]):
        got = post(web, "auth/token", **fields, code=code)
        assert me(web, got.json()["access"]).json()["name"] == "Ruth Adler"
        # neither works twice
        assert post(web, "auth/token", **fields, code=code).status_code == 401
