"""The routes beside the screens, and the middleware of both."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import URL, insert, text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from app import accounts
from app.accounts.authentication import known_devices
from app.api import BodyLimitMiddleware, RequestLoggingMiddleware, SecurityMiddleware, routes
from app.api.middleware import security
from app.db import transaction_for_system
from app.db.models import Heartbeat, OutboxMessage
from app.settings import settings
from tests import database as run
from tests import factories
from tests.unit.api.test_web_config import POLICY
from tests.values import present
from tests.web_client import TestClient

OURS = {"x-requested-with": "donorcrm"}
BEGIN, END = "/api/v1/auth/session/", "/api/v1/auth/session/end/"


async def anything(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.method)


# the protocols of the websockets that came through
asked: list[str] = []


async def socket(websocket: WebSocket) -> None:
    asked.append(websocket.headers.get("sec-websocket-protocol", ""))
    await websocket.accept()
    await websocket.close()


@pytest.fixture
def client(database: URL) -> Iterator[TestClient]:
    """Our routes and middleware around a stand-in for the framework's own routes."""
    security.fixed_headers.cache_clear()
    app = Starlette(
        routes=[
            *routes,
            WebSocketRoute("/_stcore/stream", socket),
            Route("/{path:path}", anything, methods=["GET", "PUT", "DELETE", "POST"]),
        ],
        middleware=[
            Middleware(RequestLoggingMiddleware),
            Middleware(SecurityMiddleware),
            Middleware(BodyLimitMiddleware, room=lambda _session: 10**9),
        ],
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as test_client:
        yield test_client
    security.fixed_headers.cache_clear()


@pytest.fixture
def opened(database: URL) -> tuple[str, str]:
    """A fresh session and its code."""
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
        return accounts.open_session(db, user_id=ruth.user_id, now=datetime.now(UTC))


def alive(session_id: str) -> bool:
    with transaction_for_system() as db:
        return bool(accounts.session_actor(db, session_id=session_id, now=datetime.now(UTC)))


def older(session_id: str, **by: int) -> None:
    """Let time pass for a session's token."""
    with transaction_for_system() as db:
        db.execute(
            text("update session set rotated_at = rotated_at - :by where id = :id"),
            {"by": timedelta(**by), "id": session_id},
        )


def test_the_cookie_is_http_only_and_of_this_site(
    client: TestClient, opened: tuple[str, str]
) -> None:
    answer = client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    assert answer.status_code == 200
    attributes = answer.headers["set-cookie"].lower().split("; ")
    assert attributes[0].startswith("donorcrm=")
    assert {"httponly", "samesite=lax", "path=/", f"max-age={30 * 86_400}"} <= set(attributes)
    assert not any(word.startswith("domain") for word in attributes)
    assert "secure" not in attributes


def test_over_https_the_cookie_is_bound_to_the_host(
    client: TestClient, opened: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://crm.example.org")
    settings.cache_clear()
    security.fixed_headers.cache_clear()
    answer = client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    attributes = answer.headers["set-cookie"].split("; ")
    assert attributes[0].startswith("__Host-donorcrm=")
    assert "Secure" in attributes
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.parametrize("url", [BEGIN, END])
def test_another_site_cannot_use_the_routes(
    client: TestClient, opened: tuple[str, str], url: str
) -> None:
    client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    assert client.post(url, json={"code": opened[1]}).status_code == 403
    assert client.get(url, headers=OURS).status_code == 404
    assert alive(opened[0])


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"{}", b'{"code": null}', b'{"code": "\\u0000"}'],
)
def test_a_bad_code_is_refused(client: TestClient, opened: tuple[str, str], body: bytes) -> None:
    answer = client.post(BEGIN, content=body, headers=OURS)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_a_code_works_once(client: TestClient, opened: tuple[str, str]) -> None:
    assert client.post(BEGIN, json={"code": opened[1]}, headers=OURS).status_code == 200
    assert client.post(BEGIN, json={"code": opened[1]}, headers=OURS).status_code == 403


def test_signing_out_ends_the_session_and_drops_the_cookie(
    client: TestClient, opened: tuple[str, str]
) -> None:
    client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    answer = client.post(END, headers=OURS)
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert not alive(opened[0])
    assert client.post(END, headers=OURS).status_code == 200


