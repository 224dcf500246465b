"""The route table × a session that may only set up two-factor authentication: it does no more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import URL
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app import accounts
from app.accounts import SYSTEM, cookie_name
from app.api import BodyLimitMiddleware, SecurityMiddleware, routes
from app.api import passkeys as passkey_pages
from app.db import transaction_for_system
from app.settings import settings
from tests import factories as make
from tests.api.middleware.test_bodies import Place, frameworks, ours
from tests.web_client import TestClient

ORIGIN = "http://localhost:8501"
HEADERS = {"origin": ORIGIN, "x-requested-with": "donorcrm", "content-type": "application/json"}
# adding the passkey that is missing, and signing out; a sign-in ends the browser's old session
SETTING_UP = {
    "/account/passkeys/add",
    "/account/passkeys/options",
    "/api/v1/auth/session/end/",
}
TABLE = [*ours(), *frameworks()]


async def framework(_request: object) -> PlainTextResponse:
    """Stand in for a route of the framework, which asks for no session itself."""
    return PlainTextResponse("served")


@pytest.fixture
def client(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("PUBLIC_URL", ORIGIN)
    settings.cache_clear()
    passkey_pages.CEREMONIES.forget()
    app = Starlette(
        routes=[
            *routes,
            Route("/{path:path}", framework, methods=["GET", "PUT", "DELETE", "POST", "OPTIONS"]),
        ],
        middleware=[
            Middleware(SecurityMiddleware),
            Middleware(BodyLimitMiddleware, room=lambda _session: 10**9),
        ],
    )
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as test_client:
        yield test_client


@pytest.fixture
def cookies(database: URL) -> dict[str, str]:
    """A session with a second factor and one without, of an administrator who needs one."""
    now = datetime.now(UTC)
    result = {}
    with transaction_for_system() as db:
        make.organisation(db)
        admin = make.person(db, "admin")
        for name, two_factor in (("full", True), ("setting up", False)):
            session_id, code = accounts.open_session(
                db, user_id=admin.user_id, now=now, two_factor=two_factor
            )
            result[name] = str(accounts.redeem_code(db, code=code, now=now))
            accounts.remember_tab(name.replace(" ", "-"), session_id=session_id, browser="")
        accounts.save_mfa_policy(
            db, SYSTEM, roles=["admin"], grace_days=0, now=now - timedelta(hours=1)
        )
    return result


def send_request(client: TestClient, route: Place, cookie: str, tab: str) -> tuple[int, str]:
    client.cookies.clear()
    headers = HEADERS | ({"cookie": f"{cookie_name()}={cookie}"} if cookie else {})
    body: dict[str, Any] = {} if route.method in {"GET", "OPTIONS"} else {"content": b"{}"}
    answer = client.request(route.method, route.at(session_id=tab), headers=headers, **body)
    return answer.status_code, answer.text


def test_a_session_that_must_set_up_a_second_factor_is_refused_by_every_other_route(
    client: TestClient, cookies: dict[str, str]
) -> None:
    wrong, guarded = [], set()
    for route in TABLE:
        if route.path in SETTING_UP:
            continue
        nobody = send_request(client, route, "", "full")
        full = send_request(client, route, cookies["full"], "full")
        setting_up = send_request(client, route, cookies["setting up"], "setting-up")
        if full[0] == nobody[0]:
            # the route asks for no session: it answers everybody alike
            if setting_up[0] != nobody[0]:
                wrong.append((route, nobody[0], setting_up))
            continue
        guarded.add((route.method, route.path))
        if nobody[0] != 401 or setting_up[0] not in {401, 403}:
            wrong.append((route, nobody[0], setting_up))
    assert not wrong, "\n".join(map(str, wrong))
    assert {
        ("PUT", "/_stcore/upload_file/{session_id}/{file_id}"),
        ("DELETE", "/_stcore/upload_file/{session_id}/{file_id}"),
        ("GET", "/media/{file_id}"),
        ("GET", "/api/v1/files/{kind}.{form}"),
        ("GET", "/api/v1/summary"),
    } <= guarded


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/_stcore/upload_file/setting-up/file"),
        ("DELETE", "/_stcore/upload_file/setting-up/file"),
        ("GET", "/media/0123456789abcdef.csv"),
    ],
)
def test_uploads_and_media_answer_it_as_they_answer_who_is_signed_out(
    client: TestClient, cookies: dict[str, str], method: str, path: str
) -> None:
    headers = {"cookie": f"{cookie_name()}={cookies['setting up']}"}
    refused = client.request(method, path, headers=headers)
    client.cookies.clear()
    assert (refused.status_code, refused.json()) == (401, {"detail": "Please sign in."})
    assert client.request(method, path).json() == refused.json()


def test_it_may_still_add_a_passkey(client: TestClient, cookies: dict[str, str]) -> None:
    for path in sorted(SETTING_UP - {"/api/v1/auth/session/end/"}):
        method = "GET" if path.endswith("add") else "POST"
        answer = send_request(client, Place(method, path), cookies["setting up"], "")
        assert answer[0] == 200, answer
