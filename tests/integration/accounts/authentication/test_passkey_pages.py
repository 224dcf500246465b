"""Pages and routes of passkeys: cookie, cross-site requests, large bodies, redirect target."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx import Response
from sqlalchemy import text

from app import accounts
from app.api import passkeys as pages
from app.db import transaction_for_system
from app.db.models import Activity, OutboxMessage
from app.kit.errors import ConfirmFirstError
from app.settings import settings
from tests import factories as make
from tests.authenticator import Authenticator
from tests.integration.api.test_routes import BEGIN, OURS, alive, client
from tests.values import present
from tests.web_client import TestClient

__all__ = ["client"]
ORIGIN = "http://localhost:8501"
FROM = {"origin": ORIGIN}
SIGN_IN, SIGN_IN_OPTIONS = "/sign-in/passkey", "/sign-in/passkey/options"
ADD, ADD_OPTIONS = "/account/passkeys/add", "/account/passkeys/options"
POSTS = (SIGN_IN, SIGN_IN_OPTIONS, ADD, ADD_OPTIONS)


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", ORIGIN)
    settings.cache_clear()
    pages.CEREMONIES.forget()


@pytest.fixture
def ruth(client: TestClient) -> accounts.Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Adler", email="ruth@example.org")


def open_page(client: TestClient, user: accounts.Actor, user_agent: str = "") -> str:
    """Sign in with the password; return the session's id."""
    with transaction_for_system() as db:
        now = datetime.now(UTC)
        session_id, code = accounts.open_session(
            db, user_id=user.user_id, now=now, user_agent=user_agent
        )
    client.cookies.clear()
    assert client.post(BEGIN, json={"code": code}, headers=OURS).status_code == 200
    return session_id


def add_passkey(client: TestClient) -> Authenticator:
    authenticator = Authenticator(ORIGIN, "localhost")
    options = client.post(ADD_OPTIONS, json={}, headers=FROM)
    assert options.status_code == 200, options.text
    body = {"credential": authenticator.create(options.json()), "name": "Laptop"}
    answer = client.post(ADD, json=body, headers=FROM)
    assert (answer.status_code, answer.json()) == (200, {"to": "/settings"})
    return authenticator


def sign_in(
    client: TestClient,
    authenticator: Authenticator,
    target: str = "/donors?query=an",
    **headers: str,
) -> Response:
    options = client.post(SIGN_IN_OPTIONS, json={}, headers=FROM).json()
    body = {"credential": authenticator.get(options), "next": target}
    answer: Response = client.post(SIGN_IN, json=body, headers=FROM | headers)
    return answer


def session_of(client: TestClient) -> str:
    answer: str = client.cookies["donorcrm"].partition(".")[0]
    return answer


def test_adding_and_signing_in(client: TestClient, ruth: accounts.Actor) -> None:
    open_page(client, ruth)
    authenticator = add_passkey(client)
    client.cookies.clear()
    answer = sign_in(client, authenticator)
    assert (answer.status_code, answer.json()) == (200, {"to": "/donors?query=an"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert alive(session_of(client))
    with transaction_for_system() as db:
        (key,) = accounts.own_passkeys(db, ruth)
        assert key.last_used_at is not None
        lines = db.query(Activity).filter(Activity.action == "user.passkey_added").all()
        assert [line.address for line in lines] == ["testclient"]


def test_signing_in_with_a_passkey_confirms_the_session_for_ten_minutes(
    client: TestClient, ruth: accounts.Actor
) -> None:
    open_page(client, ruth)
    authenticator = add_passkey(client)
    with transaction_for_system() as db:
        # a user without a password is confirmed by any sign-in
        db.execute(text("update app_user set password_hash = 'a password'"))
    client.cookies.clear()
    before = datetime.now(UTC)
    assert sign_in(client, authenticator).status_code == 200
    after = datetime.now(UTC)
    # critical actions need no further confirmation
    assert client.post(ADD_OPTIONS, json={}, headers=FROM).status_code == 200
    lasts = timedelta(minutes=10)
    with transaction_for_system() as db:
        session = accounts.session_actor(db, session_id=session_of(client), now=after)
        accounts.require_confirmed(db, present(session), now=before + lasts - timedelta(seconds=1))
        with pytest.raises(ConfirmFirstError):
            accounts.require_confirmed(db, present(session), now=after + lasts)
        # it does not confirm another session of the user
        other, _ = accounts.open_session(db, user_id=ruth.user_id, now=after)
        with pytest.raises(ConfirmFirstError):
            accounts.require_confirmed(
                db, present(accounts.session_actor(db, session_id=other, now=after)), now=after
            )


def test_a_passkey_is_all_that_a_role_needs_which_requires_a_second_factor(
    client: TestClient, ruth: accounts.Actor
) -> None:
    by_password = open_page(client, ruth)
    authenticator = add_passkey(client)
    assert sign_in(client, authenticator).status_code == 200
    by_passkey, now = session_of(client), datetime.now(UTC)
    other = open_page(client, ruth)
    with transaction_for_system() as db:
        accounts.save_mfa_policy(db, accounts.SYSTEM, roles=["fundraiser"], grace_days=0, now=now)
        moment = now + timedelta(minutes=1)
        assert not present(
            accounts.session_actor(db, session_id=by_passkey, now=moment)
        ).must_set_up
        assert present(accounts.session_actor(db, session_id=other, now=moment)).must_set_up
        assert accounts.session_actor(db, session_id=by_password, now=moment) is None


def test_a_new_device_causes_an_alert(client: TestClient, ruth: accounts.Actor) -> None:
    open_page(client, ruth, user_agent="Firefox/140.0 Windows")
    authenticator = add_passkey(client)
    client.cookies.clear()
    sign_in(client, authenticator, **{"user-agent": "Mozilla/5.0 (iPhone) Safari/604.1"})
    with transaction_for_system() as db:
        names = [message.name for message in db.query(OutboxMessage).order_by(OutboxMessage.id)]
    assert names == ["passkey_changed", "new_sign_in"]


def test_the_browsers_old_session_ends(client: TestClient, ruth: accounts.Actor) -> None:
    before = open_page(client, ruth)
    authenticator = add_passkey(client)
    assert sign_in(client, authenticator).status_code == 200
    assert not alive(before)
    assert alive(session_of(client))


def test_a_wrong_passkey_sets_no_cookie(client: TestClient, ruth: accounts.Actor) -> None:
    open_page(client, ruth)
    add_passkey(client)
    client.cookies.clear()
    stranger = Authenticator(ORIGIN, "localhost", handle=ruth.user_id.to_bytes(8, "big"))
    answer = sign_in(client, stranger)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert "does not open an account here" in answer.json()["detail"]
    # the wrong try is counted although the request was refused
    failed_count = text("select failed from sign_in_try where key like 'new:%'")
    with transaction_for_system() as db:
        assert db.scalars(failed_count).all() == [1]


@pytest.mark.parametrize("url", POSTS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"origin": "http://127.0.0.1:8501"}, 403),
        (FROM | {"content-type": "text/plain"}, 415),
        (FROM | {"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_another_site_cannot_use_the_routes(
    client: TestClient, ruth: accounts.Actor, url: str, headers: dict[str, str], status: int
) -> None:
    open_page(client, ruth)
    headers = {"content-type": "application/json"} | headers
    answer = client.post(url, content=b"{}", headers=headers)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])


