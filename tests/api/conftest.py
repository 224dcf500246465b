"""A client of the JSON API behind the real middleware, on a database of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import URL
from starlette.applications import Starlette
from starlette.middleware import Middleware

from app import accounts
from app.accounts import Actor
from app.api import BodyLimitMiddleware, SecurityMiddleware, routes
from app.api.middleware import security
from app.api.rest import rate_limits
from app.db import transaction_for_system
from tests import database as run
from tests import factories as make
from tests.conftest import WORKER
from tests.web_client import TestClient

V1 = "/api/v1"
PASSWORD = "harbour lantern seven quiet"
ROLES = ("admin", "finance", "supervisor", "coach", "read_only", "fundraiser")


@pytest.fixture
def web(database: URL) -> Iterator[TestClient]:
    """Our routes and middleware, as the web process serves them."""
    security.fixed_headers.cache_clear()
    for item in (rate_limits.PEOPLE, rate_limits.ADDRESSES, rate_limits.SIGN_INS):
        item.forget()
    app = Starlette(
        routes=routes, middleware=[Middleware(SecurityMiddleware), Middleware(BodyLimitMiddleware)]
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        yield client
    security.fixed_headers.cache_clear()


@dataclass
class Book:
    """An organisation: Ruth's donor Mara with a gift, a pledge, a task and an alert."""

    web: TestClient
    people: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def bearer(self, name: str) -> dict[str, str]:
        """Headers of somebody signed in."""
        with transaction_for_system() as db:
            tokens = accounts.issue_tokens(
                db, user_id=self.people[name].user_id, now=datetime.now(UTC)
            )
        return {"authorization": f"Bearer {tokens.access}"}

    def caller(self, name: str) -> Callable[..., Any]:
        """A function that asks as somebody: ask("GET", "donors", params=…)."""
        headers = self.bearer(name)

        def ask(method: str, path: str, **options: Any) -> Any:
            options["headers"] = headers | options.get("headers", {})
            return self.web.request(method, f"{V1}/{path}", **options)

        return ask


SAVED_BOOK = f"book_{WORKER}"


@pytest.fixture
def database(request: pytest.FixtureRequest, _template: None) -> Iterator[URL]:
    """A database of the test's own, with the book in it where the test asks for it."""
    template = run.TEMPLATE
    if "book" in request.fixturenames:
        request.getfixturevalue("saved_book")
        template = SAVED_BOOK
    with run.clone(f"own_{WORKER}", template=template) as url:
        yield url


@pytest.fixture(scope="session")
def saved_book(_template: None) -> Iterator[tuple[dict[str, Actor], dict[str, int]]]:
    """The book as each test finds it, written once."""
    with run.clone(SAVED_BOOK):
        people, ids = write_book()
        run.use(run.NOWHERE)
        yield people, ids


@pytest.fixture
def book(web: TestClient, saved_book: tuple[dict[str, Actor], dict[str, int]]) -> Book:
    """One person of each role, "ruth" who owns Mara, and "stranger" who owns nobody."""
    people, ids = saved_book
    return Book(web, dict(people), dict(ids))


def write_book() -> tuple[dict[str, Actor], dict[str, int]]:
    """Save the people of a book, and the ids of its records."""
    with transaction_for_system() as db:
        make.organisation(db, modules=["requests"])
        people = {role: make.person(db, role) for role in ROLES}
        ruth = people["ruth"] = make.person(
            db, name="Ruth Adler", email="ruth@example.org", goal="4000"
        )
        people["stranger"] = make.person(db, name="Sam Otto")
        make.looks_after(db, people["supervisor"], ruth)
        make.looks_after(db, people["coach"], ruth, "coach")
        mara = make.donor(
            db, ruth, "Mara Vogel", email="mara@example.org", notes="Promised $250 by May."
        )
        pledge = make.pledge(db, mara, "50", start=date(2026, 1, 1), note="Said USD 50.")
        ids = {
            "fund": make.fund(db, "Wells"),
            "campaign": make.campaign(db, "Easter"),
            "tag": make.add_tag(db, mara, "newsletter"),
            "custom-field": make.custom_field(db, "Birthday", "date"),
            "donor": mara,
            "pledge": pledge,
            "gift": make.gift(db, mara, "12.50", date(2026, 6, 1), note="Cash, $12.50."),
            "task": make.task(db, ruth, "Call about $50", donor_id=mara, due_on=date(2026, 6, 1)),
            "request": make.care_request(db, mara, "Health, and $50 of rent."),
            "alert": make.alert(db, mara, pledge_id=pledge, reason="$50 is missing."),
        }
    return people, ids
