"""The summary as a page before it is sent: whose cookie it is decides."""

from datetime import UTC, datetime

import pytest
from httpx import Response
from sqlalchemy import URL

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.integration.exports.test_downloads import cookie_of
from tests.web_client import TestClient

__all__ = ["client"]
PATH = "/api/v1/summary"


@pytest.fixture
def people(database: URL) -> dict[str, Actor]:
    with transaction_for_system() as db:
        make.organisation(db)
        result = {
            role: make.person(db, role, name=role)
            for role in ("admin", "supervisor", "coach", "fundraiser")
        }
        # given on the day it is asked about, which is today's
        donor = make.donor(db, result["fundraiser"], "<i>Mara</i>")
        make.gift(db, donor, "20", datetime.now(UTC).date())
        for lead in ("supervisor", "coach"):
            make.looks_after(db, result[lead], result["fundraiser"], lead)
    return result


def ask(
    client: TestClient, people: dict[str, Actor], role: str | None, **parts: str | int
) -> Response:
    headers = cookie_of(people[role]) if role else {}
    answer: Response = client.get(PATH, params=parts, headers=headers)
    return answer


def test_ones_own_as_page_and_as_text(client: TestClient, people: dict[str, Actor]) -> None:
    page = ask(client, people, "fundraiser")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "&lt;i&gt;Mara" in page.text
    assert "<i>Mara" not in page.text
    plain = ask(client, people, "fundraiser", **{"as": "text"})
    assert plain.headers["content-type"].startswith("text/plain")
    assert "<i>Mara</i>" in plain.text


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 200), ("supervisor", 404), ("coach", 404), ("fundraiser", 200), (None, 401)],
)
def test_the_summary_of_another_user_is_for_administrators(
    client: TestClient, people: dict[str, Actor], who: str | None, status: int
) -> None:
    got = ask(client, people, who, of=people["fundraiser"].user_id, on="2026-11-23")
    assert got.status_code == status


@pytest.mark.parametrize("wrong", [{"of": "x"}, {"on": "tomorrow"}, {"of": "1;drop"}])
def test_a_wrong_address_is_a_sentence(
    client: TestClient, people: dict[str, Actor], wrong: dict[str, str]
) -> None:
    got = ask(client, people, "admin", **wrong)
    assert got.status_code == 422
    assert "preview address is not valid" in got.text


def test_a_coach_reads_no_amount(client: TestClient, people: dict[str, Actor]) -> None:
    assert "$" not in ask(client, people, "coach").text
