"""Clicks on a page: each is traced from the click until the page has been still for a while."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from benchmarks.pages.main_thread import CATEGORIES, Work, work_of

PATIENCE = 60.0
STILL_MS = 600
# what the framework draws while a script runs
AT_WORK = (
    '[data-testid="stStatusWidget"], [data-stale="true"], [data-testid="stSkeleton"],'
    ' [data-test-script-state="running"], [data-test-script-state="rerunRequested"]'
)
IS_STILL = f"""() => {{
  const now = performance.now();
  if (!window.watching) {{
    window.watching = new MutationObserver(() => {{ window.changed = performance.now(); }});
    window.watching.observe(document.body, {{childList: true, subtree: true, attributes: true}});
    window.changed = now;
  }}
  if (document.querySelector('{AT_WORK}')) {{ window.changed = now; return false; }}
  return now - window.changed > {STILL_MS};
}}"""


@dataclass(frozen=True, slots=True)
class Click:
    """A kind of click and its median figures; `server` is the time of the script in ms."""

    what: str
    times: int
    work: Work
    drawn: float


def measured(
    page: Page,
    what: str,
    act: Callable[[], None],
    back: Callable[[], None],
    *,
    times: int,
) -> Click:
    """Do `act` and then `back` several times and return the median of `act`.

    The first time warms up and does not count. `drawn` is the time in ms from the click until
    the last change of the page.
    """
    works, drawn, browser = [], [], page.context.browser
    if browser is None:
        message = "A page without a browser of its own cannot be traced."
        raise ValueError(message)
    for number in range(times + 1):
        still(page)
        browser.start_tracing(page=page, categories=CATEGORIES)
        page.evaluate("window.clickedAt = performance.now(); window.changed = performance.now()")
        act()
        still(page)
        trace = browser.stop_tracing()
        if number:
            works.append(work_of(trace))
            drawn.append(page.evaluate("window.changed - window.clickedAt"))
        back()
    middle = (
        statistics.median(getattr(work, name) for work in works)
        for name in ("busy", "script", "layout", "paint")
    )
    return Click(what, times, Work(*middle), statistics.median(drawn))


def still(page: Page) -> None:
    """Wait until nothing on the page has changed for a while.

    It asks seldom: what it asks is work of the page too.
    """
    until = time.monotonic() + PATIENCE
    while not page.evaluate(IS_STILL):
        if time.monotonic() > until:
            message = f"The page did not come to rest within {PATIENCE:.0f} s."
            raise TimeoutError(message)
        page.wait_for_timeout(150)
