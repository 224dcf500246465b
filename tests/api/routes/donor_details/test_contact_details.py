"""E-mails, phones and addresses of donors over HTTP."""

from typing import get_args

from app import donors
from app.api.rest.schemas.contact_details import AddressType, Type
from app.api.rest.schemas.donors import Channel
from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book


def test_the_values_match_those_of_the_package() -> None:
    assert get_args(Type) == donors.EMAIL_TYPES == donors.PHONE_TYPES
    assert get_args(AddressType) == donors.ADDRESS_TYPES
    assert get_args(Channel) == tuple(donors.CHANNELS)


def test_add_change_and_remove(book: Book) -> None:
    ruth = book.caller("ruth")
    with transaction_for_system() as db:
        donor = make.donor(db, book.people["ruth"], "Mara", email="mara@example.org")
    path = f"donors/{donor}"
    body = {"version": 1, "email": "mara@work.example", "type": "work", "do_not_use": True}
    created = ruth("POST", f"{path}/emails", json=body)
    assert created.status_code == 201
    added = created.json()["id"]
    stale = ruth("POST", f"{path}/emails", json=body | {"email": "c@example.org"})
    assert stale.status_code == 409
    detail = ruth("GET", f"{path}/contact-details").json()
    assert detail["version"] == 2
    assert [(one["email"], one["primary"], one["in_use"]) for one in detail["emails"]] == [
        ("mara@example.org", True, True),
        ("mara@work.example", False, False),
    ]
    changed = ruth(
        "PATCH",
        f"{path}/emails/{added}",
        json={"version": 2, "primary": True, "do_not_use": False},
    ).json()
    assert changed["emails"][0] == {
        "id": added,
        "email": "mara@work.example",
        "type": "work",
        "primary": True,
        "do_not_use": False,
        "in_use": True,
    }
    removed = ruth("DELETE", f"{path}/emails/{added}", params={"version": 3}).json()
    assert [one["email"] for one in removed["emails"]] == ["mara@example.org"]
    assert removed["emails"][0]["primary"]
    assert ruth("GET", path).json()["email"] == "mara@example.org"


def test_addresses_and_phones(book: Book) -> None:
    ruth = book.caller("ruth")
    with transaction_for_system() as db:
        donor = make.donor(db, book.people["ruth"], "Mara")
    path = f"donors/{donor}"
    seasonal = {
        "version": 1,
        "address": {"city": "Naples"},
        "type": "seasonal",
        "season_from": "11-01",
        "season_to": "03-31",
        "valid_from": "2020-01-01",
    }
    assert (
        ruth("POST", f"{path}/addresses", json=seasonal | {"season_to": None}).status_code == 422
    )
    added = ruth("POST", f"{path}/addresses", json=seasonal).json()["id"]
    phone = ruth("POST", f"{path}/phones", json={"version": 2, "phone": "555 0100"}).json()["id"]
    changed = ruth(
        "PATCH", f"{path}/addresses/{added}", json={"version": 3, "type": "home"}
    ).json()
    address = changed["addresses"][0]
    assert (address["city"], address["type"], address["season_from"]) == ("Naples", "home", None)
    assert address["valid_from"] == "2020-01-01"
    type_only = ruth("PATCH", f"{path}/phones/{phone}", json={"version": 4, "type": "mobile"})
    assert type_only.json()["phones"][0]["type"] == "mobile"
    gone = ruth("DELETE", f"{path}/phones/{phone}", params={"version": 5})
    assert gone.json()["phones"] == []
    last = ruth("DELETE", f"{path}/addresses/{added}", params={"version": 6})
    assert last.json()["addresses"] == []
    assert ruth("DELETE", f"{path}/phones/{phone}", params={"version": 7}).status_code == 404


def test_preferences(book: Book) -> None:
    ruth = book.caller("ruth")
    with transaction_for_system() as db:
        donor = make.donor(db, book.people["ruth"], "Mara")
    body = {
        "version": 1,
        "deceased_on": "2026-01-02",
        "preferred_language": "de",
        "preferred_channel": "mail",
    }
    answer = ruth("PATCH", f"donors/{donor}", json=body)
    assert {name: answer.json()[name] for name in body if name != "version"} == {
        "deceased_on": "2026-01-02",
        "preferred_language": "de",
        "preferred_channel": "mail",
    }
    refused = ruth("PATCH", f"donors/{donor}", json={"version": 2, "preferred_language": "xx"})
    assert refused.status_code == 422
