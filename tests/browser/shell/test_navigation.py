"""Finding one's way in a browser: palette, keys, Back, links to lists, and a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app import demo
from tests.browser.conftest import NARROW, DemoServer, hard_to_use, settled, sign_in, size

RUTH = demo.SIGN_INS[0].email
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture
def page(context: BrowserContext, demo_server: DemoServer) -> Page:
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/donors?giving=on+rhythm")
    return page


@pytest.fixture
def phone(browser: Browser, demo_server: DemoServer) -> Iterator[Page]:
    with browser.new_context(
        viewport=size(NARROW), locale="en-US", is_mobile=True, has_touch=True
    ) as context:
        page = context.new_page()
        sign_in(page, demo_server, RUTH)
        yield page


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Find")


def title(page: Page) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("heading", level=1)


def test_a_gift_of_a_donor_found_by_name_is_recorded_with_keys_alone(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(palette(page).get_by_role("combobox")).to_be_focused()
    page.keyboard.type("netherw")
    found = palette(page).get_by_role("option").first
    expect(found).to_contain_text("Netherwood")
    name = found.evaluate("(e) => e.childNodes[1].textContent")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text(name)
    expect(page).to_have_title(f"{name} · DonorCRM")
    settled(page)
    page.keyboard.press("n")
    page.keyboard.press("g")
    dialog = page.get_by_test_id("stDialog")
    expect(dialog).to_contain_text(f"From {name}")
    settled(page)
    expect(dialog.get_by_label("Amount (USD)")).to_be_focused()
    # in a field the keys are letters
    page.keyboard.type("12.34")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_attached()
    expect(page.get_by_text("$12.34").first).to_be_visible()


def test_the_palette_finds_pages_actions_and_the_donors_opened_last(page: Page) -> None:
    link = page.locator("td.name a").nth(2)
    name = link.inner_text()
    link.click()
    expect(title(page)).to_have_text(name)
    settled(page)
    page.keyboard.press("/")
    expect(palette(page).get_by_role("option").first).to_contain_text(name)
    assert hard_to_use(page) == []
    page.keyboard.type("pled")
    expect(palette(page).get_by_role("option").last).to_contain_text("Pledges")
    # the arrow keys choose, and Enter opens what they chose
    for _ in range(palette(page).get_by_role("option").count() - 1):
        page.keyboard.press("ArrowDown")
    chosen = palette(page).get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Pledges")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Pledges")
    settled(page)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Record gift")
    assert hard_to_use(page) == []
    page.keyboard.press("Escape")
    expect(keys).not_to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page).to_have_title("Help · DonorCRM")


def test_an_action_of_another_page_is_done_on_any_page(
    page: Page, demo_server: DemoServer
) -> None:
    page.goto(f"{demo_server.address}/help")
    settled(page)
    page.keyboard.press("n")
    page.keyboard.press("c")
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_label("With whom?").fill("netherwood")
    expect(dialog.get_by_text("Judith Netherwood").first).to_be_visible()
    dialog.get_by_label("What was said").fill("She is on holiday until spring.")
    dialog.get_by_role("button", name="Log it").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("Logged with Judith Netherwood.")
    expect(title(page)).to_have_text("Help")


def test_a_search_leaves_the_filter_of_the_list(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("church")
    palette(page).get_by_role("option", name=re.compile("All donors with")).click()
    expect(page).to_have_url(re.compile(r"/donors\?query=church$"))
    settled(page)
    assert "Church" in page.locator("td.name").first.inner_text()
    expect(page.get_by_role("searchbox", name="Find a donor")).to_have_value("church")


def test_back_leads_to_the_place_in_the_filtered_list(page: Page) -> None:
    page.get_by_test_id("stMain").hover()
    page.mouse.wheel(0, 640)
    page.wait_for_function(f"() => {SCROLLED} === 640")
    link = page.locator("td.name a").nth(14)
    name = link.inner_text()
    link.click()
    expect(title(page)).to_have_text(name)
    settled(page)
    assert page.evaluate(SCROLLED) == 0
    page.go_back()
    expect(title(page)).to_have_text("Donors")
    page.wait_for_function(f"() => {SCROLLED} === 640")
    settled(page)
    assert page.evaluate(SCROLLED) == 640
    page.reload()
    settled(page)
    page.wait_for_function(f"() => {SCROLLED} === 640")
    # the way back of the donor's page has the filter too
    page.locator("td.name a").nth(14).click()
    expect(title(page)).to_have_text(name)
    settled(page)
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Donors").click()
    expect(page).to_have_url(re.compile(r"/donors\?giving=on"))


def test_see_all_opens_the_same_rows(page: Page, demo_server: DemoServer) -> None:
    page.goto(f"{demo_server.address}/dashboard")
    settled(page)
    heading = page.get_by_role("heading", name=re.compile("To thank")).inner_text()
    number = re.sub(r"\D", "", heading)
    page.get_by_role("link", name="See all gifts to thank for").click()
    expect(title(page)).to_have_text("Gifts")
    expect(page).to_have_url(re.compile("thanked=waiting"))
    settled(page)
    figure = page.get_by_test_id("stMetric").filter(has_text="Gifts")
    expect(figure.get_by_test_id("stMetricValue")).to_have_text(number)


def test_on_a_phone_a_tap_closes_the_menu_for_good(phone: Page) -> None:
    phone.get_by_role("button", name="Menu", exact=True).tap()
    sidebar = phone.get_by_test_id("stSidebar")
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    phone.get_by_test_id("stSidebarNavLink").filter(has_text="Gifts").tap()
    expect(title(phone)).to_have_text("Gifts")
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    settled(phone)
    phone.reload()
    settled(phone)
    expect(sidebar).to_have_attribute("data-collapsed", "true")


def test_on_a_phone_the_bar_has_the_pages_of_the_day_and_the_search(phone: Page) -> None:
    bar = phone.get_by_role("navigation", name="Pages", exact=True)
    for button in (*bar.get_by_role("link").all(), *bar.get_by_role("button").all()):
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 44
    bar.get_by_role("link", name="Donors").tap()
    expect(title(phone)).to_have_text("Donors")
    expect(bar.get_by_role("link", name="Donors")).to_have_attribute("aria-current", "page")
    settled(phone)
    bar.get_by_role("button", name="Find").tap()
    palette(phone).get_by_role("combobox").fill("netherwood")
    palette(phone).get_by_role("option", name=re.compile("Judith")).tap()
    expect(title(phone)).to_have_text("Judith Netherwood")
    settled(phone)
    wide = phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
