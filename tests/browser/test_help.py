"""Help at the top of every page: it is in reach on a screen and on a phone, and costs nothing."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import demo
from app.ui.base.screens import SCREENS, part_of
from tests.browser.conftest import NARROW, WIDE, DemoServer, go, settled, sign_in, size

ADMIN = next(one.email for one in demo.SIGN_INS if one.role == "admin")
LOOKS = [("light", WIDE), ("dark", NARROW)]
# whether a click in the middle of the link reaches it, and it is inside the window
IN_REACH = """(link) => {
  const box = link.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return link.contains(hit) && box.left >= 0 && box.right <= innerWidth && box.bottom < 60;
}"""


def help_link(page: Page) -> str | None:
    """Return where the visible link leads, None if a click would not reach it."""
    link = page.locator(".st-key-help_link a:visible")
    if link.count() != 1 or not link.evaluate(IN_REACH):
        return None
    return link.get_attribute("href")


@pytest.mark.parametrize(("scheme", "window"), LOOKS, ids=["light, wide", "dark, phone"])
def test_help_is_in_reach_on_every_page(
    demo_server: DemoServer,
    browser: Browser,
    scheme: Literal["light", "dark"],
    window: tuple[int, int],
) -> None:
    found = {}
    with browser.new_context(
        viewport=size(window), color_scheme=scheme, locale="en-US"
    ) as context:
        page = context.new_page()
        sign_in(page, demo_server, ADMIN)
        for screen in SCREENS:
            if screen.url_path:
                go(page, screen.url_path)
            found[screen.file] = (help_link(page) or "").rpartition("/")[2]
    assert found == {screen.file: f"help?part={part_of(screen)}" for screen in SCREENS}


def test_a_click_opens_the_part_and_reload_a_new_tab_and_back_keep_it(
    demo_server: DemoServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, demo_server, ADMIN, "/gifts")
    page.locator(".st-key-help_link a:visible").click()
    part = page.locator('[data-testid="stMain"] h2')
    expect(part.first).to_have_text("Gifts")
    assert page.url.endswith("/help?part=gifts")
    page.reload()
    expect(part.first).to_have_text("Gifts")
    tab = context.new_page()
    tab.goto(page.url)
    expect(tab.locator('[data-testid="stMain"] h2').first).to_have_text("Gifts")
    # another part, and back to the page where the question came up
    page.locator(".st-key-list_guide_side").get_by_role("link", name="Pledges").click()
    expect(part.first).to_have_text("Pledges")
    page.go_back()
    expect(part.first).to_have_text("Gifts")
    page.go_back()
    expect(page.locator('[data-testid="stMain"] h1').first).to_have_text("Gifts")
    settled(page)


def test_the_guide_comes_from_this_server_and_loads_no_more_than_another_page(
    demo_server: DemoServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, demo_server, ADMIN, "/donors")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.reload()
    settled(page)
    others = {url.partition("?")[0] for url in loaded}
    loaded.clear()
    page.goto(f"{demo_server.address}/help?part=donors")
    settled(page)
    made_here = ("data:", "blob:")
    mine = {url.partition("?")[0] for url in loaded if not url.startswith(made_here)}
    assert all(url.startswith(demo_server.address) for url in mine)
    scripts = {url.rpartition("/")[2] for url in mine - others if url.endswith((".js", ".css"))}
    # no file but those of the framework's own widgets
    assert len(scripts) <= 2, scripts
