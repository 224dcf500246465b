"""The first visit of a new browser: few bytes, every file once, and every icon drawn."""

import time
import urllib.request

import pytest
from playwright.sync_api import BrowserContext, Page

from app import demo
from benchmarks.first_visit.wire import SIGN_IN, TODAY, Wire
from tests.browser.conftest import PATIENCE, DemoServer, settled

RUTH = "ruth@demo.example"
# an icon that its font does not have is drawn as its name, which is wider than high
UNDRAWN = """[...document.querySelectorAll('[data-testid="stIconMaterial"]')]
  .filter((icon) => icon.offsetWidth > 1.5 * icon.offsetHeight).map((icon) => icon.innerText)"""


@pytest.fixture
def compressed(demo_server: DemoServer) -> None:
    """Wait until the server has made its compressed files, where no installation has."""
    with urllib.request.urlopen(demo_server.address, timeout=PATIENCE) as page:
        script = page.read().decode().partition('src="./static/')[2].partition('"')[0]
    request = urllib.request.Request(
        f"{demo_server.address}/static/{script}", headers={"accept-encoding": "br"}
    )
    until = time.monotonic() + 5 * PATIENCE
    while time.monotonic() < until:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            if response.headers["content-encoding"] == "br":
                assert response.headers["content-security-policy"]
                assert response.headers["x-content-type-options"] == "nosniff"
                return
        time.sleep(1)
    pytest.fail("the static files are not compressed")


def drawn(page: Page, wire: Wire) -> None:
    settled(page)
    wire.wait()
    assert page.evaluate(UNDRAWN) == []
    assert wire.twice() == []
    assert wire.uncompressed() == []


@pytest.mark.usefixtures("compressed")
def test_the_bytes_of_a_first_visit(demo_server: DemoServer, context: BrowserContext) -> None:
    page = context.new_page()
    wire = Wire(page)
    page.goto(demo_server.address)
    drawn(page, wire)
    assert wire.size <= SIGN_IN
    page.get_by_role("textbox", name="E-mail").first.fill(RUTH)
    page.get_by_role("textbox", name="Password").fill(demo.SIGN_INS[0].password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Recent gifts").wait_for()
    drawn(page, wire)
    assert SIGN_IN < wire.size <= TODAY
    # a visit a day later asks for the page, the fonts and the framework's two answers alone
    before = wire.size
    page.goto(f"{demo_server.address}/donors")
    page.goto(demo_server.address)
    page.get_by_role("heading", name="Recent gifts").wait_for()
    drawn(page, wire)
    assert wire.size - before < 60_000