def test_a_page_load_rotates_the_cookie_and_nothing_else_does(
    client: TestClient, opened: tuple[str, str]
) -> None:
    client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    assert "set-cookie" not in client.get("/donors").headers
    older(opened[0], minutes=16)
    for path in ("/static/js/a.js", "/_stcore/health", "/api/v1/health/", "/component/x"):
        assert "set-cookie" not in client.get(path).headers, path
    first = client.cookies["donorcrm"]
    assert "set-cookie" in client.get("/donors?query=Ann").headers
    assert client.cookies["donorcrm"] != first
    assert alive(opened[0])


def test_a_copied_cookie_ends_the_session(client: TestClient, opened: tuple[str, str]) -> None:
    client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    copied = client.cookies["donorcrm"]
    older(opened[0], minutes=16)
    client.get("/")
    older(opened[0], seconds=31)
    client.cookies.clear()
    client.get("/", headers={"cookie": f"donorcrm={copied}"})
    assert not alive(opened[0])


GATED = [
    ("PUT", "/_stcore/upload_file/some-tab/some-file"),
    ("DELETE", "/_stcore/upload_file/some-tab/some-file"),
    ("GET", "/media/0123456789abcdef.csv"),
    ("GET", "/%6dedia/0123456789abcdef.csv"),
]


@pytest.mark.parametrize(("method", "path"), GATED)
def test_uploads_and_downloads_need_a_session(
    client: TestClient, opened: tuple[str, str], method: str, path: str
) -> None:
    assert client.request(method, path).status_code == 401
    client.cookies.set("donorcrm", f"{opened[0]}.guessed")
    assert client.request(method, path).status_code == 401
    client.cookies.clear()
    client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    accounts.remember_tab("some-tab", session_id=opened[0], browser="")
    assert client.request(method, path).status_code == 200
    client.post(END, headers=OURS)
    assert client.request(method, path).status_code == 401


def test_the_metrics_of_the_framework_are_closed(client: TestClient) -> None:
    assert client.get("/_stcore/metrics").status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/donors", "/api/v1/health/", "/media/x", "/_stcore/health"]
)
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_the_policy_allows_what_the_screens_need_and_no_more(client: TestClient) -> None:
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    *scripts, _one_hash = directives.pop("script-src").split(" 'sha256-")
    assert scripts[0] == "'self' 'wasm-unsafe-eval' blob:"
    assert len(scripts) == len(policy.split("sha256-")) - 1
    assert directives == POLICY
    assert headers["x-frame-options"] == "DENY"
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:8501", True),
        ("http://localhost:8501", False),
        ("http://127.0.0.1:9999", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
def test_a_websocket_comes_from_our_own_page(
    client: TestClient, origin: str, allowed: bool
) -> None:
    def connect() -> None:
        with client.websocket_connect(
            "ws://127.0.0.1:8501/_stcore/stream", headers={"origin": origin}
        ):
            pass

    if allowed:
        connect()
        return
    with pytest.raises(WebSocketDisconnect):
        connect()


def test_over_https_a_websocket_comes_from_a_page_over_https(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://127.0.0.1:8501")
    settings.cache_clear()
    with client.websocket_connect(SOCKET, headers={"origin": "https://127.0.0.1:8501"}):
        pass
    for origin in ("http://127.0.0.1:8501", "//127.0.0.1:8501", "ws://127.0.0.1:8501"):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(SOCKET, headers={"origin": origin}),
        ):
            pass


def test_a_websocket_of_no_page_needs_a_session(
    client: TestClient, opened: tuple[str, str]
) -> None:
    """A browser names the page it comes from; a program must have the cookie of a session."""
    session_id, code = opened

    def connect(cookie: str = "") -> None:
        headers = {"cookie": f"donorcrm={cookie}"} if cookie else {}
        with client.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers=headers):
            pass

    with transaction_for_system() as db:
        cookie = accounts.redeem_code(db, code=code, now=datetime.now(UTC))
    for nobody in ("", "x", f"{session_id}.wrong"):
        with pytest.raises(WebSocketDisconnect):
            connect(nobody)
    connect(present(cookie))
    with transaction_for_system() as db:
        accounts.end_session(db, session_id=session_id, now=datetime.now(UTC))
    with pytest.raises(WebSocketDisconnect):
        connect(present(cookie))


def test_only_the_named_hosts_are_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "crm.example.org, 127.0.0.1")
    settings.cache_clear()
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"host": "crm.example.org"}).status_code == 200
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_health(client: TestClient) -> None:
    answer = client.get("/api/v1/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok"})


