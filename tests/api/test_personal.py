"""Personal tokens at the API: each does what was chosen for it and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app import accounts
from app.accounts import Scope
from app.db import transaction_for_system
from tests.api.conftest import V1, Book

GIFT = {"amount": "5", "currency": "USD", "date": "2026-06-03"}
ASKS = {
    "read": ("GET", "/donors"),
    "write": ("POST", "/gifts"),
    "import": ("GET", "/imports"),
    "export": ("GET", "/exports/donors.csv"),
}


def token_for(book: Book, name: str, *scopes: str) -> dict[str, str]:
    with transaction_for_system() as db:
        token = accounts.create_api_token(
            db,
            book.people[name],
            name="A program",
            scopes=frozenset(map(Scope, scopes)),
            now=datetime.now(UTC),
        )
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("scope", [*ASKS, "calendar"])
def test_each_scope_opens_its_own_part(book: Book, scope: str) -> None:
    headers = token_for(book, "ruth", scope)
    answers = {}
    gift = {"json": GIFT | {"donor_id": book.ids["donor"]}}
    for name, (method, path) in ASKS.items():
        options: dict[str, Any] = gift if method == "POST" else {}
        answer = book.web.request(method, V1 + path, headers=headers, **options)
        answers[name] = answer.status_code
        if name != scope:
            assert answer.json()["detail"].startswith(f"This token may not {name}.")
    good = {"write": 201}.get(scope, 200)
    assert answers == {name: good if name == scope else 403 for name in ASKS}


def test_a_token_reaches_no_further_than_its_owner(book: Book) -> None:
    stranger = token_for(book, "stranger", *(set(Scope) - {"calendar"}))
    assert book.web.get(f"{V1}/donors/{book.ids['donor']}", headers=stranger).status_code == 404
    coach = token_for(book, "coach", "read")
    text = book.web.get(f"{V1}/donors/{book.ids['donor']}", headers=coach).text
    assert "Mara" in text
    assert "12.50" not in text


def test_an_ended_token_is_refused(book: Book) -> None:
    headers = token_for(book, "ruth", "read")
    assert book.web.get(f"{V1}/me", headers=headers).json()["name"] == "Ruth Adler"
    with transaction_for_system() as db:
        [token] = accounts.api_tokens(db, book.people["ruth"], now=datetime.now(UTC))
        accounts.revoke_api_token(
            db, book.people["ruth"], token_id=token.id, now=datetime.now(UTC)
        )
    assert book.web.get(f"{V1}/me", headers=headers).status_code == 401
