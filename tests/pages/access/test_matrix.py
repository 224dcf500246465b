"""The matrix of screens: every page × every role × what its address may ask for."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from app import accounts, alerts, donors
from app.accounts import Actor
from app.db import transaction_for_system
from app.ui.base.screens import SCREENS
from tests import database as run
from tests import factories as make
from tests.pages.access.test_coach import drawn
from tests.permissions import ROLES, SEE, screens

TODAY = datetime.now(UTC).date()
# an amount of each that occurs nowhere else
AMOUNTS = {"own": "4137.29", "team": "5248.31", "other": "6359.37"}


@pytest.fixture
def world(module_database: URL, saved_world: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is saved once: no test changes it."""
    run.use(module_database)
    yield saved_world
    run.use(run.NOWHERE)


@pytest.fixture(scope="module")
def saved_world(module_database: URL) -> dict[str, Any]:
    """For every role an actor, and late, at-risk donors: theirs, their team's, a stranger's."""
    with transaction_for_system() as db:
        make.organisation(db, is_demo=False, modules=["requests"])
        stranger = make.person(db, name="Stranger")
        people: dict[str, Any] = {
            "stranger": stranger,
            "other": make_records(db, stranger, "other", "x"),
        }
        for role in ROLES:
            me, member = make.person(db, role), make.person(db)
            make.looks_after(db, me, member, kind="coach" if role == "coach" else "supervisor")
            people[role] = {
                "me": me,
                "own": make_records(db, me, "own", role),
                "team": make_records(db, member, "team", role),
            }
        donors.score(db, today=TODAY)
        alerts.raise_late_pledges(db, today=TODAY, now=datetime.now(UTC))
        alerts.raise_at_risk(db, today=TODAY, now=datetime.now(UTC))
    return people


def make_records(db: Session, owner: Actor, owner_kind: str, role: str) -> int:
    donor = make.donor(
        db,
        owner,
        canary(owner_kind, role),
        notes=f"Note on {canary(owner_kind, role)}",
        email=f"{owner_kind}.{role}@quill.example",
    )
    for month in range(8):
        make.gift(db, donor, AMOUNTS[owner_kind], TODAY - timedelta(days=1 + 30 * month))
    make.pledge(db, donor, AMOUNTS[owner_kind], "monthly", TODAY - timedelta(days=400))
    make.task(db, owner, f"Call {canary(owner_kind, role)}", donor_id=donor, due_on=TODAY)
    return donor


def canary(owner_kind: str, role: str) -> str:
    return f"Quillfeather {owner_kind} of {role.replace('_', ' ')}"


# data of the stranger's donor that must not be drawn
FOREIGN = [canary("other", "x"), "other.x@quill.example", "6,359.37", "6359.37", "635937"]
SEES_EVERYONE = SEE.other


@pytest.mark.parametrize("file", [entry.file for entry in SCREENS])
def test_a_page_shows_what_its_reader_may_see(
    world: dict[str, Any], screen: Callable[..., AppTest], file: str
) -> None:
    query_of_stranger = {
        "id": str(world["other"]),
        "owner": str(world["stranger"].user_id),
        "query": "Quillfeather other",
        "who": str(world["stranger"].user_id),
        "record": str(world["other"]),
    }
    leaks = {}
    for role in ROLES:
        for query in ({}, query_of_stranger):
            text = drawn(screen(file, world[role]["me"], **query))
            secrets = FOREIGN + [
                canary("own", other_role) for other_role in ROLES if other_role != role
            ]
            leaks[role, bool(query)] = [
                secret_text for secret_text in secrets if secret_text in text
            ]
    leaking = {role for (role, _), leaked in leaks.items() if leaked}
    assert leaking <= SEES_EVERYONE, leaks
    if file in {"donors", "gifts"}:
        assert leaking == SEES_EVERYONE, "a check that refuses everybody proves nothing"


@pytest.mark.parametrize("role", ROLES)
def test_a_donors_address_opens_for_those_who_may_see_it(
    world: dict[str, Any], screen: Callable[..., AppTest], role: str
) -> None:
    me, mine = world[role]["me"], world[role]
    errors = {}
    for owner_kind, donor in (
        ("own", mine["own"]),
        ("team", mine["team"]),
        ("other", world["other"]),
        ("missing", 2_000_000_000),
        ("nonsense", "1 or 1=1"),
    ):
        page = screen("donor", me, id=str(donor))
        name = canary(owner_kind, "x" if owner_kind == "other" else role)
        assert (name in drawn(page)) == SEE.allows(
            role, owner_kind if owner_kind != "nonsense" else "missing"
        )
        errors[owner_kind] = [str(exception.value) for exception in page.exception]
    for owner_kind in ("team", "other"):
        if not SEE.allows(role, owner_kind):
            assert errors[owner_kind] == errors["missing"]


def test_the_registry_is_what_the_document_shows() -> None:
    assert len(screens()) == len(SCREENS)
    assert set(ROLES) == {str(role) for role in accounts.Role} - {"system"}
