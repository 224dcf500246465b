"""Soft credits over the API: give, list, remove; who may."""

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book


def test_a_soft_credit_is_given_listed_and_removed(book: Book) -> None:
    ask, gift = book.caller("ruth"), book.ids["gift"]
    with transaction_for_system() as db:
        jan = make.donor(db, book.people["ruth"], "Jan")
    body = {"donor_id": jan, "type": "spouse", "amount": "1.00"}
    made = ask("POST", f"gifts/{gift}/soft-credits", json=body)
    assert made.status_code == 201
    key = made.json()["id"]
    [line] = ask("GET", f"donors/{jan}/soft-credits").json()["items"]
    assert (line["id"], line["counted"]["amount"], line["giver_name"]) == (
        key,
        "1.00",
        "Mara Vogel",
    )
    listed = ask("GET", "donors", params={"query": "Jan", "credit": "soft"}).json()["items"]
    assert listed[0]["lifetime"]["amount"] == "1.00"
    assert ask("POST", f"gifts/{gift}/soft-credits", json=body).status_code == 422
    wrong = body | {"amount": "1.001"}
    assert ask("POST", f"gifts/{gift}/soft-credits", json=wrong).status_code == 422
    assert book.caller("stranger")("DELETE", f"soft-credits/{key}").status_code == 404
    assert book.caller("coach")("GET", f"donors/{jan}/soft-credits").json() == {"items": []}
    assert ask("DELETE", f"soft-credits/{key}").status_code == 200
    assert ask("DELETE", f"soft-credits/{key}").status_code == 404
