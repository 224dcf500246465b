"""Prayer and care requests through the API: pages, changes, versions, repeats."""

from datetime import date, timedelta

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book

DAY = date(2026, 10, 1)


def test_a_request_is_noted_once_answered_and_deleted(book: Book) -> None:
    ruth = book.caller("ruth")
    body = {"donor_id": book.ids["donor"], "text": "Rest", "asked_on": str(DAY)}
    headers = {"Idempotency-Key": "one"}
    made = [ruth("POST", "requests", json=body, headers=headers).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    address = f"requests/{made[0]}"

    changed = body | {"version": 1, "text": "Work"}
    del changed["donor_id"]
    assert ruth("PATCH", address, json=changed).json() == {"done": True}
    assert ruth("PATCH", address, json=changed).status_code == 409
    answer = {"version": 2, "answer": "He works.", "answered_on": "2026-10-05"}
    assert ruth("POST", f"{address}/answer", json=answer).status_code == 200

    items = ruth("GET", "requests", params={"state": "answered"}).json()["items"]
    assert items == [
        {
            "id": made[0],
            "version": 3,
            "donor_id": book.ids["donor"],
            "donor_name": "Mara Vogel",
            "text": "Work",
            "asked_on": "2026-10-01",
            "answered_on": "2026-10-05",
            "answer": "He works.",
        }
    ]
    about = ruth("GET", "requests", params={"donor_id": book.ids["donor"]}).json()["items"]
    assert [item["id"] for item in about] == [book.ids["request"], made[0]]
    assert ruth("DELETE", address, params={"version": 2}).status_code == 409
    assert ruth("DELETE", address, params={"version": 3}).status_code == 200
    assert ruth("DELETE", address, params={"version": 3}).status_code == 404


def test_pages_hold_every_request_once(book: Book) -> None:
    with transaction_for_system() as db:
        for number in range(5):
            make.care_request(
                db, book.ids["donor"], str(number), asked_on=DAY + timedelta(number % 2)
            )
    ruth, found, after = book.caller("ruth"), [], ""
    while after is not None:
        page = ruth("GET", "requests", params={"limit": 2, "after": after}).json()
        found += [(item["asked_on"], item["id"]) for item in page["items"]]
        after = page["next"]
    assert len(found) == 6
    assert found == sorted(set(found))
    first = ruth("GET", "requests", params={"limit": 2}).json()["next"]
    crossed = ruth("GET", "requests", params={"after": first, "state": "answered"})
    assert crossed.status_code == 422


def test_a_day_in_the_future_and_no_words_are_refused(book: Book) -> None:
    ruth, donor = book.caller("ruth"), book.ids["donor"]
    for wrong in ({"text": ""}, {"text": "Rest", "asked_on": "2190-01-01"}):
        answer = ruth("POST", "requests", json={"donor_id": donor} | wrong)
        assert answer.status_code == 422
    later = {"version": 1, "answered_on": "1950-01-01"}
    answer = ruth("POST", f"requests/{book.ids['request']}/answer", json=later)
    assert "before it was asked" in answer.json()["detail"]


def test_without_the_module_the_api_says_where_it_is_switched_on(book: Book) -> None:
    admin = book.caller("admin")
    assert admin("PATCH", "organisation", json={"modules": []}).json()["modules"] == []
    answer = book.caller("ruth")("GET", "requests")
    assert answer.status_code == 404
    assert "switched off" in answer.json()["detail"]
    unknown = admin("PATCH", "organisation", json={"modules": ["choir"]})
    assert unknown.status_code == 422
