"""Passkeys in a real browser with a virtual authenticator: adding one, signing in with it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from app import accounts
from tests import database as run
from tests.browser.conftest import DemoServer, free_port, settled, start_demo_server
from tests.browser.test_sign_in import ADA, arrived, enter, fill, form, inside, newcomer
from tests.conftest import WORKER

__all__ = ["newcomer"]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def demo_server(
    browser: Browser, _template: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoServer]:
    """A demo server with a host name: browsers offer no passkeys at a bare address."""
    assert browser
    port = free_port()
    with (
        run.clone(f"passkeys_{WORKER}") as url,
        start_demo_server(
            url,
            tmp_path_factory.mktemp("passkeys"),
            now=datetime.now(UTC),
            scheduler=False,
            PORT=str(port),
            PUBLIC_URL=f"http://localhost:{port}",
        ) as server,
    ):
        yield server


def with_device(context: BrowserContext) -> tuple[Page, CDPSession, str]:
    """A page with an authenticator of its own, which any test may make refuse."""
    page = context.new_page()
    control = context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    authenticator = control.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page, control, authenticator["authenticatorId"]


def confirm(page: Page) -> None:
    dialog = page.get_by_role("dialog").filter(has_text="Please confirm it is you")
    dialog.get_by_label("Your password").fill("violet ladder seven oceans")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).to_have_count(0)


def add(page: Page, name: str, *, by: str = "Add a passkey") -> None:
    page.get_by_role("link", name=by).click()
    box = page.get_by_role("textbox", name="Name")
    box.fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/settings")
    settled(page)


def signed_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_attached()
    settled(page)


def test_the_button_waits_for_the_script(context: BrowserContext, demo_server: DemoServer) -> None:
    page = context.new_page()
    page.route("**/passkeys.js", lambda route: route.abort())
    page.goto(f"{demo_server.address}/sign-in/passkey")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_disabled()


def test_adding_a_passkey_signing_out_and_in_with_it(
    context: BrowserContext, demo_server: DemoServer, newcomer: accounts.Actor
) -> None:
    page, control, device = with_device(context)
    broken: list[str] = []
    page.on("console", lambda one: broken.append(one.text) if one.type == "error" else None)
    enter(page, demo_server, newcomer)
    page.goto(f"{demo_server.address}/settings")
    settled(page)
    page.get_by_role("button", name="Add a passkey").click()
    confirm(page)
    add(page, "Nina's laptop", by="Continue on the next page")
    expect(page.get_by_text("Nina's laptop", exact=True)).to_be_visible()
    expect(page.get_by_text("not used yet")).to_be_visible()
    assert arrived(demo_server, newcomer.email)["subject"].startswith(
        "The passkey “Nina's laptop”"
    )

    page.get_by_role("button", name="Sign out", exact=True).click()
    form(page).wait_for()
    page.goto(f"{demo_server.address}/donors?query=an")
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.wait_for_url("**/donors?query=an")
    signed_in(page)
    expect(page.get_by_role("heading", name="Donors", level=1)).to_be_visible()
    (cookie,) = [cookie_ for cookie_ in context.cookies() if cookie_["name"] == "donorcrm"]
    assert cookie["httpOnly"]
    assert not [message for message in broken if "Content Security Policy" in message]

    # a device that does not know its user signs nothing
    page.get_by_role("button", name="Sign out", exact=True).click()
    form(page).wait_for()
    control.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{demo_server.address}/sign-in/passkey")
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    control.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Use a passkey").click()
    signed_in(page)

    page.goto(f"{demo_server.address}/settings")
    settled(page)
    page.get_by_test_id("stMain").locator(".st-key-list_passkeys").get_by_role("button").nth(
        1
    ).click()
    # the passkey has just shown who this is: nothing more is asked for
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nina's laptop", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Sign out", exact=True).click()
    form(page).wait_for()
    page.goto(f"{demo_server.address}/sign-in/passkey")
    expect(page.get_by_role("alert")).to_contain_text("does not open an account here")


def test_a_required_second_factor_is_set_up_before_anything_else(
    context: BrowserContext, demo_server: DemoServer, newcomer: accounts.Actor
) -> None:
    now = datetime.now(UTC)
    with inside(demo_server) as db:
        ada = accounts.actor_by_email(db, ADA)
        accounts.save_mfa_policy(db, ada, roles=["fundraiser"], grace_days=0, now=now)
    try:
        page, _, _ = with_device(context)
        page.goto(f"{demo_server.address}/donors")
        fill(page, newcomer.email, "violet ladder seven oceans")
        signed_in(page)
        title = page.get_by_role("heading", name="Two-factor authentication", exact=True)
        expect(title.first).to_be_visible()
        expect(page.get_by_role("link", name="Donors")).to_have_count(0)
        page.goto(f"{demo_server.address}/gifts")
        expect(title.first).to_be_visible()
        answer = page.request.get(f"{demo_server.address}/api/v1/files/donors.csv")
        assert answer.status == 403
        add(page, "Phone")
        expect(page.get_by_role("heading", name="My settings", level=1)).to_be_visible()
        expect(page.get_by_role("link", name="Donors")).to_be_attached()
        assert page.request.get(f"{demo_server.address}/api/v1/files/donors.csv").status == 200

        # the password alone is no longer enough, and the passkey is
        page.get_by_role("button", name="Sign out", exact=True).click()
        form(page).wait_for()
        fill(page, newcomer.email, "violet ladder seven oceans")
        signed_in(page)
        page.get_by_role("link", name="Use your passkey").click()
        page.wait_for_url(f"{demo_server.address}/")
        signed_in(page)
        expect(page.get_by_role("link", name="Donors")).to_be_attached()
    finally:
        with inside(demo_server) as db:
            ada = accounts.actor_by_email(db, ADA)
            accounts.save_mfa_policy(db, ada, roles=[], grace_days=7, now=now)
