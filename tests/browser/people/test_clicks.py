"""How many clicks the work of a day takes; each is counted and limited."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select

from app import demo
from app.db.models import Alert, Donor, Fund, Gift, Pledge, Task
from tests.browser.conftest import DemoServer, settled, sign_in
from tests.browser.test_sign_in import inside

RUTH = demo.SIGN_INS[0].email


@dataclass
class Hand:
    """Clicks and counts; typing is free."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1
        settled(self.page)

    def choose(self, label: str, option: str) -> None:
        """Open a select box and click an option."""
        self.page.keyboard.press("Escape")
        self.click(self.page.get_by_role("combobox", name=re.compile(label)).first)
        self.click(self.page.get_by_role("option", name=option, exact=True))


@pytest.fixture
def hand(context: BrowserContext, demo_server: DemoServer) -> Hand:
    page = context.new_page()
    sign_in(page, demo_server, RUTH)
    return Hand(page)


def test_a_gift_of_a_donor_found_by_name_takes_three_clicks(hand: Hand) -> None:
    page = hand.page
    hand.click(page.get_by_role("button", name=re.compile("Find a donor")).first)
    page.keyboard.type("netherw")
    found = page.get_by_role("dialog", name="Find").get_by_role("option").first
    expect(found).to_contain_text("Netherwood")
    hand.click(found)
    hand.click(page.get_by_role("button", name="Record gift"))
    page.keyboard.type("12.50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("$12.50").first).to_be_visible()
    assert hand.clicks <= 3


def test_five_donors_are_thanked_with_five_clicks(hand: Hand, demo_server: DemoServer) -> None:
    waiting = select(Gift.id).join(Donor).where(Gift.thanked_at.is_(None))
    with inside(demo_server) as db:
        before = set(db.scalars(waiting))
    buttons = hand.page.get_by_role("button", name=re.compile("^Thanked"))
    # the demonstration has fewer to thank on some days
    times = min(5, buttons.count())
    assert times
    for _ in range(times):
        hand.click(buttons.first)
    with inside(demo_server) as db:
        after = set(db.scalars(waiting))
    assert len(before - after) >= times
    assert hand.clicks <= 5


def test_a_call_with_a_note_takes_three_clicks(hand: Hand) -> None:
    page = hand.page
    name = page.locator(".rows a, td.name a, .lines a").first
    words = name.inner_text()
    hand.click(name)
    hand.click(page.get_by_role("button", name="Log a contact"))
    page.get_by_label("What was said").fill("Asks for a visit in spring.")
    hand.click(page.get_by_role("button", name="Log it"))
    expect(page.get_by_text("Asks for a visit in spring.").first).to_be_visible()
    expect(page.get_by_test_id("stToast")).to_contain_text(f"Logged with {words}.")
    assert hand.clicks <= 3


def test_all_late_donors_of_a_fund_get_a_task_with_six_clicks(
    hand: Hand, demo_server: DemoServer
) -> None:
    late = (
        select(Fund.name, Donor.id)
        .join(Pledge, Pledge.fund_id == Fund.id)
        .join(Donor, Donor.id == Pledge.donor_id)
        .join(Alert, Alert.donor_id == Donor.id)
        .where(Alert.kind == "late_pledge", Alert.state.in_(("open", "snoozed")))
    )
    with inside(demo_server) as db:
        ruth = select(Donor.owner_id).where(Donor.name == "Judith Netherwood").scalar_subquery()
        fund = db.scalars(late.where(Donor.owner_id == ruth).order_by(Fund.name)).first()
        assert fund
    page = hand.page
    page.goto(f"{demo_server.address}/donors")
    settled(page)
    hand.choose("Giving", "Pledge late")
    hand.choose("Fund", fund)
    names = page.locator("td.name a").all_inner_texts()
    assert names
    hand.click(page.get_by_role("button", name="Add tasks"))
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_label("What is to be done").fill("Ask about the pledge")
    hand.click(dialog.get_by_role("button", name="Add tasks"))
    expect(dialog).not_to_be_attached()
    with inside(demo_server) as db:
        tasks = select(Donor.name).join(Task, Task.donor_id == Donor.id)
        created = db.scalars(tasks.where(Task.title == "Ask about the pledge"))
        assert sorted(created) == sorted(names)
    assert hand.clicks <= 6
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("stToast").last).to_contain_text("Removed")
