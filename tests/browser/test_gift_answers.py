"""A gift recorded in the browser closes the alert and the task it opened, on the same screen."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from app import alerts
from app.accounts import actor_by_email
from app.db.models import Alert, Task
from tests import factories as make
from tests.browser.conftest import DemoServer, settled, sign_in
from tests.browser.test_sign_in import inside

RUTH = "ruth@demo.example"


@pytest.fixture
def otto(demo_server: DemoServer) -> tuple[int, str]:
    """A donor whose first instalment waits since five weeks, with the alert and its call."""
    now = datetime.now(UTC)
    with inside(demo_server) as db:
        ruth = actor_by_email(db, RUTH)
        donor = make.donor(db, ruth, "Otto Zwingli")
        pledge = make.pledge(db, donor, "310", start=now.date() - timedelta(days=35))
        alerts.raise_late_pledges(db, today=now.date(), now=now)
    return donor, f"late_pledge:{pledge}:"


def test_a_gift_closes_the_alert_and_the_task(
    context: BrowserContext, demo_server: DemoServer, otto: tuple[int, str]
) -> None:
    donor, key = otto
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/")
    settled(page)
    main = page.get_by_test_id("stMain")
    page.goto(f"{demo_server.address}/donor?id={donor}")
    settled(page)
    tasks = main.locator(".st-key-list_donor_tasks")
    call = tasks.get_by_text("Call Otto Zwingli about the pledge")
    expect(call).to_be_visible()
    verdict = main.get_by_text("Pledge late.")
    expect(verdict).to_be_visible()

    page.get_by_role("button", name="Record gift").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Amount (USD)")).to_be_focused()
    page.keyboard.type("310")
    page.keyboard.press("Enter")

    expect(dialog).to_have_count(0)
    expect(call).to_have_count(0)
    expect(verdict).to_have_count(0)
    with inside(demo_server) as db:
        alert = db.query(Alert).where(Alert.key.startswith(key)).one()
        assert (alert.state, alert.resolved_gift_id is not None) == ("resolved", True)
        (task,) = db.query(Task).where(Task.alert_id == alert.id).all()
        assert task.done_at is not None
    page.goto(demo_server.address)
    settled(page)
    expect(main.get_by_text("Otto Zwingli").first).to_be_visible()
    expect(main.get_by_text("about the pledge").filter(has_text="Otto")).to_have_count(0)
