"""From an empty folder to one's own organisation, with a look at the demonstration before."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import Message
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Locator, Page, expect

from app.cli.processes.supervisor import end_processes
from app.db.embedded import server as embedded
from app.settings import ROOT
from tests.browser.conftest import (
    NARROW,
    PATIENCE,
    WIDE,
    Sink,
    free_port,
    run_command,
    settled,
    size,
)
from tests.browser.test_screens import problems

TRIES = 4
PASSWORD = "sieben ruhige Boote im Hafen"
START = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
BERLIN = ZoneInfo("Europe/Berlin")
LOOKS: tuple[tuple[str, tuple[int, int]], ...] = (("light", WIDE), ("dark", NARROW))


def german(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def gift_file(today: date) -> str:
    """Two gifts as a German bank writes them: of yesterday, and of three months ago."""
    rows = (
        f"Erika Sommer;erika@sommer.example;1.234,56 €;{german(today - timedelta(1))}",
        f"Jürgen Winter;juergen@winter.example;50,00 €;{german(today - timedelta(92))}",
    )
    return "\n".join(["Name;E-Mail;Betrag;Datum", *rows, ""])


@dataclass
class Hand:
    """Does what a newcomer does in the browser, and counts it."""

    page: Page
    fields: int = 0
    clicks: int = 0

    def fill(self, label: str, text: str, *, exact: bool = False) -> None:
        self.fields += 1
        self.page.get_by_label(label, exact=exact).fill(text)

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def press(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("button", name=name).last)

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name).first)


@dataclass(frozen=True)
class Installation:
    """A running `make run` in a folder of its own."""

    folder: Path
    environment: dict[str, str]
    log: Path

    def command(self, *arguments: str) -> str:
        """Run `python -m app ...` in this installation and return what it printed."""
        return run_command(self.environment, *arguments)


@pytest.fixture
def installation(browser: Browser) -> Iterator[Installation]:
    """Start everything with the embedded database in an empty folder, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="dc-"))
    environment = os.environ | {
        "DATABASE_URL": "",
        "SECRET_KEY": "",
        "DATA_DIR": str(folder),
        "PORT": str(free_port()),
    }
    log = folder / "run.log"
    with log.open("w") as output:
        process = psutil.Popen(
            [sys.executable, "-m", "app", "run"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Installation(folder, environment, log)
    finally:
        end_processes([process])
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder)


def link(installation: Installation) -> str:
    """Wait until the link with the set-up code is printed, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        printed = re.findall(r"http://\S+/\?setup_code=\S+", installation.log.read_text())
        if printed:
            return str(printed[-1])
        time.sleep(0.2)
    pytest.fail(installation.log.read_text())


@pytest.fixture
def mailbox() -> Iterator[tuple[Sink, int]]:
    """A real SMTP server, and its port."""
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=free_port())
    server.start()
    yield sink, server.port
    server.stop()


def start_organisation(hand: Hand, port: int) -> None:
    """Fill in the form of the first set-up, with a mail server and a test message."""
    page = hand.page
    hand.fill("Name of the organisation", "Verein Leuchtturm")
    hand.click(page.get_by_role("combobox", name="Fiscal year begins in"))
    hand.click(page.get_by_role("option", name="July"))
    hand.fill("Your name", "Anja Brandt")
    hand.fill("Your e-mail", "anja@leuchtturm.example")
    hand.fill("Password", PASSWORD, exact=True)
    hand.fill("Password once more", PASSWORD)
    # to the button that shows the password, and on
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    hand.click(page.get_by_text("My own mail server"))
    settled(page)
    hand.fill("Server", "127.0.0.1", exact=True)
    hand.fill("Port", str(port), exact=True)
    hand.click(page.get_by_text("Encrypt the connection (TLS)"))
    hand.fill("Sender's address", "office@leuchtturm.example")
    page.keyboard.press("Tab")
    settled(page)
    hand.press("Send a test message")
    expect(page.get_by_text("on its way to anja@leuchtturm.example")).to_be_visible()
    hand.press("Create my organisation")


def press_until(page: Page, name: str, sign: Locator) -> None:
    """Press a button until its effect is seen: the page opens anew once the server is back."""
    button = page.get_by_role("button", name=name)
    for _ in range(TRIES):
        expect(button.or_(sign).first).to_be_visible()
        if button.is_visible():
            button.click()
        try:
            expect(sign).to_be_visible(timeout=PATIENCE * 1000 / TRIES)
        except AssertionError:
            continue
        return
    expect(sign).to_be_visible()


def import_gifts(hand: Hand, file: Path) -> None:
    """Import a file of gifts from the first steps on Today."""
    hand.follow("Bring in their gifts")
    hand.clicks += 1
    hand.page.locator('input[type="file"]').first.set_input_files(file)
    settled(hand.page)
    hand.press(re.compile("Import .*gifts"))
    expect(hand.page.get_by_text("gifts.csv imported: 2 new")).to_be_visible()


def plain_text(message: Message) -> str:
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode(part.get_content_charset() or "utf-8")


def wait_for_summary(sink: Sink) -> str:
    """Return the text of the weekly summary, once it has arrived after the test message."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if len(sink.messages) > 1:
            return plain_text(sink.messages[-1]).replace("\N{NO-BREAK SPACE}", " ")
        time.sleep(0.2)
    pytest.fail(f"{len(sink.messages)} messages arrived")


def test_a_look_at_the_demonstration_and_then_the_own_organisation(
    browser: Browser,
    installation: Installation,
    mailbox: tuple[Sink, int],
    tmp_path: Path,
) -> None:
    address = link(installation)
    sink, port = mailbox
    today = datetime.now(BERLIN).date()
    file = installation.folder / "gifts.csv"
    file.write_text(gift_file(today), encoding="utf-8")
    with browser.new_context(
        viewport=size(WIDE), locale="de-DE", timezone_id="Europe/Berlin"
    ) as context:
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.goto(address.partition("?")[0])
        page.get_by_role("button", name="Show the demonstration").click()
        press_until(page, "Ruth Adeyemi", page.get_by_text("Good").first)
        settled(page)
        page.get_by_role("button", name="Start my organisation").click()
        expect(page.get_by_role("heading", name="Look around first")).to_be_visible()

        hand = Hand(page)
        page.goto(link(installation))
        settled(page)
        start_organisation(hand, port)
        expect(page.get_by_text("1 of 8 done")).to_be_visible()
        shown = installation.command("organisation", "show")
        assert "currency: EUR\ntime zone: Europe/Berlin\nfiscal month: 7\nlocale: de_DE" in shown
        assert installation.command("user", "list").startswith("anja@leuchtturm.example\t")

        import_gifts(hand, file)
        hand.follow("Today")
        expect(page.get_by_text("3 of 8 done")).to_be_visible()
        hand.follow("Dashboard")
        settled(page)
        main = page.locator('[data-testid="stMain"]')
        expect(main).to_contain_text("1.285 €")
        assert f"{hand.fields} fields and {hand.clicks} clicks" in START
        hand.follow("My settings")
        settled(page)
        hand.press("Send me one now")
        expect(page.get_by_text("on its way to anja@leuchtturm.example")).to_be_visible()
        summary = wait_for_summary(sink)
        assert "1.234,56 €" in summary
        assert german(today - timedelta(1)) in summary
        look(page, address.partition("/?")[0], tmp_path)
    out = installation.folder / "out.csv"
    installation.command("export", "gifts", "--as", "anja@leuchtturm.example", "--out", str(out))
    exported = out.read_text(encoding="utf-8-sig")
    assert "1234.56" in exported
    assert f"{today - timedelta(1):%Y-%m-%d}" in exported


def look(page: Page, address: str, folder: Path) -> None:
    """See the screens of the new organisation in both themes, wide and on a phone."""
    for theme, window in LOOKS:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.set_viewport_size(size(window))
        for path in ("dashboard", "gifts", "donors", ""):
            page.goto(f"{address}/{path}")
            settled(page)
            assert problems(page) == []
            page.screenshot(path=folder / f"{path or 'today'}-{theme}.png", full_page=True)
