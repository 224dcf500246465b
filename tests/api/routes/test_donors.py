"""Donors over HTTP."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import donors
from app.api.rest.schemas.donors import Kind, Status
from app.db import transaction_for_system
from app.db.models import Activity, Donor, DonorAccess
from tests import factories as make
from tests.api.conftest import Book


def test_the_values_match_those_of_the_package() -> None:
    assert get_args(Kind) == donors.KINDS
    assert get_args(Status) == donors.STATUSES


def test_find_read_add_change(book: Book) -> None:
    ruth = book.caller("ruth")
    created = ruth(
        "POST",
        "donors",
        json={
            "first_name": "Jo",
            "last_name": "Lund",
            "email": "jo@example.org",
            "envelope_name": "Ms Jo Lund",
            "address": {"city": "Bergen"},
        },
    )
    assert created.status_code == 201
    donor_id = created.json()["id"]
    assert created.headers["location"] == f"/api/v1/donors/{donor_id}"
    result = ruth("GET", "donors", params={"query": "lund"}).json()
    assert [item["name"] for item in result["items"]] == ["Jo Lund"]
    assert result["next"] is None
    detail = ruth("GET", f"donors/{donor_id}").json()
    assert detail["owner_id"] == book.people["ruth"].user_id
    assert detail["envelope_name"] == "Ms Jo Lund"
    assert (detail["address"]["city"], detail["lifetime"]) == (
        "Bergen",
        {"amount": "0.00", "currency": "USD"},
    )
    changed = ruth(
        "PATCH",
        f"donors/{donor_id}",
        json={"version": detail["version"], "phone": "+47 555 01 23"},
    )
    assert changed.status_code == 200
    assert changed.json()["phone"] == "+47 555 01 23"
    assert changed.json()["email"] == "jo@example.org", "what is left out stays"
    assert changed.json()["version"] > detail["version"]
    answer = ruth(
        "PATCH",
        f"donors/{donor_id}",
        json={"version": changed.json()["version"], "last_name": None},
    )
    assert answer.json()["last_name"] is None
    assert answer.json()["envelope_name"] == "Ms Jo Lund"


def test_who_was_second_sees_both_values(book: Book) -> None:
    ruth, admin = book.caller("ruth"), book.caller("admin")
    address = f"donors/{book.ids['donor']}"
    version = ruth("GET", address).json()["version"]
    assert admin("PATCH", address, json={"version": version, "phone": "111111"}).is_success
    late = ruth("PATCH", address, json={"version": version, "phone": "222222"})
    assert late.status_code == 409
    assert late.json()["theirs"] == {"phone": {"saved": "111111", "yours": "222222"}}
    assert ruth("GET", address).json()["phone"] == "111111"


def test_every_look_and_change_is_written_down(book: Book) -> None:
    ruth = book.caller("ruth")
    ruth("GET", f"donors/{book.ids['donor']}")
    with transaction_for_system() as db:
        rows = db.execute(select(DonorAccess.donor_id, DonorAccess.user_id, DonorAccess.how)).all()
        assert [tuple(row) for row in rows] == [
            (book.ids["donor"], book.people["ruth"].user_id, "api")
        ]
    ruth("POST", "donors", json={"name": "Ivy"})
    with transaction_for_system() as db:
        row = db.execute(select(Activity).order_by(Activity.id.desc()).limit(1)).scalar_one()
        assert (row.action, row.actor_id) == ("donor.created", book.people["ruth"].user_id)
        assert row.address == "testclient"


def test_hidden_and_missing_answer_alike(book: Book) -> None:
    stranger = book.caller("stranger")
    hidden = stranger("GET", f"donors/{book.ids['donor']}")
    missing = stranger("GET", "donors/987654321")
    assert (hidden.status_code, hidden.json()) == (404, missing.json())
    for donor_id in (book.ids["donor"], 987654321):
        answer = stranger("PATCH", f"donors/{donor_id}", json={"version": 1, "name": "Mine"})
        assert (answer.status_code, answer.json()) == (404, missing.json())
    assert stranger("GET", "donors").json() == {"items": [], "next": None}


def test_who_sees_a_donor_may_not_always_change_it(book: Book) -> None:
    lead = book.caller("supervisor")
    assert lead("GET", f"donors/{book.ids['donor']}").json()["editable"] is False
    answer = lead("PATCH", f"donors/{book.ids['donor']}", json={"version": 1, "name": "X"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "unknown": 1}, "unknown"),
        ({"name": "x" * 301}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"name": "x", "status": "friend"}, "status"),
        ({"name": "x", "no_email": "yes"}, "no_email"),
        ({"name": "x", "owner_id": "1"}, "owner_id"),
        ({"name": "x", "owner_id": 2**63}, "owner_id"),
        ({"name": "x", "notes": "n" * 20_001}, "notes"),
        ({"name": "x", "address": {"planet": "Mars"}}, "planet"),
    ],
)
def test_what_cannot_be_right_is_named(
    book: Book, body: dict[str, str | int | dict[str, str] | None], field: str
) -> None:
    answer = book.caller("ruth")("POST", "donors", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith(field)


def test_validation_errors_have_our_messages(book: Book) -> None:
    body = {"name": "a\x00b", "unknown": 1}
    answer = book.caller("ruth")("POST", "donors", json=body).json()
    assert answer["detail"] == (
        "This request is not right. body.name: this is not in the right form; "
        "body.unknown: there is no such field."
    )


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("campaigns", {"name": "X", "goal": "-1"}, "write an amount as 12.50, without a sign"),
        ("exchange-rates", {"currency": "Euro"}, "write a currency as EUR"),
        ("households", {"head_id": 1, "member_ids": []}, "List should have at least 1 item"),
    ],
)
def test_a_wrong_form_says_the_right_one(
    book: Book, path: str, body: dict[str, str | int | list[int]], reason: str
) -> None:
    answer = book.caller("admin")("POST", path, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["reason"] == reason


def test_the_message_of_the_package_is_returned(book: Book) -> None:
    answer = book.caller("ruth")("POST", "donors", json={"name": "Ivy", "email": "ivy"})
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "“ivy” is not an e-mail address. It looks like name@example.org.",
    )


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 201},
        {"after": "%"},
        {"after": "e30"},
        {"after": "WyJnaWZ0cyIsMV0"},
        {"after": "WyJkb25vcnMiLCJcdTAwMDAiLDFd"},
        {"query": "\x00"},
        {"sort": "lifetime"},
        {"after": "AAAA"},
        {"owner_id": 2**63},
    ],
)
def test_a_wrong_question_is_refused(book: Book, params: dict[str, int | str]) -> None:
    assert book.caller("ruth")("GET", "donors", params=params).status_code == 422


NAMES = st.lists(
    st.sampled_from(["ada", "Ada", "Ádám", "Zoë", "Øyvind", "bo", "Bo", "李", "z", "ada b"]),
    min_size=1,
    max_size=9,
)


@settings(
    max_examples=15, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=NAMES, meanwhile=NAMES, limit=st.integers(1, 4))
def test_pages_miss_and_repeat_nothing_while_donors_are_added(
    book: Book, before: list[str], meanwhile: list[str], limit: int
) -> None:
    """Every donor there from the start comes exactly once, whatever is added on the way."""
    with transaction_for_system() as db:
        db.query(Donor).filter(Donor.owner_id == book.people["stranger"].user_id).delete()
        ids = [make.donor(db, book.people["stranger"], name) for name in before]
    sam, collected, after, waiting = book.caller("stranger"), [], None, list(meanwhile)
    while True:
        params = {"limit": limit} | ({"after": after} if after else {})
        page = sam("GET", "donors", params=params).json()
        assert len(page["items"]) <= limit
        collected += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
        if waiting:
            with transaction_for_system() as db:
                make.donor(db, book.people["stranger"], waiting.pop())
    assert len(collected) == len(set(collected))
    assert set(ids) <= set(collected)


def test_who_gives_anonymously(book: Book) -> None:
    ruth, lead = book.caller("ruth"), book.caller("supervisor")
    created = ruth(
        "POST",
        "donors",
        json={"name": "Ida Quill", "email": "ida@quill.example", "anonymous": True},
    ).json()
    mine = ruth("GET", f"donors/{created['id']}").json()
    assert (mine["name"], mine["anonymous"]) == ("Ida Quill", True)
    theirs = lead("GET", f"donors/{created['id']}")
    assert theirs.json()["name"] == "Anonymous"
    assert theirs.json()["emails"] == []
    assert "uill" not in theirs.text
    listed = lead("GET", "donors", params={"anonymous": True})
    assert [item["name"] for item in listed.json()["items"]] == ["Anonymous"]
    assert lead("GET", "donors", params={"query": "quill"}).json()["items"] == []
    mine = ruth("GET", "donors", params={"anonymous": True}).json()["items"]
    assert [(item["name"], item["anonymous"]) for item in mine] == [("Ida Quill", True)]
    version = ruth("GET", f"donors/{created['id']}").json()["version"]
    changed = ruth(
        "PATCH", f"donors/{created['id']}", json={"version": version, "anonymous": False}
    )
    assert changed.json()["anonymous"] is False
    assert lead("GET", f"donors/{created['id']}").json()["name"] == "Ida Quill"


def test_donors_are_found_by_how_they_give(book: Book) -> None:
    with transaction_for_system() as db:
        late = make.donor(db, book.people["ruth"], "Tom Reed")
        pledge = make.pledge(db, late, "50", start=date(2026, 1, 5))
        make.gift(db, late, "50", date(2026, 1, 5), pledge_id=pledge)
        make.alert(db, late, pledge_id=pledge)
    items = book.caller("ruth")("GET", "donors", params={"giving": "at risk"}).json()["items"]
    assert {item["id"]: item["giving"] for item in items}[late] == "pledge late"
    assert book.caller("ruth")("GET", "donors", params={"giving": "rich"}).status_code == 422
