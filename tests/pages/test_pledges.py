"""The list of pledges: states, sums, and every change of a pledge."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.models import Gift, Pledge, PledgeAmount, PledgeRefusal
from app.db.session import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, page_text, press
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
    assert list(page.dataframe[0].value["Donor"]) == ["Tom Reed", "Ana"]
    assert "Late" in page.dataframe[0].value["Status"][0]
    page = field(page, "standing").set_value(["cancelled"]).run()
    assert list(page.dataframe[0].value["Donor"]) == ["Gone"]
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
    assert "Paused" in page.dataframe[0].value["Status"][0]
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
    screen: Callable[..., AppTest], ruth: Actor, pledge: int
) -> None:
    with transaction_for_system() as db:
        donor_id = db.scalar(select(Pledge.donor_id))
        make.gift(db, present(donor_id), "70", date(2026, 2, 1), pledge_id=pledge)
        make.pledge_amount(db, pledge, "60", date(2026, 4, 1))
        make.skip(db, pledge, date(2026, 3, 5))
    page = press(screen("pledges", ruth), "Instalments")
    assert not page.exception
    table = next(dataframe.value for dataframe in page.dataframe if "Asked" in dataframe.value)
    rows = [
        (due.isoformat(), asked, received, stands)
        for due, asked, received, stands in zip(
            table["Due"], table["Asked"], table["Came in"], table["Status"], strict=True
        )
        if due <= date(2026, 4, 5)
    ]
    assert rows == [
        ("2026-04-05", 60, 0, "◔ Open"),
        ("2026-03-05", 0, 0, "‖ Excused"),
        ("2026-02-05", 50, 20, "◐ Part-paid"),
        ("2026-01-05", 50, 50, "● Paid"),
    ]
    assert table["Status"].iloc[0] == "○ Ahead"
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
    assert any("Asked" in dataframe.value for dataframe in page.dataframe)
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
