"""Every screen with a sum of gifts names those that wait for an exchange rate."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.session import transaction_for_system
from app.ui.base import session
from app.ui.charts import cards
from tests import factories as make
from tests.pages.conftest import html_tables, page_text

NOTE = "2 gifts (CHF200, SEK1,500) wait for a rate and are not counted."
ASK = "An administrator can add it."
WEEK = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(session, "now", lambda: now)


@pytest.fixture
def team(database: URL) -> dict[str, Actor]:
    """Ruth with two donors of a household whose gifts wait, her coach, and an administrator."""
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, ada = make.person(db, name="Ruth", goal="100"), make.person(db, "admin", name="Ada")
        coach = make.person(db, "coach", name="Cora")
        make.looks_after(db, coach, ruth, kind="coach")
        hanna, tom = make.donor(db, ruth, "Hanna Vogel"), make.donor(db, ruth, "Tom Vogel")
        household = make.household(db, hanna, tom, name="The Vogels")
        wells = make.fund(db, "Wells")
        make.gift(db, hanna, 200, WEEK, currency="CHF", awaiting_rate=True, fund_id=wells)
        make.gift(db, tom, 1500, WEEK, currency="SEK", awaiting_rate=True, fund_id=wells)
        mei = make.donor(db, ruth, "Mei")
        make.gift(db, mei, 30, WEEK, fund_id=wells)
        # before all that the screens count, except where every gift is counted
        make.gift(db, mei, 9, date(2020, 1, 2), currency="NOK", awaiting_rate=True)
    IDS.update(hanna=hanna, household=household)
    return {"ruth": ruth, "ada": ada, "coach": coach}


IDS: dict[str, int] = {}


def shown(page: AppTest) -> str:
    assert not page.exception
    return page_text(page).replace("\\", "")


def links(page: AppTest) -> list[tuple[str, str]]:
    protos = [element.proto for element in page.get("page_link")]
    return [(proto.label, proto.page) for proto in protos]


@pytest.mark.parametrize(("name", "times"), [("today", 3), ("dashboard", 5)])
def test_cards_and_kpis_name_them(
    screen: Callable[..., AppTest], team: dict[str, Actor], name: str, times: int
) -> None:
    page = screen(name, team["ruth"])
    assert shown(page).count(NOTE) == times
    assert shown(page).count(f"{NOTE} {ASK}") == 1
    assert "NOK" not in "".join(caption.value for caption in page.caption)
    assert "Add the rate" not in dict(links(page))
    page = screen(name, team["ada"])
    assert shown(page).count(NOTE) == times
    assert ASK not in shown(page)
    assert [target for label, target in links(page) if label == "Add the rate"] == [
        "exchange-rates"
    ]


def test_the_sums_of_the_gift_list_name_them(
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    every = "3 gifts (CHF200, NOK9, SEK1,500) wait for a rate and are not counted."
    page = screen("gifts", team["ruth"])
    assert f"{every} {ASK}" in shown(page)
    assert "Show these gifts" in dict(links(page))
    page = screen("gifts", team["ruth"], rate="needed")
    assert f"{every} {ASK}" in shown(page)
    assert "Show these gifts" not in dict(links(page))


def test_the_funds_name_them(screen: Callable[..., AppTest], team: dict[str, Actor]) -> None:
    assert NOTE in shown(screen("funds", team["ada"]))


def test_a_donor_and_the_household_name_them(
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    page = screen("donor", team["ruth"], id=str(IDS["hanna"]))
    own = "1 gift (CHF200) waits for a rate and is not counted."
    assert f"{own} {ASK}" in shown(page)
    assert NOTE in shown(page), "what the household gives together"
    metrics = {metric.label: (metric.value, metric.delta) for metric in page.metric}
    assert metrics["Last gift"] == ("18 Nov", "5 days ago, needs a rate")
    assert metrics["Largest gift"][0] == "Needs a rate"
    assert metrics["Lifetime"] == ("$0", "1 gift")


def test_the_list_of_donors_shows_what_waits(
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    page = screen("donors", team["ruth"], sort="last gift")
    table = html_tables(page)[0]
    assert dict(zip(table["Name"], table["Needs a rate"], strict=True)) == {
        "Hanna Vogel": "CHF200",
        "Mei": "NOK9",
        "The Vogels": "",
        "Tom Vogel": "SEK1,500",
    }
    assert (
        "Never gave" not in dict(zip(table["Name"], table["Giving"], strict=True))["Hanna Vogel"]
    )
    assert "3 gifts (CHF200, NOK9, SEK1,500) wait" in shown(page)
    page = screen("donors", team["ruth"], unit="Household")
    table = html_tables(page)[0]
    waiting = dict(zip(table["Name"], table["Needs a rate"], strict=True))
    assert waiting["The Vogels"] == "CHF200, SEK1,500"


@pytest.mark.parametrize("name", ["today", "donors"])
def test_a_coach_sees_nothing_of_it(
    screen: Callable[..., AppTest], team: dict[str, Actor], name: str
) -> None:
    page = screen(name, team["coach"])
    assert "wait" not in "".join(caption.value for caption in page.caption)
    assert all("Needs a rate" not in table for table in html_tables(page))


@pytest.mark.parametrize("name", ["today", "dashboard", "gifts", "donors", "funds"])
def test_nothing_is_said_once_there_are_rates(
    screen: Callable[..., AppTest], database: URL, name: str
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
        make.gift(db, make.donor(db, ada), 20, WEEK, currency="CHF", base=25)
    page = screen(name, ada)
    assert "wait for a rate" not in shown(page)
    assert "waits for a rate" not in shown(page)


def test_the_rows_behind_a_bar_mark_what_waits(
    screen: Callable[..., AppTest], team: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "show_giving", lambda *_, **__: WEEK.replace(day=1))
    page = screen("dashboard", team["ruth"])
    rows = next(table for table in html_tables(page) if "Kind" in table)
    assert dict(zip(rows["Donor"], rows["Kind"], strict=True)) == {
        "Hanna Vogel": "One-time · needs a rate",
        "Tom Vogel": "One-time · needs a rate",
        "Mei": "One-time",
    }
