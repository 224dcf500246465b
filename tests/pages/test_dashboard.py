"""The dashboard: empty, filled, refused; filters in the address; rows behind a bar."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import URL, event
from streamlit.testing.v1 import AppTest

from app.db.session import engine, transaction_for_system
from app.ui.base import session
from app.ui.dashboard import filters
from tests import factories as make
from tests.pages.conftest import page_text

MOST_QUERIES = 60


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(session, "now", lambda: now)


@pytest.fixture
def team(database: URL) -> dict[str, Any]:
    """Ruth and Mei with donors, Grace who looks after Ruth, Ada the administrator."""
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, mei = make.person(db, name="Ruth", goal="100"), make.person(db, name="Mei")
        grace = make.person(db, "supervisor", name="Grace")
        ada = make.person(db, "admin", name="Ada")
        make.looks_after(db, grace, ruth)
        water, school = make.fund(db, "Water"), make.fund(db, "School")
        tom, jonas = make.donor(db, ruth, "Tom Whitfield"), make.donor(db, mei, "Jonas Berg")
        promise = make.pledge(db, tom, "50", "monthly", date(2026, 1, 1))
        make.gift(db, tom, "50", date(2026, 1, 5), pledge_id=promise, fund_id=water)
        make.gift(db, tom, "70", date(2026, 11, 5), fund_id=school)
        make.gift(db, tom, "30", date(2025, 10, 5), fund_id=water)
        make.gift(db, jonas, "900", date(2026, 11, 6), fund_id=water)
    return {"ruth": ruth, "mei": mei, "grace": grace, "ada": ada, "water": water}


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_nothing_yet_offers_the_first_step(screen: Callable[..., AppTest], database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
    page = screen("dashboard", ruth)
    assert not page.exception
    assert "first gifts" in page_text(page)
    assert not page.metric


def test_each_user_sees_the_donors_in_scope(
    screen: Callable[..., AppTest], team: dict[str, Any]
) -> None:
    sums = {
        name: figures(screen("dashboard", team[name]))["Given this fiscal year"]
        for name in ("ruth", "mei", "grace", "ada")
    }
    assert sums == {"ruth": "$120", "mei": "$900", "grace": "$120", "ada": "$1,020"}


def test_what_is_shown(screen: Callable[..., AppTest], team: dict[str, Any]) -> None:
    page = screen("dashboard", team["ruth"])
    assert not page.exception
    shown_text = page_text(page)
    assert "Late pledges (1)" in shown_text
    assert "days late" in shown_text
    assert "To thank (1)" in shown_text
    assert "1 of 1 donor gave again" in shown_text
    assert r"pledges bring \$50 more until 31 Dec" in shown_text
    assert figures(page)["Donors kept"] == "100 %"


def test_a_fund_in_the_address(screen: Callable[..., AppTest], team: dict[str, Any]) -> None:
    page = screen("dashboard", team["ruth"], fund="Water")
    assert not page.exception
    assert figures(page)["Given this fiscal year"] == "$50"
    assert "Monthly support" not in figures(page)


def test_an_owner_or_a_team_in_the_address(
    screen: Callable[..., AppTest], team: dict[str, Any]
) -> None:
    page = screen("dashboard", team["ada"], owner="Mei")
    assert figures(page)["Given this fiscal year"] == "$900"
    page = screen("dashboard", team["ada"], owner="Grace and team")
    assert figures(page)["Given this fiscal year"] == "$120"


def test_an_owner_out_of_scope_changes_nothing(
    screen: Callable[..., AppTest], team: dict[str, Any]
) -> None:
    page = screen("dashboard", team["ruth"], owner="Mei")
    assert figures(page)["Given this fiscal year"] == "$120"


@pytest.mark.parametrize(
    ("words_", "owner", "team_of", "fund"),
    [
        ((None, None, None), None, None, None),
        (("12-months", "all", "all"), None, None, None),
        (("this-year", "7", "3"), 3, None, 7),
        (("last-year", "x", "team-4"), None, 4, None),
        (("12-months", "", "team-x"), None, None, None),
    ],
)
def test_filter_of_the_address(
    words_: tuple[str | None, str | None, str | None],
    owner: int | None,
    team_of: int | None,
    fund: int | None,
) -> None:
    dashboard_filter = filters.parse_filter(*words_)
    assert (dashboard_filter.owner_id, dashboard_filter.team_of, dashboard_filter.fund_id) == (
        owner,
        team_of,
        fund,
    )


def test_without_an_actor_the_page_is_refused(screen: Callable[..., AppTest]) -> None:
    page = screen("dashboard", None)
    assert page.exception
    assert not page.title


def test_the_number_of_queries_does_not_grow_with_the_donors(
    screen: Callable[..., AppTest], team: dict[str, Any]
) -> None:
    queries = []
    screen("dashboard", team["ada"])
    event.listen(engine(), "before_cursor_execute", lambda *_: queries.append(1))
    # a new version of the data: nothing comes from the cache, this time as the next
    with transaction_for_system() as db:
        make.gift(db, make.donor(db, team["ruth"]), "10", date(2026, 11, 1))
    queries.clear()
    screen("dashboard", team["ada"])
    few = len(queries)
    with transaction_for_system() as db:
        for _ in range(20):
            donor = make.donor(db, team["ruth"])
            make.gift(db, donor, "10", date(2026, 11, 1))
            make.pledge(db, donor)
    queries.clear()
    screen("dashboard", team["ada"])
    assert few <= MOST_QUERIES
    assert len(queries) <= few + 1
