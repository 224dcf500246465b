"""Gifts and their pledges, a pledge's schedule and calls over HTTP, as on the screens."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.api.rest.routes import gift_links
from app.db import transaction_for_system
from app.db.models import Activity, Alert, ContactLog, Pledge
from tests import factories as make
from tests.api.conftest import Book
from tests.values import present


@pytest.fixture
def promised(book: Book) -> Book:
    """Mara promised $12.50 a month, and gave that once without it being linked."""
    with transaction_for_system() as db:
        db.execute(text("update pledge set amount_minor = 1250"))
    return book


def list_suggestions(book: Book, role: str = "ruth", **params: int) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = book.caller(role)(
        "GET", "gifts/suggestions", params=params
    ).json()["items"]
    return answer


def linked(book: Book) -> int | None:
    answer: int | None = book.caller("ruth")("GET", f"gifts/{book.ids['gift']}").json()[
        "pledge_id"
    ]
    return answer


def test_a_suggestion_is_listed_linked_and_gone(promised: Book) -> None:
    gift, pledge = promised.ids["gift"], promised.ids["pledge"]
    ruth = promised.caller("ruth")
    assert list_suggestions(promised) == [
        {
            "gift_id": gift,
            "donor_id": promised.ids["donor"],
            "donor_name": "Mara Vogel",
            "amount": "12.50",
            "currency": "USD",
            "date": "2026-06-01",
            "pledge_ids": [pledge],
        }
    ]
    assert ruth("POST", f"gifts/{gift}/link", json={"pledge_id": pledge}).json() == {"done": True}
    assert linked(promised) == pledge
    assert list_suggestions(promised) == []


def test_suggestions_are_narrowed_and_hidden_from_strangers_and_coaches(promised: Book) -> None:
    pledge = promised.ids["pledge"]
    assert len(list_suggestions(promised, pledge_id=pledge)) == 1
    assert len(list_suggestions(promised, donor_id=promised.ids["donor"])) == 1
    assert len(list_suggestions(promised, "finance")) == 1
    assert list_suggestions(promised, pledge_id=pledge + 1) == []
    assert list_suggestions(promised, import_id=7) == []
    assert list_suggestions(promised, owner_id=promised.people["stranger"].user_id) == []
    for role in ("stranger", "coach", "read_only"):
        assert list_suggestions(promised, role) == []


def test_a_refused_one_is_not_suggested_again_and_may_still_be_linked(promised: Book) -> None:
    gift, pledge = promised.ids["gift"], promised.ids["pledge"]
    ruth = promised.caller("ruth")
    for _ in range(2):
        assert ruth("POST", f"gifts/{gift}/refuse", json={"pledge_ids": [pledge]}).json() == {
            "done": True
        }
    assert list_suggestions(promised) == []
    ruth("POST", f"gifts/{gift}/link", json={"pledge_id": pledge})
    assert linked(promised) == pledge


def test_an_unlinked_gift_is_not_suggested_for_that_pledge(promised: Book) -> None:
    gift, pledge = promised.ids["gift"], promised.ids["pledge"]
    ruth = promised.caller("ruth")
    early = ruth("POST", f"gifts/{gift}/unlink")
    assert (early.status_code, early.json()["detail"]) == (
        422,
        "This gift is not linked to a pledge.",
    )
    ruth("POST", f"gifts/{gift}/link", json={"pledge_id": pledge})
    assert ruth("POST", f"gifts/{gift}/unlink").json() == {"done": True}
    assert linked(promised) is None
    assert list_suggestions(promised) == []


@pytest.mark.parametrize("act", ["link", "refuse"])
def test_a_pledge_of_another_user_is_a_problem_and_nothing_is_changed(
    promised: Book, act: str
) -> None:
    with transaction_for_system() as db:
        other = make.donor(db, promised.people["ruth"])
        foreign = make.pledge(db, other, "12.50", start=date(2026, 1, 1))
        euros = make.pledge(
            db, promised.ids["donor"], "12.50", start=date(2026, 1, 1), currency="EUR"
        )
    ruth, gift = promised.caller("ruth"), promised.ids["gift"]
    for pledge in (foreign, euros, 999_999):
        body = {"pledge_id": pledge} if act == "link" else {"pledge_ids": [pledge]}
        answer = ruth("POST", f"gifts/{gift}/{act}", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert linked(promised) is None
    assert len(list_suggestions(promised)) == 1


def test_many_or_no_pledges_are_not_refused_at_once(promised: Book) -> None:
    ruth, gift = promised.caller("ruth"), promised.ids["gift"]
    for ids in ([], [1] * (gift_links.MOST_REFUSED + 1), [0], ["1"]):
        assert ruth("POST", f"gifts/{gift}/refuse", json={"pledge_ids": ids}).status_code == 422


def lines(action: str) -> int:
    with transaction_for_system() as db:
        return present(db.scalar(select(func.count()).where(Activity.action == action)))


def test_a_request_sent_again_is_answered_as_before(promised: Book) -> None:
    gift, pledge, alert = (promised.ids[item] for item in ("gift", "pledge", "alert"))
    ruth = promised.caller("ruth")
    requests = [
        (f"gifts/{gift}/refuse", {"pledge_ids": [pledge]}, "gift.not linked"),
        (f"gifts/{gift}/link", {"pledge_id": pledge}, "gift.linked"),
        (f"gifts/{gift}/unlink", None, "gift.unlinked"),
        (f"alerts/{alert}/called", {"text": "Gives in May"}, "alert.called"),
        (
            f"pledges/{pledge}/terms",
            {"version": 1, "since": "2026-12-01", "frequency": "quarterly"},
            "pledge.terms_changed",
        ),
    ]
    for number, (path, body, action) in enumerate(requests):
        headers = {"idempotency-key": f"once-{number}"}
        before = lines(action)
        first = ruth("POST", path, json=body, headers=headers)
        done = lines(action)
        again = ruth("POST", path, json=body, headers=headers)
        assert (first.status_code, again.status_code) == (200, 200), (path, first.text, again.text)
        assert again.headers["idempotent-replayed"] == "true"
        assert lines(action) == done > before, path
    other = ruth(
        "POST",
        f"gifts/{gift}/link",
        json={"pledge_id": pledge + 1},
        headers={"idempotency-key": "once-1"},
    )
    assert other.status_code == 422


def test_a_schedule_changes_from_a_day_on_and_what_is_left_out_stays(book: Book) -> None:
    pledge, ruth = book.ids["pledge"], book.caller("ruth")
    with transaction_for_system() as db:
        fund = make.fund(db, "Roof")
    address = f"pledges/{pledge}"
    first = ruth("GET", address).json()
    body = {
        "version": first["version"],
        "since": "2026-12-15",
        "day_of_month": 15,
        "grace_days": 9,
        "fund_id": fund,
    }
    assert ruth("POST", f"{address}/terms", json=body).json() == {"done": True}
    with transaction_for_system() as db:
        row = db.get(Pledge, pledge)
        now = (
            present(row).frequency,
            present(row).anchor_day,
            present(row).grace_days,
            present(row).fund_id,
        )
        assert now == ("monthly", 15, 9, fund)
    second = ruth("GET", address).json()
    assert second["version"] > first["version"]
    stale = ruth("POST", f"{address}/terms", json=body | {"day_of_month": 3})
    assert stale.status_code == 409
    same = ruth("POST", f"{address}/terms", json=body | {"version": second["version"]})
    assert (same.status_code, same.json()["detail"]) == (
        422,
        "That is how the pledge falls due already.",
    )
    options = {
        "version": second["version"],
        "since": "2026-12-20",
        "frequency": "annual",
        "fund_id": None,
        "campaign_id": None,
    }
    assert ruth("POST", f"{address}/terms", json=options).status_code == 200
    with transaction_for_system() as db:
        row = db.get(Pledge, pledge)
        now = (
            present(row).frequency,
            present(row).anchor_day,
            present(row).grace_days,
            present(row).fund_id,
        )
        assert now == ("annual", 15, 9, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"frequency": "hourly"},
        {"day_of_month": 32},
        {"grace_days": 367},
        {"fund_id": 999_999},
        {"since": "0026-12-01"},
        {"since": "2026-12-01"},
        {"version": 0},
        {"amount": "5.00"},
    ],
    ids=str,
)
def test_a_schedule_that_cannot_be_is_a_problem(book: Book, wrong: dict[str, str | int]) -> None:
    body = {"version": 1, "since": "2026-12-01"} | wrong
    answer = book.caller("ruth")("POST", f"pledges/{book.ids['pledge']}/terms", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_call_is_logged_and_hides_the_alert_until_it_is_undone(book: Book) -> None:
    alert, ruth = book.ids["alert"], book.caller("ruth")
    assert ruth("POST", f"alerts/{alert}/called", json={"text": "Gives in May"}).status_code == 200
    with transaction_for_system() as db:
        assert present(db.get(Alert, alert)).state == "snoozed"
        entry = db.scalars(select(ContactLog)).one()
        assert (entry.kind, entry.donor_id, entry.text) == (
            "call",
            book.ids["donor"],
            "Gives in May",
        )
    assert ruth("POST", f"alerts/{alert}/undo").status_code == 200
    with transaction_for_system() as db:
        assert present(db.get(Alert, alert)).state == "open"
        assert db.scalars(select(ContactLog)).all() == []
    assert ruth("POST", f"alerts/{alert}/called", json={}).status_code == 200
