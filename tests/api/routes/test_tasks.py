"""Own tasks over HTTP: change, delete, move, finish several, and those that repeat."""

from collections.abc import Callable

import pytest
from httpx import Response

from tests.api.conftest import Book

Caller = Callable[..., Response]


@pytest.fixture
def ruth(book: Book) -> Caller:
    return book.caller("ruth")


def added(ruth: Caller, **values: object) -> int:
    body = {"title": "Plan", "due_on": "2126-01-31"} | values
    made = ruth("POST", "tasks", json=body)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def test_a_task_is_changed_as_it_was_read(ruth: Caller) -> None:
    task = added(ruth, note="By phone", due_at="09:30")
    before = ruth("GET", f"tasks/{task}").json()
    assert (before["note"], before["version"]) == ("By phone", 1)
    change = {"version": 1, "title": "Plan again", "due_at": None, "priority": 1}
    changed = ruth("PATCH", f"tasks/{task}", json=change)
    assert changed.status_code == 200, changed.text
    sent = {"title": "Plan again", "due_at": None, "priority": 1, "version": 2}
    assert changed.json() == before | sent, "what was not sent stays"
    again = ruth("PATCH", f"tasks/{task}", json=change)
    assert again.status_code == 409
    assert "changed in the meantime" in again.json()["detail"]
    timed = ruth("PATCH", f"tasks/{task}", json={"version": 2, "due_on": None, "due_at": "10:00"})
    assert timed.status_code == 422


def test_a_task_is_deleted_as_it_was_read(ruth: Caller) -> None:
    task = added(ruth)
    assert ruth("DELETE", f"tasks/{task}", params={"version": 2}).status_code == 409
    assert ruth("DELETE", f"tasks/{task}", params={"version": 1}).json() == {"done": True}
    assert ruth("GET", f"tasks/{task}").status_code == 404


def test_several_tasks_are_moved_and_done(ruth: Caller) -> None:
    one, two = added(ruth), added(ruth, due_on="2126-02-02")
    body = {"ids": [one, two, 999_999], "due_on": "2126-02-02"}
    assert ruth("POST", "tasks/move", json=body).json() == {"ids": [one]}
    past = ruth("POST", "tasks/move", json=body | {"due_on": "2020-01-01"})
    assert past.status_code == 422
    assert ruth("POST", "tasks/move", json=body | {"ids": []}).status_code == 422
    done = ruth("POST", "tasks/done", json={"ids": [one, two]}).json()["ids"]
    assert sorted(done) == [one, two]
    assert ruth("POST", "tasks/done", json={"ids": [one]}).json() == {"ids": []}
    assert ruth("POST", "tasks/reopen", json={"ids": [one]}).json() == {"ids": [one]}
    assert ruth("POST", "tasks/done", json={"ids": [999_999]}).status_code == 404


def test_a_task_that_repeats_is_followed_by_the_next(ruth: Caller) -> None:
    task = added(ruth, repeats="monthly")

    def open_days() -> list[str]:
        items = ruth("GET", "tasks", params={"due_by": "2127-01-01"}).json()["items"]
        return [item["due_on"] for item in items if item["title"] == "Plan"]

    ruth("POST", f"tasks/{task}/done")
    assert open_days() == ["2126-02-28"]
    ruth("POST", f"tasks/{task}/reopen")
    assert open_days() == ["2126-01-31"]
    once = ruth("PATCH", f"tasks/{task}", json={"version": 3, "repeats": None})
    assert once.json()["repeats"] is None
    odd = {"title": "Plan", "due_on": "2126-01-31", "repeats": "x"}
    assert ruth("POST", "tasks", json=odd).status_code == 422
