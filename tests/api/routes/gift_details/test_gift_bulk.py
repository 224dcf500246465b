"""Thanks and another fund for many gifts over the API, with a preview."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app import gifts
from app.api.rest.routes import gift_bulk
from app.db import transaction_for_system
from app.db.models import Gift
from tests import factories as make
from tests.api.conftest import Book


@pytest.fixture
def made(book: Book) -> list[int]:
    """Three gifts of Ruth's donor, of which the last is split, and one of somebody else."""
    with transaction_for_system() as db:
        wells = make.fund(db)
        donor = book.ids["donor"]
        mine = [make.gift(db, donor, "5", date(2026, 7, day), fund_id=wells) for day in (1, 2)]
        split = make.gift(db, donor, "5", date(2026, 7, 3), parts=((wells, "2"), (None, "3")))
        other = make.gift(db, make.donor(db, make.person(db)), "5", date(2026, 7, 4))
        return [*mine, split, other]


def stored(ids: Sequence[int]) -> list[tuple[int | None, str | None]]:
    with transaction_for_system() as db:
        rows = db.execute(
            select(Gift.fund_id, Gift.thanked_how).where(Gift.id.in_(ids)).order_by(Gift.id)
        )
        return [(row[0], row[1]) for row in rows]


def test_many_gifts_get_another_fund_after_a_preview(book: Book, made: list[int]) -> None:
    ask = book.caller("ruth")
    with transaction_for_system() as db:
        roof = make.fund(db)
    before = stored(made)
    body: dict[str, Any] = {"gift_ids": made, "fund_id": roof, "preview": True}
    expected: dict[str, Any] = {
        "gift_ids": made[:2],
        "left_aside": [{"reason": "others", "gifts": 1}, {"reason": "split", "gifts": 1}],
        "sentence": "2 of 4 gifts will change: 1 is not yours to change, 1 is split over funds.",
        "before": [],
    }
    assert ask("POST", "gifts/fund", json=body).json() == expected
    assert stored(made) == before
    done = ask("POST", "gifts/fund", json=body | {"preview": False}).json()
    assert done["sentence"] == (
        "Changed the fund of 2 of 4 gifts: 1 is not yours to change, 1 is split over funds."
    )
    wells = before[0][0]
    assert done["before"] == [{"gift_id": key, "fund_id": wells} for key in made[:2]]
    assert [fund for fund, _ in stored(made)] == [roof, roof, None, None]
    again = ask("POST", "gifts/fund", json=body | {"preview": False}).json()
    assert (again["gift_ids"], again["left_aside"][1]) == ([], {"reason": "same fund", "gifts": 2})
    back = ask("POST", "gifts/fund", json={"gift_ids": made[:2], "fund_id": wells})
    assert back.status_code == 200
    assert stored(made) == before


def test_many_gifts_are_thanked_for(book: Book, made: list[int]) -> None:
    ask = book.caller("ruth")
    body: dict[str, Any] = {"gift_ids": made, "how": "letter"}
    preview = ask("POST", "gifts/thank", json=body | {"preview": True}).json()
    assert preview["sentence"] == "3 of 4 gifts will change: 1 is not yours to change."
    assert {how for _, how in stored(made)} == {None}
    done = ask("POST", "gifts/thank", json=body).json()
    assert done == {
        "gift_ids": made[:3],
        "left_aside": [{"reason": "others", "gifts": 1}],
        "sentence": "Thanked for 3 of 4 gifts: 1 is not yours to change.",
    }
    assert [how for _, how in stored(made)] == ["letter", "letter", "letter", None]
    again = ask("POST", "gifts/thank", json=body).json()
    assert again["gift_ids"] == []
    assert {"reason": "thanked", "gifts": 3} in again["left_aside"]


def test_wrong_requests_are_refused(book: Book, made: list[int]) -> None:
    ask = book.caller("ruth")
    too_many = list(range(1, gifts.MOST_AT_ONCE + 2))
    for ids in ([], too_many, [0], ["1"]):
        assert ask("POST", "gifts/thank", json={"gift_ids": ids}).status_code == 422
    full = {"gift_ids": [*made, *range(10**15, 10**15 + gifts.MOST_AT_ONCE - len(made))]}
    assert ask("POST", "gifts/thank", json=full).json()["gift_ids"] == made[:3]
    fund = {"gift_ids": made, "fund_id": 999_999}
    assert ask("POST", "gifts/fund", json=fund).status_code == 422
    # which fund has to be said, also if it is none
    assert ask("POST", "gifts/fund", json={"gift_ids": made}).status_code == 422
    for body in ({"gift_ids": made, "fund_id": None}, {"gift_ids": [999_999], "fund_id": None}):
        assert book.caller("stranger")("POST", "gifts/fund", json=body).status_code == 403


def test_every_reason_is_described() -> None:
    text = gift_bulk.ManyChanged.model_fields["left_aside"].description or ""
    assert all(f"“{reason}”" in text for reason in gifts.REASONS if reason != "changed")
