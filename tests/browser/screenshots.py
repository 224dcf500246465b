"""The README's pictures: `make screenshots` takes them again from fresh demonstration data."""

import os
import secrets
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from app.settings import ROOT
from tests import database as run
from tests.browser.conftest import (
    MISSING,
    NARROW,
    WIDE,
    DemoServer,
    browser_path,
    settled,
    sign_in,
    size,
    start_demo_server,
)

FOLDER = ROOT / "docs" / "screenshots"
COLOURS = 160
GIFTS = """\
Name,E-mail,Amount,Date,Fund,Note
Wilhelmina Osterhaus,wilhelmina@post.example,"1,250.00",2026-11-20,General,
Lantern Road Chapel,office@lantern-road.example,400.00,2026-11-18,Field work,Harvest offering
Tobias Fenwick,tobias@post.example,12.345,2026-11-17,General,
Anneke Dahl,anneke@post.example,75.00,2026-11-16,School meals,
"""
# file, who, address, light or dark, window
TALL = (1280, 1340)
PICTURES: tuple[tuple[str, str, str, Literal["light", "dark"], tuple[int, int]], ...] = (
    ("today", "ruth@demo.example", "/", "light", (1280, 1090)),
    ("dashboard", "ada@demo.example", "/dashboard", "light", TALL),
    ("donor", "ruth@demo.example", "/donors", "dark", WIDE),
    ("import", "ada@demo.example", "/import", "light", WIDE),
    ("phone", "ruth@demo.example", "/", "dark", NARROW),
)


def main() -> None:
    """Start a demo server, take every picture, stop the server."""
    path = browser_path()
    if path is None:
        sys.exit(MISSING)
    os.environ |= {"DATABASE_URL": run.NOWHERE, "SECRET_KEY": secrets.token_urlsafe(48)}
    run.begin()
    try:
        run.template()
        with (
            tempfile.TemporaryDirectory() as folder,
            run.clone("pictures") as url,
            start_demo_server(url, Path(folder), now=datetime.now(UTC)) as demo_server,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for picture in PICTURES:
                take(browser, demo_server, *picture)
            browser.close()
    finally:
        run.end()


def take(
    browser: Browser,
    demo_server: DemoServer,
    name: str,
    email: str,
    path: str,
    scheme: Literal["light", "dark"],
    window: tuple[int, int],
) -> None:
    """Take one picture, small enough for a README."""
    with browser.new_context(
        viewport=size(window), color_scheme=scheme, locale="en-US"
    ) as context:
        page = context.new_page()
        sign_in(page, demo_server, email, path)
        if name == "donor":
            open_first_donor(page)
        if name == "import":
            choose_a_file(page)
        calm(page)
        file = FOLDER / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} KiB")


def open_first_donor(page: Page) -> None:
    """Open a donor from Today's list, as a fundraiser would."""
    page.goto(page.url.replace("/donors", "/"))
    settled(page)
    page.locator('[data-testid="stMain"] a[href*="donor"]').first.click()
    page.wait_for_url("**/donor?**")


def choose_a_file(page: Page) -> None:
    """Upload a few gifts, some of which cannot be right."""
    settled(page)
    file: FilePayload = {"name": "november.csv", "mimeType": "text/csv", "buffer": GIFTS.encode()}
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_text("match its columns").or_(
        page.get_by_text("Check this against")
    ).first.wait_for()
    settled(page)


def calm(page: Page) -> None:
    """Wait until charts are drawn and nothing moves."""
    settled(page)
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
