"""The dashboard: empty, filled, refused; filters in the address; rows behind a bar."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import URL, event
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.session import engine, transaction_for_system
from app.donors import Credit, Unit
from app.ui.base import session
from app.ui.dashboard import filters, who_gave
from tests import factories as make
from tests.pages.conftest import field, page_text

MOST_QUERIES = 60


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(session, "now", lambda: now)


@pytest.fixture
def team(database: URL) -> dict[str, Actor]:
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
    return {"ruth": ruth, "mei": mei, "grace": grace, "ada": ada}


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
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    sums = {
        name: figures(screen("dashboard", team[name]))["Given this fiscal year"]
        for name in ("ruth", "mei", "grace", "ada")
    }
    assert sums == {"ruth": "$120", "mei": "$900", "grace": "$120", "ada": "$1,020"}


def test_what_is_shown(screen: Callable[..., AppTest], team: dict[str, Actor]) -> None:
    page = screen("dashboard", team["ruth"])
    assert not page.exception
    shown_text = page_text(page)
    assert "Late pledges (1)" in shown_text
    assert "days late" in shown_text
    assert "To thank (1)" in shown_text
    assert "1 of 1 donor gave again" in shown_text
    assert r"pledges bring \$50 more until 31 Dec" in shown_text
    assert figures(page)["Donors kept"] == "100 %"


def test_a_fund_in_the_address(screen: Callable[..., AppTest], team: dict[str, Actor]) -> None:
    page = screen("dashboard", team["ruth"], fund="Water")
    assert not page.exception
    assert figures(page)["Given this fiscal year"] == "$50"
    assert "Monthly support" not in figures(page)


def test_an_owner_or_a_team_in_the_address(
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    page = screen("dashboard", team["ada"], owner="Mei")
    assert figures(page)["Given this fiscal year"] == "$900"
    page = screen("dashboard", team["ada"], owner="Grace and team")
    assert figures(page)["Given this fiscal year"] == "$120"


def test_an_owner_out_of_scope_changes_nothing(
    screen: Callable[..., AppTest], team: dict[str, Actor]
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
    screen: Callable[..., AppTest], team: dict[str, Actor]
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


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("credit", list(Credit))
def test_the_switches_change_donors_and_never_income(
    screen: Callable[..., AppTest], team: dict[str, Actor], unit: Unit, credit: Credit
) -> None:
    with transaction_for_system() as db:
        tom = make.donor(db, team["ruth"], "Tom")
        ana = make.donor(db, team["ruth"], "Ana")
        make.household(db, tom, ana, name="Tom and Ana")
        make.soft_credit(db, make.gift(db, tom, "40", date(2026, 11, 1)), ana, "40")
        make.soft_credit(db, make.gift(db, ana, "10", date(2026, 11, 1)), make.donor(db), "10")
    plain = screen("dashboard", team["ada"])
    page = screen("dashboard", team["ada"], unit=unit.value, credit=credit.value)
    assert not page.exception
    for income in ("Monthly support", "Goal", "Given this fiscal year"):
        assert figures(page)[income] == figures(plain)[income]
    assert (
        figures(page)["Donors who gave"]
        == {
            (Unit.PERSON, Credit.HARD): "4",
            (Unit.PERSON, Credit.SOFT): "2",
            (Unit.PERSON, Credit.BOTH): "5",
            (Unit.HOUSEHOLD, Credit.HARD): "3",
            (Unit.HOUSEHOLD, Credit.SOFT): "1",
            (Unit.HOUSEHOLD, Credit.BOTH): "4",
        }[unit, credit]
    )
    default = (unit, credit) == (Unit.PERSON, Credit.HARD)
    assert (who_gave.INCOME in page_text(page)) != default
    assert ("not income" in page_text(page)) == (credit != Credit.HARD)
    assert who_gave.UNIT_SENTENCES[unit] in page_text(page)
    # a second screen with the same address shows the same
    again = screen("dashboard", team["ada"], **page.query_params)
    assert figures(again) == figures(page)


def test_a_switch_is_kept_in_the_address(
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    page = screen("dashboard", team["ada"])
    field(page, "unit").set_value("household").run()
    field(page, "credit").set_value("both").run()
    assert page.query_params == {"unit": "household", "credit": "both"}
    field(page, "credit").set_value("hard").run()
    assert page.query_params == {"unit": "household"}


def test_nobody_is_behind_the_bar_of_shared_money() -> None:
    def script() -> None:
        from datetime import date  # noqa: PLC0415 - the script of a screen of its own

        from app.insights import DashboardFilter  # noqa: PLC0415
        from app.ui.dashboard import who_gave  # noqa: PLC0415

        who_gave.show_donors_behind("shared", DashboardFilter(), today=date(2026, 11, 23))

    page = AppTest.from_function(script).run()
    assert not page.exception
    assert "No donor is behind this bar" in page_text(page)
