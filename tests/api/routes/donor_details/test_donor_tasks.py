"""The same task for many donors over the API."""

from tests.api.conftest import Book


def test_donors_get_a_task_once(book: Book) -> None:
    ask, mara = book.caller("ruth"), book.ids["donor"]
    body = {"donor_ids": [mara, 999_999], "title": "Call", "due_on": "2026-12-01"}
    headers = {"Idempotency-Key": "once"}
    answers = [ask("POST", "tasks/for-donors", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    (created,) = answers[0].json()["ids"]
    assert answers[1].json()["ids"] == [created]
    task = ask("GET", f"tasks/{created}").json()
    assert (task["donor_id"], task["title"], task["due_on"]) == (mara, "Call", "2026-12-01")
    refused = book.caller("stranger")("POST", "tasks/for-donors", json=body)
    assert refused.status_code == 403
