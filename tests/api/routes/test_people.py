"""People over HTTP: who is there, goals from a month on, and the end of an account."""

from datetime import UTC, datetime

from app.db import transaction_for_system
from app.kit.dates.days import months_after
from tests import factories as make
from tests.api.conftest import Book

MONTH = datetime.now(UTC).date().replace(day=1)
NEXT = months_after(MONTH, 1)


def test_the_list_has_everybody_with_the_goal_of_the_month(book: Book) -> None:
    ada, ruth = book.caller("admin"), book.people["ruth"]
    assert ada("POST", f"people/{ruth.user_id}/goals", json=goal(NEXT, "5000")).json() == {
        "changed": True
    }
    people = {person["id"]: person for person in ada("GET", "people").json()["items"]}
    assert set(people) == {person.user_id for person in book.people.values()}
    listed = people[ruth.user_id]
    assert (listed["name"], listed["role"], listed["active"]) == ("Ruth Adler", "fundraiser", True)
    assert listed["goal"] == {"amount": "4000.00", "currency": "USD"}
    assert people[book.people["stranger"].user_id]["goal"] is None


def goal(month: object, amount: str) -> dict[str, str]:
    return {"month": str(month), "goal": amount}


def test_a_goal_holds_from_its_month_on(book: Book) -> None:
    ruth, user_id = book.caller("ruth"), book.people["ruth"].user_id
    address = f"people/{user_id}/goals"
    assert ruth("POST", address, json=goal(MONTH, "4100.50")).status_code == 201
    assert ruth("POST", address, json=goal(MONTH, "4100.5")).json() == {"changed": False}
    latest, first = ruth("GET", address).json()["items"]
    assert latest["month"] == MONTH.isoformat()
    assert latest["goal"] == {"amount": "4100.50", "currency": "USD"}
    assert (latest["set_by"], first["set_by"]) == ("Ruth Adler", None)
    board = ruth("GET", "figures").json()
    assert board["goal"]["goal"]["amount"] == "4100.50"
    assert [month["goal"]["amount"] for month in board["months"][-2:]] == ["4000.00", "4100.50"]
    past = ruth("POST", address, json=goal(months_after(MONTH, -1), "1"))
    assert (past.status_code, "keeps its goal" in past.json()["detail"]) == (422, True)
    for wrong in ({"goal": "-1"}, {"goal": "1.005"}, {"month": "2026-13-01"}, {"more": "1"}):
        assert ruth("POST", address, json=goal(NEXT, "1") | wrong).status_code == 422, wrong
    again = {"headers": {"idempotency-key": "goal-1"}, "json": goal(NEXT, "9")}
    for _ in range(2):
        assert ruth("POST", address, **again).json() == {"changed": True}
    assert len(ruth("GET", address).json()["items"]) == 3


def test_a_deactivation_hands_over_and_ends_the_access(book: Book) -> None:
    ada, ruth = book.caller("admin"), book.caller("ruth")
    to = book.people["stranger"].user_id
    address = f"people/{book.people['ruth'].user_id}/deactivate"
    assert ada("POST", address, json={"hand_to": 999_999}).status_code == 404
    moved = ada("POST", address, json={"hand_to": to, "with_goal": True}).json()
    assert (moved["donors"], moved["tasks"]) == (1, 1)
    assert moved["goal_handed"] == {"amount": "4000.00", "currency": "USD"}
    assert moved["goal_ended"]["amount"] == "0.00"
    assert ruth("GET", "donors").status_code == 401
    assert book.caller("stranger")("GET", f"people/{to}/goals").json()["items"][0]["goal"] == {
        "amount": "4000.00",
        "currency": "USD",
    }


def test_the_only_administrator_stays(book: Book) -> None:
    ada, own = book.caller("admin"), book.people["admin"].user_id
    refused = ada("POST", f"people/{own}/deactivate", json={})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("You are the only administrator who can sign in.")
    with transaction_for_system() as db:
        # invited, and never signed in: she cannot administer anything yet
        make.person(db, "admin", last_sign_in_at=None, invited_by=own)
    assert ada("POST", f"people/{own}/deactivate", json={}).json()["detail"].startswith("You are")
    assert ada("GET", "people").status_code == 200
