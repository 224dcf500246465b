"""Storing an alert that the daily check has not raised: whose rights suffice, and repetition."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text

from app import accounts
from app.db import transaction_for_system
from app.db.models import Alert, Task
from tests import factories as make
from tests.api.conftest import V1, Book

REFUSED = "This alert does not exist, or is not yours."


@pytest.fixture
def cause(book: Book) -> dict[str, Any]:
    """What an entry of Ruth's list is about, whose alert is not stored."""
    with transaction_for_system() as db:
        db.execute(delete(Task))
        db.execute(delete(Alert))
        donor = make.donor(db, book.people["ruth"], "Tom Reed")
        pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    return {"kind": "late_pledge", "donor_id": donor, "pledge_id": pledge}


def stored() -> tuple[int, int]:
    """Return how many alerts and how many tasks there are."""
    with transaction_for_system() as db:
        count = select(func.count())
        return (
            db.scalar(count.select_from(Alert)) or 0,
            db.scalar(count.select_from(Task)) or 0,
        )


def signed_out(book: Book) -> dict[str, str]:
    with transaction_for_system() as db:
        tokens = accounts.issue_tokens(
            db, user_id=book.people["ruth"].user_id, now=datetime.now(UTC)
        )
    left = book.web.post(f"{V1}/auth/logout", json={"refresh": tokens.refresh})
    assert left.is_success
    return {"authorization": f"Bearer {tokens.access}"}


def revoked_token(book: Book) -> dict[str, str]:
    ruth, now = book.people["ruth"], datetime.now(UTC)
    with transaction_for_system() as db:
        token = accounts.create_api_token(
            db, ruth, name="Sheet", scopes=frozenset({accounts.Scope.WRITE}), now=now
        )
        (line,) = accounts.api_tokens(db, ruth, now=now)
        accounts.revoke_api_token(db, ruth, token_id=line.id, now=now)
    return {"authorization": f"Bearer {token}"}


def reading_token(book: Book) -> dict[str, str]:
    with transaction_for_system() as db:
        token = accounts.create_api_token(
            db,
            book.people["ruth"],
            name="Sheet",
            scopes=frozenset({accounts.Scope.READ}),
            now=datetime.now(UTC),
        )
    return {"authorization": f"Bearer {token}"}


def demoted(book: Book) -> dict[str, str]:
    headers = book.bearer("ruth")
    with transaction_for_system() as db:
        accounts.change_role(
            db,
            book.people["admin"],
            user_id=book.people["ruth"].user_id,
            role="read_only",
            now=datetime.now(UTC),
        )
    return headers


def demoted_by_hand(book: Book) -> dict[str, str]:
    """The role changed below the application, which ends no token."""
    headers = book.bearer("ruth")
    with transaction_for_system() as db:
        db.execute(
            text("update app_user set role = 'read_only' where id = :id"),
            {"id": book.people["ruth"].user_id},
        )
    return headers


def deactivated(book: Book) -> dict[str, str]:
    headers = book.bearer("ruth")
    with transaction_for_system() as db:
        accounts.deactivate(
            db,
            book.people["admin"],
            user_id=book.people["ruth"].user_id,
            now=datetime.now(UTC),
        )
    return headers


def without_the_donor(book: Book) -> dict[str, str]:
    headers = book.bearer("ruth")
    with transaction_for_system() as db:
        db.execute(
            text("update donor set owner_id = :id"), {"id": book.people["stranger"].user_id}
        )
    return headers


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (signed_out, 401),
        (revoked_token, 401),
        (reading_token, 403),
        (demoted, 401),
        (demoted_by_hand, 404),
        (deactivated, 401),
        (without_the_donor, 404),
    ],
)
def test_no_alert_is_stored_after_the_rights_have_ended(
    book: Book, cause: dict[str, Any], change: Callable[[Book], dict[str, str]], status: int
) -> None:
    headers = change(book)
    answer = book.web.post(f"{V1}/alerts", json=cause, headers=headers)
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["detail"] == REFUSED
    assert stored() == (0, 0)


@pytest.mark.parametrize("keys", [("a", "a"), ("a", "b"), (None, None), (None, "a")])
def test_a_second_request_returns_the_first_alert(
    book: Book, cause: dict[str, Any], keys: tuple[str | None, str | None]
) -> None:
    ruth = book.caller("ruth")
    answers = [
        ruth("POST", "alerts", json=cause, headers={"idempotency-key": key} if key else {})
        for key in keys
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert stored() == (1, 1)
    # nor does a click on a line that another click has dealt with bring it back
    assert ruth("POST", f"alerts/{answers[0].json()['id']}/resolve").is_success
    for key in ("a", "c"):
        again = ruth("POST", "alerts", json=cause, headers={"idempotency-key": key})
        assert again.status_code == 404
    assert stored() == (1, 1)


def test_of_five_concurrent_requests_each_returns_the_one_alert(
    book: Book, cause: dict[str, Any]
) -> None:
    ruth = book.caller("ruth")
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: ruth("POST", "alerts", json=cause), range(5)))
    assert [answer.text for answer in answers if answer.status_code != 201] == []
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert stored() == (1, 1)
