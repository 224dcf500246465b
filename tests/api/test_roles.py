"""Each role, the owner and a stranger at every operation, and a coach who is sent no amounts."""

import base64
from datetime import date
from typing import Any

import pytest

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import V1, Book
from tests.web_client import TestClient

WHO = ("admin", "finance", "supervisor", "coach", "read_only", "ruth", "stranger")
CSV = b"Name,E-mail\nNew Donor,new@example.org\n"
RATES = b"currency,day,rate\nSEK,2026-06-01,0.1\n"
DAY = "2026-06-03"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HASH = {"plan_hash": "0" * 64}
# in the order of WHO; an import's and an export's words are for their own tests
EXPECTED: list[tuple[str, str, dict[str, Any], str]] = [
    ("GET", "/me", {}, "200 200 200 200 200 200 200"),
    ("GET", "/donors", {}, "200 200 200 200 200 200 200"),
    ("POST", "/donors", {"json": {"name": "Ivy"}}, "201 201 201 201 403 201 201"),
    ("GET", "/donors/{id}", {}, "200 200 200 200 200 200 404"),
    (
        "PATCH",
        "/donors/{id}",
        {"json": {"version": 1, "phone": "555 01 23"}},
        "200 403 403 403 403 200 404",
    ),
    ("GET", "/donors/{id}/contact-details", {}, "200 200 200 200 200 200 404"),
    (
        "POST",
        "/donors/{id}/emails",
        {"json": {"version": 2, "email": "new@example.org", "type": "work"}},
        "201 403 403 403 403 201 404",
    ),
    (
        "POST",
        "/donors/{id}/phones",
        {"json": {"version": 3, "phone": "555 01 99"}},
        "201 403 403 403 403 201 404",
    ),
    (
        "POST",
        "/donors/{id}/addresses",
        {"json": {"version": 4, "address": {"city": "Bern"}}},
        "201 403 403 403 403 201 404",
    ),
    (
        "PATCH",
        "/donors/{id}/emails/{detail_id}",
        {"json": {"version": 5, "email": "b@example.org"}},
        "404 403 403 403 403 404 404",
    ),
    (
        "DELETE",
        "/donors/{id}/emails/{detail_id}",
        {"params": {"version": 5}},
        "404 403 403 403 403 404 404",
    ),
    (
        "PATCH",
        "/donors/{id}/phones/{detail_id}",
        {"json": {"version": 5, "phone": "555 01 98"}},
        "404 403 403 403 403 404 404",
    ),
    (
        "DELETE",
        "/donors/{id}/phones/{detail_id}",
        {"params": {"version": 5}},
        "404 403 403 403 403 404 404",
    ),
    (
        "PATCH",
        "/donors/{id}/addresses/{detail_id}",
        {"json": {"version": 5, "type": "work"}},
        "404 403 403 403 403 404 404",
    ),
    (
        "DELETE",
        "/donors/{id}/addresses/{detail_id}",
        {"params": {"version": 5}},
        "404 403 403 403 403 404 404",
    ),
    ("GET", "/tags", {}, "200 200 200 200 200 200 200"),
    ("POST", "/tags", {"json": {"name": "choir"}}, "201 403 403 403 403 403 403"),
    (
        "PATCH",
        "/tags/{id}",
        {"json": {"version": 1, "name": "news"}},
        "200 403 403 403 403 403 403",
    ),
    (
        "POST",
        "/tags/{id}/merge",
        {"json": {"version": 2, "into_id": 999_999}},
        "404 403 403 403 403 403 403",
    ),
    ("GET", "/segments", {}, "200 200 200 200 200 200 200"),
    ("GET", "/segments/fields", {}, "200 200 200 200 200 200 200"),
    (
        "POST",
        "/segments",
        {"json": {"name": "Givers", "where": '[[["gifts","at least","1"]]]'}},
        "201 201 201 201 201 201 201",
    ),
    (
        "PUT",
        "/segments/{id}",
        {"json": {"version": 1, "name": "Givers", "where": '[[["gifts","at least","1"]]]'}},
        "404 404 404 404 404 404 404",
    ),
    ("DELETE", "/segments/{id}", {"params": {"version": 1}}, "404 404 404 404 404 404 404"),
    ("GET", "/custom-fields", {}, "200 200 200 200 200 200 200"),
    (
        "POST",
        "/custom-fields",
        {"json": {"name": "Shirt", "type": "text"}},
        "201 403 403 403 403 403 403",
    ),
    (
        "PATCH",
        "/custom-fields/{id}",
        {"json": {"version": 1, "open": False}},
        "200 403 403 403 403 403 403",
    ),
    ("PUT", "/custom-fields/order", {"json": {"ids": []}}, "409 403 403 403 403 403 403"),
    (
        "POST",
        "/tags/{id}/donors",
        {"json": {"donor_ids": [1], "remove": True}},
        "200 403 403 403 403 200 403",
    ),
    (
        "POST",
        "/tasks/for-donors",
        {"json": {"donor_ids": [1], "title": "Call", "due_on": "2026-12-01"}},
        "200 403 403 403 403 200 403",
    ),
    ("POST", "/donors/{id}/tags", {"json": {}}, "200 403 403 403 403 200 404"),
    ("DELETE", "/tags/{id}", {"params": {"version": 2}}, "200 403 403 403 403 403 403"),
    ("GET", "/donors/{id}/household", {}, "200 200 200 200 200 200 404"),
    (
        "POST",
        "/households",
        {"json": {"head_id": 1, "member_ids": [999_999]}},
        "404 403 403 403 403 404 404",
    ),
    ("POST", "/households/{id}/members", {"json": {"donor_id": 1}}, "404 404 404 404 404 404 404"),
    ("POST", "/households/{id}/head", {"json": {"donor_id": 1}}, "404 404 404 404 404 404 404"),
    ("DELETE", "/households/{id}", {}, "404 404 404 404 404 404 404"),
    ("DELETE", "/donors/{id}/household", {}, "422 403 403 403 403 422 404"),
    ("GET", "/donors/{id}/relations", {}, "200 200 200 200 200 200 404"),
    (
        "POST",
        "/donors/{id}/relations",
        {"json": {"other_id": 999_999, "type": "spouse"}},
        "404 403 403 403 403 404 404",
    ),
    ("DELETE", "/relations/{id}", {}, "404 404 404 404 404 404 404"),
    ("GET", "/donors/{id}/soft-credits", {}, "200 200 200 200 200 200 404"),
    (
        "POST",
        "/gifts/{id}/soft-credits",
        {"json": {"donor_id": 999_999, "type": "spouse"}},
        "404 404 403 404 403 404 404",
    ),
    ("DELETE", "/soft-credits/{id}", {}, "404 404 404 404 404 404 404"),
    ("GET", "/gifts", {}, "200 200 200 200 200 200 200"),
    ("GET", "/gifts/{id}", {}, "200 200 200 404 200 200 404"),
    (
        "POST",
        "/gifts",
        {"json": {"donor_id": 1, "amount": "5", "currency": "USD", "date": DAY}},
        "201 201 403 403 403 201 404",
    ),
    ("PATCH", "/gifts/{id}", {"json": {"version": 1}}, "200 200 403 404 403 200 404"),
    ("GET", "/gifts/suggestions", {}, "200 200 200 200 200 200 200"),
    ("POST", "/gifts/{id}/link", {"json": {"pledge_id": 1}}, "200 200 403 404 403 200 404"),
    ("POST", "/gifts/{id}/unlink", {}, "200 200 403 404 403 200 404"),
    ("POST", "/gifts/{id}/refuse", {"json": {"pledge_ids": [1]}}, "200 200 403 404 403 200 404"),
    ("POST", "/gifts/{id}/thank", {"json": {"how": "call"}}, "200 200 403 404 403 200 404"),
    (
        "POST",
        "/gifts/thank",
        {"json": {"gift_ids": [1], "how": "call"}},
        "200 200 403 403 403 200 403",
    ),
    (
        "POST",
        "/gifts/fund",
        {"json": {"gift_ids": [1], "fund_id": None}},
        "200 200 403 403 403 200 403",
    ),
    ("POST", "/gifts/{id}/reverse", {"json": {"date": DAY}}, "201 201 403 404 403 201 404"),
    ("GET", "/funds", {}, "200 200 200 200 200 200 200"),
    ("GET", "/organisation", {}, "200 200 200 200 200 200 200"),
    ("PATCH", "/organisation", {"json": {"tax_id": "1"}}, "200 403 403 403 403 403 403"),
    ("GET", "/exchange-rates", {}, "200 403 403 403 403 403 403"),
    (
        "POST",
        "/exchange-rates",
        {"json": {"currency": "CHF", "date": DAY, "rate": "1.1"}},
        "201 403 403 403 403 403 403",
    ),
    (
        "POST",
        "/exchange-rates/file",
        {"content": RATES, "headers": {"content-type": "text/csv"}},
        "200 403 403 403 403 403 403",
    ),
    ("DELETE", "/exchange-rates/{currency}/{date}", {}, "200 403 403 403 403 403 403"),
    ("POST", "/funds", {"json": {"name": "Roof"}}, "201 403 403 403 403 403 403"),
    (
        "PATCH",
        "/funds/{id}",
        {"json": {"version": 1, "gl_code": "4010"}},
        "200 403 403 403 403 403 403",
    ),
    (
        "POST",
        "/funds/{id}/merge",
        {"json": {"version": 2, "into_id": 999_999}},
        "404 403 403 403 403 403 403",
    ),
    ("GET", "/campaigns", {}, "200 200 200 200 200 200 200"),
    ("POST", "/campaigns", {"json": {"name": "Advent"}}, "201 403 403 403 403 403 403"),
    (
        "PATCH",
        "/campaigns/{id}",
        {"json": {"version": 1, "goal": "500"}},
        "200 403 403 403 403 403 403",
    ),
    (
        "POST",
        "/campaigns/{id}/merge",
        {"json": {"version": 2, "into_id": 999_999}},
        "404 403 403 403 403 403 403",
    ),
    ("GET", "/tasks", {}, "200 200 200 200 200 200 200"),
    (
        "POST",
        "/tasks",
        {"json": {"title": "Call", "due_on": DAY, "donor_id": 1}},
        "201 404 404 404 404 201 404",
    ),
    ("GET", "/tasks/{id}", {}, "404 404 404 404 404 200 404"),
    (
        "PATCH",
        "/tasks/{id}",
        {"json": {"version": 1, "title": "Call again"}},
        "404 404 404 404 404 200 404",
    ),
    ("POST", "/tasks/done", {"json": {"ids": [1]}}, "200 404 404 404 404 200 404"),
    ("POST", "/tasks/reopen", {"json": {"ids": [1]}}, "200 404 404 404 404 200 404"),
    (
        "POST",
        "/tasks/move",
        {"json": {"ids": [1], "due_on": "2126-06-03"}},
        "404 404 404 404 404 200 404",
    ),
    ("DELETE", "/tasks/{id}", {"params": {"version": 999}}, "404 404 404 404 404 409 404"),
    ("POST", "/tasks/{id}/done", {}, "200 404 404 404 404 200 404"),
    ("POST", "/tasks/{id}/reopen", {}, "200 404 404 404 404 200 404"),
    ("GET", "/donors/{id}/consents", {}, "200 200 200 200 200 200 404"),
    (
        "POST",
        "/donors/{id}/consents",
        {"json": {"channel": "email", "granted": True, "source": "A card"}},
        "201 403 403 403 403 201 404",
    ),
    (
        "POST",
        "/donors/{id}/contacts",
        {"json": {"kind": "call", "text": "Hello"}},
        "201 403 403 403 403 201 404",
    ),
    ("GET", "/contacts/{id}", {}, "200 403 403 403 403 200 404"),
    (
        "PATCH",
        "/contacts/{id}",
        {"json": {"version": "old", "kind": "call", "text": "x", "at": "2026-11-02T09:30:00Z"}},
        "409 403 403 403 403 409 404",
    ),
    ("DELETE", "/contacts/{id}", {}, "200 403 403 403 403 200 404"),
    ("POST", "/contacts/{id}/restore", {}, "200 404 404 404 404 200 404"),
    ("GET", "/donors/{id}/timeline", {}, "200 200 200 200 200 200 404"),
    ("GET", "/requests", {}, "200 200 200 200 200 200 200"),
    (
        "POST",
        "/requests",
        {"json": {"donor_id": 1, "text": "Rest"}},
        "201 403 403 403 403 201 404",
    ),
    (
        "PATCH",
        "/requests/{id}",
        {"json": {"version": 1, "text": "Rest", "asked_on": DAY}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/requests/{id}/answer",
        {"json": {"version": 2, "answer": "She rests."}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/requests/{id}/reopen",
        {"json": {"version": 3}},
        "200 403 403 403 403 200 404",
    ),
    (
        "DELETE",
        "/requests/{id}",
        {"params": {"version": 4}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/pledges/{id}/terms",
        {"json": {"version": 1, "since": "2026-12-01", "frequency": "quarterly"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "PATCH",
        "/pledges/{id}",
        {"json": {"version": 2, "note": "x"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/pledges/{id}/amount",
        {"json": {"version": 3, "amount": "60", "since": "2026-12-01"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/pledges/{id}/skip",
        {"json": {"version": 4, "due": "2026-12-01"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/pledges/{id}/unskip",
        {"json": {"due": "2026-12-01"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/pledges/{id}/pause",
        {"json": {"version": 6, "start": "2026-12-01"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/pledges/{id}/resume",
        {"json": {"version": 7, "date": "2027-01-01"}},
        "200 403 403 403 403 200 404",
    ),
    (
        "POST",
        "/alerts/{id}/called",
        {"json": {"text": "Gives in May"}},
        "200 404 404 404 404 200 404",
    ),
    (
        "POST",
        "/alerts",
        {"json": {"kind": "at_risk", "donor_id": 999_999}},
        "404 404 404 404 404 404 404",
    ),
    ("GET", "/alerts", {}, "200 200 200 200 200 200 200"),
    (
        "POST",
        "/alerts/{id}/snooze",
        {"json": {"until": "2150-01-01"}},
        "200 404 404 404 404 200 404",
    ),
    ("POST", "/alerts/{id}/dismiss", {"json": {"reason": "Moved"}}, "200 404 404 404 404 200 404"),
    ("POST", "/alerts/{id}/undo", {}, "409 404 404 404 404 409 404"),
    ("POST", "/alerts/{id}/resolve", {}, "200 404 404 404 404 200 404"),
    ("GET", "/pledges", {}, "200 200 200 200 200 200 200"),
    ("GET", "/pledges/{id}", {}, "200 200 200 200 200 200 404"),
    (
        "POST",
        "/pledges",
        {
            "json": {
                "donor_id": 1,
                "amount": "5",
                "currency": "USD",
                "frequency": "monthly",
                "start": DAY,
            }
        },
        "201 403 403 403 403 201 404",
    ),
    ("POST", "/pledges/{id}/stop", {"json": {"date": DAY}}, "200 403 403 403 403 200 404"),
    ("GET", "/figures", {}, "200 200 200 403 200 200 200"),
    ("GET", "/team", {}, "200 403 200 200 403 403 403"),
    (
        "POST",
        "/imports",
        {
            "content": CSV,
            "headers": {"content-type": "text/csv"},
            "params": {"kind": "donors", "column": ["Name=name", "E-mail=email"]},
        },
        "201 403 201 403 403 201 201",
    ),
    ("GET", "/imports", {}, "200 200 200 200 200 200 200"),
    ("GET", "/imports/mappings", {}, "200 200 200 200 200 200 200"),
    ("GET", "/imports/{id}", {}, "200 404 404 404 404 200 404"),
    ("POST", "/imports/{id}/commit", {"json": HASH}, "403 404 404 404 404 404 404"),
    ("POST", "/imports/{id}/undo", {}, "409 404 404 403 403 409 404"),
    ("GET", "/exports/{kind}.{form}", {}, "200 403 200 403 200 200 200"),
    (
        "PUT",
        "/organisation/logo",
        {"content": PICTURE, "headers": {"content-type": "image/png"}},
        "200 403 403 403 403 403 403",
    ),
    ("GET", "/organisation/logo", {}, "200 404 404 404 404 404 404"),
    ("DELETE", "/organisation/logo", {}, "200 403 403 403 403 403 403"),
    ("GET", "/organisation/mail-server", {}, "200 403 403 403 403 403 403"),
    ("POST", "/organisation/mail-server/test", {}, "422 403 403 403 403 403 403"),
    ("GET", "/people", {}, "200 200 403 403 403 403 403"),
    ("GET", "/people/{id}/goals", {}, "200 200 200 403 200 200 404"),
    (
        "POST",
        "/people/{id}/goals",
        {"json": {"month": "2150-01-01", "goal": "500"}},
        "201 403 403 403 403 201 403",
    ),
    # the last: it ends Ruth's account
    ("POST", "/people/{id}/deactivate", {"json": {}}, "200 403 403 403 403 403 403"),
]


@pytest.fixture
def numbered(book: Book) -> Book:
    """The book with a previewed import of Ruth's."""
    with transaction_for_system() as db:
        book.ids["people"] = book.people["ruth"].user_id
        book.ids["contact"] = make.contact(db, book.ids["donor"])
        book.ids["import"] = make.import_run(
            db,
            book.people["ruth"],
            state="preview",
            plan_hash="1" * 64,
            counts={"rows": 1},
            options={},
            problems=[],
        )
    return book


def test_every_operation_has_its_line(web: TestClient) -> None:
    result = {
        (method.upper(), path)
        for path, methods in web.get(f"{V1}/openapi.json").json()["paths"].items()
        for method, operation in methods.items()
        # the others ask for a password, or for an address that is a secret itself
        if "security" in operation
    }
    assert result == {(method, path) for method, path, _, _ in EXPECTED}


@pytest.mark.parametrize("role", WHO)
def test_permissions_of_each_role(numbered: Book, role: str) -> None:
    ask, wrong = numbered.caller(role), []
    for method, path, extra, expected in EXPECTED:
        resource = path.split("/")[1].removesuffix("s")
        address = path.replace("{kind}.{form}", "donors.csv").replace(
            "{id}", str(numbered.ids.get(resource, 999_999))
        )
        address = address.replace("{detail_id}", "999999")
        address = address.replace("{currency}/{date}", f"CHF/{DAY}")
        answer = ask(method, address[1:], **extra)
        wanted = int(expected.split()[WHO.index(role)])
        if answer.status_code != wanted:
            wrong.append((method, path, wanted, answer.status_code, answer.text[:150]))
        elif wanted >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
    assert not wrong


def test_a_coach_is_sent_no_amount_by_any_operation(numbered: Book) -> None:
    ruth = numbered.people["ruth"]
    with transaction_for_system() as db:
        rich = make.donor(db, ruth, "Rich Roe", notes="Has given $7,391.57 before.")
        pledge = make.pledge(
            db, rich, "7391.57", start=date(2026, 1, 1), note="He said $7,391.57."
        )
        make.gift(db, rich, "7391.57", date(2026, 6, 1), note="$7,391.57")
        make.task(
            db,
            numbered.people["coach"],
            "Ask for $7,391.57",
            donor_id=rich,
            due_on=date(2026, 6, 1),
            note="$7,391.57",
        )
        make.alert(db, rich, pledge_id=pledge, reason="$7,391.57 is missing.")
    reads = [
        "donors",
        f"donors/{rich}",
        f"donors/{rich}/timeline",
        f"donors/{rich}/timeline?find=pledge",
        "gifts",
        "funds",
        "tasks",
        f"tasks?donor_id={rich}",
        "alerts",
        "pledges",
        f"pledges/{pledge}",
        "gifts/suggestions",
        "figures",
        "team",
        "imports",
        "exports/gifts.csv",
    ]
    results = {
        role: " ".join(numbered.caller(role)("GET", path).text for path in reads)
        for role in ("coach", "ruth")
    }
    for digits in ("7391", "7,391", "739157"):
        assert digits not in results["coach"], digits
    assert "Rich Roe" in results["coach"]
    assert results["ruth"].count("7391.57") >= 5
    mine = numbered.caller("coach")
    created = mine("POST", "donors", json={"name": "Own", "notes": "Gave $7,391.57 in May."})
    address = f"donors/{created.json()['id']}"
    version = mine("GET", address).json()["version"]
    answers = [
        mine("GET", address),
        mine("PATCH", address, json={"version": version, "phone": "555 01 23"}),
        mine("PATCH", address, json={"version": version, "notes": "New"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert "7,391" not in " ".join(answer.text for answer in answers)
