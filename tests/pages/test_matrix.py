"""The matrix of screens: every page × every role × what its address may ask for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import accounts, alerts, donors
from app.accounts import Actor
from app.db import transaction
from app.ui.base.screens import SCREENS
from tests import factories as make
from tests.pages.test_coach import drawn
from tests.permissions import ROLES, SEE, screens

TODAY = datetime.now(UTC).date()
# a name and an amount of each that stand nowhere else
AMOUNTS = {"own": "4137.29", "team": "5248.31", "other": "6359.37"}


@pytest.fixture
def world(database) -> dict[str, Any]:
    """For every role an actor, and late, at-risk donors: theirs, their team's, a stranger's."""
    with transaction() as db:
        make.organisation(db, is_demo=False)
        stranger = make.person(db, name="Stranger")
        found: dict[str, Any] = {"stranger": stranger, "other": books(db, stranger, "other", "x")}
        for role in ROLES:
            me, member = make.person(db, role), make.person(db)
            make.looks_after(db, me, member, kind="coach" if role == "coach" else "supervisor")
            found[role] = {
                "me": me,
                "own": books(db, me, "own", role),
                "team": books(db, member, "team", role),
            }
        donors.score(db, today=TODAY)
        alerts.raise_late_pledges(db, today=TODAY, now=datetime.now(UTC))
        alerts.raise_at_risk(db, today=TODAY, now=datetime.now(UTC))
    return found


def books(db, owner: Actor, whose: str, role: str) -> int:
    donor = make.donor(
        db,
        owner,
        canary(whose, role),
        notes=f"Note on {canary(whose, role)}",
        email=f"{whose}.{role}@quill.example",
    )
    for back in range(8):
        make.gift(db, donor, AMOUNTS[whose], TODAY - timedelta(days=1 + 30 * back))
    make.pledge(db, donor, AMOUNTS[whose], "monthly", TODAY - timedelta(days=400))
    make.task(db, owner, f"Call {canary(whose, role)}", donor_id=donor, due_on=TODAY)
    return donor


def canary(whose: str, role: str) -> str:
    return f"Quillfeather {whose} of {role.replace('_', ' ')}"


# what of the stranger's donor may not stand in what was drawn
STRANGE = [canary("other", "x"), "other.x@quill.example", "6,359.37", "6359.37", "635937"]
WIDE = SEE.other


@pytest.mark.parametrize("file", [one.file for one in SCREENS])
def test_a_page_shows_what_its_reader_may_see(world, screen, file):
    asked = {
        "id": str(world["other"]),
        "owner": str(world["stranger"].user_id),
        "query": "Quillfeather other",
        "who": str(world["stranger"].user_id),
        "record": str(world["other"]),
    }
    leaks = {}
    for role in ROLES:
        for query in ({}, asked):
            seen = drawn(screen(file, world[role]["me"], **query))
            told = STRANGE + [canary("own", one) for one in ROLES if one != role]
            leaks[role, bool(query)] = [one for one in told if one in seen]
    leaking = {role for (role, _), found in leaks.items() if found}
    assert leaking <= WIDE, leaks
    if file in {"donors", "gifts"}:
        assert leaking == WIDE, "a wall that shuts everybody out proves nothing"


@pytest.mark.parametrize("role", ROLES)
def test_a_donors_address_opens_for_those_who_may_see_it(world, screen, role):
    me, mine = world[role]["me"], world[role]
    said = {}
    for whose, donor in (
        ("own", mine["own"]),
        ("team", mine["team"]),
        ("other", world["other"]),
        ("missing", 2_000_000_000),
        ("nonsense", "1 or 1=1"),
    ):
        page = screen("donor", me, id=str(donor))
        name = canary(whose, "x" if whose == "other" else role)
        assert (name in drawn(page)) == SEE.allows(
            role, whose if whose != "nonsense" else "missing"
        )
        said[whose] = [str(one.value) for one in page.exception]
    for whose in ("team", "other"):
        if not SEE.allows(role, whose):
            assert said[whose] == said["missing"]


def test_the_registry_is_what_the_document_shows():
    assert len(screens()) == len(SCREENS)
    assert set(ROLES) == {str(one) for one in accounts.Role} - {"system"}
