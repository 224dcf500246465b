"""Funds and campaigns over the API: list, create, change, merge, use."""

from typing import Any

import pytest
from sqlalchemy import select

from app.db import transaction_for_system
from app.db.models import Activity
from tests import factories as make
from tests.api.conftest import Book

DAY = "2026-06-03"


def names(book: Book, kind: str) -> dict[str, Any]:
    items = book.caller("ruth")("GET", kind).json()["items"]
    return {item["name"]: item for item in items}


def test_a_fund_is_created_changed_and_closed(book: Book) -> None:
    ask = book.caller("admin")
    created = ask("POST", "funds", json={"name": "Roof", "gl_code": "4010"})
    assert created.status_code == 201
    key = created.json()["id"]
    assert created.headers["location"] == f"/api/v1/funds/{key}"
    changed = ask("PATCH", f"funds/{key}", json={"version": 1, "name": "Roof fund"})
    assert changed.json() == {
        "id": key,
        "version": 2,
        "name": "Roof fund",
        "open": True,
        "gl_code": "4010",
    }
    stale = ask("PATCH", f"funds/{key}", json={"version": 1, "open": False})
    assert stale.status_code == 409
    closed = ask("PATCH", f"funds/{key}", json={"version": 2, "open": False, "gl_code": None})
    assert (closed.json()["open"], closed.json()["gl_code"]) == (False, None)
    assert list(names(book, "funds")) == ["Wells", "Roof fund"]
    gift = {"donor_id": book.ids["donor"], "amount": "5", "currency": "USD", "date": DAY}
    refused = ask("POST", "gifts", json=gift | {"fund_id": key})
    assert refused.status_code == 422
    assert "closed" in refused.text


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("funds", {"name": ""}, 422),
        ("funds", {"name": "x" * 300}, 422),
        ("funds", {"name": "wells"}, 422),
        ("funds", {"name": "Roof", "gl_code": "4" * 51}, 422),
        ("funds", {"name": "Roof", "owner": 1}, 422),
        ("campaigns", {"name": "EASTER"}, 422),
        ("campaigns", {"name": "Advent", "goal": "0"}, 422),
        ("campaigns", {"name": "Advent", "goal": "-5"}, 422),
        ("campaigns", {"name": "Advent", "starts_on": "2026-12-02", "ends_on": DAY}, 422),
        ("campaigns", {"name": "Advent", "fund_id": 999_999}, 422),
    ],
)
def test_a_wrong_field_is_refused(
    book: Book, path: str, body: dict[str, Any], status: int
) -> None:
    assert book.caller("admin")("POST", path, json=body).status_code == status
    assert set(names(book, path)) == {{"funds": "Wells", "campaigns": "Easter"}[path]}


def test_a_repeated_request_creates_one_fund(book: Book) -> None:
    headers = {"idempotency-key": "fund-once-0001"}
    ask = book.caller("admin")
    first = ask("POST", "funds", json={"name": "Roof"}, headers=headers)
    again = ask("POST", "funds", json={"name": "Roof"}, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


def test_a_merge_returns_what_it_moved(book: Book) -> None:
    ask, wells = book.caller("admin"), book.ids["fund"]
    with transaction_for_system() as db:
        roof = make.fund(db, "Roof")
        make.gift(db, book.ids["donor"], "5", fund_id=roof)
        make.pledge(db, book.ids["donor"], fund_id=roof)
    merge = {"version": 1, "into_id": wells}
    assert ask("POST", f"funds/{roof}/merge", json=merge).json() == {
        "gifts": 1,
        "pledges": 1,
        "campaigns": 0,
    }
    assert list(names(book, "funds")) == ["Wells"]
    itself = ask("POST", f"funds/{wells}/merge", json=merge)
    assert itself.status_code == 422
    assert "into itself" in itself.text
    missing = ask("PATCH", f"funds/{roof}", json={"version": 2, "name": "Roof"})
    assert missing.status_code == 404
    with transaction_for_system() as db:
        assert db.scalar(select(Activity.actor_id).where(Activity.action == "fund.merged")) == (
            book.people["admin"].user_id
        )


def test_a_campaign_is_created_changed_merged_and_used(book: Book) -> None:
    ask, easter = book.caller("admin"), book.ids["campaign"]
    details = {"goal": "5000", "starts_on": "2026-12-01", "fund_id": book.ids["fund"]}
    key = ask("POST", "campaigns", json={"name": "Advent"} | details).json()["id"]
    changed = ask("PATCH", f"campaigns/{key}", json={"version": 1, "ends_on": "2026-12-31"})
    assert changed.json() == {
        "id": key,
        "version": 2,
        "name": "Advent",
        "open": True,
        "fund_id": book.ids["fund"],
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
        "goal": "5000.00",
    }
    coach = book.caller("coach")("GET", "campaigns").json()["items"]
    assert [item["goal"] for item in coach] == [None, None]
    record = {"donor_id": book.ids["donor"], "amount": "5", "currency": "USD"}
    gift = ask("POST", "gifts", json=record | {"date": DAY, "campaign_id": key})
    assert gift.status_code == 201
    pledge = {"frequency": "monthly", "start": DAY, "campaign_id": key}
    pledge_id = ask("POST", "pledges", json=record | pledge).json()["id"]
    assert ask("GET", f"pledges/{pledge_id}").json()["campaign"] == "Advent"
    terms = {"version": 1, "since": "2026-12-01", "frequency": "weekly"}
    assert ask("POST", f"pledges/{pledge_id}/terms", json=terms).status_code == 200
    moved = ask("POST", f"campaigns/{key}/merge", json={"version": 2, "into_id": easter})
    assert moved.json() == {"gifts": 1, "pledges": 1, "campaigns": 0}
    listed = ask("GET", "gifts", params={"campaign_id": easter}).json()["items"]
    assert [(item["id"], item["campaign"]) for item in listed] == [(gift.json()["id"], "Easter")]
    promised = ask("GET", "pledges", params={"campaign_id": easter}).json()["items"]
    assert [(item["id"], item["campaign"]) for item in promised] == [(pledge_id, "Easter")]
