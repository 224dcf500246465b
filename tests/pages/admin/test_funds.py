"""The screen of funds and campaigns: lists, dialogs, merging, and who may open it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import gifts
from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import Fund
from tests import factories as make
from tests.pages.conftest import field, page_text, press
from tests.values import present


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada")


@pytest.fixture
def funds(ada: Actor) -> dict[str, int]:
    with transaction_for_system() as db:
        donor = make.donor(db, ada, "Tom Reed")
        ids = {
            "well": make.fund(db, "Well"),
            "wells": make.fund(db, "Wells <b>", gl_code="4010"),
            "roof": make.fund(db, "Roof", status="closed"),
        }
        ids["easter"] = make.campaign(
            db,
            "Easter",
            goal="100",
            fund_id=ids["wells"],
            starts_on=date(2026, 3, 1),
            ends_on=date(2026, 4, 5),
        )
        make.campaign(db, "Advent")
        make.gift(
            db, donor, "25", date(2026, 3, 2), fund_id=ids["well"], campaign_id=ids["easter"]
        )
    return ids


def fund_names() -> list[str]:
    with transaction_for_system() as db:
        return [fund.name for fund in gifts.funds(db)]


def test_an_empty_list_says_what_to_do(screen: Callable[..., AppTest], ada: Actor) -> None:
    page = screen("funds", ada)
    assert not page.exception
    assert "No funds yet" in page_text(page)
    assert "No campaigns yet" in page_text(screen("funds", ada, show="Campaigns"))


def test_both_lists_show_sums_states_and_progress(
    screen: Callable[..., AppTest], ada: Actor, funds: dict[str, int]
) -> None:
    text = page_text(screen("funds", ada)).replace("\\", "")
    assert "2 open funds · 1 closed" in text
    assert "$25 from 1 gift · the last on 2 Mar" in text
    assert "Wells <b>** · GL 4010" in text
    assert "<b>" not in page_text(screen("funds", ada))
    page = screen("funds", ada, show="Campaigns")
    text = page_text(page).replace("\\", "")
    assert "1 Mar to 5 Apr · $25 from 1 gift" in text
    assert "2 open campaigns" in text


def test_a_fund_is_created_and_a_wrong_name_is_said(
    screen: Callable[..., AppTest], ada: Actor, funds: dict[str, int]
) -> None:
    page = press(screen("funds", ada), "New fund")
    field(page, "new_fund_name").input("WELL")
    page = press(press(page, "Create fund"), "New fund")
    assert "There is a fund named “Well” already" in page_text(page).replace("\\", "")
    field(page, "new_fund_name").input("Pumps")
    page = press(page, "Create fund")
    assert not page.exception
    assert "Pumps" in fund_names()


def test_a_fund_is_closed(
    screen: Callable[..., AppTest], ada: Actor, funds: dict[str, int]
) -> None:
    page = screen("funds", ada)
    page = (
        next(one for one in page.button if one.key == f"fund_{funds['well']}_Change").click().run()
    )
    field(page, "change_fund_open").uncheck()
    page = press(page, "Save")
    assert not page.exception
    with transaction_for_system() as db:
        assert {fund.name for fund in gifts.funds(db) if fund.open} == {"Wells <b>"}


def test_a_merge_shows_what_moves_and_then_moves_it(
    screen: Callable[..., AppTest], ada: Actor, funds: dict[str, int]
) -> None:
    page = screen("funds", ada)
    page.session_state["merge_into"] = funds["wells"]
    page = page.button(key=f"fund_{funds['well']}_Merge").click().run()
    text = page_text(page).replace("\\", "")
    assert "**1 gift** move to Wells <b>" in text
    assert "cannot be undone" in text
    page = page.button(key="merge_now").click().run()
    assert not page.exception
    assert fund_names() == ["Wells <b>", "Roof"]


def test_the_dialog_closes_when_what_it_merged_is_gone(ada: Actor, funds: dict[str, int]) -> None:
    def script() -> None:
        import streamlit as st  # noqa: PLC0415 - a script of its own

        from app import gifts  # noqa: PLC0415
        from app.ui.admin import purposes  # noqa: PLC0415
        from app.ui.base.session import current_actor  # noqa: PLC0415
        from app.ui.widgets import forms  # noqa: PLC0415

        forms.announce()
        from_id, into_id, version = st.session_state["funds"]
        purposes.ask_merge(
            "fund",
            from_id,
            {from_id: "Well", into_id: "Wells"},
            effect=lambda db, into: str(
                gifts.fund_merge_effect(db, current_actor(), fund_id=from_id, into_id=into)
            ),
            merge=lambda db, into: str(
                gifts.merge_funds(
                    db, current_actor(), fund_id=from_id, into_id=into, version=version
                )
            ),
        )

    # as the dialog runs: alone, and again with the same arguments after the click
    page = AppTest.from_function(script)
    page.session_state["actor"] = ada
    with transaction_for_system() as db:
        version = present(db.get(Fund, funds["well"])).version
    page.session_state["funds"] = funds["well"], funds["wells"], version
    page.session_state["merge_into"] = funds["wells"]
    page = page.run().button(key="merge_now").click().run()
    assert not page.exception
    assert len(page.toast) == 1
    assert fund_names() == ["Wells <b>", "Roof"]


def test_a_campaign_is_created_with_a_goal_in_the_readers_notation(
    screen: Callable[..., AppTest], ada: Actor
) -> None:
    swiss = replace(ada, locale="de_DE")
    page = press(screen("funds", swiss, show="Campaigns"), "New campaign")
    field(page, "new_campaign_name").input("Advent")
    field(page, "new_campaign_goal").input("1.250,50")
    page = press(page, "Create campaign")
    assert not page.exception
    with transaction_for_system() as db:
        (line,) = gifts.campaign_list(db, ada)
    assert str(line.goal) == "1250.50"


def test_finance_reads_and_others_may_not(
    screen: Callable[..., AppTest], ada: Actor, funds: dict[str, int]
) -> None:
    with transaction_for_system() as db:
        finance = make.person(db, "finance")
        others = [make.person(db, role) for role in ("fundraiser", "supervisor", "coach")]
    for reader in (finance, replace(finance, viewer_id=ada.user_id, viewer_name="Ada")):
        page = screen("funds", reader)
        assert not page.exception
        assert "$25 from 1 gift" in page_text(page).replace("\\", "")
        assert not page.button
    for other in others:
        page = screen("funds", other)
        assert page.exception
        assert "Wells" not in page_text(page)
