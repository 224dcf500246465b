"""The first morning of a team: sign in, bring in a file, see it, get the weekly mail."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.demo.people import TIME_ZONE
from tests.browser.conftest import NARROW, WIDE, DemoServer, settled, sign_in, size
from tests.values import present

RUTH = "ruth@demo.example"
ENTITIES = """\
entity_id,name,email,phone,address,entity_type
M-1,Wilhelmina Osterhaus,wilhelmina@post.example,+1 212 555 0144,3 Elm Terrace,individual
M-2,Lantern Road Chapel,office@lantern-road.example,,9 Lantern Road,organization
"""
GIFTS = """\
transaction_id,entity_id,amount,posted_date
MG-1,M-1,4321.00,{today}
MG-2,M-2,250.50,{today}
MG-3,M-2,12.345,{today}
"""


def figures(demo_server: DemoServer) -> dict[str, Any]:
    # the command takes the day in UTC otherwise, which may be in the next month already
    day = datetime.now(ZoneInfo(TIME_ZONE)).date().isoformat()
    asked = ("figures", "--as", RUTH, "--json", "--today", day)
    answer: dict[str, Any] = json.loads(demo_server.command(*asked))
    return answer


def upload(page: Page, name: str, content: str) -> None:
    """Choose a file on the import screen and wait for the plan."""
    settled(page)
    chooser = page.locator('input[type="file"]')
    expect(chooser).to_have_count(1)
    chooser.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content.encode()})
    page.get_by_text("Recognised as Entities").wait_for()
    settled(page)


def next_monday(today: date) -> datetime:
    """Half past eight on the next Monday, the organisation's time."""
    day = today + timedelta(days=7 - today.weekday())
    return datetime.combine(day, time(8, 30), ZoneInfo(TIME_ZONE)).astimezone(UTC)


def test_from_the_sign_in_to_the_weekly_mail(
    demo_server: DemoServer, context: BrowserContext, tmp_path: Path
) -> None:
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    goal_before = figures(demo_server)
    page = context.new_page()
    sign_in(page, demo_server, RUTH, "/import")

    upload(page, "entities.csv", ENTITIES)
    page.get_by_role("button", name="Import 2 donors").click()
    expect(page.get_by_text("entities.csv imported: 2 new")).to_be_visible()

    upload(page, "transactions.csv", GIFTS.format(today=today))
    expect(page.get_by_text("1 row will not be imported")).to_be_visible()
    page.get_by_role("button", name="Import 2 gifts").click()
    expect(page.get_by_text("transactions.csv imported: 2 new")).to_be_visible()
    with context.expect_page() as tab, context.expect_event("download") as download:
        page.get_by_role("link", name="Download 1 row to correct").first.click()
    assert tab.value
    assert "MG-3" in download.value.path().read_text(encoding="utf-8-sig")

    goal_after = figures(demo_server)
    grown = Decimal(goal_after["received"]) - Decimal(goal_before["received"])
    assert grown == Decimal("4571.50")
    assert goal_after["gifts"] == goal_before["gifts"] + 2
    assert goal_after["last_gift_date"] == today.isoformat()

    seen_on_the_dashboard(page, demo_server, goal_after, tmp_path)
    received_by_mail(demo_server, today)


def seen_on_the_dashboard(
    page: Page, demo_server: DemoServer, numbers: dict[str, Any], folder: Path
) -> None:
    """The dashboard and Today speak of the new gifts, wide and on a phone."""
    page.goto(f"{demo_server.address}/dashboard")
    settled(page)
    total_text = Decimal(numbers["given_this_fiscal_year"]).to_integral_value()
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(f"${total_text:,}").first).to_be_visible()
    a_bar_opens_its_gifts(page, main, numbers["months"][-1])
    page.goto(f"{demo_server.address}/")
    settled(page)
    expect(main.get_by_text("Wilhelmina Osterhaus").first).to_be_visible()
    for name, window in (("wide", WIDE), ("phone", NARROW)):
        page.set_viewport_size(size(window))
        file = folder / f"today-{name}.png"
        page.screenshot(path=file)
        assert file.stat().st_size > 20_000
    page.set_viewport_size(size(WIDE))


def a_bar_opens_its_gifts(page: Page, main: Locator, month: dict[str, Any]) -> None:
    """A click on this month's bar lists its gifts, which add up to the bar."""
    chart = main.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    bars = [trace.locator(".point").last for trace in chart.locator(".bars").all()]
    # on the first days of a month it may have one-time gifts only, and no bar of pledged ones
    bar = max(bars, key=lambda bar: present(bar.bounding_box())["height"])
    bar.hover(force=True)
    page.get_by_text("last year", exact=False).first.wait_for()
    bar.click(force=True)
    expect(
        main.get_by_text(f"Gifts of {date.fromisoformat(month['month'] + '-01'):%b %Y}")
    ).to_be_visible()
    total = Decimal(month["total"])
    month_text = f"${total:,.0f}" if total == total.to_integral_value() else f"${total:,.2f}"
    expect(main.get_by_text(f"{month_text} in all.")).to_be_visible()
    expect(main.locator("table[data-table=behind]")).to_contain_text("Wilhelmina Osterhaus")


def received_by_mail(demo_server: DemoServer, today: date) -> None:
    """On Monday the scheduler's line writes the summaries, the next one sends them, once."""
    monday = next_monday(today).isoformat()
    for _ in range(2):
        demo_server.command("jobs", "run", "weekly_summaries", "--now", monday)
        demo_server.command("jobs", "run", "send_mail", "--now", monday)
    # the demo server's own scheduler may have sent last week's summary meanwhile
    theirs = [message for message in demo_server.sink.messages if RUTH in message["To"]]
    (mail,) = [message for message in theirs if "Wilhelmina" in message.as_string()]
    text = present(mail.get_body(("plain",))).get_content()
    html = present(mail.get_body(("html",))).get_content()
    assert mail["Subject"].strip()
    for body in (text, html):
        assert "Wilhelmina Osterhaus" in body
        assert "Lantern Road Chapel" in body
        assert "$4,321" in body
        assert demo_server.address in body
        assert "None" not in body
    assert {message["To"] for message in demo_server.sink.messages} >= {RUTH, "sam@demo.example"}
