"""A demo server for browser tests: demo data, both processes, a mail sink and a browser.

Two demo servers for all browser tests, each on one worker (`xdist_group`), to start it once.
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
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
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
PATIENCE = 120
# what the framework draws while a script runs
AT_WORK = (
    '[data-testid="stStatusWidget"], [data-stale="true"], [data-testid="stSkeleton"],'
    ' [data-test-script-state="running"], [data-test-script-state="rerunRequested"]'
)
# true once nothing has been busy for QUIET_MS: a page redraws in several passes, and for a moment
# between two of them it shows neither a busy element nor its final content
QUIET_MS = 300
IDLE = f"""() => {{
  if (document.querySelector('{AT_WORK}')) {{ window.idleSince = undefined; return false; }}
  window.idleSince ??= performance.now();
  if (performance.now() - window.idleSince < {QUIET_MS}) return false;
  window.idleSince = undefined;
  return true;
}}"""
TITLE = '[data-testid="stMain"] h1'
# what the browser does for its Back button
GO_TO = """(path) => {
  history.pushState({}, '', path);
  dispatchEvent(new PopStateEvent('popstate', {state: {}}));
}"""
OTHER_TITLE = f"""(title) => {{
  const now = document.querySelector('{TITLE}');
  return now && now.innerText !== title;
}}"""
# the files whose tests look at every screen, which takes as long as all the others
SCREENS = {"test_payloads", "test_screens", "test_api_page"}
# a first page drawn while every core is busy has taken more than twenty seconds
expect.set_options(timeout=PATIENCE * 1000)
MISSING = "No Chromium, Chrome or Edge on this machine: the browser tests were left out."


# before the groups are read
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests together on two workers, about half of the time on each."""
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)
            group = "screens" if Path(item.path).stem in SCREENS else "deeds"
            item.add_marker(pytest.mark.xdist_group(group))


def browser_path() -> str | None:
    """Find a browser of the Chromium family."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Sink:
    """An SMTP server that stores the received messages."""

    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: SmtpEnvelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


def run_command(environment: dict[str, str], *arguments: str) -> str:
    """Run `python -m app ...` with these variables and return what it printed."""
    process = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@dataclass(frozen=True)
class DemoServer:
    """A running DonorCRM."""

    address: str
    database: URL
    environment: dict[str, str]
    sink: Sink

    def command(self, *arguments: str) -> str:
        """Run `python -m app ...` on this server and return what it printed."""
        return run_command(self.environment, *arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start_demo_server(
    url: URL, folder: Path, *, now: datetime, scheduler: bool = True, **settings: str
) -> Iterator[DemoServer]:
    """Load the demonstration; start the web, the scheduler and a mail sink; stop all three.

    Without the scheduler, which does the work of a whole week at its first start, e-mails are
    sent by `jobs run send_mail` alone.
    """
    sink = Sink()
    mail = Controller(sink, hostname="127.0.0.1", port=free_port())
    mail.start()
    run.use(url)
    demo.load_if_empty(now=now)
    run.use(run.NOWHERE)
    with log_leak_guard.reports() as dsn:
        programs = [["app", "serve"], ["jobs"]] if scheduler else [["app", "serve"]]
        yield from _lived_in(url, folder, sink, mail, programs, SENTRY_DSN=dsn, **settings)


def _lived_in(
    url: URL,
    folder: Path,
    sink: Sink,
    mail: Controller,
    programs: list[list[str]],
    **settings: str,
) -> Iterator[DemoServer]:
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
    demo_server = DemoServer(environment["PUBLIC_URL"], url, environment, sink)
    processes = [_start(arguments, environment, folder) for arguments in programs]
    try:
        _wait_for(demo_server, processes[0], folder / "app.log")
        yield demo_server
        log_leak_guard.keep_numbers(demo_server.address)
        log_leak_guard.keep_people(url)
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(PATIENCE)
        mail.stop()
        log_leak_guard.keep_logs(*folder.glob("*.log"))


def _start(
    arguments: list[str], environment: dict[str, str], folder: Path
) -> subprocess.Popen[bytes]:
    with (folder / f"{arguments[0]}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _wait_for(demo_server: DemoServer, web: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if web.poll() is not None:
            break
        try:
            with urllib.request.urlopen(
                f"{demo_server.address}/api/v1/health/", timeout=5
            ) as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the web process did not answer:\n{log.read_text()[-3000:]}")


def launched() -> Iterator[Browser]:
    """Start a browser of this machine; with CI=true a missing one is a failure."""
    path = browser_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def demo_server(
    browser: Browser, _template: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoServer]:
    """The demonstration, served; started only where there is a browser."""
    with (
        run.clone(f"house_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}") as url,
        start_demo_server(url, tmp_path_factory.mktemp("house"), now=datetime.now(UTC)) as server,
    ):
        yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A separate browser context without cookies."""
    with browser.new_context(viewport=size(WIDE), locale="en-US") as browser_context:
        browser_context.set_default_timeout(PATIENCE * 1000)
        yield browser_context


def size(pair: tuple[int, int]) -> ViewportSize:
    return {"width": pair[0], "height": pair[1]}


class Address(Protocol):
    """A deployment with an address."""

    @property
    def address(self) -> str:
        """Return the address that a browser opens."""


def sign_in(page: Page, demo_server: Address, email: str, path: str = "/") -> None:
    """Sign in by the form and wait until the screen is drawn."""
    page.goto(demo_server.address + path)
    settled(page)
    page.get_by_role("textbox", name="E-mail").first.fill(email)
    page.get_by_role("textbox", name="Password").fill(demo.SIGN_INS[0].password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_attached()
    settled(page)


def go(page: Page, path: str) -> None:
    """Go to a screen with another title as by the Back button, and wait until it is drawn.

    The page stays loaded: loading and starting its scripts takes two thirds of the time of a
    screen opened by its address.
    """
    title = page.locator(TITLE).first.inner_text()
    page.evaluate(GO_TO, f"/{path}")
    page.wait_for_function(OTHER_TITLE, arg=title)
    settled(page)


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def hard_to_use(page: Page) -> list[str]:
    """Return what axe calls serious or critical for people with disabilities, one line each."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]


def settled(page: Page) -> None:
    """Wait until the page has finished; fail with the elements that are still busy."""
    page.wait_for_selector(TITLE)
    try:
        page.wait_for_function(IDLE)
    except PlaywrightTimeout as error:
        busy = page.evaluate(
            f"[...document.querySelectorAll('{AT_WORK}')].map((e) => e.outerHTML.slice(0, 300))"
        )
        pytest.fail(f"{page.url} is still at work: {busy}\n{error}")
