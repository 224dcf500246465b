"""The second factor in a real browser: the QR code, the second step, the recovery code."""

import pyotp
from playwright.sync_api import BrowserContext, Page, expect

from app.accounts import Actor
from tests.browser.conftest import DemoServer, settled
from tests.browser.test_sign_in import FIRST, enter, fill, newcomer

__all__ = ["newcomer"]


def give(page: Page, code: str) -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_needs_a_code_or_a_recovery_code(
    context: BrowserContext, demo_server: DemoServer, newcomer: Actor
) -> None:
    page = context.new_page()
    enter(page, demo_server, newcomer)
    page.goto(f"{demo_server.address}/settings")
    settled(page)
    page.get_by_role("button", name="Turn on").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Your password").fill(FIRST)
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_role("img").first).to_be_visible()
    dialog.get_by_text("Type it instead").click()
    phone = pyotp.TOTP(dialog.locator("code").inner_text().strip())
    dialog.get_by_role("textbox", name="Code").fill("000000")
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_text("This code is not right")).to_be_visible()
    dialog.get_by_role("textbox", name="Code").fill(phone.now())
    dialog.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Keep these recovery codes")).to_be_visible()
    codes = page.get_by_test_id("stCode").inner_text().split()
    assert len(codes) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("textbox", name="E-mail").first).to_be_visible()
    expect(page.get_by_text("Welcome to DonorCRM")).to_be_visible()
    fill(page, newcomer.email, FIRST)
    expect(page.get_by_text("Now the code your authenticator app shows")).to_be_visible()
    # the password alone has opened nothing, also not for another tab
    assert not [cookie for cookie in context.cookies() if cookie["name"] == "donorcrm"]
    give(page, "000000")
    expect(page.get_by_text("This code is not right, or was used before")).to_be_visible()
    give(page, codes[0])
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_attached()
    settled(page)
    page.reload()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_attached()
