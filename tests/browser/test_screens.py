"""Every screen by role, theme and window size: no errors, no overflow, nothing hard to use."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import demo
from app.ui.base.screens import SCREENS
from tests.browser.conftest import (
    NARROW,
    WIDE,
    DemoServer,
    go,
    hard_to_use,
    settled,
    sign_in,
    size,
)

RAW = re.compile(r"\b(?:None|nan|NaN|NaT|null|undefined|True|False|Traceback|\w+Error)\b|\{\w*\}")
WHO = ("ruth@demo.example", "grace@demo.example", "ada@demo.example")
LOOKS = [("light", WIDE), ("dark", NARROW)]


# the innermost elements that reach over the right edge
WIDER = """() => { const main = document.querySelector('[data-testid="stMain"]');
  const edge = main.getBoundingClientRect().left + main.clientWidth + 1;
  const over = (e) => e.getBoundingClientRect().right > edge;
  return [...main.querySelectorAll('*')].filter((e) => over(e) && ![...e.children].some(over))
    .slice(0, 3).map((e) => e.outerHTML.slice(0, 200)); }"""


def problems(page: Page) -> list[str]:
    """Return the problems of the screen as it is drawn."""
    messages = []
    main = page.locator('[data-testid="stMain"]')
    for kind in ("stException", "stAlertContentError"):
        boxes = page.locator(f'[data-testid="{kind}"]').all()
        messages += [f"{kind}: {box.inner_text()}" for box in boxes]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        messages.append("the page scrolls sideways")
    wider = page.evaluate(
        """() => { const main = document.querySelector('[data-testid="stMain"]');
                   return main.scrollWidth - main.clientWidth }"""
    )
    if wider > 1:
        messages.append(f"the content is {wider} px wider than the window: {page.evaluate(WIDER)}")
    title = main.locator("h1").first.bounding_box()
    header = page.locator('[data-testid="stHeader"]').bounding_box()
    if title and header and title["y"] < header["y"] + header["height"] - 1:
        messages.append("the title is hidden under the header")
    messages += [f"raw text: {word}" for word in RAW.findall(main.inner_text())]
    if not main.locator("h1").first.inner_text().strip():
        messages.append("no title")
    return messages


def menu(role: str) -> dict[str, str]:
    """Return every page this role may open from the menu: address → title."""
    return {
        entry.url_path: entry.title for entry in SCREENS if role in entry.roles and entry.in_menu
    }


def go_by_menu(page: Page, word: str) -> None:
    """Click in the menu, as on a wide screen, and wait for the other page's title."""
    title = page.locator('[data-testid="stMain"] h1').first
    before = title.inner_text()
    menu_links = page.get_by_test_id("stSidebarNav")
    menu_links.get_by_role("link", name=word, exact=True).click()
    expect(title).not_to_have_text(before)
    settled(page)


@pytest.mark.parametrize("email", WHO)
@pytest.mark.parametrize(("scheme", "window"), LOOKS, ids=["light, wide", "dark, phone"])
def test_every_screen_is_drawn_without_problems(
    demo_server: DemoServer,
    browser: Browser,
    email: str,
    scheme: Literal["light", "dark"],
    window: tuple[int, int],
) -> None:
    role = next(sign_in.role for sign_in in demo.SIGN_INS if sign_in.email == email)
    wrong = {}
    with browser.new_context(
        viewport=size(window), color_scheme=scheme, locale="en-US"
    ) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, demo_server, email)
        for path, title in menu(role).items():
            # the first screen is drawn by signing in
            if path and window == NARROW:
                go(page, path)
            elif path:
                go_by_menu(page, title)
            wrong[path or "today"] = [*problems(page), *hard_to_use(page)]
        wrong["scripts"] = complaints
    assert {path: list_ for path, list_ in wrong.items() if list_} == {}


@pytest.mark.parametrize("email", ["ruth@demo.example", "grace@demo.example"])
def test_a_page_of_another_role_says_so(
    demo_server: DemoServer, context: BrowserContext, email: str
) -> None:
    page = context.new_page()
    sign_in(page, demo_server, email, "/jobs")
    page.get_by_role("heading", name="This page is not for your role").wait_for()
    assert page.get_by_role("link", name="Jobs").count() == 0


def test_no_screen_is_shown_without_signing_in(
    demo_server: DemoServer, context: BrowserContext
) -> None:
    page = context.new_page()
    for screen in SCREENS:
        page.goto(f"{demo_server.address}/{screen.url_path}")
        page.get_by_role("button", name="Sign in").wait_for()
        assert page.get_by_role("button", name="Sign out").count() == 0


def test_the_phone_shows_the_menu_on_demand(demo_server: DemoServer, browser: Browser) -> None:
    with browser.new_context(viewport=size(NARROW), locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, "ruth@demo.example")
        link = page.get_by_test_id("stSidebarNavLink").filter(has_text="Donors")
        expect(link).not_to_be_in_viewport()
        page.get_by_test_id("stExpandSidebarButton").click()
        link.click()
        page.get_by_role("heading", name="Donors", level=1).wait_for()