@pytest.mark.parametrize("url", POSTS)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"{", 422),
        (b"\xff\xfe", 422),
        (b"[" * 16_000, 422),
        (b" " * (16 * 1024 + 1), 413),
    ],
    ids=["nothing", "a list", "cut off", "no text", "deep", "large"],
)
def test_a_body_is_small_json(
    client: TestClient, ruth: accounts.Actor, url: str, body: bytes, status: int
) -> None:
    open_page(client, ruth)
    headers = FROM | {"content-type": "application/json"}
    assert client.post(url, content=body, headers=headers).status_code == status


@pytest.mark.parametrize(
    "credential", [None, 1, "x", [], {}, {"response": None}, {"rawId": "\0", "response": {}}]
)
def test_an_invalid_credential_is_refused(
    client: TestClient, ruth: accounts.Actor, credential: object
) -> None:
    open_page(client, ruth)
    for url, status in ((SIGN_IN, 403), (ADD, 422)):
        body = {"credential": credential, "name": "x"}
        assert client.post(url, json=body, headers=FROM).status_code == status


def test_without_a_session_nothing_is_added(client: TestClient) -> None:
    answer = client.get(ADD, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    for url in (ADD, ADD_OPTIONS):
        assert client.post(url, json={}, headers=FROM).status_code == 403


def test_the_pages_have_no_inline_script_and_are_not_cached(
    client: TestClient, ruth: accounts.Actor
) -> None:
    open_page(client, ruth, user_agent="x")
    for url in (SIGN_IN, ADD):
        answer = client.get(url, headers={"user-agent": "<b>Firefox/1 Linux"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert '<script src="/sign-in/passkey/passkeys.js" defer></script>' in answer.text
        assert answer.text.count("<script") == 1
    assert "ruth@example.org" in answer.text
    assert 'value="Firefox on Linux"' in answer.text
    script = client.get("/sign-in/passkey/passkeys.js")
    assert script.headers["content-type"].startswith("text/javascript")


def test_an_impersonated_user_adds_nothing(client: TestClient, ruth: accounts.Actor) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, "admin", name="Ada")
    session_id = open_page(client, ada)
    with transaction_for_system() as db:
        accounts.impersonate(db, ada, session_id=session_id, user_id=ruth.user_id)
    assert "read-only" in client.get(ADD).text
    assert client.post(ADD_OPTIONS, json={}, headers=FROM).status_code == 403


def test_an_address_without_passkeys_is_reported(
    client: TestClient, ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8501")
    settings.cache_clear()
    open_page(client, ruth)
    for url in (SIGN_IN, ADD):
        answer = client.get(url)
        assert "opened by a name over https" in answer.text
        assert "<script" not in answer.text
    assert (
        client.post(
            SIGN_IN_OPTIONS, json={}, headers={"origin": "http://127.0.0.1:8501"}
        ).status_code
        == 422
    )


def test_challenges_are_rate_limited(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CEREMONIES_A_MINUTE", 20)
    answers = [client.post(SIGN_IN_OPTIONS, json={}, headers=FROM) for _ in range(25)]
    assert [answer.status_code for answer in answers[:20]] == [200] * 20
    assert answers[-1].status_code == 429


@pytest.mark.parametrize(
    "target", ["/", "/donors", "/donor?id=3&tab=a%20b", "/pledges?standing=late"]
)
def test_a_target_on_this_site_is_used(target: str) -> None:
    assert pages.own_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "donors",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\tx",
        "/\n/evil.example",
        "http:/x",
        "//evil.example/%2f..",
        "/a\0",
        "http://[",
        "//[",
    ],
)
def test_any_other_target_becomes_the_first_screen(target: str) -> None:
    assert pages.own_path(target) == "/"


def test_the_page_ignores_a_target_on_another_site(client: TestClient) -> None:
    page = client.get(SIGN_IN, params={"next": "https://evil.example"}).text
    assert "evil.example" not in page
    page = client.get(SIGN_IN, params={"next": '/donors?q="><script>'}).text
    assert "<script>" not in page
