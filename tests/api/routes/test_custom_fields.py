"""Custom fields over the API: their definitions, the values of a donor, the filter of the list."""

from typing import Any

import pytest

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book


def fields(book: Book) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = book.caller("ruth")("GET", "custom-fields").json()["items"]
    return items


def test_a_field_is_created_changed_and_reordered(book: Book) -> None:
    ask, birthday = book.caller("admin"), book.ids["custom-field"]
    created = ask(
        "POST", "custom-fields", json={"name": "Shirt", "type": "choice", "choices": ["S"]}
    )
    assert created.status_code == 201
    key = created.json()["id"]
    assert created.headers["location"] == f"/api/v1/custom-fields/{key}"
    body = {"version": 1, "choices": ["S", "M"], "open": False}
    assert ask("PATCH", f"custom-fields/{key}", json=body).json() == {
        "id": key,
        "version": 2,
        "name": "Shirt",
        "type": "choice",
        "choices": ["S", "M"],
        "open": False,
    }
    assert ask("PATCH", f"custom-fields/{key}", json=body).status_code == 409
    assert ask("PATCH", f"custom-fields/{key + birthday}", json=body).status_code == 404
    order = ask("PUT", "custom-fields/order", json={"ids": [key, birthday]})
    assert [item["name"] for item in order.json()["items"]] == ["Shirt", "Birthday"]
    assert [field["name"] for field in fields(book)] == ["Shirt", "Birthday"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "type": "text"},
        {"name": "BIRTHDAY", "type": "text"},
        {"name": "Shirt", "type": "choice"},
        {"name": "Shirt", "type": "colour"},
        {"name": "email", "type": "text"},
    ],
)
def test_a_wrong_field_is_refused(book: Book, body: dict[str, str]) -> None:
    assert book.caller("admin")("POST", "custom-fields", json=body).status_code == 422
    assert [field["name"] for field in fields(book)] == ["Birthday"]


def test_the_values_of_a_donor_are_read_and_changed(book: Book) -> None:
    ask, mara = book.caller("ruth"), book.ids["donor"]

    def change(**values: str | None) -> Any:
        version = ask("GET", f"donors/{mara}").json()["version"]
        return ask("PATCH", f"donors/{mara}", json={"version": version, "custom_fields": values})

    assert change(Birthday="1964-05-01", Church="St Ann").json()["custom_fields"] == {
        "Birthday": "1964-05-01",
        "Church": "St Ann",
    }
    refused = change(Birthday="in May")
    assert refused.status_code == 422
    assert "Birthday: “in May” is not a date such as 2026-11-23." in refused.text
    assert change(Church=None).json()["custom_fields"] == {"Birthday": "1964-05-01"}
    assert change(**{"a:b": "x"}).status_code == 422
    added = ask("POST", "donors", json={"name": "Bo", "custom_fields": {"birthday": "1970-01-02"}})
    bo = ask("GET", f"donors/{added.json()['id']}").json()
    assert bo["custom_fields"] == {"Birthday": "1970-01-02"}


def test_the_list_is_filtered_by_a_value(book: Book) -> None:
    with transaction_for_system() as db:
        ruth = book.people["ruth"]
        make.custom_field(db, "Church")
        make.donor(db, ruth, "Ann", custom={"Birthday": "1964-05-01", "Church": "St. Mary's"})
        make.donor(db, ruth, "Bo", custom={"Birthday": "1970-01-02", "Free": "Yes"})

    def named(role: str = "ruth", **parameters: str) -> list[str]:
        listed = book.caller(role)("GET", "donors", params=parameters)
        return [donor["name"] for donor in listed.json()["items"]]

    assert named(custom_field="Birthday") == ["Ann", "Bo"]
    assert named(custom_field="Birthday", custom_value="1970-01-02") == ["Bo"]
    assert named(custom_field="Birthday", custom_value="1970") == []
    assert named(custom_field="Church", custom_value="mary") == ["Ann"]
    assert named(custom_field="Church", custom_value="%") == []
    assert named(custom_field="Free", custom_value="yes") == ["Bo"]
    assert named(custom_field="Nothing") == []
    # a text may hold an amount, which a coach may not find out
    assert named("coach", custom_field="Birthday", custom_value="1970-01-02") == ["Bo"]
    assert named("coach", custom_field="Church", custom_value="mary") == []
