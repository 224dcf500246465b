"""The team in a browser: a row has the figures of the person, at a desk and on a phone."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app import demo
from tests.browser.conftest import NARROW, WIDE, DemoServer, go, settled, sign_in, size

GRACE = next(person.email for person in demo.SIGN_INS if person.role == "supervisor")
RUTH = demo.SIGN_INS[0].name


def row(page: Page, name: str) -> Locator:
    return page.locator("table[data-table=team] tbody tr").filter(has_text=name)


def figures(page: Page, name: str) -> dict[str, str]:
    """Return the texts of a row by the headings of their columns."""
    cells = row(page, name).locator("td[data-title]").all()
    return {cell.get_attribute("data-title") or "": cell.inner_text() for cell in cells}


def test_view_as_shows_the_figures_of_the_row(demo_server: DemoServer, browser: Browser) -> None:
    with browser.new_context(viewport=size(WIDE), locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, GRACE, "/team")
        of_row = figures(page, RUTH)
        row(page, RUTH).get_by_role("button", name="View as").click()
        expect(page.get_by_text(f"You are viewing as {RUTH}")).to_be_visible()
        settled(page)
        go(page, "dashboard")
        for heading, column in (
            ("Late pledges", "Late"),
            ("At risk", "At risk"),
            ("To thank", "To thank"),
        ):
            text = f"{heading} ({of_row[column]})"
            expect(page.get_by_role("heading", name=text)).to_be_visible()
        goal = page.get_by_test_id("stMetric").filter(has_text="Goal")
        expect(goal).to_contain_text(of_row["Reached"])
        page.get_by_role("button", name="End View as").click()
        expect(page.get_by_text("You are back in your own view.")).to_be_visible()


def test_the_row_is_sorted_by_its_headings(demo_server: DemoServer, browser: Browser) -> None:
    with browser.new_context(viewport=size(WIDE), locale="en-US") as context:
        page = context.new_page()
        sign_in(page, demo_server, GRACE, "/team")
        names = page.locator("table[data-table=team] td.name")
        in_order = names.all_inner_texts()
        assert in_order == sorted(in_order)
        heading = page.locator("table[data-table=team] th button", has_text="Name")
        heading.click()
        heading.click()
        expect(names.first).to_have_text(in_order[-1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["desk", "phone"])
def test_nothing_is_cut_or_scrolled_sideways(
    demo_server: DemoServer,
    browser: Browser,
    scheme: Literal["light", "dark"],
    window: tuple[int, int],
) -> None:
    with browser.new_context(
        viewport=size(window), locale="en-US", color_scheme=scheme
    ) as context:
        page = context.new_page()
        sign_in(page, demo_server, GRACE, "/team")
        for element in ("html", ".rows"):
            wide, shown = page.eval_on_selector(element, "e => [e.scrollWidth, e.clientWidth]")
            assert wide <= shown, element
        button = row(page, RUTH).get_by_role("button", name="View as")
        box = button.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= window[0]
