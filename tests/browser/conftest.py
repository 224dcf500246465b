"""A whole house for browser tests: demo data, both processes, a mail sink and a browser.

Two houses for all browser tests, each on one worker (`xdist_group`), so that they share its start.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import URL

from app import demo
from app.settings import ROOT
from tests import database as run
from tests import log_leak_guard

NAMES = (
    # without windows and what draws them: half of the work
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
WIDE, NARROW = (1280, 900), (390, 844)
PATIENCE = 60
# what the framework draws while a script runs
AT_WORK = '[data-testid="stStatusWidget"], [data-stale="true"], [data-testid="stSkeleton"]'
# the files whose tests look at every screen, which takes as long as all the others
SCREENS = {"test_payloads", "test_screens", "test_api_page"}
# a first page drawn while every core is busy has taken more than twenty seconds
expect.set_options(timeout=PATIENCE * 1000)
MISSING = "No Chromium, Chrome or Edge on this machine: the browser tests were left out."


# before the groups are read
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the browser tests together on two workers, about half of the time on each."""
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)
            group = "screens" if Path(item.path).stem in SCREENS else "deeds"
            item.add_marker(pytest.mark.xdist_group(group))


def browser_path() -> str | None:
    """Find a browser of the Chromium family."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass
class Sink:
    """Keeps what a real SMTP server received."""

    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@dataclass(frozen=True)
class House:
    """A running DonorCRM."""

    address: str
    database: URL
    environment: dict[str, str]
    sink: Sink

    def command(self, *words: str) -> str:
        """Run `python -m app ...` in this house and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_house(url: URL, folder: Path, *, now: datetime, **settings: str) -> Iterator[House]:
    """Load the demonstration; start the web, the scheduler and a mail sink; stop all three."""
    sink = Sink()
    mail = Controller(sink, hostname="127.0.0.1", port=free_port())
    mail.start()
    run.use(url)
    demo.load_if_empty(now=now)
    run.use(run.NOWHERE)
    with log_leak_guard.reports() as dsn:
        yield from _lived_in(url, folder, sink, mail, SENTRY_DSN=dsn, **settings)


def _lived_in(
    url: URL, folder: Path, sink: Sink, mail: Controller, **settings: str
) -> Iterator[House]:
    port = int(settings.get("PORT") or free_port())
    environment = os.environ | {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EMAIL_BACKEND": "smtp",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail.port),
        "EMAIL_USE_TLS": "false",
        "EMAIL_FROM": "DonorCRM <donorcrm@demo.example>",
        "METRICS_TOKEN": log_leak_guard.TOKEN,
        **settings,
    }
    house = House(environment["PUBLIC_URL"], url, environment, sink)
    web, scheduler = (_start(words, environment, folder) for words in (["app", "serve"], ["jobs"]))
    try:
        _wait_for(house, web, folder / "app.log")
        yield house
        log_leak_guard.keep_numbers(house.address)
        log_leak_guard.keep_people(url)
    finally:
        for one in (scheduler, web):
            one.terminate()
        for one in (scheduler, web):
            one.wait(PATIENCE)
        mail.stop()
        log_leak_guard.keep_logs(*folder.glob("*.log"))


def _start(words: list[str], environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{words[0]}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _wait_for(house: House, web: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if web.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{house.address}/api/v1/health/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the web process did not answer:\n{log.read_text()[-3000:]}")


def launched() -> Iterator[Browser]:
    """Lend a browser of this machine; with CI=true a missing one is a failure."""
    path = browser_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture(scope="session")
def house(browser, _template, tmp_path_factory) -> Iterator[House]:
    """The demonstration, served; started only where there is a browser."""
    with (
        run.clone(f"house_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}") as url,
        open_house(url, tmp_path_factory.mktemp("house"), now=datetime.now(UTC)) as one,
    ):
        yield one


@pytest.fixture
def context(browser) -> Iterator[BrowserContext]:
    """A browser window of its own, with no memory."""
    with browser.new_context(viewport=size(WIDE), locale="en-US") as one:
        one.set_default_timeout(PATIENCE * 1000)
        yield one


def size(pair: tuple[int, int]) -> dict[str, int]:
    return {"width": pair[0], "height": pair[1]}


def sign_in(page: Page, house: House, email: str, path: str = "/") -> None:
    """Sign in by the form and wait until the screen behind it stands."""
    page.goto(house.address + path)
    page.get_by_role("textbox", name="E-mail").first.fill(email)
    page.get_by_role("textbox", name="Password").fill(demo.SIGN_INS[0].password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_attached()
    settled(page)


def settled(page: Page) -> None:
    """Wait until the page has stopped working; a page that does not is shown as it stands."""
    page.wait_for_selector('[data-testid="stMain"] h1')
    try:
        page.wait_for_function(f"() => !document.querySelector('{AT_WORK}')")
    except PlaywrightTimeout as error:
        left = page.evaluate(
            f"[...document.querySelectorAll('{AT_WORK}')].map((e) => e.outerHTML.slice(0, 300))"
        )
        pytest.fail(f"{page.url} is still at work: {left}\n{error}")
