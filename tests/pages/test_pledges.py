"""The list of pledges: states, sums, and every change of a pledge."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.models import Gift, Pledge, PledgeAmount, PledgeRefusal
from app.db.session import transaction_for_system
from app.ui.base import session
from tests import factories as make
from tests.pages.conftest import field, html_tables, page_text, press
from tests.pages.donors.test_donor import press_save, scalar
from tests.values import present


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.fixture
def pledge(ruth: Actor) -> int:
    with transaction_for_system() as db:
        return make.pledge(db, make.donor(db, ruth, "Tom Reed"), "50", start=date(2026, 1, 5))


def test_empty(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("pledges", ruth)
    assert "No pledges yet" in page_text(page)
    assert not page.metric


def test_states_and_sums(screen: Callable[..., AppTest], ruth: Actor, pledge: int) -> None:
    with transaction_for_system() as db:
        today = datetime.now(UTC).date()
        make.pledge(db, make.donor(db, ruth, "Ana"), "20", start=today)
        make.pledge(db, make.donor(db, ruth, "Gone"), "20", status="cancelled")
    page = screen("pledges", ruth)
    assert [metric.value for metric in page.metric][:2] == ["$70", "1"]
    assert html_tables(page)[0]["Donor"] == ["Tom Reed", "Ana"]
    assert "Late" in html_tables(page)[0]["Status"][0]
    page = field(page, "standing").set_value(["cancelled"]).run()
    assert html_tables(page)[0]["Donor"] == ["Gone"]
    page = field(page, "standing").set_value(["paused"]).run()
    assert "No pledge has this status" in page_text(page)


def test_change_the_amount(screen: Callable[..., AppTest], ruth: Actor, pledge: int) -> None:
    page = press(screen("pledges", ruth), "Change amount")
    page.text_input(key="new_amount_amount").set_value("50")
    press_save(page, "new_amount")
    page = press(page, "Change amount")
    assert "promised already" in page_text(page)
    page.text_input(key="new_amount_amount").set_value("75")
    press_save(page, "new_amount")
    assert scalar(select(PledgeAmount.amount_minor)) == 7500


def test_pause_resume_excuse_and_end(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    press_save(press(screen("pledges", ruth), "Pause"), "pause")
    page = screen("pledges", ruth)
    assert "Paused" in html_tables(page)[0]["Status"][0]
    press(page, "Resume")
    assert scalar(text("select count(*) from pledge_pause where ends_on is null")) == 0
    page = screen("pledges", ruth)
    press_save(press(page, "Excuse one instalment"), "skip")
    assert scalar(text("select count(*) from pledge_skip")) == 1
    press_save(press(screen("pledges", ruth), "End"), "end_pledge")
    assert scalar(select(Pledge.status)) == "cancelled"


def test_readers_change_nothing(screen: Callable[..., AppTest], ruth: Actor, pledge: int) -> None:
    with transaction_for_system() as db:
        reader = make.person(db, "read_only")
    labels = {button.label for button in screen("pledges", reader).button}
    assert not labels & {"Pause", "End", "Change amount"}


def test_the_instalments_and_their_payments(
    screen: Callable[..., AppTest],
    ruth: Actor,
    pledge: int,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "now", lambda: now)
    with transaction_for_system() as db:
        donor_id = db.scalar(select(Pledge.donor_id))
        make.gift(db, present(donor_id), "70", date(2026, 2, 1), pledge_id=pledge)
        make.pledge_amount(db, pledge, "60", date(2026, 4, 1))
        make.skip(db, pledge, date(2026, 3, 5))
    page = press(screen("pledges", ruth), "Instalments")
    assert not page.exception
    table = next(table for table in html_tables(page) if "Asked" in table)
    rows = zip(table["Due"], table["Asked"], table["Came in"], table["Status"], strict=True)
    assert list(rows)[-4:] == [
        ("5 Apr 2026", "$60", "$0", "◔ Open"),
        ("5 Mar 2026", "$0", "$0", "‖ Excused"),
        ("5 Feb 2026", "$50", "$20", "◐ Part-paid"),
        ("5 Jan 2026", "$50", "$50", "● Paid"),
    ]
    assert table["Status"][0] == "○ Ahead"
    shown_text = page_text(page)
    assert "$70** came in" in shown_text.replace("\\", "")
    assert "$60 from 1 Apr on" in shown_text.replace("\\", "")
    assert "Excused on 5 Mar" in shown_text


def test_readers_look_and_a_coach_does_not_see_instalments(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    with transaction_for_system() as db:
        reader, coach = make.person(db, "read_only"), make.person(db, "coach")
        make.looks_after(db, coach, ruth, "coach")
    page = press(screen("pledges", reader), "Instalments")
    assert any("Asked" in table for table in html_tables(page))
    assert "Instalments" not in {one.label for one in screen("pledges", coach).button}


def test_an_ended_pledge_can_be_read_but_not_changed(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    with transaction_for_system() as db:
        db.execute(text("update pledge set status = 'cancelled'"))
    page = field(screen("pledges", ruth), "standing").set_value(["cancelled"]).run()
    assert {
        button.label: button.disabled
        for button in page.button
        if button.label in {"End", "Instalments"}
    }
    able = {button.label: not button.disabled for button in page.button}
    assert (able["Instalments"], able["End"]) == (True, False)


def choose(page: AppTest, pledge: int) -> AppTest:
    answer: AppTest = field(page, "pledge_list_chosen").set_value(pledge).run()
    return answer


def offered(page: AppTest) -> list[str]:
    return [
        button.label
        for button in page.button
        if button.key and button.key.startswith("gift_link_pledge")
    ]


@pytest.mark.parametrize("other", [False, True], ids=["one pledge", "two pledges"])
def test_the_instalments_offer_the_gifts_that_may_belong_to_this_pledge(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int, other: bool
) -> None:
    with transaction_for_system() as db:
        donor = scalar(select(Pledge.donor_id))
        gift = make.gift(db, donor, "33", date(2026, 6, 1))
        if other:
            make.pledge(db, donor, "20", start=date(2026, 2, 1))
    page = press(choose(screen("pledges", ruth), pledge), "Instalments")
    assert "1 gift may belong to this pledge" in page_text(page)
    assert offered(page) == ["Link", "Not this one"]
    page.button(key=f"gift_link_pledge_{gift}_{pledge}").click().run()
    assert not page.exception
    assert scalar(select(Gift.pledge_id)) == pledge


def test_not_this_one_refuses_this_pledge_and_no_other(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    with transaction_for_system() as db:
        donor = scalar(select(Pledge.donor_id))
        gift = make.gift(db, donor, "33", date(2026, 6, 1))
        make.pledge(db, donor, "20", start=date(2026, 2, 1))
    page = press(choose(screen("pledges", ruth), pledge), "Instalments")
    page.button(key=f"gift_link_pledge_{gift}_no").click().run()
    assert scalar(select(PledgeRefusal.pledge_id)) == pledge
    page = press(choose(screen("pledges", ruth), pledge), "Instalments")
    assert "may belong to this pledge" not in page_text(page)


def test_readers_are_offered_nothing_to_link_in_the_instalments(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    with transaction_for_system() as db:
        make.gift(db, scalar(select(Pledge.donor_id)), "33", date(2026, 6, 1))
        reader = make.person(db, "read_only")
    assert offered(press(screen("pledges", reader), "Instalments")) == []


def press_inside(page: AppTest, label: str, opener: str = "New pledge") -> AppTest:
    """Press a button of a dialog that stays open, as in the browser, where only it runs again."""
    next(button for button in page.button if button.label == opener).click()
    next(button for button in page.button if button.label == label).click()
    return page.run()


def test_a_pledge_with_all_it_may_have_takes_the_gifts_given_already(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        tom = make.donor(db, ruth, "Tom")
        wells, easter = make.fund(db, "Wells"), make.campaign(db, "Easter")
        given = [make.gift(db, tom, "30", date(2026, month, 3)) for month in (1, 2, 3)]
        make.gift(db, tom, "30", date(2025, 12, 3))
    page = press(screen("donor", ruth, id=str(tom)), "New pledge")
    page.text_input(key="new_pledge_amount").set_value("30")
    page.selectbox(key="new_pledge_frequency").set_value("bimonthly")
    page.date_input(key="new_pledge_start").set_value(date(2026, 1, 1))
    page.selectbox(key="new_pledge_anchor").set_value(31)
    page.number_input(key="new_pledge_instalments").set_value(12)
    page.text_input(key="new_pledge_total").set_value("360")
    page.selectbox(key="new_pledge_method").set_value("direct debit")
    page.selectbox(key="new_pledge_campaign").set_value(easter)
    page.number_input(key="new_pledge_grace").set_value(5)
    page.text_input(key="new_pledge_note").set_value("By phone")
    page = press_inside(page, "Save pledge")
    assert "3 gifts may belong to it" in page_text(page)
    with transaction_for_system() as db:
        pledge = db.scalars(select(Pledge)).one()
        stored = (pledge.frequency, pledge.anchor_day, pledge.instalments, pledge.total_minor)
        assert stored == ("bimonthly", 31, 12, 36_000)
        assert (pledge.method, pledge.campaign_id, pledge.grace_days, pledge.note) == (
            "direct debit",
            easter,
            5,
            "By phone",
        )
        assert pledge.fund_id is None
        assert wells
        pledge_id = pledge.id
    boxes = {box.key: box.value for box in page.checkbox if "new_pledge_gifts" in str(box.key)}
    assert boxes == {f"new_pledge_gifts_{gift}": True for gift in given}
    page.checkbox(key=f"new_pledge_gifts_{given[1]}").set_value(False)
    page = press_inside(page, "Link the chosen gifts")
    assert not page.exception
    assert "Linked 2 gifts" in page.toast[0].value
    assert "Save pledge" not in [button.label for button in page.button]
    linked = select(Gift.id).where(Gift.pledge_id == pledge_id).order_by(Gift.id)
    with transaction_for_system() as db:
        assert db.scalars(linked).all() == [given[0], given[2]]
    # the dialog is about the next pledge again
    page = press(screen("donor", ruth, id=str(tom)), "New pledge")
    assert page.text_input(key="new_pledge_amount").value == ""


def test_none_of_the_gifts_given_already_belongs_to_the_pledge(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        tom = make.donor(db, ruth, "Tom")
        make.gift(db, tom, "30", date(2026, 1, 3))
    page = press(screen("donor", ruth, id=str(tom)), "New pledge")
    page.text_input(key="new_pledge_amount").set_value("30")
    page.date_input(key="new_pledge_start").set_value(date(2026, 1, 1))
    page = press_inside(page, "Save pledge")
    page = press_inside(page, "None of them")
    assert not page.exception
    assert page.toast[0].value.startswith("Saved the pledge of")
    assert "Save pledge" not in [button.label for button in page.button]
    assert scalar(select(Gift.pledge_id)) is None
    assert scalar(text("select count(*) from pledge")) == 1


def test_change_the_details(screen: Callable[..., AppTest], ruth: Actor, pledge: int) -> None:
    page = press(screen("pledges", ruth), "Change details")
    page.number_input(key="pledge_details_instalments").set_value(12)
    page.selectbox(key="pledge_details_method").set_value("check")
    page.text_input(key="pledge_details_total").set_value("6o")
    page = press_inside(page, "Save details", "Change details")
    assert "“6o” is not an amount" in page_text(page)
    page.text_input(key="pledge_details_total").set_value("600")
    page.text_input(key="pledge_details_note").set_value("By letter")
    press_inside(page, "Save details", "Change details")
    row = text("select concat_ws(' ', instalments, method, total_minor, note) from pledge")
    assert scalar(row) == "12 check 60000 By letter"


def test_the_list_is_filtered_by_fund_and_campaign(
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    with transaction_for_system() as db:
        wells, easter = make.fund(db, "Wells"), make.campaign(db, "Easter")
        make.pledge(db, make.donor(db, ruth, "Ana"), fund_id=wells)
        make.pledge(db, make.donor(db, ruth, "Ben"), campaign_id=easter)
    page = field(screen("pledges", ruth), "fund").set_value(str(wells)).run()
    assert html_tables(page)[0]["Donor"] == ["Ana"]
    page = field(page, "campaign").set_value(str(easter)).run()
    assert "No pledge matches. Remove a filter" in page_text(page)
    page = field(page, "fund").set_value(None).run()
    assert html_tables(page)[0]["Donor"] == ["Ben"]
    # the figures above stay those of all running pledges
    assert "3 running pledges" in page_text(page)
