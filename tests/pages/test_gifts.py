"""The list of gifts: filters, totals, recording, reversal, thanks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app import gifts
from app.accounts import Actor
from app.db.models import Gift, GiftLine
from app.db.session import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, html_tables, page_text, press, press_row, row_buttons
from tests.pages.donors.test_donor import press_save, scalar
from tests.values import usd


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
    assert figures(field(page, "fund").set_value(str(wells)).run())["Together"] == "$50"
    page = field(page, "fund").set_value(None).run()
    assert figures(field(page, "period").set_value("12 months").run())["Gifts"] == "1"
    page = field(page, "period").set_value("all").run()
    assert figures(field(page, "thanked").set_value("yes").run())["Together"] == "$20.50"
    page = field(page, "thanked").set_value(None).run()
    assert figures(field(page, "method").set_value("check").run())["Gifts"] == "1"
    page = field(page, "query").set_value("nobody").run()
    assert "No gift matches" in page_text(page)


def test_the_order_is_chosen_over_all_pages_and_stays_in_the_address(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
        make.gift(db, tom, "900", date(2026, 1, 1))
        for number in range(1, 56):
            make.gift(db, ana, number, date(2026, 2, 1) + timedelta(days=number))
    page = screen("gifts", ruth)
    assert html_tables(page)[0]["Amount"][:2] == ["$55", "$54"]
    page = field(page, "sort").set_value("largest").run()
    assert html_tables(page)[0]["Amount"][:2] == ["$900", "$55"]
    assert page.query_params["sort"] == "largest"
    assert figures(page) == {"Together": "$2,440", "Gifts": "56", "From": "2 donors"}
    page = press(page, "Next")
    assert html_tables(page)[0]["Amount"] == [f"${number}" for number in range(6, 0, -1)]
    assert figures(page) == {"Together": "$2,440", "Gifts": "56", "From": "2 donors"}
    page = field(page, "sort").set_value("oldest").run()
    assert html_tables(page)[0]["Amount"][:2] == ["$900", "$1"]
    # a page of an order that was left is found again by the address alone
    shared = html_tables(screen("gifts", ruth, sort="largest", page="2"))[0]
    assert shared["Amount"] == [f"${number}" for number in range(6, 0, -1)]
    first = html_tables(screen("gifts", ruth, sort="donor"))[0]
    assert set(first["Donor"]) == {"Ana"}


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


def open_form(screen: Callable[..., AppTest], ruth: Actor, *, all_fields: bool = True) -> AppTest:
    """Open "Record gift" for the donor Tom Reed, with the fields that few gifts need."""
    page = press(screen("gifts", ruth), "Record gift")
    page.text_input(key="new_gift_who").set_value("reed")
    page = press(page, "Record gift")
    if all_fields:
        page.toggle(key="new_gift_open").set_value(True)
        page = press(page, "Record gift")
    return page


def press_inside(page: AppTest, label: str, opener: str = "Record gift") -> AppTest:
    """Press a button of a dialog that stays open, as in the browser, where only it runs again."""
    buttons = [button for button in page.button if button.label == label]
    next(button for button in page.button if button.label == opener).click()
    buttons[-1].click()
    return page.run()


def plain_text(page: AppTest) -> str:
    return page_text(page).replace("\\", "")


def test_record_a_gift_to_two_funds_with_a_fee(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        make.donor(db, ruth, "Tom Reed")
        wells, roof = make.fund(db, "Wells"), make.fund(db, "Roof")
        easter = make.campaign(db, "Easter")
    page = open_form(screen, ruth)
    page.text_input(key="new_gift_amount").set_value("100")
    page.text_input(key="new_gift_fee").set_value("2.50")
    page.number_input(key="new_gift_funds").set_value(2)
    page = press(page, "Record gift")
    assert "$97.50 net, after the fee" in plain_text(page)
    page.text_input(key="new_gift_part0_amount").set_value("70")
    page.selectbox(key="new_gift_part0_fund").set_value(wells)
    page.selectbox(key="new_gift_part0_campaign").set_value(easter)
    page.text_input(key="new_gift_part1_amount").set_value("20")
    page.selectbox(key="new_gift_part1_fund").set_value(roof)
    page = press(page, "Record gift")
    assert "$10 remaining" in plain_text(page)
    page = press_inside(page, "Record gift")
    assert "The parts come to 90.00, the gift to 100.00: 10.00 is missing." in plain_text(page)
    assert scalar(text("select count(*) from gift")) == 0
    page.text_input(key="new_gift_part1_amount").set_value("30")
    page = press(page, "Record gift")
    assert "The parts come to the whole gift" in plain_text(page)
    page.button(key="new_gift_save").click().run()
    assert scalar(text("select fee_minor from gift where fund_id is null")) == 250
    statement = select(GiftLine.fund_id, GiftLine.campaign_id, GiftLine.amount_minor)
    with transaction_for_system() as db:
        rows = [tuple(row) for row in db.execute(statement.order_by(GiftLine.id))]
    assert rows == [(wells, easter, 7000), (roof, None, 3000)]


def test_a_foreign_amount_is_shown_at_the_rate_of_its_day(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        make.donor(db, ruth, "Tom Reed")
        db.execute(
            text("insert into exchange_rate (currency, on_date, rate) values ('CHF', :day, 1.25)"),
            {"day": date(2026, 1, 1)},
        )
    page = open_form(screen, ruth)
    page.text_input(key="new_gift_amount").set_value("80")
    page.selectbox(key="new_gift_currency").set_value("CHF")
    page = press(page, "Record gift")
    shown = plain_text(page)
    assert "80 is worth **$100** (1 CHF = 1.25 USD, since 1 Jan" in shown
    assert page.text_input(key="new_gift_amount").label == "Amount (CHF)"
    page.selectbox(key="new_gift_currency").set_value("NOK")
    page = press(page, "Record gift")
    assert "NOK has no exchange rate for this day. The gift is recorded and waits" in page_text(
        page
    )
    page.button(key="new_gift_save").click().run()
    assert scalar(select(Gift.awaiting_rate)) is True
    assert scalar(select(Gift.currency)) == "NOK"


def test_save_and_next_keeps_what_is_the_same_for_the_next_gift(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        tom = make.donor(db, ruth, "Tom Reed")
        wells = make.fund(db, "Wells")
    page = press(screen("donor", ruth, id=str(tom)), "Record gift")
    page.text_input(key="new_gift_amount").set_value("50")
    page.date_input(key="new_gift_on").set_value(date(2026, 3, 4))
    page.selectbox(key="new_gift_method").set_value("check")
    page.selectbox(key="new_gift_fund").set_value(wells)
    page.text_input(key="new_gift_check_number").set_value("1042")
    page.checkbox(key="new_gift_receipt").set_value(False)
    page.selectbox(key="new_gift_tribute").set_value("in memory of")
    page.text_input(key="new_gift_tribute_name").set_value("Edna Reed")
    page.text_input(key="new_gift_notify_name").set_value("Ann Reed")
    page.text_area(key="new_gift_notify_address").set_value("1 Quay\nHull")
    page = press_inside(page, "Save and next")
    with transaction_for_system() as db:
        line = gifts.recent(db, ruth)[0]
    assert (line.on, line.method, line.fund, line.amount.minor) == (
        date(2026, 3, 4),
        "check",
        "Wells",
        5000,
    )
    assert line.details == gifts.GiftDetails(
        None, False, "1042", "in memory of", "Edna Reed", "Ann Reed", "1 Quay\nHull"
    )
    assert "Recorded $50 from Tom Reed." in plain_text(page)
    assert page.date_input(key="new_gift_on").value == date(2026, 3, 4)
    assert page.selectbox(key="new_gift_method").value == "check"
    assert page.selectbox(key="new_gift_fund").value == wells
    for name in ("amount", "check_number", "tribute_name", "notify_name"):
        assert page.text_input(key=f"new_gift_{name}").value == ""
    tribute = page.selectbox(key="new_gift_tribute")
    assert tribute.value is None
    # what the emptied field says in place of a choice
    assert tribute.placeholder == tribute.options[0]
    assert page.checkbox(key="new_gift_receipt").value is True
    # a gift that is refused keeps what was typed
    page.text_input(key="new_gift_amount").set_value("5o")
    page = press_inside(page, "Save and next")
    assert "“5o” is not an amount" in page_text(page)
    assert page.text_input(key="new_gift_amount").value == "5o"


def test_correct_a_split_gift_and_its_details(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        wells, roof = make.fund(db, "Wells"), make.fund(db, "Roof")
        gift = gifts.record(
            db,
            ruth,
            donor_id=make.donor(db, ruth, "Tom"),
            amount=usd("50"),
            on=date(2026, 1, 5),
            splits=(gifts.Part(usd("20"), wells), gifts.Part(usd("30"), roof)),
            details=gifts.GiftDetails(fee=usd("1"), check_number="7"),
            today=datetime.now(UTC).date(),
            now=datetime.now(UTC),
        ).gift_id
        db.execute(text("update fund set status = 'closed' where id = :id"), {"id": wells})
    page = screen("gifts", ruth)
    assert html_tables(page)[0]["Details"] == ["Fee $1 · Cheque 7"]
    page = press(field(page, "gift_list_chosen").set_value(gift).run(), "Correct")
    assert [page.text_input(key=f"correct_gift_part{n}_amount").value for n in (0, 1)] == [
        "20.00",
        "30.00",
    ]
    assert page.selectbox(key="correct_gift_part0_fund").value == wells
    assert page.text_input(key="correct_gift_fee").value == "1.00"
    page.text_input(key="correct_gift_part1_amount").set_value("35")
    page.text_input(key="correct_gift_amount").set_value("55")
    page.text_input(key="correct_gift_check_number").set_value("8")
    page.button(key="correct_gift_save").click().run()
    with transaction_for_system() as db:
        assert gifts.parts(db, ruth, [gift])[gift][1] == gifts.Part(usd("35"), roof)
        line = gifts.get(db, ruth, gift)
    assert (line.amount, line.details) == (
        usd("55"),
        gifts.GiftDetails(fee=usd("1"), check_number="8"),
    )
    # a gift is made whole again with one fund
    page = press(field(screen("gifts", ruth), "gift_list_chosen").set_value(gift).run(), "Correct")
    page.number_input(key="correct_gift_funds").set_value(1)
    page = press(page, "Correct")
    page.selectbox(key="correct_gift_fund").set_value(roof)
    page.button(key="correct_gift_save").click().run()
    assert scalar(text("select count(*) from gift_line")) == 0
    assert scalar(select(Gift.fund_id)) == roof


def test_a_gift_is_thanked_by_the_button_of_its_row(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        first = make.gift(db, make.donor(db, ruth, "Tom"), "10", date(2026, 11, 1))
        make.gift(db, make.donor(db, ruth, "Ana"), "20", date(2026, 11, 2))
    page = press_row(screen("gifts", ruth), "Thank", key="gift_list_table", row=str(first))
    assert not page.exception
    assert "Thanked Tom." in page.toast[0].value.replace("\\", "")
    with transaction_for_system() as db:
        thanked = db.scalars(select(Gift.id).where(Gift.thanked_at.is_not(None))).all()
    assert thanked == [first]
    assert row_buttons(page) == ["Thank"]
