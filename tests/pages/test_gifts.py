"""The list of gifts: filters, totals, recording, reversal, thanks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.models import Gift
from app.db.session import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, page_text, press
from tests.pages.donors.test_donor import press_save, scalar


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


def test_empty(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("gifts", ruth)
    assert "No gifts yet" in page_text(page)
    assert not page.metric


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_filters_and_totals(screen: Callable[..., AppTest], ruth: Actor) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with transaction_for_system() as db:
        tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
        wells = make.fund(db, "Wells")
        make.gift(db, tom, "50", yesterday, fund_id=wells, method="check")
        make.gift(db, ana, "20.50", date(2020, 5, 5), thanked_at=datetime.now(UTC))
        make.reversal(db, make.gift(db, ana, "5", date(2020, 5, 6)))
    page = screen("gifts", ruth)
    assert figures(page) == {"Together": "$70.50", "Gifts": "2", "From": "2 donors"}
    assert figures(field(page, "fund").set_value(wells).run())["Together"] == "$50"
    page = field(page, "fund").set_value(None).run()
    assert figures(field(page, "period").set_value("12 months").run())["Gifts"] == "1"
    page = field(page, "period").set_value("all").run()
    assert figures(field(page, "thanked").set_value("yes").run())["Together"] == "$20.50"
    page = field(page, "thanked").set_value(None).run()
    assert figures(field(page, "method").set_value("check").run())["Gifts"] == "1"
    page = field(page, "query").set_value("nobody").run()
    assert "No gift matches" in page_text(page)


def test_record_for_a_donor_found_by_search(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        make.donor(db, ruth, "Tom Reed")
    page = press(screen("gifts", ruth), "Record gift")
    assert "Type at least two letters" in page_text(page)
    page.text_input(key="new_gift_who").set_value("reed")
    page = press(page, "Record gift")
    page.text_input(key="new_gift_amount").set_value("50")
    press_save(page, "new_gift")
    assert scalar(select(Gift.amount_minor)) == 5000


def test_reverse(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        gift = make.gift(db, make.donor(db, ruth, "Tom"), "50", date(2026, 1, 5))
    page = field(screen("gifts", ruth), "gift_list_chosen").set_value(gift).run()
    page = press(page, "Reverse")
    page.text_input(key="take_back_amount").set_value("60")
    press_save(page, "take_back")
    page = press(page, "Reverse")
    assert "Only 50.00 of this gift is left" in page_text(page).replace("\\", "")
    page.text_input(key="take_back_amount").set_value("10")
    press_save(page, "take_back")
    assert scalar(text("select sum(amount_minor) from gift")) == 4000


def test_readers_record_nothing(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        reader = make.person(db, "read_only")
        make.gift(db, make.donor(db, ruth, "Tom"))
    labels = {button.label for button in screen("gifts", reader).button}
    assert not labels & {"Record gift", "Reverse"}


def test_correct_says_which_pledge_a_gift_pays(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        tom = make.donor(db, ruth, "Tom")
        gift = make.gift(db, tom, "50", date(2026, 1, 5))
        promised = [make.pledge(db, tom, f"{n}0", start=date(2026, 1, n)) for n in (1, 2)]
    page = press(field(screen("gifts", ruth), "gift_list_chosen").set_value(gift).run(), "Correct")
    page.text_input(key="correct_gift_amount").set_value("5o")
    press_save(page, "correct_gift")
    page = press(page, "Correct")
    assert "“5o” is not an amount" in page_text(page)
    page.text_input(key="correct_gift_amount").set_value("55.50")
    page.selectbox(key="correct_gift_pledge").set_value(promised[1])
    press_save(page, "correct_gift")
    assert scalar(select(Gift.amount_minor)) == 5550
    assert scalar(select(Gift.pledge_id)) == promised[1]
