"""The page Tasks in a browser: ticks, the bar, undo, the menu by keyboard, an edit overtaken."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NARROW, DemoServer, go, hard_to_use, settled, sign_in, size
from tests.browser.test_screens import problems

UNDO = ".st-key-task_undo_bar"


def open_editor(page: Page) -> None:
    """Open the first task's dialog by the keyboard."""
    menu = page.locator(".tasks details summary").first
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Edit…").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Edit task").wait_for()
    settled(page)


def save(page: Page, title: str) -> None:
    dialog = page.get_by_role("dialog", name="Edit task")
    dialog.get_by_label("What is to be done").fill(title)
    dialog.get_by_role("button", name="Save").click()
    settled(page)


def test_ticked_tasks_move_and_come_back_on_a_phone(
    demo_server: DemoServer, browser: Browser
) -> None:
    with browser.new_context(viewport=size(NARROW), locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, "sam@demo.example")
        go(page, "tasks")
        boxes = page.locator(".tasks [data-tick]")
        before = page.locator(".tasks b").all_inner_texts()
        boxes.nth(0).check()
        boxes.nth(1).check()
        page.get_by_role("button", name="Choose a day (2)").wait_for()
        assert problems(page) == []
        assert hard_to_use(page) == []
        page.get_by_role("button", name="Next week (2)").click()
        page.locator(UNDO).wait_for()
        settled(page)
        assert page.locator(".tasks b").all_inner_texts() != before
        expect(page.locator(".tasks [data-tick]:checked")).to_have_count(0)
        page.locator(f"{UNDO} button").click()
        page.locator(UNDO).wait_for(state="detached")
        settled(page)
        assert page.locator(".tasks b").all_inner_texts() == before


def test_an_edit_that_was_overtaken_is_still_in_the_dialog(
    demo_server: DemoServer, browser: Browser
) -> None:
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, "sam@demo.example")
        go(page, "tasks")
        open_editor(page)
        assert hard_to_use(page) == []
        other = context.new_page()
        other.goto(f"{demo_server.address}/tasks")
        other.locator(".tasks b").first.wait_for()
        settled(other)
        open_editor(other)
        save(other, "From the other window")
        save(page, "From this window")
        dialog = page.get_by_role("dialog", name="Edit task")
        expect(dialog).to_contain_text("Saved now: From the other window")
        expect(dialog.get_by_label("What is to be done")).to_have_value("From this window")
        dialog.get_by_role("button", name="Save").click()
        dialog.wait_for(state="detached")
        settled(page)
        expect(page.locator(".tasks b").first).to_have_text("From this window")
