"""Programs and links of somebody who must have a second factor and has none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app import accounts
from app.accounts import SYSTEM
from app.db import transaction_for_system
from tests.api.conftest import V1, Book

OURS = {"x-requested-with": "donorcrm"}


def required(*roles: str) -> None:
    with transaction_for_system() as db:
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        accounts.save_mfa_policy(db, SYSTEM, roles=roles, grace_days=0, now=an_hour_ago)


@pytest.mark.parametrize("path", ["me", "donors", "gifts", "tasks", "kpis", "nothing"])
def test_a_token_rests(book: Book, path: str) -> None:
    ask = book.caller("ruth")
    before = ask("GET", path).status_code
    required("fundraiser")
    answer = ask("GET", path)
    if before == 404:
        assert answer.status_code == 404
        return
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Two-factor authentication is required" in answer.json()["detail"]
    required("admin")
    assert ask("GET", path).status_code == before


def test_so_does_a_personal_token_and_the_calendar(book: Book) -> None:
    ruth, now = book.people["ruth"], datetime.now(UTC)
    with transaction_for_system() as db:
        read, calendar = (
            accounts.create_api_token(db, ruth, name="x", scopes=frozenset({scope}), now=now)
            for scope in (accounts.Scope.READ, accounts.Scope.CALENDAR)
        )
    headers = {"authorization": f"Bearer {read}"}
    requests: tuple[Callable[[], int], ...] = (
        lambda: book.web.get(f"{V1}/donors", headers=headers).status_code,
        lambda: book.web.get(f"{V1}/calendar/{calendar}.ics").status_code,
    )
    assert [request() for request in requests] == [200, 200]
    required("fundraiser")
    assert [request() for request in requests] == [403, 403]


@pytest.mark.parametrize(
    "path", ["files/donors.csv", "files/gifts.xlsx", "files/donors/{donor}.zip", "summary"]
)
def test_a_session_without_one_gets_no_file_and_no_preview(book: Book, path: str) -> None:
    admin = book.people["admin"]
    with transaction_for_system() as db:
        _, code = accounts.open_session(db, user_id=admin.user_id, now=datetime.now(UTC))
    assert book.web.post(f"{V1}/auth/session/", json={"code": code}, headers=OURS).is_success
    address = f"{V1}/{path.format(**book.ids)}"
    assert book.web.get(address).status_code == 200
    required("admin")
    answer = book.web.get(address)
    assert answer.status_code == 403
    assert "needs two-factor authentication" in answer.text