def beat(seconds_ago: int = 0) -> None:
    with transaction_for_system() as db:
        moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        db.execute(text("delete from heartbeat"))
        db.execute(
            insert(Heartbeat).values(process="s", kind="scheduler", at=moment, started_at=moment)
        )


def queue_mail(minutes_ago: int, state: str = "queued") -> None:
    with transaction_for_system() as db:
        db.execute(
            insert(OutboxMessage).values(
                key=f"k{minutes_ago}{state}",
                name="n",
                to_email="a@example.org",
                subject="s",
                text_body="t",
                html_body="h",
                state=state,
                message_id=f"<{minutes_ago}{state}>",
                next_try_at=datetime.now(UTC) - timedelta(minutes=minutes_ago),
            )
        )


def test_ready_says_what_is_missing(client: TestClient) -> None:
    answer = client.get("/api/v1/ready/")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["the scheduler is not running"]
    beat(seconds_ago=120)
    queue_mail(minutes_ago=20)
    reasons = client.get("/api/v1/ready/").json()["reasons"]
    assert reasons == ["the scheduler is not running", "e-mail is not being sent"]


def test_ready_when_work_gets_done(client: TestClient) -> None:
    beat()
    queue_mail(minutes_ago=5)
    queue_mail(minutes_ago=300, state="failed")
    answer = client.get("/api/v1/ready/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_ready_knows_a_database_of_another_version(client: TestClient) -> None:
    with transaction_for_system() as db:
        db.execute(text("update alembic_version set version_num = 'older'"))
    answer = client.get("/api/v1/ready/")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["migrations are missing"])


def test_without_a_database_the_process_is_alive_but_not_ready(
    client: TestClient, opened: tuple[str, str]
) -> None:
    client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    url = settings().sqlalchemy_url
    run.use(run.NOWHERE)
    try:
        assert client.get("/api/v1/health/").json()["database"] == "unreachable"
        answer = client.get("/api/v1/ready/")
        assert (answer.status_code, answer.json()["reasons"]) == (
            503,
            ["the database cannot be reached"],
        )
        assert client.get("/donors").status_code == 200
        assert client.get("/media/x").status_code == 401
        assert "nobody" not in unquote(answer.text)
    finally:
        run.use(url)


SOCKET = "ws://127.0.0.1:8501/_stcore/stream"


def cookie_of(name: str) -> tuple[str, str]:
    """Sign somebody in; return the session's id and its cookie."""
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        actor = factories.person(db, name=name)
        session_id, code = accounts.open_session(db, user_id=actor.user_id, now=now)
        return session_id, present(accounts.redeem_code(db, code=code, now=now))


def go_on_with(client: TestClient, tab: str, **cookies: str) -> str:
    """Reconnect to a tab; return the tab the framework is then asked for, "" for a new one."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {
        "origin": "http://127.0.0.1:8501",
        "cookie": cookie,
        "sec-websocket-protocol": f"streamlit, xsrf, {tab}",
    }
    asked.clear()
    with client.websocket_connect(SOCKET, headers=headers):
        pass
    return (asked[0].split(",") + [""] * 3)[2].strip()


@pytest.mark.parametrize("cookie", ["nobody's", "another's"])
def test_a_tab_goes_on_for_its_own_session_alone(client: TestClient, cookie: str) -> None:
    """Who learns the framework's id of a tab has nothing by it."""
    session_id, own = cookie_of("Ruth")
    _, others = cookie_of("Mallory")
    accounts.remember_tab("ruths-tab", session_id=session_id, browser="b1")
    stranger = {} if cookie == "nobody's" else {"donorcrm": others}
    with pytest.raises(WebSocketDisconnect):
        go_on_with(client, "ruths-tab", **stranger)
    for method in ("PUT", "DELETE"):
        path = "/_stcore/upload_file/ruths-tab/a-file"
        refused = client.request(method, path, headers={"cookie": f"donorcrm={others}"})
        assert refused.status_code == 403
        assert client.request(method, path, headers={"cookie": f"donorcrm={own}"}).is_success
    assert go_on_with(client, "ruths-tab", donorcrm=own) == "ruths-tab"


