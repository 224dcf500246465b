"""On a phone, the buttons of a card stay inside it."""

from playwright.sync_api import Browser

from tests.browser.conftest import NARROW, DemoServer, settled, sign_in, size


def test_the_buttons_about_mail_stay_inside_their_card(
    demo_server: DemoServer, browser: Browser
) -> None:
    with browser.new_context(viewport=size(NARROW), locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, "ruth@demo.example")
        page.goto(f"{demo_server.address}/settings")
        settled(page)
        card = page.locator(".st-key-list_mail")
        card.scroll_into_view_if_needed()
        box = card.bounding_box()
        assert box
        for name in ("Preview my summary", "Send me one now"):
            button = card.get_by_text(name).locator(
                "xpath=ancestor-or-self::*[self::a or self::button]"
            )
            inner = button.bounding_box()
            assert inner
            assert inner["x"] >= box["x"] + 8, name
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] - 8, name
