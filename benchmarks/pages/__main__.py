"""Measure what a click costs the browser: screens of the demonstration beside the framework's.

The browser's work is processor time of the page's main thread in Chromium's trace, from the click
until the page is still: script, layout, painting and the rest. The baseline is a click from one
page to another of the framework's, each with one table and one chart.
`python -m benchmarks.pages [--times N] [--json] [--only NAME]`; needs Chromium, Chrome or Edge.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass

from playwright.sync_api import Page

from benchmarks.first_visit.__main__ import new_page
from benchmarks.pages.clicks import Click, measured, still
from benchmarks.sessions import APP_PORT, FLOOR_PORT, house, served

# what the browser does for its Back button
GO_TO = """(path) => {
  history.pushState({}, '', path);
  dispatchEvent(new PopStateEvent('popstate', {state: {}}));
}"""
ADDRESS = "http://127.0.0.1:{port}"
# how many times the baseline's work the browser may have
LIMITS = {
    "Dashboard": 2.0,
    "Today": 1.6,
    "Donors": 1.6,
    "Donor": 1.6,
    "Gifts": 1.6,
    "Thanked": 1.3,
}
FLOOR = "Baseline"
# a screen with little on it, from which the others are opened
REST = "My settings"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the report: a click, its ratio to the baseline, and the limit of it (0: none)."""

    click: Click
    ratio: float
    limit: float


def main() -> None:
    """Measure and print; exit with a sentence if a ratio is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", choices=sorted(LIMITS))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with house():
        with (
            served("floor", FLOOR_PORT, "benchmarks.support.baseline", str(FLOOR_PORT)),
            new_page() as page,
        ):
            floor = baseline(page, chosen.times)
        with served("app", APP_PORT, "app", "serve"), new_page() as page:
            sign_in(page)
            clicks = [
                click_on(page, name, chosen.times)
                for name in LIMITS
                if chosen.only in (None, name)
            ]
    rows = [
        Row(click, click.work.busy / floor.work.busy, LIMITS.get(click.what, 0))
        for click in (floor, *clicks)
    ]
    print(json.dumps([asdict(row) for row in rows]) if chosen.json else report(rows))
    if any(row.limit and row.ratio > row.limit for row in rows):
        sys.exit("Above the limit.")


def baseline(page: Page, times: int) -> Click:
    """Return a click from one page of the framework to another."""
    page.goto(ADDRESS.format(port=FLOOR_PORT))
    page.locator(".js-plotly-plot").wait_for()
    return measured(
        page, FLOOR, lambda: menu(page, "donors"), lambda: menu(page, "dashboard"), times=times
    )


def sign_in(page: Page) -> None:
    """Sign in as the demonstration's fundraiser, on a page with nothing else."""
    from app import demo  # noqa: PLC0415 - after the settings of the benchmark

    page.goto(ADDRESS.format(port=APP_PORT) + "/settings")
    page.get_by_role("textbox", name="E-mail").first.fill(demo.SIGN_INS[0].email)
    page.get_by_role("textbox", name="Password").fill(demo.SIGN_INS[0].password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out", exact=True).wait_for()
    still(page)


def click_on(page: Page, what: str, times: int) -> Click:
    """Return the click of this name: to a screen from the guide, or an action on Today."""
    if what == "Donor":
        return measured(
            page, what, lambda: first_donor(page), lambda: menu(page, REST), times=times
        )
    if what == "Thanked":
        menu(page, "Today")
        still(page)
        return measured(page, what, lambda: thank(page), lambda: None, times=times)
    return measured(page, what, lambda: menu(page, what), lambda: menu(page, REST), times=times)


def menu(page: Page, name: str) -> None:
    """Click an entry of the menu."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first.click()


def thank(page: Page) -> None:
    """Click the first button that marks a gift as thanked."""
    page.get_by_role("button", name="Thanked").first.click()


def first_donor(page: Page) -> None:
    """Go to the first donor as a link does."""
    page.evaluate(GO_TO, "/donor?id=1")


def report(rows: list[Row]) -> str:
    """Return the figures as a table."""
    titles = ("busy ms", "script", "layout", "paint", "drawn ms", "ratio", "limit")
    lines = [f"{'':12}" + "".join(f"{title:>9}" for title in titles)]
    for row in rows:
        work = row.click.work
        limit = f"{row.limit:9.1f}" if row.limit else ""
        lines.append(
            f"{row.click.what:12}{work.busy:9.0f}{work.script:9.0f}{work.layout:9.0f}"
            f"{work.paint:9.0f}{row.click.drawn:9.0f}{row.ratio:9.2f}{limit}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
