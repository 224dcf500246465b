"""The page that explains the API, in a real browser under the real policy."""

import os
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from app import demo
from tests.browser.conftest import NARROW, DemoServer, size

RUTH = "ruth@demo.example"


def shoot(page: Page, name: str) -> None:
    """Keep a picture when somebody wants to look."""
    if folder := os.environ.get("DONORCRM_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_person_reads_signs_in_and_tries_a_call(
    demo_server: DemoServer, context: BrowserContext
) -> None:
    page = context.new_page()
    complaints: list[str] = []
    elsewhere: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda messages: complaints.append(messages.text) if "Policy" in messages.text else None,
    )
    page.on(
        "request",
        lambda request: (
            elsewhere.append(request.url)
            if not request.url.startswith(demo_server.address)
            else None
        ),
    )
    page.goto(f"{demo_server.address}/api/v1/docs")
    finding = page.locator("#operations-donors-list_donors")
    finding.locator(".opblock-summary-control").click()
    shoot(page, "docs-wide")
    finding.get_by_role("button", name="Execute").click()
    answer = finding.locator(".live-responses-table .response").first
    expect(answer).to_contain_text("401")
    page.get_by_label("E-mail").first.fill(RUTH)
    page.get_by_label("Password").first.fill(demo.SIGN_INS[0].password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Signed in as Ruth")).to_be_visible()
    finding.get_by_placeholder("limit").fill("2")
    finding.get_by_role("button", name="Execute").click()
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"items"')
    page.get_by_role("button", name="Renew the token").click()
    expect(page.get_by_text("The token is new.")).to_be_visible()
    recording = page.locator("#operations-gifts-record_gift")
    recording.locator(".opblock-summary-control").click()
    expect(recording.locator("textarea").first).to_contain_text("12.50")
    shoot(page, "docs-open")
    page.set_viewport_size(size(NARROW))
    wide = page.evaluate("document.documentElement.scrollWidth")
    shoot(page, "docs-narrow")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert wide <= NARROW[0], "nothing is wider than a phone"
    assert complaints == []
    assert elsewhere == []
