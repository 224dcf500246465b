"""Signing in with another provider's account, in a real browser against a real provider."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import accounts, demo
from tests import database as run
from tests.browser.conftest import DemoServer, free_port, settled, start_demo_server
from tests.browser.test_sign_in import inside
from tests.conftest import WORKER
from tests.oidc_server import CLIENT, SECRET, Provider, open_provider

RUTH = "ruth@demo.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_provider(free_port()) as server:
        yield server


@pytest.fixture(scope="module")
def demo_server(
    browser: Browser, provider: Provider, _template: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoServer]:
    assert browser
    with (
        run.clone(f"provider_{WORKER}") as url,
        start_demo_server(
            url,
            tmp_path_factory.mktemp("provider"),
            now=datetime.now(UTC),
            scheduler=False,
            OIDC_CLIENT_ID=CLIENT,
            OIDC_CLIENT_SECRET=SECRET,
            OIDC_NAME="Harbour",
            OIDC_METADATA_URL=f"{provider.address}/.well-known/openid-configuration",
        ) as server,
    ):
        yield server


def ask(page: Page, demo_server: DemoServer) -> None:
    page.goto(demo_server.address)
    settled(page)
    page.get_by_role("button", name="Sign in with Harbour").click()


def names(context: BrowserContext) -> set[str]:
    return {cookie["name"] for cookie in context.cookies()}


def test_a_known_and_verified_address_signs_in_and_out(
    context: BrowserContext, demo_server: DemoServer, provider: Provider
) -> None:
    provider.claims = {"email": RUTH.upper(), "email_verified": True, "name": "Ruth"}
    page = context.new_page()
    ask(page, demo_server)
    sign_out = page.get_by_role("button", name="Sign out", exact=True)
    expect(sign_out).to_be_attached()
    settled(page)
    # the code cannot be caught on its way, and was asked for by us
    assert provider.asked[-1]["code_challenge_method"] == "S256"
    assert provider.asked[-1]["redirect_uri"] == f"{demo_server.address}/oauth2callback"
    # our own session alone remains: it can be ended
    assert "donorcrm" in names(context)
    assert not [name for name in names(context) if name.startswith("_streamlit_user")]
    sign_out.click()
    expect(page.get_by_role("button", name="Sign in with Harbour")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in with Harbour")).to_be_visible()
    assert "donorcrm" not in names(context)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "x@else.example", "email_verified": True}, "There is no account here for x@"),
        (
            {"email": RUTH, "email_verified": False},
            "does not confirm that ruth@demo.example is yours",
        ),
        ({"email": RUTH}, "does not confirm that ruth@demo.example is yours"),
        ({}, "There is no account here for this account"),
    ],
)
def test_other_addresses_cannot_sign_in(
    context: BrowserContext,
    demo_server: DemoServer,
    provider: Provider,
    claims: dict[str, str | bool],
    words: str,
) -> None:
    provider.claims = claims
    page = context.new_page()
    ask(page, demo_server)
    expect(page.get_by_text(words)).to_be_visible()
    assert "donorcrm" not in names(context)
    # the password still works beside it
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_text(words)).not_to_be_attached()
    expect(page.get_by_role("button", name="Sign in with Harbour")).to_be_visible()
    assert not [name for name in names(context) if name.startswith("_streamlit_user")]


def test_the_second_factor_is_still_asked_for(
    context: BrowserContext, demo_server: DemoServer, provider: Provider
) -> None:
    mei = demo.SIGN_INS[1].email
    now = datetime.now(UTC)
    with inside(demo_server) as db:
        actor = accounts.actor_by_email(db, mei)
        phone = pyotp.TOTP(accounts.begin_mfa_enrolment(db, actor, now=now).secret)
        code = accounts.confirm_mfa_enrolment(db, actor, code=phone.at(now), now=now)[0]
    provider.claims = {"email": mei, "email_verified": True}
    page = context.new_page()
    ask(page, demo_server)
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_attached()
