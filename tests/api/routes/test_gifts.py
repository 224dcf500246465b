"""Gifts over HTTP, recorded once however often a program asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any, get_args

import pytest
from httpx import Response
from sqlalchemy import func, select

from app import gifts
from app.api.rest.schemas.gifts import SortedBy
from app.db import idempotency_keys, transaction_for_system
from app.db.models import Gift, IdempotencyKey
from app.kit import payment_methods
from tests import factories as make
from tests.api.conftest import Book


def new(book: Book, **options: str | int) -> dict[str, object]:
    return {
        "donor_id": book.ids["donor"],
        "amount": "12.50",
        "currency": "USD",
        "date": "2026-06-02",
    } | options


def gifts_there() -> int:
    with transaction_for_system() as db:
        return db.execute(select(func.count()).select_from(Gift)).scalar_one()


def test_the_values_match_those_of_the_package() -> None:
    assert get_args(payment_methods.Method) == gifts.METHODS
    assert get_args(payment_methods.ThankedHow) == gifts.THANKED_HOW
    assert get_args(SortedBy) == gifts.SORTS


def test_record_list_read_thank_reverse(book: Book) -> None:
    ruth = book.caller("ruth")
    created = ruth("POST", "gifts", json=new(book, method="cash", note="At the fair"))
    assert created.status_code == 201
    gift_id = created.json()["id"]
    assert created.json() == {
        "id": gift_id,
        "donor_id": book.ids["donor"],
        "amount": "12.50",
        "currency": "USD",
        "date": "2026-06-02",
        "pledge_id": created.json()["pledge_id"],
        "alerts_answered": 1,
        "awaiting_rate": False,
    }
    assert created.headers["location"] == f"/api/v1/gifts/{gift_id}"
    page = ruth("GET", "gifts", params={"donor_id": book.ids["donor"], "since": "2026-06-02"})
    assert [item["id"] for item in page.json()["items"]] == [gift_id]
    assert ruth("POST", f"gifts/{gift_id}/thank", json={"how": "call"}).json() == {"done": True}
    detail = ruth("GET", f"gifts/{gift_id}").json()
    assert (detail["amount"], detail["method"], detail["thanked_how"]) == ("12.50", "cash", "call")
    back = ruth("POST", f"gifts/{gift_id}/reverse", json={"amount": "2.50", "date": "2026-06-03"})
    assert back.status_code == 201
    line = ruth("GET", f"gifts/{back.json()['id']}").json()
    assert (line["kind"], line["amount"], line["reverses_id"]) == ("reversal", "-2.50", gift_id)
    rest = ruth("POST", f"gifts/{gift_id}/reverse", json={"date": "2026-06-03"})
    assert ruth("GET", f"gifts/{rest.json()['id']}").json()["amount"] == "-10.00"
    again = ruth("POST", f"gifts/{gift_id}/reverse", json={"date": "2026-06-03"})
    assert (again.status_code, again.json()["detail"]) == (
        422,
        "This gift has been taken back already.",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 12.5},
        {"amount": "12,50"},
        {"amount": "-1"},
        {"amount": "1e3"},
        {"amount": "NaN"},
        {"amount": "0"},
        {"amount": "1.005"},
        {"amount": " 1"},
        {"amount": "99999999999999"},
        {"currency": "usd"},
        {"currency": "XXZ"},
        {"date": "2126-01-01"},
        {"date": "2026-02-30"},
        {"date": 20260602},
        {"date": 1.5},
        {"date": "2026-06-02T00:00:00"},
        {"date": "٢٠٢٦-٠٦-٠٢"},
        {"date": "0001-01-01"},
        {"donor_id": "1"},
        {"donor_id": True},
        {"method": "barter"},
        {"fund_id": 999_999},
        {"pledge_id": 999_999},
        {"note": "\x00"},
        {"extra": 1},
    ],
)
def test_a_gift_that_cannot_be_is_refused(book: Book, wrong: dict[str, Any]) -> None:
    before = gifts_there()
    answer = book.caller("ruth")("POST", "gifts", json=new(book, **wrong))
    assert answer.status_code == 422, answer.text
    assert gifts_there() == before


def test_the_same_key_is_answered_the_same(book: Book) -> None:
    ruth = book.caller("ruth")
    headers = {"idempotency-key": "fair-2026-1"}
    before = gifts_there()
    first = ruth("POST", "gifts", json=new(book), headers=headers)
    again = ruth("POST", "gifts", json=new(book), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert gifts_there() == before + 1
    other = ruth("POST", "gifts", json=new(book, amount="13"), headers=headers)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    # for another address the key is another request as well
    answer = ruth("POST", "tasks", json={"title": "Call", "due_on": "2026-11-30"}, headers=headers)
    assert answer.status_code in {404, 422}
    # another person's key is another key
    admin = book.caller("admin")
    assert admin("POST", "gifts", json=new(book), headers=headers).json() != first.json()
    assert gifts_there() == before + 2
    with transaction_for_system() as db:
        rows = db.execute(select(IdempotencyKey)).scalars().all()
        assert len(rows) == 2
        assert "fair-2026-1" not in str([row.key_hash for row in rows])


def test_a_refused_request_leaves_its_key_free(book: Book) -> None:
    ruth, headers = book.caller("ruth"), {"idempotency-key": "k"}
    assert ruth("POST", "gifts", json=new(book, amount="0"), headers=headers).status_code == 422
    assert ruth("POST", "gifts", json=new(book), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 201, "é"])
def test_a_key_is_a_plain_word(book: Book, key: str) -> None:
    ruth = book.caller("ruth")
    headers = {"idempotency-key": key.encode()}
    assert ruth("POST", "gifts", json=new(book), headers=headers).status_code == 422


def test_racers_with_one_key_make_one_gift(book: Book) -> None:
    ruth, racers, before = book.caller("ruth"), 8, gifts_there()
    start = Barrier(racers)

    def race(_number: int) -> Response:
        start.wait()
        answer: Response = ruth(
            "POST", "gifts", json=new(book), headers={"idempotency-key": "race"}
        )
        return answer

    with ThreadPoolExecutor(racers) as pool:
        answers = list(pool.map(race, range(racers)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == racers - 1
    assert gifts_there() == before + 1


def test_keys_are_forgotten_after_a_day(book: Book) -> None:
    ruth, headers = book.caller("ruth"), {"idempotency-key": "k"}
    first = ruth("POST", "gifts", json=new(book), headers=headers).json()
    with transaction_for_system() as db:
        db.query(IdempotencyKey).update({"created_at": datetime.now(UTC) - timedelta(hours=25)})
    # before the nightly job comes by
    second = ruth("POST", "gifts", json=new(book), headers=headers).json()
    assert first["id"] != second["id"]
    with transaction_for_system() as db:
        assert idempotency_keys.release(db, before=datetime.now(UTC) - timedelta(hours=24)) == 0
        assert idempotency_keys.release(db, before=datetime.now(UTC) + timedelta(seconds=1)) == 1


def test_pages_of_gifts_go_on_where_they_ended(book: Book) -> None:
    with transaction_for_system() as db:
        for day in (1, 1, 1, 2, 3, 3, 4):
            make.gift(db, book.ids["donor"], "5", date(2026, 7, day))
    ruth, collected, after = book.caller("ruth"), [], None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        page = ruth("GET", "gifts", params=params).json()
        collected += [(item["date"], item["id"]) for item in page["items"]]
        if after is None:
            # newer than all that is still to come
            assert ruth("POST", "gifts", json=new(book, date="2026-08-01")).status_code == 201
        after = page["next"]
        if after is None:
            break
    assert collected == sorted(collected, reverse=True)
    assert len(collected) == len(set(collected)) == 8


def test_gifts_are_sorted_over_all_pages_and_a_cursor_keeps_its_order(book: Book) -> None:
    with transaction_for_system() as db:
        ana = make.donor(db, book.people["ruth"], "ana")
        for amount in ("7", "300", "7", "20"):
            make.gift(db, ana, amount, date(2026, 7, 1))
    ask = book.caller("ruth")

    def listed(sort: str, limit: int) -> list[dict[str, Any]]:
        items, after = [], ""
        while True:
            page = ask(
                "GET", "gifts", params={"sort": sort, "limit": limit, "after": after}
            ).json()
            items += page["items"]
            if page["next"] is None:
                return items
            after = page["next"]

    for sort in gifts.SORTS:
        assert listed(sort, 2) == listed(sort, 100)
    amounts = [float(item["worth"]["amount"]) for item in listed("largest", 2)]
    assert amounts == sorted(amounts, reverse=True)
    assert listed("donor", 2)[0]["donor_name"] == "ana"
    assert listed("oldest", 2) == sorted(
        listed("oldest", 2), key=lambda item: (item["date"], item["id"])
    )
    cursor = ask("GET", "gifts", params={"sort": "largest", "limit": 1}).json()["next"]
    refused = ask("GET", "gifts", params={"sort": "donor", "after": cursor})
    assert refused.status_code == 422
    assert ask("GET", "gifts", params={"sort": "amount"}).status_code == 422
    assert book.caller("coach")("GET", "gifts", params={"sort": "largest"}).status_code == 422


@pytest.mark.parametrize(
    "params",
    [
        {"since": "2026-06-02", "until": "2026-06-01"},
        {"until": "9999-12-31"},
        {"since": "June"},
        {"after": "WyJnaWZ0cyIsImp1bmUiLDFd"},
    ],
)
def test_a_wrong_question_is_refused(book: Book, params: dict[str, str]) -> None:
    assert book.caller("ruth")("GET", "gifts", params=params).status_code == 422


def test_hidden_and_missing_gifts_answer_alike(book: Book) -> None:
    stranger = book.caller("stranger")
    for method, path, body in (
        ("GET", "gifts/{}", None),
        ("POST", "gifts/{}/reverse", {"date": "2026-06-03"}),
        ("POST", "gifts/{}/thank", {}),
    ):
        hidden = stranger(method, path.format(book.ids["gift"]), json=body)
        missing = stranger(method, path.format(987654321), json=body)
        assert (hidden.status_code, hidden.json()) == (404, missing.json())
    refused = [
        stranger("POST", "gifts", json=new(book, donor_id=donor_id))
        for donor_id in (book.ids["donor"], 987654321)
    ]
    assert [answer.status_code for answer in refused] == [404, 404]
    assert refused[0].json() == refused[1].json()


def test_a_gift_is_split_with_fee_cheque_receipt_and_tribute(book: Book) -> None:
    ruth, wells = book.caller("ruth"), book.ids["fund"]
    tribute = {"kind": "in memory of", "name": "Edna", "notify_name": "Tom"}
    parts = [{"amount": "10.00", "fund_id": wells}, {"amount": "2.50"}]
    more = {"fee": "0.45", "receipt": False, "check_number": "1042"}
    created = ruth("POST", "gifts", json=new(book) | more | {"parts": parts, "tribute": tribute})
    assert created.status_code == 201
    gift_id = created.json()["id"]
    gift = ruth("GET", f"gifts/{gift_id}").json()
    assert gift["parts"] == [
        {"amount": "10.00", "fund_id": wells, "campaign_id": None},
        {"amount": "2.50", "fund_id": None, "campaign_id": None},
    ]
    assert gift["tribute"] == tribute | {"notify_address": None}
    assert (gift["fee"], gift["net"], gift["receipt"], gift["check_number"], gift["fund_id"]) == (
        "0.45",
        "12.05",
        False,
        "1042",
        None,
    )
    page = ruth("GET", "gifts", params={"donor_id": book.ids["donor"], "since": "2026-06-02"})
    assert page.json()["items"] == [gift]


def test_a_gift_is_corrected_and_what_is_left_out_stays(book: Book) -> None:
    ruth, wells = book.caller("ruth"), book.ids["fund"]
    sent = new(book, note="At the fair", method="cash") | {"fee": "0.45"}
    gift_id = ruth("POST", "gifts", json=sent).json()["id"]
    before = ruth("GET", f"gifts/{gift_id}").json()
    version, path = before["version"], f"gifts/{gift_id}"
    parts = [{"amount": "10.00", "fund_id": wells}, {"amount": "5.00"}]
    tribute = {"kind": "in honour of", "name": "Edna"}
    change = {"version": version, "amount": "15.00", "parts": parts, "tribute": tribute}
    after = ruth("PATCH", path, json=change).json()
    assert (after["amount"], len(after["parts"]), after["tribute"]["name"]) == ("15.00", 2, "Edna")
    unchanged = ("date", "method", "note", "pledge_id", "fee", "receipt", "check_number")
    assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}
    assert ruth("PATCH", path, json=change).status_code == 409
    empty: dict[str, Any] = {
        "fee": None,
        "tribute": None,
        "note": None,
        "parts": [],
        "fund_id": wells,
    }
    change = {"version": after["version"], "receipt": False, "check_number": "7"} | empty
    last = ruth("PATCH", path, json=change).json()
    assert {key: last[key] for key in ("fee", "tribute", "note", "parts", "fund_id")} == empty
    assert (last["receipt"], last["check_number"], last["amount"]) == (False, "7", "15.00")
    wrong = ruth("PATCH", path, json={"version": last["version"], "parts": parts[:1]})
    assert (wrong.status_code, wrong.json()["detail"]) == (
        422,
        "The parts come to 10.00, the gift to 15.00: 5.00 is missing.",
    )
