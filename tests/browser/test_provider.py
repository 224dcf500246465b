"""Signing in with another provider's account, in a real browser against a real provider."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Page, expect

from app import accounts, demo
from tests import database as run
from tests.browser.conftest import House, free_port, open_house, settled
from tests.browser.test_sign_in import inside
from tests.conftest import WORKER
from tests.oidc_server import CLIENT, SECRET, Provider, open_provider

RUTH = "ruth@demo.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_provider(free_port()) as one:
        yield one


@pytest.fixture(scope="module")
def house(browser, provider, _template, tmp_path_factory) -> Iterator[House]:
    assert browser
    with (
        run.clone(f"provider_{WORKER}") as url,
        open_house(
            url,
            tmp_path_factory.mktemp("provider"),
            now=datetime.now(UTC),
            OIDC_CLIENT_ID=CLIENT,
            OIDC_CLIENT_SECRET=SECRET,
            OIDC_NAME="Harbour",
            OIDC_METADATA_URL=f"{provider.address}/.well-known/openid-configuration",
        ) as one,
    ):
        yield one


def ask(page: Page, house: House) -> None:
    page.goto(house.address)
    page.get_by_role("button", name="Sign in with Harbour").click()


def names(context) -> set[str]:
    return {one["name"] for one in context.cookies()}


def test_a_known_and_checked_address_comes_in_and_goes(context, house, provider):
    provider.claims = {"email": RUTH.upper(), "email_verified": True, "name": "Ruth"}
    page = context.new_page()
    ask(page, house)
    out = page.get_by_role("button", name="Sign out", exact=True)
    expect(out).to_be_attached()
    settled(page)
    # the code cannot be caught on its way, and was asked for by us
    assert provider.asked[-1]["code_challenge_method"] == "S256"
    assert provider.asked[-1]["redirect_uri"] == f"{house.address}/oauth2callback"
    # our own session alone remains: it can be ended
    assert "donorcrm" in names(context)
    assert not [one for one in names(context) if one.startswith("_streamlit_user")]
    out.click()
    expect(page.get_by_role("button", name="Sign in with Harbour")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in with Harbour")).to_be_visible()
    assert "donorcrm" not in names(context)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "x@else.example", "email_verified": True}, "There is no account here for x@"),
        ({"email": RUTH, "email_verified": False}, "does not say that ruth@demo.example is yours"),
        ({"email": RUTH}, "does not say that ruth@demo.example is yours"),
        ({}, "There is no account here for this account"),
    ],
)
def test_nobody_else_comes_in(context, house, provider, claims, words):
    provider.claims = claims
    page = context.new_page()
    ask(page, house)
    expect(page.get_by_text(words)).to_be_visible()
    assert "donorcrm" not in names(context)
    # the password still works beside it
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_text(words)).not_to_be_attached()
    expect(page.get_by_role("button", name="Sign in with Harbour")).to_be_visible()
    assert not [one for one in names(context) if one.startswith("_streamlit_user")]


def test_the_second_factor_is_still_asked_for(context, house, provider):
    mei = demo.SIGN_INS[1].email
    now = datetime.now(UTC)
    with inside(house) as db:
        actor = accounts.actor_by_email(db, mei)
        phone = pyotp.TOTP(accounts.begin_mfa_enrolment(db, actor, now=now).secret)
        code = accounts.confirm_mfa_enrolment(db, actor, code=phone.at(now), now=now)[0]
    provider.claims = {"email": mei, "email_verified": True}
    page = context.new_page()
    ask(page, house)
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_attached()
