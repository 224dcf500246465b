"""Filters in the URL: stable values, labels of old URLs, unknown values, words to click."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.ui.base import session
from tests import factories as make
from tests.pages.conftest import field, page_text

NOT_THERE = "The address asks for something that is not there: "


def script() -> None:
    import streamlit as st  # noqa: PLC0415 - the script of a screen of its own

    from app.ui.widgets.url_filters import Filter, UrlFilters, show_chips  # noqa: PLC0415

    filters = UrlFilters()
    colour = Filter("Colour", "colour", {"r": "Red", "g": "Green"}, "r")
    sizes = Filter("Sizes", "sizes", {"1": "One", "2": "Two", "3": "Three"}, several=True)
    owner = Filter("Owner", "owner", {"7": "Ruth", "8": "Mei"})
    if not st.session_state.get("elsewhere"):
        chosen = (
            filters.segments(colour),
            filters.several(sizes, width=200),
            filters.choice(owner),
            filters.text("Word", key="word"),
            filters.day("From", key="from", width=140),
        )
        st.markdown(repr(chosen))
        show_chips([sizes, owner], key="active", notes={})
    filters.show_refused()


def at(**query: str | list[str]) -> AppTest:
    page = AppTest.from_function(script, default_timeout=180)
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def chosen(page: AppTest) -> str:
    assert not page.exception
    return str(page.markdown[0].value)


def sentence(page: AppTest) -> str:
    """Return the sentence about unknown values, without the marks that escape it."""
    text = next((line for line in page_text(page).split("\n") if "not there" in line), "")
    return text.replace("\\", "").removeprefix(":material/warning: ")


def test_values_come_from_the_url() -> None:
    page = at(colour="g", sizes=["3", "1"], owner="8", word="an", **{"from": "2026-01-05"})
    assert chosen(page) == "('g', ('3', '1'), '8', 'an', datetime.date(2026, 1, 5))"
    assert "not there" not in page_text(page)


def test_without_parameters_every_filter_has_its_default() -> None:
    page = at()
    assert chosen(page) == "('r', (), None, '', None)"
    assert not page.query_params
    assert not page.button


def test_a_change_is_written_to_the_url_and_a_default_is_not() -> None:
    page = at()
    field(page, "owner").set_value("7").run()
    field(page, "sizes").set_value(["2", "1"]).run()
    field(page, "word").set_value("x").run()
    field(page, "from").set_value(date(2026, 2, 3)).run()
    assert chosen(page) == "('r', ('2', '1'), '7', 'x', datetime.date(2026, 2, 3))"
    assert page.query_params == {
        "owner": "7",
        "sizes": ["2", "1"],
        "word": "x",
        "from": "2026-02-03",
    }
    for key in ("owner", "from"):
        field(page, key).set_value(None).run()
    field(page, "sizes").set_value([]).run()
    field(page, "word").set_value("").run()
    assert not page.query_params


def test_a_label_of_an_old_url_is_understood_and_replaced_by_the_value() -> None:
    page = at(owner="Mei", colour="green", sizes=["Two", "3"])
    assert chosen(page) == "('g', ('2', '3'), '8', '', None)"
    assert page.query_params == {"owner": "8", "colour": "g", "sizes": ["2", "3"]}


def test_values_that_do_not_exist_are_named_in_one_sentence() -> None:
    query = {"from": "yesterday"}
    page = at(colour="blue", sizes=["9", "2"], owner="Nobody <b>", **query)
    assert chosen(page) == "('r', ('2',), None, '', None)"
    assert page_text(page).count("not there") == 1
    assert sentence(page) == (
        NOT_THERE + "Colour “blue”, Sizes “9”, Owner “Nobody <b>” and From “yesterday”. "
        "It is left out."
    )
    # it stays until the user chooses something
    field(page, "owner").set_value("7").run()
    assert "Owner" not in page.caption[0].value
    field(page, "sizes").set_value(["2", "3"]).run()
    assert "Sizes" not in page.caption[0].value
    assert page.query_params["sizes"] == ["2", "3"]


def test_the_last_of_several_values_of_a_single_choice_counts() -> None:
    assert "'8'" in chosen(at(owner=["7", "8"]))


def test_a_click_on_a_word_removes_its_filter() -> None:
    page = at(owner="8", sizes=["1", "3"])
    assert [button.label for button in page.button] == ["Sizes: One and Three", "Owner: Mei"]
    page.button[0].click().run()
    assert chosen(page) == "('r', (), '8', '', None)"
    assert page.query_params == {"owner": "8"}
    page.button[0].click().run()
    assert not page.query_params


def test_fields_that_are_gone_start_anew_from_the_url() -> None:
    page = at()
    field(page, "owner").set_value("7").run()
    page.session_state["elsewhere"] = True
    page.run()
    page.run()
    page.session_state["elsewhere"] = False
    del page.query_params["owner"]
    page.run()
    assert chosen(page) == "('r', (), None, '', None)"


@pytest.fixture
def team(database: URL) -> dict[str, Actor]:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, ada = make.person(db, name="Ruth"), make.person(db, "admin", name="Ada")
        mei = make.person(db, name="Mei")
        tom = make.donor(db, ruth, "Tom")
        make.donor(db, mei, "Ana", tag="choir")
        make.custom_field(db, "Size", "choice", "S", "L")
        make.gift(db, tom, "50", date(2026, 11, 5), fund_id=make.fund(db, "Water"))
        make.pledge(db, tom)
    return {"ruth": ruth, "ada": ada}


@pytest.mark.parametrize(
    ("name", "query", "unknown"),
    [
        (
            "donors",
            {"unit": "tribe", "kind": "alien", "tag": "x", "field": "y", "sort": "z"},
            "Sorted by “z”, Field “y”, Kind “alien”, Tag “x” and One line per “tribe”",
        ),
        ("donors", {"import": "abc", "owner": "99"}, "Import “abc” and Owner “99”"),
        (
            "dashboard",
            {"unit": "x", "credit": "x", "period": "x", "fund": "x", "owner": "x"},
            "Period “x”, Fund “x”, Donors of “x”, A donor is “x” and Counts “x”",
        ),
        (
            "gifts",
            {"period": "x", "fund": "99", "method": "x", "thanked": "x", "rate": "x"},
            "Rate “x”, When “x”, Fund “99”, How “x” and Thanked “x”",
        ),
        ("pledges", {"standing": "x", "sort": "x"}, "Status “x” and Sorted by “x”"),
        ("today", {"months": "x"}, "Months shown “x”"),
        ("audit", {"who": "x", "from": "x"}, "Who “x” and From “x”"),
        ("funds", {"show": "x"}, "What to show “x”"),
        ("tags", {"show": "x"}, "What to show “x”"),
        ("outbox", {"show": "x"}, "Which messages “x”"),
    ],
)
def test_every_screen_names_values_that_do_not_exist(
    screen: Callable[..., AppTest],
    team: dict[str, Actor],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    query: dict[str, str],
    unknown: str,
) -> None:
    monkeypatch.setattr(session, "now", lambda: datetime(2026, 11, 23, 9, tzinfo=UTC))
    page = screen(name, team["ada"], **query)
    assert not page.exception
    assert sentence(page) == f"{NOT_THERE}{unknown}. It is left out."
    assert "not there" not in page_text(screen(name, team["ada"]))


def test_rarer_filters_of_donors_are_counted_and_always_visible(
    screen: Callable[..., AppTest], team: dict[str, Actor]
) -> None:
    page = screen("donors", team["ada"], kind="person", field="Size", choice="L")
    labels = [button.label for button in page.button]
    assert [label for label in labels if ": " in label] == [
        "Kind: Person",
        "Field: Size",
        "Value: L",
    ]
    assert "More filters (3)" in [popover.proto.popover.label for popover in popovers(page)]
    next(button for button in page.button if button.label == "Field: Size").click().run()
    assert page.query_params == {"kind": "person"}
    assert "More filters (1)" in [popover.proto.popover.label for popover in popovers(page)]


def popovers(page: AppTest) -> list:  # type: ignore[type-arg]
    found, waiting = [], [page.main]
    while waiting:
        block = waiting.pop()
        if getattr(block, "type", "") == "popover":
            found.append(block)
        waiting += list(getattr(block, "children", {}).values())
    return found
