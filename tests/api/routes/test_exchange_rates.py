"""Exchange rates in the API: list, set once, delete, and gifts that wait for a rate."""

from typing import Any

import pytest
from sqlalchemy import select

from app import accounts
from app.api.middleware.body_limits import limit_of
from app.db import transaction_for_system
from app.db.models import Activity
from tests.api.conftest import Book

DAY = "2026-06-03"
CHF = {"currency": "CHF", "date": DAY, "rate": "1.25"}


def test_a_gift_waits_until_a_rate_is_set(book: Book) -> None:
    ask = book.caller("admin")
    gift = ask(
        "POST",
        "gifts",
        json={
            "donor_id": book.ids["donor"],
            "amount": "80.00",
            "currency": "CHF",
            "date": "2026-06-05",
        },
    ).json()
    assert gift["awaiting_rate"] is True
    assert ask("GET", f"gifts/{gift['id']}").json()["worth"] is None
    listed = ask("GET", "gifts", params={"awaiting_rate": True}).json()["items"]
    assert [line["id"] for line in listed] == [gift["id"]]
    changed = ask("POST", "exchange-rates", json=CHF)
    assert changed.status_code == 201
    assert changed.json() == {
        "changed": True,
        "base": "USD",
        "converted": [
            {
                "currency": "CHF",
                "gifts": 1,
                "before": "0.00",
                "after": "100.00",
                "counted": 1,
                "waiting": 0,
            }
        ],
    }
    assert ask("GET", f"gifts/{gift['id']}").json()["worth"] == {
        "amount": "100.00",
        "currency": "USD",
    }
    assert ask("GET", "gifts", params={"awaiting_rate": True}).json()["items"] == []
    again = ask("POST", "exchange-rates", json=CHF).json()
    assert again == {"changed": False, "base": "USD", "converted": []}
    deleted = ask("DELETE", f"exchange-rates/CHF/{DAY}")
    assert deleted.status_code == 200
    assert deleted.json()["converted"][0]["waiting"] == 1
    assert ask("DELETE", f"exchange-rates/CHF/{DAY}").status_code == 404


def test_a_repeated_request_changes_nothing(book: Book) -> None:
    ask = book.caller("admin")
    headers = {"idempotency-key": "rate-1"}
    first = ask("POST", "exchange-rates", json=CHF, headers=headers)
    ask("POST", "exchange-rates", json=CHF | {"rate": "2"})
    again = ask("POST", "exchange-rates", json=CHF, headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert ask("GET", "exchange-rates").json()["items"][0]["rate"] == "2"
    other = ask("POST", "exchange-rates", json=CHF | {"rate": "3"}, headers=headers)
    assert other.status_code == 422


def test_rates_are_listed_page_by_page(book: Book) -> None:
    ask = book.caller("admin")
    for currency, day in (("CHF", "2026-01-01"), ("CHF", "2026-02-01"), ("SEK", "2026-01-01")):
        ask("POST", "exchange-rates", json={"currency": currency, "date": day, "rate": "0.1"})
    lines, after = [], ""
    while True:
        page = ask("GET", "exchange-rates", params={"limit": 1, "after": after}).json()
        lines += page["items"]
        after = page["next"]
        if after is None:
            break
    assert [(line["currency"], line["date"], line["until"]) for line in lines] == [
        ("CHF", "2026-02-01", None),
        ("CHF", "2026-01-01", "2026-01-31"),
        ("SEK", "2026-01-01", None),
    ]
    assert lines[0]["base"] == "USD"
    only = ask("GET", "exchange-rates", params={"currency": "SEK"}).json()["items"]
    assert [line["currency"] for line in only] == ["SEK"]
    assert ask("GET", "exchange-rates", params={"after": "x"}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": "0"},
        {"rate": "-1"},
        {"rate": "abc"},
        {"rate": "NaN"},
        {"rate": "1.123456789"},
        {"rate": 1.1},
        {"currency": "USD"},
        {"currency": "XXY"},
        {"date": "2099-01-01"},
        {"date": "01.02.2026"},
        {"other": 1},
    ],
)
def test_an_impossible_rate_is_refused(book: Book, wrong: dict[str, Any]) -> None:
    ask = book.caller("admin")
    refused = ask("POST", "exchange-rates", json=CHF | wrong)
    assert refused.status_code == 422
    assert refused.json()["detail"]
    assert ask("GET", "exchange-rates").json()["items"] == []


@pytest.mark.parametrize("path", ["CHF/yesterday", "XXY/2026-01-01", "chf/2026-01-01"])
def test_an_impossible_address_is_refused(book: Book, path: str) -> None:
    assert book.caller("admin")("DELETE", f"exchange-rates/{path}").status_code in {404, 422}


BANK = b"Date,USD,CHF,XQQ,\n2026-06-03,1.16,0.928,3,\n2026-06-02,N/A,0.9,3,\n"
PLAIN = b"day;currency;rate\n2026-06-01;CHF;1.25\n2026-06-01;SEK;0.1\n"


def send(ask: Any, content: bytes, kind: str = "text/csv", **params: object) -> Any:
    headers = {"content-type": kind}
    return ask("POST", "exchange-rates/file", content=content, headers=headers, params=params)


def rates(ask: Any) -> list[tuple[str, str, str]]:
    items = ask("GET", "exchange-rates").json()["items"]
    return [(line["currency"], line["date"], line["rate"]) for line in items]


