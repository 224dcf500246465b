"""The search of the palette: whose cookie it is decides which donors are found."""

from dataclasses import replace
from datetime import date

import pytest
from httpx import Response
from sqlalchemy import URL

from app import donors
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.integration.exports.test_downloads import cookie_of
from tests.web_client import TestClient

__all__ = ["client"]
PATH = "/api/v1/find"


@pytest.fixture
def people(database: URL) -> dict[str, Actor]:
    with transaction_for_system() as db:
        make.organisation(db)
        result = {
            role: make.person(db, role, name=role)
            for role in ("admin", "coach", "fundraiser", "supervisor")
        }
        make.looks_after(db, result["coach"], result["fundraiser"], "coach")
    return result


@pytest.fixture
def ids(people: dict[str, Actor]) -> dict[str, int]:
    with transaction_for_system() as db:
        owner = people["fundraiser"]
        return {
            name: make.donor(db, owner if name != "Mark Mill" else people["admin"], name)
            for name in ("Anna Mill", "Mark Mill", "Tom Reed")
        }


def ask(
    client: TestClient, people: dict[str, Actor], role: str | None, query: str = ""
) -> Response:
    headers = cookie_of(people[role]) if role else {}
    answer: Response = client.get(PATH, params={"query": query}, headers=headers)
    return answer


def names(answer: Response) -> list[str]:
    assert answer.status_code == 200
    return [str(donor["name"]) for donor in answer.json()["donors"]]


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("fundraiser", ["Anna Mill"]),
        ("coach", ["Anna Mill"]),
        ("supervisor", []),
        ("admin", ["Anna Mill", "Mark Mill"]),
    ],
)
def test_donors_are_found_among_those_the_role_sees(
    client: TestClient, people: dict[str, Actor], ids: dict[str, int], role: str, found: list[str]
) -> None:
    answer = ask(client, people, role, "mill")
    assert names(answer) == found
    assert answer.headers["cache-control"] == "no-store"
    assert {donor["id"] for donor in answer.json()["donors"]} <= set(ids.values())


def test_without_a_text_it_names_the_donors_opened_last(
    client: TestClient, people: dict[str, Actor], ids: dict[str, int]
) -> None:
    actor = people["fundraiser"]
    for name in ("Tom Reed", "Anna Mill"):
        with transaction(actor) as db:
            donors.log_view(db, actor, donor_id=ids[name])
    # read by a program, and opened by somebody else: neither is what one opened
    with transaction(people["admin"]) as db:
        donors.log_view(db, people["admin"], donor_id=ids["Mark Mill"])
    with transaction(actor) as db:
        donors.log_view(db, actor, donor_id=ids["Tom Reed"], how="api")
    assert names(ask(client, people, "fundraiser")) == ["Anna Mill", "Tom Reed"]
    assert names(ask(client, people, "admin")) == ["Mark Mill"]
    assert names(ask(client, people, "supervisor")) == []


def test_a_donor_who_went_to_somebody_else_is_not_named_any_more(
    client: TestClient, people: dict[str, Actor], ids: dict[str, int]
) -> None:
    actor, admin = people["fundraiser"], people["admin"]
    with transaction(actor) as db:
        donors.log_view(db, actor, donor_id=ids["Anna Mill"])
    with transaction(admin) as db:
        view = donors.get(db, admin, ids["Anna Mill"], today=date(2026, 11, 23))
        donors.update(
            db,
            admin,
            donor_id=view.donor_id,
            version=view.version,
            fields=replace(view.fields, owner_id=admin.user_id),
            today=date(2026, 11, 23),
        )
    assert names(ask(client, people, "fundraiser")) == []


def test_only_a_page_of_ours_is_answered(
    client: TestClient, people: dict[str, Actor], ids: dict[str, int]
) -> None:
    assert ask(client, people, None, "mill").status_code == 401
    headers = cookie_of(people["admin"]) | {"sec-fetch-site": "cross-site"}
    assert client.get(PATH, params={"query": "mill"}, headers=headers).status_code == 403
    # a text of any length is a search, and never an error
    assert ask(client, people, "admin", "mill" * 2_000).status_code == 200
    assert names(ask(client, people, "admin", "%_\\'\";--")) == []
