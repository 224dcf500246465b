"""The activity of a donor in a browser: filters in the address, and a contact that is edited."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.accounts import actor_by_email
from app.db.models import Donor
from app.ui.donors.overview import reach
from tests import factories as make
from tests.browser.conftest import (
    NARROW,
    DemoServer,
    hard_to_use,
    settled,
    sign_in,
    size,
)
from tests.browser.test_sign_in import inside

RUTH = "ruth@demo.example"
CONTACTS = 80


@pytest.fixture
def donor(demo_server: DemoServer) -> int:
    """A donor with 80 contacts, one a day until yesterday, and a gift."""
    now = datetime.now(UTC)
    with inside(demo_server) as db:
        ruth = actor_by_email(db, RUTH)
        donor = make.donor(
            db,
            ruth,
            "Wilma Quist",
            phone="+1 555 0100",
            no_phone=True,
            address={"street": "1 Quay", "city": "Hull"},
        )
        for number in range(CONTACTS):
            at = now - timedelta(days=1 + number)
            make.contact(db, donor, text=f"Talk no {number}", at=at, by_id=ruth.user_id)
        make.gift(db, donor, "31", now.date() - timedelta(days=400))
        contacted = (now - timedelta(days=1)).astimezone(ZoneInfo(ruth.time_zone)).date()
        db.query(Donor).filter(Donor.id == donor).update({"last_contacted_on": contacted})
    return donor


@pytest.fixture
def page(context: BrowserContext, demo_server: DemoServer, donor: int) -> Page:
    page = context.new_page()
    sign_in(page, demo_server, RUTH, f"/donor?id={donor}")
    return page


def activity(page: Page) -> Locator:
    return page.locator(".st-key-timeline")


def lines(page: Page) -> Locator:
    return activity(page).locator("ul.events li")


def pill(page: Page, name: str) -> Locator:
    return activity(page).get_by_role("button", name=name, exact=True)


def test_the_filters_are_in_the_address(page: Page, demo_server: DemoServer, donor: int) -> None:
    settled(page)
    expect(lines(page)).to_have_count(12)
    pill(page, "Gifts").click()
    expect(page).to_have_url(re.compile("show=gift"))
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("$31")
    page.reload()
    settled(page)
    expect(lines(page)).to_have_count(1)
    search = activity(page).get_by_label("Search the activity")
    search.fill("talk no 7")
    expect(activity(page)).to_contain_text("Nothing here matches")
    activity(page).get_by_role("button", name="Show everything").click()
    expect(lines(page)).to_have_count(12)
    expect(page).not_to_have_url(re.compile("show="))
    search = activity(page).get_by_label("Search the activity")
    search.fill("TALK 79")
    expect(lines(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("find=TALK"))
    page.goto(f"{demo_server.address}/donor?id={donor}&find=no+78&show=contact")
    settled(page)
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("Talk no 78")


def test_older_events_are_shown_until_the_last(page: Page) -> None:
    settled(page)
    older = activity(page).get_by_role("button", name="Show older")
    older.click()
    expect(lines(page)).to_have_count(62)
    older.click()
    expect(lines(page)).to_have_count(CONTACTS + 1)
    expect(older).to_have_count(0)
    expect(lines(page).last).to_contain_text("$31")


def test_a_contact_is_corrected_deleted_and_comes_back(page: Page) -> None:
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("last contact yesterday")).to_be_visible()
    latest = lines(page).filter(has=page.get_by_role("button")).first
    latest.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    said = dialog.get_by_label("What was said")
    expect(said).to_have_value("Talk no 0")
    # before the framework's toast is shown, which has no name
    assert hard_to_use(page) == []
    said.fill("A long talk")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(latest).to_contain_text("A long talk")
    settled(page)
    latest.get_by_role("button", name="Edit").click()
    expect(dialog.get_by_label("What was said")).to_have_value("A long talk")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_have_count(0)
    expect(latest).to_contain_text("Talk no 1")
    expect(main.get_by_text("last contact 2 days ago")).to_be_visible()
    settled(page)
    activity(page).get_by_role("button", name="Undo: contact deleted").click()
    expect(lines(page).filter(has_text="A long talk")).to_have_count(1)
    expect(activity(page).get_by_role("button", name="Undo: contact deleted")).to_have_count(0)


def test_on_a_phone_everything_can_be_reached(
    demo_server: DemoServer, browser: Browser, donor: int
) -> None:
    with browser.new_context(
        viewport=size(NARROW), locale="en-US", is_mobile=True, has_touch=True
    ) as context:
        page = context.new_page()
        sign_in(page, demo_server, RUTH, f"/donor?id={donor}")
        settled(page)
        assert hard_to_use(page) == []
        call, place = page.get_by_title("Call"), page.get_by_title("Show on a map in a new tab")
        assert call.get_attribute("href") == "tel:+15550100"
        assert place.get_attribute("href") == f"{reach.MAP}?query=1+Quay%2C+Hull"
        assert (place.get_attribute("target"), place.get_attribute("rel")) == (
            "_blank",
            "noopener noreferrer",
        )
        expect(page.locator(".ways li", has=call)).to_contain_text("(not wished)")
        edit = lines(page).first.get_by_role("button")
        for target in (pill(page, "Gifts"), edit, call, place):
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert 0 <= box["x"] <= box["x"] + box["width"] <= NARROW[0]
