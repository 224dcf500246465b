"""Team: what each role reads, what it can press, and nobody to look after."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, select
from streamlit.testing.v1 import AppTest

from app import accounts
from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import Activity
from app.ui.base import session
from app.ui.people import team_figures
from tests import factories as make
from tests.pages.conftest import html_bodies, html_tables, page_text, row_buttons, tell

TODAY = date(2026, 11, 23)
NOBODY = "You look after nobody yet: an administrator draws teams on People."


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(session, "now", lambda: now)


@pytest.fixture
def people(database: URL) -> dict[str, Actor]:
    """Ruth and Mei have donors; Grace and Cora look after both, Ada sees everybody."""
    with transaction_for_system() as db:
        make.organisation(db)
        actors = {
            "ruth": make.person(db, name="Ruth Alder", goal="4000"),
            "mei": make.person(db, name="Mei Tan"),
            "grace": make.person(db, "supervisor", name="Grace Oak"),
            "cora": make.person(db, "coach", name="Cora Lund"),
            "ada": make.person(db, "admin", name="Ada Lind"),
        }
        for member in ("ruth", "mei"):
            make.looks_after(db, actors["grace"], actors[member])
            make.looks_after(db, actors["cora"], actors[member], "coach")
        donor = make.donor(db, actors["ruth"], status="asked")
        make.donor(db, actors["ruth"])
        pledge = make.pledge(db, donor, "1000", start=date(2026, 7, 1))
        make.pledge_amount(db, pledge, "3000", date(2026, 10, 1))
        make.gift(db, donor, "7391", TODAY)
        make.contact(db, donor, at=datetime(2026, 11, 20, 12, tzinfo=UTC))
        make.task(db, actors["ruth"], donor_id=donor, due_on=date(2026, 11, 20))
    return actors


def test_a_supervisor_reads_every_figure(
    screen: Callable[..., AppTest], people: dict[str, Actor]
) -> None:
    page = screen("team", people["grace"])
    assert not page.exception
    assert page.caption[0].value.startswith("2 people · contacts and gifts from 17 Nov to 23 Nov")
    (table,) = html_tables(page)
    assert table["Name"] == ["Mei Tan", "Ruth Alder"]
    assert {heading: text for heading, text in table.row(1).items() if heading} == {
        "Name": "Ruth Alder",
        "Goal": "$4,000",
        "Reached": "90 %",
        "Support": "$0, $0, $1k, $1k, $1k, $3k, $3.6k",
        "Late": "1",
        "At risk": "0",
        "To thank": "1",
        "Overdue": "1",
        "Contacts": "1",
        "Gifts": "1",
        "Pipeline": "1 + 1",
    }
    assert row_buttons(page) == ["View as", "View as"]


def test_a_coach_reads_no_amount_and_has_no_button(
    screen: Callable[..., AppTest], people: dict[str, Actor]
) -> None:
    page = screen("team", people["cora"])
    assert not page.exception
    (table,) = html_tables(page)
    assert list(table.columns) == ["Name", "Late", "At risk", "Overdue", "Contacts", "Pipeline"]
    everything = page_text(page) + "".join(html_bodies(page))
    for hidden in ("$", "4,000", "7,391", "%", "spark", "Gifts", "To thank"):
        assert hidden not in everything, hidden
    assert not row_buttons(page)
    assert not page.get("link_button")


def test_an_administrator_reads_everybody(
    screen: Callable[..., AppTest], people: dict[str, Actor]
) -> None:
    with transaction_for_system() as db:
        make.donor(db, people["grace"])
    (table,) = html_tables(screen("team", people["ada"]))
    assert table["Name"] == ["Grace Oak", "Mei Tan", "Ruth Alder"]


def test_what_support_leaves_out_is_said(
    screen: Callable[..., AppTest], people: dict[str, Actor]
) -> None:
    with transaction_for_system() as db:
        ida = make.donor(db, people["ruth"], "Ida")
        make.pledge(db, ida, "50", currency="CHF")
        make.gift(db, ida, "20", TODAY, currency="SEK", awaiting_rate=True)
    text = page_text(screen("team", people["grace"])).replace("\\", "")
    assert "Ruth Alder: 1 pledge in CHF is not counted: no exchange rate for Ida" in text
    assert "1 gift (SEK20) waits for a rate and is not counted." in text
    assert "not counted" not in page_text(screen("team", people["cora"]))


def test_view_as_begins_from_a_row(
    screen: Callable[..., AppTest], people: dict[str, Actor]
) -> None:
    grace, ruth = people["grace"], people["ruth"]
    with transaction_for_system() as db:
        session_id, _ = accounts.open_session(
            db, user_id=grace.user_id, now=datetime(2026, 11, 23, 9, tzinfo=UTC)
        )
    page = screen("team", grace)
    page.session_state["session_id"] = session_id
    page = tell(page, key="team", name=team_figures.VIEW_AS, row=str(ruth.user_id))
    with transaction_for_system() as db:
        sentences = db.scalars(
            select(Activity.sentence).where(Activity.action == "view.started")
        ).all()
    assert sentences == ["Began to view as Ruth Alder."]


def test_within_a_view_as_nothing_begins_and_no_file_is_offered(
    screen: Callable[..., AppTest], people: dict[str, Actor]
) -> None:
    assert len(screen("team", people["grace"]).get("link_button")) == 2
    looking = replace(people["grace"], viewer_id=people["ada"].user_id, viewer_name="Ada Lind")
    page = screen("team", looking)
    assert not page.exception
    assert html_tables(page)[0]["Name"] == ["Mei Tan", "Ruth Alder"]
    assert not row_buttons(page)
    assert not page.get("link_button")


@pytest.mark.parametrize("row", ["grace", "cora", "stranger"])
def test_a_row_that_is_not_there_does_nothing(
    screen: Callable[..., AppTest], people: dict[str, Actor], row: str
) -> None:
    with transaction_for_system() as db:
        people["stranger"] = make.person(db)
    page = screen("team", people["grace"])
    page = tell(page, key="team", name=team_figures.VIEW_AS, row=str(people[row].user_id))
    assert not page.exception
    with transaction_for_system() as db:
        assert not db.scalars(select(Activity)).all()


@pytest.mark.parametrize("role", ["supervisor", "coach"])
def test_nobody_to_look_after(
    screen: Callable[..., AppTest], people: dict[str, Actor], role: str
) -> None:
    with transaction_for_system() as db:
        alone = make.person(db, role)
    assert NOBODY in page_text(screen("team", alone))
    with transaction_for_system() as db:
        make.donor(db, alone)
    page = screen("team", alone)
    assert NOBODY in page_text(page)
    assert not page.exception
    assert not html_tables(page)


def test_an_administrator_of_nobody_is_sent_to_people(
    screen: Callable[..., AppTest], database: URL
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
    page = screen("team", ada)
    assert "There are no fundraisers yet. Add them on People." in page_text(page)
    assert not page.exception
