"""Tags over the API: list, create, rename, merge, delete, and the tags of a donor."""

from typing import Any

import pytest

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book


def names(book: Book) -> list[str]:
    return [tag["name"] for tag in book.caller("ruth")("GET", "tags").json()["items"]]


def test_a_tag_is_created_renamed_and_deleted(book: Book) -> None:
    ask = book.caller("admin")
    created = ask("POST", "tags", json={"name": "choir"})
    assert created.status_code == 201
    key = created.json()["id"]
    assert created.headers["location"] == f"/api/v1/tags/{key}"
    renamed = ask("PATCH", f"tags/{key}", json={"version": 1, "name": "singers"})
    assert renamed.json() == {"id": key, "version": 2, "name": "singers"}
    assert ask("DELETE", f"tags/{key}", params={"version": 1}).status_code == 409
    assert ask("DELETE", f"tags/{key}", params={"version": 2}).json() == {"donors": 0}
    assert ask("DELETE", f"tags/{key}", params={"version": 2}).status_code == 404
    assert names(book) == ["newsletter"]


@pytest.mark.parametrize("name", ["", "x" * 300, "NEWSLETTER"])
def test_a_wrong_name_is_refused(book: Book, name: str) -> None:
    assert book.caller("admin")("POST", "tags", json={"name": name}).status_code == 422
    assert names(book) == ["newsletter"]


def test_a_merge_returns_how_many_donors_it_concerns(book: Book) -> None:
    ask, news = book.caller("admin"), book.ids["tag"]
    with transaction_for_system() as db:
        letter = make.add_tag(db, make.donor(db), "letter")
    merge: dict[str, Any] = {"version": 1, "into_id": letter}
    assert ask("POST", f"tags/{news}/merge", json=merge).json() == {"donors": 1}
    assert ask("POST", f"tags/{letter}/merge", json=merge).status_code == 422
    assert names(book) == ["letter"]


def test_the_owner_changes_the_tags_of_a_donor(book: Book) -> None:
    ask, mara, news = book.caller("ruth"), book.ids["donor"], book.ids["tag"]
    with transaction_for_system() as db:
        choir = make.add_tag(db, make.donor(db), "choir")
    body = {"add": [choir], "remove": [news]}
    for _ in range(2):
        assert ask("POST", f"donors/{mara}/tags", json=body).json() == {"tags": ["choir"]}
    assert ask("GET", f"donors/{mara}").json()["tags"] == ["choir"]
    missing = ask("POST", f"donors/{mara}/tags", json={"add": [999_999]})
    assert missing.status_code == 422
    stranger = book.caller("stranger")("POST", f"donors/{mara}/tags", json=body)
    assert stranger.status_code == 404
    found = ask("GET", "donors", params={"tag": "choir"}).json()["items"]
    assert [item["id"] for item in found] == [mara]


def test_many_donors_get_a_tag(book: Book) -> None:
    ask, mara, news = book.caller("ruth"), book.ids["donor"], book.ids["tag"]
    with transaction_for_system() as db:
        others = make.donor(db)
        bo = make.donor(db, book.people["ruth"])
    body: dict[str, Any] = {"donor_ids": [mara, bo, others]}
    assert ask("POST", f"tags/{news}/donors", json=body).json() == {"donor_ids": [bo]}
    taken = ask("POST", f"tags/{news}/donors", json=body | {"remove": True})
    assert taken.json() == {"donor_ids": sorted([mara, bo])}
    assert ask("POST", f"tags/{news}/donors", json={"donor_ids": [others]}).status_code == 403
    assert ask("POST", f"tags/{news}/donors", json={"donor_ids": []}).status_code == 422
