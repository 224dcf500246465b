"""The unsubscribe link of a mail in a real browser: preferences change without a sign-in."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, expect

from app import mail
from app.accounts import Actor, actor_by_email
from app.settings import settings
from tests.browser.conftest import NARROW, DemoServer, size
from tests.browser.test_sign_in import inside, newcomer

__all__ = ["newcomer"]


def test_a_mail_is_unsubscribed_and_subscribed_again(
    context: BrowserContext,
    demo_server: DemoServer,
    newcomer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", demo_server.environment["SECRET_KEY"])
    settings.cache_clear()
    with inside(demo_server) as db:
        user_id = actor_by_email(db, newcomer.email).user_id
        link = mail.email_preferences_link(user_id, "weekly_summary", now=datetime.now(UTC))
    monkeypatch.undo()
    settings.cache_clear()
    address = f"{demo_server.address}/api/v1/mail/{link.rpartition('/')[2]}"
    messages: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: messages.append(message.text))
    page.goto(address)
    weekly = page.get_by_label("A summary every week")
    expect(weekly).to_be_checked()
    weekly.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.set_viewport_size(size(NARROW))
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    expect(page.get_by_label("A summary every week")).not_to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert messages == []
