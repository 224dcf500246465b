"""Segments and conditions over the API."""

from tests.api.conftest import Book

GIVERS = '[[["gifts","at least","1"]]]'


def test_a_segment_is_saved_used_changed_and_deleted(book: Book) -> None:
    ask = book.caller("ruth")
    created = ask("POST", "segments", json={"name": "Givers", "where": GIVERS})
    assert created.status_code == 201
    key = created.json()["id"]
    (line,) = ask("GET", "segments").json()["items"]
    assert line == {
        "id": key,
        "version": 1,
        "name": "Givers",
        "where": GIVERS,
        "sentence": "Number of gifts at least 1",
        "shared_with": "nobody",
        "owner": line["owner"],
        "problem": None,
    }
    by_where = ask("GET", "donors", params={"where": GIVERS}).json()["items"]
    by_segment = ask("GET", "donors", params={"segment_id": key}).json()["items"]
    everybody = ask("GET", "donors").json()["items"]
    assert by_where == by_segment
    assert [item["id"] for item in by_where] == [
        item["id"] for item in everybody if item["last_gift_date"]
    ]
    body = {"version": 1, "name": "Rich", "where": GIVERS, "shared_with": "organisation"}
    changed = ask("PUT", f"segments/{key}", json=body)
    assert [item["name"] for item in changed.json()["items"]] == ["Rich"]
    assert ask("PUT", f"segments/{key}", json=body).status_code == 409
    assert ask("DELETE", f"segments/{key}", params={"version": 2}).status_code == 204
    assert ask("GET", "donors", params={"segment_id": key}).status_code == 404


def test_conditions_that_ask_for_what_is_not_there_are_refused(book: Book) -> None:
    ask = book.caller("ruth")
    for where in ("{", '[[["height","is","1"]]]'):
        answer = ask("GET", "donors", params={"where": where})
        assert answer.status_code == 422


def test_the_fields_of_conditions_are_those_of_the_role(book: Book) -> None:
    def keys(name: str) -> set[str]:
        answer = book.caller(name)("GET", "segments/fields").json()
        return {item["key"] for item in answer["items"]}

    assert {"lifetime", "tag", "city"} <= keys("ruth")
    assert "lifetime" not in keys("coach")
