"""Tables in a browser: names are links, headings sort, rows can be ticked, buttons act."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app import demo
from tests.browser.conftest import NARROW, DemoServer, settled, sign_in, size

RUTH = demo.SIGN_INS[0].email


@pytest.fixture
def page(context: BrowserContext, demo_server: DemoServer) -> Page:
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/donors")
    return page


def names(page: Page) -> list[str]:
    return page.locator("table[data-table] td.name").all_inner_texts()


def test_a_name_opens_the_donor_and_back_returns_to_the_filtered_list(page: Page) -> None:
    page.get_by_role("textbox", name="Find in donors").or_(
        page.get_by_placeholder("Name, e-mail, phone or number")
    ).first.fill("mill")
    expect(page).to_have_url(re.compile("query=mill"))
    settled(page)
    link = page.locator("td.name a").first
    name = link.inner_text()
    # nothing of the page is loaded again: the mark stays
    page.evaluate("window.sameDocument = true")
    link.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/donor\?id=\d+$"))
    assert page.evaluate("window.sameDocument")
    settled(page)
    page.go_back()
    expect(page).to_have_url(re.compile("query=mill"))
    # the address changes before the page does
    expect(page.get_by_role("heading", name="Donors", level=1)).to_be_visible()
    settled(page)
    assert name in names(page)


def test_ctrl_and_a_click_open_a_tab(page: Page, context: BrowserContext) -> None:
    link = page.locator("td.name a").first
    name = link.inner_text()
    with context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    expect(opened.value.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("/donors$"))
    # links of the framework too, such as the menu
    with context.expect_page() as menu:
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Gifts").click(
            modifiers=["ControlOrMeta"]
        )
    expect(menu.value.get_by_role("heading", name="Gifts", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("/donors$"))


def test_rows_are_ticked_one_by_one_and_together(page: Page) -> None:
    boxes = page.locator("td.tick input")
    for number in (0, 2):
        boxes.nth(number).check()
    expect(page.get_by_role("button", name="Tag 2 donors")).to_be_visible()
    settled(page)
    assert boxes.nth(2).is_checked()
    page.locator("th.tick input").check()
    expect(page.get_by_role("button", name="Tag 50 donors")).to_be_visible()
    page.locator("th.tick input").uncheck()
    expect(page.get_by_role("button", name="Tag donors")).to_be_visible()


# one box after the other, while the server still answers to those before
TICK_QUICKLY = """async (gap) => {
    const boxes = [...document.querySelectorAll("td.tick input:not(:checked)")].slice(0, 6);
    for (const box of boxes) {
        box.click();
        await new Promise((done) => setTimeout(done, gap));
    }
}"""


def test_no_tick_is_lost_however_quickly_they_are_made(page: Page) -> None:
    for number, gap in enumerate((1, 15, 40, 90, 150), start=1):
        page.evaluate(TICK_QUICKLY, gap)
        expect(page.get_by_role("button", name=f"Tag {6 * number} donors")).to_be_visible()


def test_headings_sort_a_whole_table_by_amount_and_name(
    page: Page, demo_server: DemoServer
) -> None:
    page.goto(f"{demo_server.address}/dashboard")
    settled(page)
    table = page.locator("table[data-table=top]")
    amounts = table.locator("tbody tr td.amount:nth-child(2)")
    before = amounts.all_inner_texts()
    heading = table.get_by_role("button", name="Now")
    heading.focus()
    page.keyboard.press("Enter")
    assert amounts.all_inner_texts() == list(reversed(before)) or len(set(before)) < len(before)
    expect(table.locator("th[aria-sort=ascending]")).to_have_text("Now")
    heading.click()
    expect(table.locator("th[aria-sort=descending]")).to_have_text("Now")
    numbers = [float(text.replace("$", "").replace(",", "")) for text in amounts.all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)


def test_a_change_is_chosen_with_the_keyboard_and_left_again(
    page: Page, demo_server: DemoServer
) -> None:
    page.goto(f"{demo_server.address}/dashboard")
    settled(page)
    bar = page.get_by_role("button", name=re.compile(r"^Up: \$"))
    bar.focus()
    page.keyboard.press("Enter")
    behind = page.locator("table[data-table=moved_behind]")
    expect(behind).to_be_visible()
    expect(bar).to_have_attribute("aria-pressed", "true")
    settled(page)
    # the rows that were asked for are not below the edge of the window
    expect(behind.locator("tbody tr").first).to_be_in_viewport()
    bar.click()
    expect(behind).not_to_be_attached()


def test_a_gift_is_thanked_with_the_button_of_its_row(page: Page, demo_server: DemoServer) -> None:
    page.goto(f"{demo_server.address}/gifts?thanked=no")
    settled(page)
    buttons = page.get_by_role("button", name=re.compile("^Thank "))
    before = [each.get_attribute("aria-label") for each in buttons.all()]
    label = buttons.last.get_attribute("aria-label") or ""
    buttons.last.click()
    name = label.removeprefix("Thank ").removesuffix(" (anonymous)")
    expect(page.get_by_role("button", name=f"Thank {name}")).to_have_count(
        sum(each == label for each in before) - 1
    )
    expect(buttons).to_have_count(len(before) - 1)


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, demo_server: DemoServer) -> None:
    page.set_viewport_size(size(NARROW))
    for path in ("donors", "gifts", "dashboard", "pledges"):
        page.goto(f"{demo_server.address}/{path}")
        settled(page)
        wide = page.evaluate(
            "[...document.querySelectorAll('.rows')].filter((e) => e.scrollWidth > e.clientWidth)"
            ".length"
        )
        assert wide == 0, path