def test_the_tab_of_an_ended_session_becomes_a_new_one(client: TestClient) -> None:
    session_id, own = cookie_of("Ruth")
    _, others = cookie_of("Sam")
    accounts.remember_tab("old-tab", session_id=session_id, browser="b1")
    with transaction_for_system() as db:
        accounts.end_session(db, session_id=session_id, now=datetime.now(UTC))
    assert go_on_with(client, "old-tab", donorcrm=own) == ""
    assert go_on_with(client, "old-tab", donorcrm=others) == ""
    assert go_on_with(client, "never-heard-of", donorcrm=others) == ""


def test_the_tab_of_the_sign_in_form_belongs_to_its_browser(client: TestClient) -> None:
    accounts.remember_tab("form", session_id=None, browser="b1")
    assert go_on_with(client, "form", _streamlit_xsrf="b1") == "form"
    for cookies in ({}, {"_streamlit_xsrf": "b2"}, {"donorcrm": cookie_of("Mallory")[1]}):
        with pytest.raises(WebSocketDisconnect):
            go_on_with(client, "form", **cookies)


def test_the_tab_of_a_client_without_a_cookie_cannot_be_resumed(
    client: TestClient,
) -> None:
    """All that have no cookie would otherwise be the same browser."""
    accounts.remember_tab("no-cookie", session_id=None, browser="")
    for cookies in ({}, {"_streamlit_xsrf": ""}, {"donorcrm": cookie_of("Mallory")[1]}):
        with pytest.raises(WebSocketDisconnect):
            go_on_with(client, "no-cookie", **cookies)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/donors"),
        ("GET", "/media/x"),
        ("PUT", "/_stcore/upload_file/tab/file"),
        ("GET", "/api/v1/files/donors.csv"),
        ("POST", END),
        ("GET", "websocket"),
    ],
)
def test_a_copied_cookie_is_noticed_wherever_it_is_used(
    client: TestClient, method: str, path: str
) -> None:
    session_id, copied = cookie_of("Ruth")
    older(session_id, minutes=16)
    # it is replaced twice
    cookie = copied
    for _ in range(2):
        with transaction_for_system() as db:
            _, renewed = present(accounts.identify(db, cookie=cookie, now=datetime.now(UTC)))
            cookie = present(renewed)
        older(session_id, minutes=16)
    headers = {"cookie": f"donorcrm={copied}"} | OURS
    if path == "websocket":
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(SOCKET, headers=headers):
            pass
    else:
        client.request(method, path, headers=headers)
    assert not alive(session_id)
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from outbox where name = 'copied_sign_in'")) == 1


def test_the_device_cookie_outlives_the_session(
    client: TestClient, opened: tuple[str, str]
) -> None:
    session_id, code = opened
    done = client.post(BEGIN, json={"code": code}, headers=OURS)
    [device_cookie] = [
        header
        for header in done.headers.get_list("set-cookie")
        if header.startswith("donorcrm-device=")
    ]
    assert "HttpOnly" in device_cookie
    assert "SameSite=lax" in device_cookie
    assert f"Max-Age={365 * 24 * 3600}" in device_cookie
    client.post(END, headers=OURS)
    assert not alive(session_id)
    with transaction_for_system() as db:
        email = "ruth@example.org"
        db.execute(text("update app_user set email = :email"), {"email": email})
        cookie = client.cookies["donorcrm-device"]
        assert known_devices.known_device(db, email=email, cookie=cookie)


def test_a_reset_fetches_a_device_cookie_and_no_session(
    client: TestClient, opened: tuple[str, str]
) -> None:
    with transaction_for_system() as db:
        [user_id] = db.execute(text("select id from app_user")).scalars()
        code = known_devices.new_device_code(db, user_id=user_id, now=datetime.now(UTC))
    know = "/api/v1/auth/device/"
    assert client.post(know, json={"code": code}).status_code == 403
    assert client.post(BEGIN, json={"code": code}, headers=OURS).status_code == 403
    assert client.post(know, json={"code": code}, headers=OURS).status_code == 200
    assert list(client.cookies) == ["donorcrm-device"]
    assert client.post(know, json={"code": code}, headers=OURS).status_code == 403


def test_a_device_cookie_over_https_is_of_this_host_only(
    client: TestClient, opened: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://crm.example.org")
    settings.cache_clear()
    done = client.post(BEGIN, json={"code": opened[1]}, headers=OURS)
    [cookie] = [header for header in done.headers.get_list("set-cookie") if "-device=" in header]
    assert cookie.startswith("__Host-donorcrm-device=")
    assert "Secure" in cookie
