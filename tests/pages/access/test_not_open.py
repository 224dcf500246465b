"""A page whose module is switched off says so; the page of another role names nothing."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.accounts import Actor, Role
from app.ui.widgets import tables
from tests.pages.conftest import page_text

OFF = "Requests is switched off\nYour organisation does not use the module “Requests”."


def shown_to(
    actor: Actor, file: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[tuple[object, str]]]:
    """Return what stands in place of a screen, and its links as (file of the screen, label)."""
    links: list[tuple[object, str]] = []

    def link(page: object, *, label: str, **_: object) -> None:
        links.append((page, label))

    monkeypatch.setattr(st, "page_link", link)
    monkeypatch.setattr(tables, "screen_page", str)

    def script(actor: object, file: str) -> None:
        from app.ui.base.screens import screen  # noqa: PLC0415 - a script of its own
        from app.ui.help import not_open  # noqa: PLC0415

        not_open.show(screen(file), actor)  # type: ignore[arg-type]

    page = AppTest.from_function(script, args=(actor, file))
    page.run()
    assert not page.exception
    return page_text(page), links


def test_an_administrator_reads_where_to_switch_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    text, links = shown_to(Actor(1, Role.ADMIN, "Ada"), "requests", monkeypatch)
    assert text.startswith(f"{OFF} You can switch it on under Modules on the page Organisation.")
    assert links == [("organisation", "Open Organisation")]


@pytest.mark.parametrize("role", [Role.FUNDRAISER, Role.COACH, Role.READ_ONLY])
def test_others_read_that_the_organisation_does_not_use_it(
    role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, links = shown_to(Actor(2, role, "Ruth"), "requests", monkeypatch)
    assert text == f"{OFF} An administrator can switch it on."
    assert links == []


def test_a_page_of_another_role_names_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    text, links = shown_to(Actor(2, Role.FUNDRAISER, "Ruth"), "jobs", monkeypatch)
    assert text == "This page is not for your role\nAsk an administrator if you need it."
    assert links == []
