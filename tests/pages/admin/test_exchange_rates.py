"""The screen of exchange rates: waiting gifts, add, correct, delete, upload."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import accounts, gifts
from app.accounts import Actor
from app.db import transaction_for_system
from app.kit.money import Money
from tests import factories as make
from tests.pages.conftest import field, html_tables, page_text, press

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
CSV = b"currency,day,rate\nCHF,2026-11-01,1.25\nSEK,2026-11-01,0.1\n"


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada Lindqvist")


@pytest.fixture
def waiting(ada: Actor) -> None:
    with transaction_for_system() as db:
        donor = make.donor(db, ada, "Hanna *Vogel*")
        for minor, day in ((12_050, date(2026, 11, 2)), (8_000, date(2026, 11, 12))):
            gifts.record(
                db,
                ada,
                donor_id=donor,
                amount=Money(minor, "CHF"),
                on=day,
                today=TODAY,
                now=NOW,
            )


def rates() -> list[tuple[str, str, str]]:
    with transaction_for_system() as db:
        return [
            (line.currency, line.day.isoformat(), f"{line.rate:f}")
            for line in accounts.exchange_rates(db, accounts.SYSTEM)
        ]


def add(*lines: tuple[str, date, str]) -> None:
    with transaction_for_system() as db:
        for currency, day, rate in lines:
            accounts.set_exchange_rate(
                db, accounts.SYSTEM, currency=currency, day=day, rate=rate, today=TODAY
            )


def totals() -> int:
    with transaction_for_system() as db:
        return int(db.scalar(text("select sum(total_minor) from donor_summary")) or 0)


def test_without_rates_it_says_what_they_are_for(
    screen: Callable[..., AppTest], ada: Actor
) -> None:
    page = screen("exchange_rates", ada)
    assert not page.exception
    assert "You need them only for gifts and pledges in other currencies than USD" in page_text(
        page
    )
    assert "Needs a rate" not in page_text(page)


def test_waiting_gifts_get_a_rate(
    screen: Callable[..., AppTest], ada: Actor, waiting: None
) -> None:
    page = screen("exchange_rates", ada)
    shown = page_text(page)
    assert "2 gifts recorded without an exchange rate, counted in no sum yet" in shown
    assert "**2 gifts in CHF** · CHF200\\.50 · 2 Nov to 12 Nov" in shown
    page = press(page, "Add rate")
    key = "exchange_rate_CHF_2026-11-02"
    assert field(page, f"{key}_currency").value == "CHF"
    field(page, f"{key}_rate").set_value("1.1")
    page = press(page, "Add rate")
    shown = page_text(page)
    assert "A gift of CHF100 becomes **\\$110**" in shown
    assert "2 gifts in CHF\\: from \\$0 to \\$220\\.55\\; 2 waited for a rate\\." in shown
    assert (rates(), totals()) == ([], 0)
    page = press(page, "Save rate")
    assert not page.exception
    assert (rates(), totals()) == ([("CHF", "2026-11-02", "1.1")], 22_055)
    assert "Needs a rate" not in page_text(page)


@pytest.mark.parametrize("wrong", ["0", "-1", "abc", "1,1", "1.123456789"])
def test_an_impossible_rate_is_refused_with_a_sentence(
    screen: Callable[..., AppTest], ada: Actor, wrong: str
) -> None:
    page = press(screen("exchange_rates", ada), "Add a rate")
    field(page, "exchange_rate_new__rate").set_value(wrong)
    page = press(page, "Add a rate")
    assert "rate" in page.warning[0].value
    page = press(press(page, "Save rate"), "Add a rate")
    assert "rate" in page.error[0].value
    assert rates() == []


def test_a_rate_is_corrected_and_deleted_with_a_confirmation(
    screen: Callable[..., AppTest], ada: Actor, waiting: None
) -> None:
    add(("CHF", date(2026, 11, 1), "1"), ("CHF", date(2026, 11, 10), "2"))
    page = screen("exchange_rates", ada)
    assert list(html_tables(page)[1].columns) == [
        "From",
        "Until",
        "1 unit is",
    ]
    assert html_tables(page)[1]["Until"] == ["the next rate", "9 Nov"]
    page = field(page, "exchange_rate_chosen").select(date(2026, 11, 10)).run()
    page = press(page, "Correct")
    key = "exchange_rate_CHF_2026-11-10"
    assert field(page, f"{key}_rate").value == "2"
    field(page, f"{key}_rate").set_value("3")
    page = press(page, "Save rate")
    assert rates()[0] == ("CHF", "2026-11-10", "3")
    assert totals() == 12_050 + 24_000
    page = field(page, "exchange_rate_chosen").select(date(2026, 11, 10)).run()
    page = press(page, "Delete")
    assert "1 gift in CHF\\: from \\$240 to \\$80\\." in page_text(page)
    assert len(rates()) == 2
    page = press(page, "Delete rate")
    assert not page.exception
    assert (rates(), totals()) == ([("CHF", "2026-11-01", "1")], 20_050)


def test_a_file_is_previewed_then_saved(
    screen: Callable[..., AppTest], ada: Actor, waiting: None
) -> None:
    page = screen("exchange_rates", ada)
    page = page.file_uploader[0].upload("rates.csv", CSV, "text/csv").run()
    shown = page_text(page)
    assert "2 rates\\: 2 new\\." in shown
    assert "2 gifts in CHF\\: from \\$0 to \\$250\\.62" in shown
    assert rates() == []
    page = press(page, "Save 2 rates")
    assert not page.exception
    assert [rate[0] for rate in rates()] == ["CHF", "SEK"]
    page = page.file_uploader[0].upload("rates.csv", CSV, "text/csv").run()
    assert "Nothing changed\\: 2 rates already here\\." in page_text(page)
    assert not [button for button in page.button if button.label.startswith("Save")]


def test_a_file_that_cannot_be_used_shows_its_rows(
    screen: Callable[..., AppTest], ada: Actor
) -> None:
    page = screen("exchange_rates", ada)
    bad = CSV + b"<b>,2026-11-01,1\n"
    page = page.file_uploader[0].upload("rates.csv", bad, "text/csv").run()
    assert "1 row of the file cannot be used" in page.error[0].value
    assert "\\<B\\> is not a currency we know" in page.error[0].value
    assert rates() == []


def test_gifts_shows_what_waits_and_filters_it(
    screen: Callable[..., AppTest], ada: Actor, waiting: None
) -> None:
    with transaction_for_system() as db:
        make.gift(db, make.donor(db, ada, "Tom"), "10", date(2026, 11, 1))
    page = screen("gifts", ada)
    assert "2 gifts \\(CHF200\\.50\\) wait for a rate and are not counted" in page_text(page)
    assert len(html_tables(page)[0]) == 3
    page = screen("gifts", ada, rate="needed")
    assert html_tables(page)[0]["What"] == ["One-time · needs a rate"] * 2
    assert [metric.value for metric in page.metric][:2] == ["$0", "2"]
