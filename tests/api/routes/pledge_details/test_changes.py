"""Changes of a pledge through the API: amount, pauses, excused instalments."""

from typing import Any

import httpx

from tests.api.conftest import Book


def version_of(book: Book) -> int:
    answer = book.caller("ruth")("GET", f"pledges/{book.ids['pledge']}").json()
    return int(answer["version"])


def change(book: Book, what: str, **body: Any) -> httpx.Response:
    body = {"version": version_of(book)} | body
    answer: httpx.Response = book.caller("ruth")(
        "POST", f"pledges/{book.ids['pledge']}/{what}", json=body
    )
    return answer


def test_another_amount_holds_from_its_day(book: Book) -> None:
    assert change(book, "amount", amount="75", since="2026-06-01").json() == {"done": True}
    line = book.caller("ruth")("GET", f"pledges/{book.ids['pledge']}").json()
    assert line["amount"] == "75.00"
    stale = change(book, "amount", version=1, amount="80", since="2026-07-01")
    assert stale.status_code == 409
    for wrong in ({"amount": "75"}, {"amount": "0"}, {"amount": "1.234"}):
        assert change(book, "amount", since="2026-08-01", **wrong).status_code == 422, wrong


def test_a_pledge_is_paused_and_resumed(book: Book) -> None:
    assert change(book, "pause", start="2026-02-01", reason="Away").status_code == 200
    ruth, address = book.caller("ruth"), f"pledges/{book.ids['pledge']}"
    assert ruth("GET", address).json()["state"] == "paused"
    assert change(book, "pause", start="2026-05-01", end="2026-04-01").status_code == 422
    assert change(book, "resume", date="2026-03-01").status_code == 200
    assert ruth("GET", address).json()["state"] != "paused"


def test_an_instalment_is_excused_and_expected_again(book: Book) -> None:
    ruth, address = book.caller("ruth"), f"pledges/{book.ids['pledge']}"
    before = ruth("GET", address).json()["missed"]
    assert change(book, "skip", due="2026-02-01", reason="Ill").status_code == 200
    assert ruth("GET", address).json()["missed"] == before - 1
    nothing = change(book, "skip", due="2026-02-02")
    assert "Nothing is due" in nothing.json()["detail"]
    answer = ruth("POST", f"{address}/unskip", json={"due": "2026-02-01"})
    assert answer.status_code == 200
    assert ruth("GET", address).json()["missed"] == before
