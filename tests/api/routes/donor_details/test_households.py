"""Households and relations over the API: make, join, head, leave, dissolve, relate."""

from itertools import product

import pytest

from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import Book


@pytest.fixture
def others(book: Book) -> list[int]:
    """Three more donors of the owner of Mara."""
    with transaction_for_system() as db:
        return [make.donor(db, book.people["ruth"], name) for name in ("Jan", "Kim", "Lea")]


def test_a_household_from_its_first_to_its_last_day(book: Book, others: list[int]) -> None:
    ask, mara = book.caller("ruth"), book.ids["donor"]
    jan, kim, lea = others
    assert ask("GET", f"donors/{mara}/household").json() == {"household": None}
    made = ask("POST", "households", json={"head_id": mara, "member_ids": [jan]})
    assert made.status_code == 201
    key = made.json()["id"]
    assert made.headers["location"] == f"/api/v1/donors/{key}"
    assert ask("POST", f"households/{key}/members", json={"donor_id": kim}).status_code == 200
    again = ask("POST", f"households/{key}/members", json={"donor_id": kim})
    assert again.status_code == 422
    assert ask("POST", f"households/{key}/head", json={"donor_id": kim}).status_code == 200
    household = ask("GET", f"donors/{jan}/household").json()["household"]
    assert household["donor_id"] == key
    assert [(line["donor_id"], line["head"]) for line in household["members"]] == [
        (kim, True),
        (mara, False),
        (jan, False),
    ]
    assert household["lifetime"] == ask("GET", f"donors/{mara}").json()["lifetime"]
    listed = ask("GET", "donors", params={"unit": "household", "query": "Kim"}).json()["items"]
    assert [line["id"] for line in listed] == [key]
    assert ask("DELETE", f"donors/{jan}/household").status_code == 200
    assert ask("DELETE", f"donors/{kim}/household").status_code == 422
    for status in (200, 422):
        assert ask("DELETE", f"households/{key}").status_code == status
    alone = ask("POST", "households", json={"head_id": lea, "member_ids": [lea]})
    assert alone.status_code == 422
    assert "two members" in alone.text


def test_nobody_else_may(book: Book, others: list[int]) -> None:
    mara = book.ids["donor"]
    body = {"head_id": mara, "member_ids": [others[0]]}
    for who, status in (("stranger", 404), ("read_only", 403)):
        assert book.caller(who)("POST", "households", json=body).status_code == status, who
    key = book.caller("ruth")("POST", "households", json=body).json()["id"]
    ask = book.caller("stranger")
    assert ask("DELETE", f"households/{key}").status_code == 404
    assert ask("GET", f"donors/{mara}/household").status_code == 404


def test_relations(book: Book, others: list[int]) -> None:
    ask, mara, jan = book.caller("ruth"), book.ids["donor"], others[0]
    body = {"other_id": jan, "type": "spouse"}
    key = ask("POST", f"donors/{mara}/relations", json=body).json()["id"]
    assert ask("POST", f"donors/{mara}/relations", json=body).status_code == 422
    assert ask("GET", f"donors/{jan}/relations").json()["items"] == [
        {"id": key, "label": "spouse", "donor_id": mara, "name": "Mara Vogel"}
    ]
    assert book.caller("stranger")("DELETE", f"relations/{key}").status_code == 404
    assert ask("DELETE", f"relations/{key}").status_code == 200
    assert ask("DELETE", f"relations/{key}").status_code == 404


def test_figures_and_files_by_household_and_with_soft_credits(book: Book) -> None:
    ask = book.caller("admin")
    for unit, credit in product(("person", "household"), ("hard", "soft", "both")):
        switches = {"unit": unit, "credit": credit}
        compared = ask("GET", "figures", params=switches).json()["compared"]
        assert (compared["unit"], compared["credit"]) == (unit, credit)
        donors_now = compared["donors_kept"] + compared["donors_new"] + compared["donors_back"]
        assert compared["donors_now"] == donors_now
        for kind in ("donors", "figures"):
            assert ask("GET", f"exports/{kind}.csv", params=switches).status_code == 200
    named = ask("GET", "exports/donors.csv", params={"unit": "household", "credit": "both"})
    assert "donors-by-household-with-soft-credits-" in named.headers["content-disposition"]
    refused = ask("GET", "exports/pledges.csv", params={"unit": "household"})
    assert refused.status_code == 422
    assert "has no choice of household" in refused.text
    for route in ("figures", "exports/donors.csv"):
        assert ask("GET", route, params={"unit": "tribe"}).status_code == 422
