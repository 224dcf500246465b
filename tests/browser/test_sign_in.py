"""Signing in and out in a real browser: the cookie, deep links, tabs, the end of a session."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app import accounts
from app.accounts import SYSTEM, Actor
from app.db import Session, transaction_for_system
from app.ui.base.screens import SCREENS
from tests import database as run
from tests.browser.conftest import DemoServer, settled, sign_in
from tests.values import present

RUTH, ADA = "ruth@demo.example", "ada@demo.example"
FIRST, SECOND = "violet ladder seven oceans", "orbit candle meadow thirty"


@contextmanager
def inside(demo_server: DemoServer) -> Iterator[Session]:
    """Open a transaction on the demo server's database."""
    run.use(demo_server.database)
    try:
        with transaction_for_system() as db:
            yield db
    finally:
        run.use(run.NOWHERE)


@pytest.fixture
def newcomer(demo_server: DemoServer, request: pytest.FixtureRequest) -> Actor:
    """An account that only one test uses."""
    name = re.sub(r"\W", "", request.node.name)
    with inside(demo_server) as db:
        user_id = accounts.create_user(
            db,
            SYSTEM,
            email=f"{name}@demo.example",
            name="Nina Berg",
            role="fundraiser",
            password=FIRST,
        )
        return accounts.actor_by_id(db, user_id)


def fill(page: Page, email: str, password: str) -> None:
    # what is typed or clicked while the page is still being drawn may be lost
    settled(page)
    page.get_by_role("textbox", name="E-mail").first.fill(email)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def enter(
    page: Page, demo_server: DemoServer, person: Actor, password: str = FIRST, path: str = "/"
) -> None:
    page.goto(demo_server.address + path)
    fill(page, person.email, password)
    expect(page.get_by_role("button", name="Sign out")).to_be_attached()
    settled(page)


def arrived(demo_server: DemoServer, email: str) -> EmailMessage:
    """Return the mail to an address as soon as the worker has written and sent it."""
    for _ in range(20):
        demo_server.command("jobs", "run", "send_mail")
        for message in demo_server.sink.messages:
            if message["to"] == email:
                return message
        time.sleep(0.5)
    pytest.fail(f"no mail came for {email}")


def form(page: Page) -> Locator:
    return page.get_by_role("heading", name="Welcome to DonorCRM")


