"""Conditions set in a browser, saved as a segment, changed and deleted; wide and on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app import demo
from tests.browser.conftest import NARROW, WIDE, DemoServer, hard_to_use, settled, sign_in, size

RUTH = demo.SIGN_INS[0].email


@pytest.fixture(params=["wide", "phone"])
def page(
    browser: Browser, demo_server: DemoServer, request: pytest.FixtureRequest
) -> Iterator[Page]:
    width = WIDE if request.param == "wide" else NARROW
    with browser.new_context(viewport=size(width), locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, RUTH, "/donors")
        yield page


def donors(page: Page) -> int:
    settled(page)
    words = page.get_by_text(re.compile(r"^\d+ donors?$")).first.inner_text()
    return int(words.split()[0])


def choose(page: Page, box: Locator, option: str) -> None:
    box.click()
    page.keyboard.type(option)
    page.keyboard.press("Enter")
    settled(page)


def test_conditions_become_a_segment(page: Page) -> None:
    everybody = donors(page)
    page.get_by_role("button", name="Conditions", exact=True).click()
    dialog = page.get_by_test_id("stDialog")
    expect(dialog.get_by_text("Giving: choose a value")).to_be_visible()
    choose(page, dialog.get_by_role("combobox", name="Field"), "Lifetime")
    dialog.get_by_label("Value").fill("1,000")
    page.keyboard.press("Tab")
    found = dialog.get_by_text(re.compile("of this list meet the conditions"))
    expect(found).to_be_visible()
    # another way to be found, and a condition beside the first
    dialog.get_by_role("button", name="Or", exact=True).click()
    settled(page)
    choose(page, dialog.get_by_role("combobox", name="Field").last, "Last gift")
    choose(page, dialog.get_by_role("combobox", name="Comparison").last, "never")
    expect(found).to_be_visible()
    assert hard_to_use(page) == []
    rich_or_never = int(re.findall(r"\d+", found.inner_text())[0])
    dialog.get_by_role("button", name="Show these donors").click()
    expect(dialog).not_to_be_attached()
    assert donors(page) == rich_or_never < everybody
    expect(page).to_have_url(re.compile("where="))
    sentence = page.get_by_text("Lifetime giving at least $1,000, or Last gift never")
    expect(sentence).to_be_visible()
    page.reload()
    assert donors(page) == rich_or_never

    page.get_by_role("button", name="Save as segment").click()
    dialog.get_by_label("Name").fill("Rich or new")
    page.keyboard.press("Tab")
    settled(page)
    dialog.get_by_role("button", name="Save segment").click()
    expect(dialog).not_to_be_attached()
    expect(page).to_have_url(re.compile(r"/donors\?segment=\d+$"))
    assert donors(page) == rich_or_never
    page.get_by_role("button", name="Change", exact=True).click()
    settled(page)
    dialog.get_by_role("button", name="Remove").last.click()
    settled(page)
    dialog.get_by_role("button", name="Save segment").click()
    expect(dialog).not_to_be_attached()
    rich = donors(page)
    assert 0 < rich < rich_or_never
    page.get_by_role("button", name="Change", exact=True).click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete this segment").click()
    expect(dialog).not_to_be_attached()
    assert donors(page) == everybody
    expect(page).to_have_url(re.compile(r"/donors$"))
