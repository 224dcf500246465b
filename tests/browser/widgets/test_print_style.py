"""A printed page: what it says in black on white, as wide as the paper."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDE, DemoServer, go, sign_in, size

# A4 without its margins, in CSS pixels
PAPER = 688
COLOURS = """() => {
  const shown = (e) => e && e.getClientRects().length > 0;
  const name = [...document.querySelectorAll('.rows td')].find(shown);
  const back = getComputedStyle(document.querySelector('.stApp')).backgroundColor;
  return [getComputedStyle(name).color, back];
}"""
BEYOND = """(width) => [...document.querySelectorAll('.rows table')]
  .map((e) => Math.round(e.getBoundingClientRect().right)).filter((right) => right > width)"""


def print_preview(page: Page, path: str) -> None:
    """Show the page as it is printed."""
    page.emulate_media(media="screen")
    page.set_viewport_size(size(WIDE))
    go(page, path)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.locator('[data-testid="stSidebar"]').wait_for(state="hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_list_is_printed_without_menu_and_buttons_in_black_on_white(
    demo_server: DemoServer, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(viewport=size(WIDE), locale="en-US", color_scheme=scheme) as context:
        page = context.new_page()
        sign_in(page, demo_server, "ada@demo.example")
        for path, action in (
            ("donors", "New donor"),
            ("gifts", "Record gift"),
            ("pledges", "Why is this late?"),
        ):
            print_preview(page, path)
            assert not page.get_by_role("button", name=action).filter(visible=True).count()
            assert not page.get_by_role("link", name="Help").filter(visible=True).count()
            assert page.evaluate(COLOURS) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
            assert page.evaluate(BEYOND, PAPER) == []
