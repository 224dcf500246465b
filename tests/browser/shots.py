"""The README's pictures: `make screenshots` takes them again from fresh demonstration data."""

import os
import secrets
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from app.settings import ROOT
from tests import database as run
from tests.browser.conftest import (
    MISSING,
    NARROW,
    WIDE,
    House,
    browser_path,
    open_house,
    settled,
    sign_in,
    size,
)

FOLDER = ROOT / "docs" / "screenshots"
COLOURS = 160
# file, who, address, light or dark, window
PICTURES = (
    ("today", "ruth@demo.example", "/", "light", WIDE),
    ("dashboard", "ada@demo.example", "/dashboard", "light", WIDE),
    ("donor", "ruth@demo.example", "/donors", "dark", WIDE),
    ("import", "ada@demo.example", "/import", "light", WIDE),
    ("phone", "ruth@demo.example", "/", "dark", NARROW),
)


def main() -> None:
    """Start a house, take every picture, stop the house."""
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
            open_house(url, Path(folder), now=datetime.now(UTC)) as house,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for picture in PICTURES:
                take(browser, house, *picture)
            browser.close()
    finally:
        run.end()


def take(
    browser: Browser, house: House, name: str, email: str, path: str, scheme: str, window: tuple
) -> None:
    """Take one picture, small enough for a README."""
    with browser.new_context(viewport=size(window), color_scheme=scheme, locale="en-US") as one:
        page = one.new_page()
        sign_in(page, house, email, path)
        if name == "donor":
            open_first_donor(page)
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


def calm(page: Page) -> None:
    """Wait until charts are drawn and nothing moves."""
    settled(page)
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
