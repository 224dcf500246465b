"""Count the requests and bytes of a new browser until the sign-in form, and until Today.

Beside them the framework's own page with one table and one chart, served by the framework alone.
Bytes are exact: a second run gives the same. `python -m benchmarks.first_visit [--json]`; needs
Chromium, Chrome or Edge.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from playwright.sync_api import Page, sync_playwright

from benchmarks.first_visit.wire import PATIENCE, SIGN_IN, TODAY, Wire
from benchmarks.sessions import APP_PORT, FLOOR_PORT, house, served

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "microsoft-edge")


@dataclass(frozen=True, slots=True)
class Figures:
    """The requests and bytes until a page is drawn; `limit` is 0 where there is none."""

    what: str
    requests: int
    size: int
    limit: int = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with house():
        from app.settings import settings  # noqa: PLC0415 - after the settings of the benchmark
        from app.static_files import store  # noqa: PLC0415

        if store.find(store.in_environment()) is None:
            store.make(settings().data_dir)
        with served("app", APP_PORT, "app", "serve"), new_page() as page:
            figures = first_visit(page)
        with (
            served("floor", FLOOR_PORT, "benchmarks.support.baseline", str(FLOOR_PORT)),
            new_page() as page,
        ):
            figures.append(framework_page(page))
    print(json.dumps([asdict(entry) for entry in figures]) if chosen.json else report(figures))
    if any(entry.limit and entry.size > entry.limit for entry in figures):
        sys.exit("Above the limit.")


@contextmanager
def new_page() -> Iterator[Page]:
    """Open a page of a browser that has visited nothing."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit("No Chromium, Chrome or Edge on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
        page.set_default_timeout(PATIENCE * 1000)
        yield page
        browser.close()


def first_visit(page: Page) -> list[Figures]:
    """Open the sign-in form, sign in, and return the figures of both."""
    from app import demo  # noqa: PLC0415 - after the settings of the benchmark

    wire = Wire(page)
    page.goto(f"http://127.0.0.1:{APP_PORT}")
    page.get_by_role("textbox", name="Password").wait_for()
    wire.wait()
    figures = [Figures("sign-in form", wire.count, wire.size, SIGN_IN)]
    page.get_by_role("textbox", name="E-mail").first.fill(demo.SIGN_INS[0].email)
    page.get_by_role("textbox", name="Password").fill(demo.SIGN_INS[0].password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Recent gifts").wait_for()
    wire.wait()
    return [*figures, Figures("to Today", wire.count, wire.size, TODAY)]


def framework_page(page: Page) -> Figures:
    """Open the framework's own page and return its figures."""
    wire = Wire(page)
    page.goto(f"http://127.0.0.1:{FLOOR_PORT}")
    page.locator(".js-plotly-plot").wait_for()
    wire.wait()
    return Figures("the framework's page", wire.count, wire.size)


def report(figures: list[Figures]) -> str:
    """Return the figures as a table."""
    lines = [f"{'':22}{'requests':>9}{'kB':>9}{'limit kB':>10}{'of it':>8}"]
    for entry in figures:
        limit = f"{entry.limit / 1000:10.0f}{entry.size / entry.limit:8.0%}" if entry.limit else ""
        lines.append(f"{entry.what:22}{entry.requests:9}{entry.size / 1000:9.1f}{limit}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