def test_a_file_is_tried_saved_and_saved_again(book: Book) -> None:
    ask = book.caller("admin")
    make_waiting_gift(ask, book)
    tried = send(ask, PLAIN, dry_run=True)
    expected = {
        "saved": False,
        "base": "USD",
        "added": 2,
        "corrected": 0,
        "unchanged": 0,
        "currencies": ["CHF", "SEK"],
        "left_out": [],
        "converted": [
            {
                "currency": "CHF",
                "gifts": 1,
                "before": "0.00",
                "after": "100.00",
                "counted": 1,
                "waiting": 0,
            }
        ],
    }
    assert (tried.status_code, tried.json()) == (200, expected)
    assert rates(ask) == []
    assert send(ask, PLAIN).json() == expected | {"saved": True}
    assert rates(ask) == [("CHF", "2026-06-01", "1.25"), ("SEK", "2026-06-01", "0.1")]
    again = send(ask, PLAIN).json()
    assert (again["saved"], again["unchanged"], again["converted"]) == (False, 2, [])
    with transaction_for_system() as db:
        logged = db.scalars(
            select(Activity.actor_id).where(Activity.action == "exchange_rate.imported")
        ).all()
    assert logged == [book.people["admin"].user_id]


def make_waiting_gift(ask: Any, book: Book) -> None:
    gift = {
        "donor_id": book.ids["donor"],
        "amount": "80.00",
        "currency": "CHF",
        "date": "2026-06-05",
    }
    assert ask("POST", "gifts", json=gift).status_code == 201


def test_a_file_of_the_bank_is_converted_and_what_it_lacks_is_named(book: Book) -> None:
    ask = book.caller("admin")
    answer = send(ask, BANK)
    assert answer.status_code == 200, answer.text
    assert rates(ask) == [("CHF", DAY, "1.25"), ("EUR", DAY, "1.16")]
    column, days = answer.json()["left_out"]
    assert column.startswith("A column: XQQ")
    assert days == "1 day without a rate of USD, your currency."


@pytest.mark.parametrize(
    ("content", "kind", "status", "sentence"),
    [
        (
            b"currency,day,rate\nCHF,2026-06-01,1\nCHF,2026-06-02,0\nUSD,2026-06-01,1\n",
            "text/csv",
            422,
            "2 rows of the file cannot be used.\nRow 3: The rate must be a number above 0",
        ),
        (b"Name,E-mail\nA,b@example.org\n", "text/csv", 422, "not a table of exchange rates"),
        (b"", "text/csv", 422, "The file is empty."),
        (b"PK\x03\x04", "text/csv", 422, "This is a zip file"),
        (PLAIN, "application/json", 415, "Send the file itself as text/csv."),
        (bytes(10 * 1024 * 1024 + 1), "text/csv", 413, "more than 10 MB"),
    ],
    ids=["rows", "other", "empty", "zip", "json", "large"],
)
def test_an_unusable_file_saves_nothing(
    book: Book, content: bytes, kind: str, status: int, sentence: str
) -> None:
    ask = book.caller("admin")
    answer = send(ask, content, kind)
    assert answer.status_code == status, answer.text
    assert sentence in answer.json()["detail"]
    assert rates(ask) == []


def test_the_route_takes_files_of_the_size_that_the_screen_and_the_command_take() -> None:
    limit = limit_of("POST", "/api/v1/exchange-rates/file")
    assert limit == accounts.MAX_RATE_FILE_BYTES
    assert limit_of("POST", "/api/v1/exchange-rates") < limit


def test_only_administrators_send_a_file(book: Book) -> None:
    for role in ("finance", "supervisor", "ruth"):
        assert send(book.caller(role), PLAIN).status_code == 403
    assert rates(book.caller("admin")) == []


def test_every_sum_says_what_waits_for_a_rate(book: Book) -> None:
    ask = book.caller("ruth")
    complete = {"gifts": 0, "by_currency": []}
    donor = f"donors/{book.ids['donor']}"
    assert ask("GET", donor).json()["waiting_for_rate"] == complete
    make_waiting_gift(ask, book)
    waiting = {"gifts": 1, "by_currency": [{"currency": "CHF", "gifts": 1, "amount": "80.00"}]}
    assert ask("GET", donor).json()["waiting_for_rate"] == waiting
    [line] = ask("GET", "donors").json()["items"]
    assert line["waiting_for_rate"] == waiting
    [line] = ask("GET", "donors", params={"unit": "household"}).json()["items"]
    assert line["waiting_for_rate"] == waiting
    [line] = ask("GET", "donors", params={"credit": "soft"}).json()["items"]
    assert line["waiting_for_rate"] == complete, "the sums count no own gifts"
    board = ask("GET", "figures").json()
    assert board["waiting_for_rate"] == waiting
    assert [board[part]["waiting_for_rate"] for part in ("goal", "year", "compared")] == [
        waiting,
        waiting,
        waiting,
    ]
    # a coach, who sees no amounts, learns nothing of them
    [line] = book.caller("coach")("GET", "donors").json()["items"]
    assert line["waiting_for_rate"] == complete


def test_a_household_says_what_waits_for_a_rate(book: Book) -> None:
    ask = book.caller("ruth")
    other = ask("POST", "donors", json={"name": "Tom Vogel"}).json()["id"]
    members = {"head_id": book.ids["donor"], "member_ids": [other]}
    assert ask("POST", "households", json=members).status_code == 201
    make_waiting_gift(ask, book)
    household = ask("GET", f"donors/{other}/household").json()["household"]
    assert household["waiting_for_rate"]["by_currency"] == [
        {"currency": "CHF", "gifts": 1, "amount": "80.00"}
    ]
