"""The timeline of a donor through the API: the same filters, search and pages as on the screen."""

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book


def test_a_timeline_is_filtered_searched_and_paged(book: Book) -> None:
    ruth, donor = book.caller("ruth"), book.ids["donor"]
    with transaction_for_system() as db:
        contacts = [make.contact(db, donor, text=f"Tea no {number}") for number in range(5)]
        make.gift(db, donor, "12.50")
    address = f"donors/{donor}/timeline"
    gifts = ruth("GET", address, params={"show": "gift"}).json()["items"]
    assert {item["kind"] for item in gifts} == {"gift"}
    assert {"amount": "12.50", "currency": "USD"} in [item["amount"] for item in gifts]
    wanted = {"show": ["contact", "task"], "find": "TEA", "limit": "2"}
    found, after = [], ""
    for _ in range(3):
        page = ruth("GET", address, params=wanted | {"after": after}).json()
        found += page["items"]
        after = page["next"]
    assert [item["contact_id"] for item in found] == contacts[::-1]
    assert after is None
    assert ruth("GET", address, params={"find": "no such words"}).json()["items"] == []


def test_what_is_no_kind_or_no_cursor_is_refused(book: Book) -> None:
    ruth, donor = book.caller("ruth"), book.ids["donor"]
    with transaction_for_system() as db:
        other = make.donor(db, book.people["ruth"])
        for _ in range(2):
            make.contact(db, other)
    address = f"donors/{donor}/timeline"
    cursor = ruth("GET", f"donors/{other}/timeline", params={"limit": "1"}).json()["next"]
    for wrong in ({"show": "dream"}, {"after": "x"}, {"after": cursor}, {"find": "x" * 301}):
        assert ruth("GET", address, params=wrong).status_code == 422, wrong
    assert book.caller("stranger")("GET", address).status_code == 404