def test_the_cookie_and_the_address(demo_server: DemoServer, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/donors?query=an")
    assert page.url == f"{demo_server.address}/donors?query=an"
    expect(page.get_by_role("heading", name="Donors", level=1)).to_be_visible()
    (cookie,) = [cookie_ for cookie_ in context.cookies() if cookie_["name"] == "donorcrm"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert page.evaluate("document.cookie").find("donorcrm=") == -1


def test_a_reload_shows_no_form(demo_server: DemoServer, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/gifts")
    page.add_init_script(
        """new MutationObserver(() => {
             if (document.querySelector('input[type=password]')) window.flashed = true;
           }).observe(document, {childList: true, subtree: true})"""
    )
    page.reload()
    settled(page)
    expect(page.get_by_role("heading", name="Gifts", level=1)).to_be_visible()
    assert page.evaluate("window.flashed") is None
    second_tab = context.new_page()
    second_tab.goto(f"{demo_server.address}/pledges")
    settled(second_tab)
    expect(second_tab.get_by_role("heading", name="Pledges", level=1)).to_be_visible()


def test_signing_out_ends_every_tab(demo_server: DemoServer, context: BrowserContext) -> None:
    first, second = context.new_page(), context.new_page()
    sign_in(first, demo_server, RUTH)
    second.goto(f"{demo_server.address}/gifts")
    settled(second)
    first.get_by_role("button", name="Sign out").click()
    form(first).wait_for()
    expect(first.get_by_role("button", name="Sign out")).to_have_count(0)
    second.get_by_role("link", name="Donors").click()
    form(second).wait_for()
    second.reload()
    form(second).wait_for()
    assert not [cookie_ for cookie_ in context.cookies() if cookie_["name"] == "donorcrm"]


def test_a_wrong_password_gives_an_error_and_keeps_the_url(
    demo_server: DemoServer, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{demo_server.address}/pledges?standing=late")
    fill(page, "nobody@demo.example", "not a password of ours")
    expect(page.get_by_text("E-mail or password is not right.", exact=False)).to_be_visible()
    assert page.url.endswith("/pledges?standing=late")


def test_a_deactivated_user_is_signed_out_at_the_next_click(
    demo_server: DemoServer, context: BrowserContext, newcomer: Actor
) -> None:
    page = context.new_page()
    enter(page, demo_server, newcomer)
    with inside(demo_server) as db:
        ada = accounts.actor_by_email(db, ADA)
        accounts.deactivate(db, ada, user_id=newcomer.user_id, now=datetime.now(UTC))
    page.get_by_role("link", name="Donors").click()
    form(page).wait_for()
    fill(page, newcomer.email, FIRST)
    expect(page.get_by_text("E-mail or password is not right.", exact=False)).to_be_visible()


def test_another_role_means_signing_in_again(
    demo_server: DemoServer, context: BrowserContext, newcomer: Actor
) -> None:
    page = context.new_page()
    enter(page, demo_server, newcomer)
    with inside(demo_server) as db:
        ada = accounts.actor_by_email(db, ADA)
        accounts.change_role(
            db, ada, user_id=newcomer.user_id, role="admin", now=datetime.now(UTC)
        )
    page.get_by_role("link", name="Donors").click()
    form(page).wait_for()
    fill(page, newcomer.email, FIRST)
    expect(page.get_by_role("link", name="People")).to_be_attached()


def test_a_forgotten_password(
    demo_server: DemoServer, context: BrowserContext, newcomer: Actor
) -> None:
    page = context.new_page()
    page.goto(demo_server.address)
    form(page).wait_for()
    settled(page)
    page.get_by_text("Forgot your password?").click()
    page.get_by_role("textbox", name="Your e-mail").fill(newcomer.email)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_text("a link is on its way")).to_be_visible()
    mail = arrived(demo_server, newcomer.email)
    link = re.search(r"\S+/reset\?code=\S+", present(mail.get_body(("plain",))).get_content())
    assert present(link)[0].startswith(demo_server.address)

    page.goto(present(link)[0])
    settled(page)
    page.get_by_role("textbox", name="New password").fill(SECOND)
    page.get_by_role("textbox", name="Once more").fill(SECOND)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your new password is set.")).to_be_visible()
    fill(page, newcomer.email, SECOND)
    expect(page.get_by_role("button", name="Sign out")).to_be_attached()

    late = context.new_page()
    late.goto(present(link)[0])
    settled(late)
    late.get_by_role("textbox", name="New password").fill(FIRST)
    late.get_by_role("textbox", name="Once more").fill(FIRST)
    late.get_by_role("button", name="Set password").click()
    expect(late.get_by_text("This link was used before")).to_be_visible()


def test_no_page_breaks_the_policy_or_requests_another_host(
    demo_server: DemoServer, context: BrowserContext
) -> None:
    page = context.new_page()
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((demo_server.address, "data:", "blob:"))
            else elsewhere.append(request.url)
        ),
    )
    page.add_init_script(
        """window.broken = [];
           document.addEventListener('securitypolicyviolation',
             (event) => window.broken.push(event.violatedDirective + ' ' + event.blockedURI))"""
    )
    sign_in(page, demo_server, ADA)
    broken = {}
    for screen in SCREENS:
        page.goto(f"{demo_server.address}/{screen.url_path}")
        settled(page)
        broken[screen.file] = page.evaluate("window.broken")
    assert {file: messages for file, messages in broken.items() if messages} == {}
    assert elsewhere == []


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/_stcore/upload_file/a/b"), ("GET", "/media/0123.csv")]
)
def test_without_a_session_uploads_and_downloads_are_refused(
    demo_server: DemoServer, method: str, path: str
) -> None:
    request = urllib.request.Request(demo_server.address + path, data=b"x", method=method)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    with refused.value as response:
        assert response.code == 401


def test_an_invited_user_sets_a_password_and_is_signed_in(
    demo_server: DemoServer, browser: Browser, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, demo_server, ADA, "/people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Iris Vale")
    page.get_by_role("textbox", name="E-mail").fill("iris@demo.example")
    page.get_by_role("button", name="Add person").click()
    page.get_by_role("heading", name="Invited").wait_for()
    demo_server.command("jobs", "run", "send_mail")
    mail = next(
        message for message in demo_server.sink.messages if message["to"] == "iris@demo.example"
    )
    assert mail["subject"].endswith("invites you to DonorCRM")
    link = present(
        re.search(r"\S+/invitation\?code=\S+", present(mail.get_body(("plain",))).get_content())
    )[0]
    # who is signed in is not taken for the one invited
    page.goto(link)
    page.get_by_text("is signed in here").wait_for()
    with browser.new_context(locale="en-US") as browser_context:
        theirs = browser_context.new_page()
        theirs.goto(link)
        theirs.get_by_role("textbox", name="New password").fill(FIRST)
        theirs.get_by_role("textbox", name="Once more").fill(FIRST)
        theirs.get_by_role("button", name="Set password").click()
        expect(theirs.get_by_role("button", name="Sign out")).to_be_attached()
        settled(theirs)
        expect(theirs.get_by_text("Iris Vale · fundraiser")).to_be_attached()
    with browser.new_context(locale="en-US") as third:
        late = third.new_page()
        late.goto(link)
        late.get_by_role("textbox", name="New password").fill(SECOND)
        late.get_by_role("textbox", name="Once more").fill(SECOND)
        late.get_by_role("button", name="Set password").click()
        late.get_by_text("was used or taken back").wait_for()
