"""Gifts that are ticked in the browser get another fund after a preview, and the undo."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from app.accounts import actor_by_email
from app.db.models import Fund, Gift
from tests import factories as make
from tests.browser.conftest import DemoServer, settled, sign_in
from tests.browser.test_sign_in import inside

RUTH = "ruth@demo.example"
NAME = "Quirin Zumthor"


@pytest.fixture
def ids(demo_server: DemoServer) -> list[int]:
    """A donor with two gifts of today and one that is split, the newest last."""
    today = datetime.now(UTC).date()
    with inside(demo_server) as db:
        donor = make.donor(db, actor_by_email(db, RUTH), NAME)
        wells, roof = make.fund(db, "Quirin's wells"), make.fund(db, "Quirin's roof")
        whole = [make.gift(db, donor, amount, today, fund_id=wells) for amount in ("11", "12")]
        return [*whole, make.gift(db, donor, "13", today, parts=((wells, "6"), (roof, "7")))]


def funds(server: DemoServer, ids: list[int]) -> list[str | None]:
    statement = (
        select(Fund.name)
        .select_from(Gift)
        .outerjoin(Fund, Fund.id == Gift.fund_id)
        .where(Gift.id.in_(ids))
        .order_by(Gift.id)
    )
    with inside(server) as db:
        return list(db.scalars(statement))


def tick(page: Page, gift_id: int) -> None:
    page.locator(f"table[data-table=gift_list_table] input[data-tick='{gift_id}']").check()


def test_ticked_gifts_get_another_fund_and_undo_gives_it_back(
    context: BrowserContext, demo_server: DemoServer, ids: list[int]
) -> None:
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/gifts?query=Zumthor&sort=oldest")
    settled(page)
    rows = page.locator("table[data-table=gift_list_table] tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("$11")
    tick(page, ids[0])
    tick(page, ids[2])
    page.get_by_role("button", name="Change 2 gifts").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("2 gifts will change.")).to_be_visible()
    dialog.get_by_text("Change fund", exact=True).first.click()
    expect(dialog.get_by_role("button", name="Change fund")).to_be_disabled()
    dialog.get_by_role("combobox", name="Fund").click()
    page.get_by_role("option", name="Quirin's roof").click()
    expect(dialog.get_by_text("1 of 2 gifts will change: 1 is split over funds.")).to_be_visible()
    settled(page)
    assert funds(demo_server, ids) == ["Quirin's wells", "Quirin's wells", None]
    dialog.get_by_role("button", name="Change fund").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Changed the fund of 1 of 2 gifts: 1 is split").first).to_be_visible()
    expect(rows.first).to_contain_text("Quirin's roof")
    assert funds(demo_server, ids) == ["Quirin's roof", "Quirin's wells", None]
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("Undone for 1 gift.")).to_be_visible()
    expect(rows.first).to_contain_text("Quirin's wells")
    assert funds(demo_server, ids) == ["Quirin's wells", "Quirin's wells", None]
