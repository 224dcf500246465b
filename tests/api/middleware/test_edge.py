"""What holds for every request: problems, limits, origins, and the page that explains it all."""

import re
import time
from typing import Any

import pytest
import time_machine
from httpx import Response
from limits.storage import MemoryStorage
from sqlalchemy.exc import IntegrityError, OperationalError

from app import accounts
from app.api.rest import rate_limits
from app.api.rest.problems import TooManyError
from app.api.rest.rate_limits import RateLimit
from app.kit.errors import ConfigurationError
from app.settings import settings
from tests.api.conftest import V1, Book
from tests.web_client import TestClient

ORIGIN = "https://app.example.org"


def problem(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    result: dict[str, Any] = answer.json()
    assert result["status"] == status
    assert result["type"] == "about:blank"
    assert re.fullmatch(r"[A-Z].*[.…]", result["detail"], re.DOTALL), result["detail"]
    return result


def test_unknown_addresses_and_methods_are_problems(web: TestClient) -> None:
    assert problem(web.get(f"{V1}/nothing"), 404)["title"] == "Not Found"
    problem(web.get(f"{V1}/"), 404)
    wrong = web.delete(f"{V1}/me")
    problem(wrong, 405)
    assert wrong.headers["allow"] == "GET"


def test_health_and_the_cookies_routes_still_answer(web: TestClient) -> None:
    assert web.get(f"{V1}/health/").json()["status"] == "ok"
    assert web.post(f"{V1}/auth/session/", json={"code": "x"}).status_code == 403


def test_a_body_must_be_json_and_small(web: TestClient) -> None:
    url = f"{V1}/auth/token"
    good = b'{"email": "a@example.org", "password": "x"}'
    problem(web.post(url, content=good, headers={"content-type": "text/plain"}), 415)
    problem(web.post(url, content=good), 415)
    json = {"content-type": "application/json; charset=utf-8"}
    problem(web.post(url, content=good, headers=json), 401)
    problem(web.post(url, content=b'{"email": ', headers=json), 422)
    for unreadable in (b"\xff\xfe", b"[" * 200_000):
        assert web.post(url, content=unreadable, headers=json).status_code in {400, 422}
    problem(web.post(url, content=b" " * 1_000_001, headers=json), 413)
    problem(web.post(url, content=iter([b" " * 600_000] * 2), headers=json), 413)
    problem(web.post(url, content=b" " * 900_000 + good, headers=json), 401)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigurationError("postgres at db.internal refuses secret"), 503),
        (OperationalError("select 'secret'", {}, Exception("secret statement timeout")), 503),
        (IntegrityError("insert 'secret'", {}, Exception("secret")), 500),
        (RuntimeError("secret"), 500),
    ],
)
def test_an_unexpected_error_has_a_reference_and_no_secret(
    web: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: ConfigurationError | OperationalError | IntegrityError | RuntimeError,
    status: int,
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(accounts, "sign_in", broken)
    answer = web.post(f"{V1}/auth/token", json={"email": "a@example.org", "password": "x"})
    result = problem(answer, status)
    assert result["reference"] in caplog.text
    assert "secret" not in answer.text + caplog.text
    assert ("retry-after" in answer.headers) == (status == 503)


def test_no_minute_has_more_requests_than_the_limit() -> None:
    limit = RateLimit(lambda: 60, "test")
    with time_machine.travel(0.0, tick=False) as clock:
        for _ in range(60):
            limit.take("a")
        clock.shift(20.0)
        with pytest.raises(TooManyError) as refused:
            limit.take("a")
        assert refused.value.wait == 40
        limit.take("b")
        clock.shift(39.0)
        with pytest.raises(TooManyError):
            limit.take("a")
        clock.shift(2.0)
        limit.take("a")


def test_counters_of_callers_who_stopped_are_removed_from_memory() -> None:
    limit = RateLimit(lambda: 1, "test")
    with time_machine.travel(0.0, tick=False):
        for caller in "abcd":
            limit.take(caller)
    memory = limit.local.storage
    assert isinstance(memory, MemoryStorage)
    limit.take("e")
    for _ in range(100):
        if sum(map(bool, memory.events.values())) == 1:
            return
        time.sleep(0.02)
    pytest.fail(f"still in memory: {memory.events}")


def test_too_many_requests_of_one_person_wait_and_others_do_not(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_REQUESTS_A_MINUTE", "3")
    settings.cache_clear()
    monkeypatch.setattr(rate_limits, "ADDRESSES", RateLimit(lambda: 1_000, "test"))
    ruth, admin = book.caller("ruth"), book.caller("admin")
    assert [ruth("GET", "me").status_code for _ in range(3)] == [200] * 3
    # another token of the same person is the same person
    again = book.caller("ruth")("GET", "me")
    assert "Wait" in problem(again, 429)["detail"]
    assert 1 <= int(again.headers["retry-after"]) <= 60
    assert admin("GET", "me").status_code == 200


def test_too_many_requests_of_one_address_wait(
    web: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_REQUESTS_A_MINUTE", "2")
    settings.cache_clear()
    assert [web.get(f"{V1}/me").status_code for _ in range(3)] == [401, 401, 429]


def preflight(web: TestClient, origin: str) -> Response:
    answer: Response = web.options(
        f"{V1}/me", headers={"origin": origin, "access-control-request-method": "GET"}
    )
    return answer


def test_no_other_origin_may_call_unless_it_is_named(
    web: TestClient, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruth = book.caller("ruth")
    for answer in (preflight(web, ORIGIN), ruth("GET", "me", headers={"origin": ORIGIN})):
        assert not [name for name in answer.headers if name.startswith("access-control")]
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", f"https://other.example, {ORIGIN}")
    settings.cache_clear()
    preflight_answer = preflight(web, ORIGIN)
    assert preflight_answer.status_code == 200
    assert preflight_answer.headers["access-control-allow-origin"] == ORIGIN
    assert "authorization" in preflight_answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight_answer.headers
    answer = ruth("GET", "me", headers={"origin": ORIGIN})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "origin" in answer.headers["vary"].lower()
    # an error is for the allowed page to read as well
    refused = web.get(f"{V1}/me", headers={"origin": ORIGIN})
    assert refused.headers["access-control-allow-origin"] == ORIGIN
    for other in (f"{ORIGIN}.evil.example", "https://evil.example", "null", ORIGIN.upper()):
        answer = ruth("GET", "me", headers={"origin": other})
        assert "access-control-allow-origin" not in answer.headers
        assert preflight(web, other).status_code == 400


@pytest.mark.parametrize("wrong", ["*", "https://a.example/", "a.example", "https://*.a.example"])
def test_an_origin_is_named_exactly(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", wrong)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="CORS_ALLOWED_ORIGINS"):
        settings()


def test_the_page_that_explains_loads_nothing_from_elsewhere(web: TestClient) -> None:
    page = web.get(f"{V1}/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert " style=" not in page.text
    files = re.findall(r"(?:href|src)=\"([^\"]+)\"", page.text)
    own = {"docs.css", "docs.js"}
    assert set(files) == own | {"swagger-ui.css", "swagger-ui.js"}
    assert all(web.get(f"{V1}/{file}").status_code == 200 for file in files)
    for file in own:
        answer = web.get(f"{V1}/{file}")
        assert not re.search(r"(?:https?:)?//\w", answer.text)
        assert "innerHTML" not in answer.text


def test_every_operation_is_described(web: TestClient) -> None:
    document = web.get(f"{V1}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    ids = []
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            route = (method, path)
            assert entry["summary"], route
            assert entry["description"], route
            assert entry["tags"], route
            ids.append(entry["operationId"])
            problems = {k: v for k, v in entry["responses"].items() if not k.startswith("2")}
            assert {"422", "429", "503", "default"} <= set(problems), route
            assert all("application/problem+json" in p["content"] for p in problems.values())
            for each in entry.get("parameters", ()):
                described = each.get("description") or each["schema"].get("description")
                assert described, (*route, each["name"])
    assert len(ids) == len(set(ids))
    refuses = {
        name: schema.get("additionalProperties")
        for name, schema in document["components"]["schemas"].items()
        if name in bodies(document)
    }
    assert refuses
    assert set(refuses.values()) == {False}
    for name in bodies(document):
        for field, entry in document["components"]["schemas"][name]["properties"].items():
            assert entry.get("description"), (name, field)


def bodies(result: dict[str, Any]) -> set[str]:
    return {
        each["schema"]["$ref"].rpartition("/")[2]
        for methods in result["paths"].values()
        for operation in methods.values()
        for kind, each in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
    }
