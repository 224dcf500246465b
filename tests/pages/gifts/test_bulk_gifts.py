"""Thanks and another fund for the ticked or all filtered gifts of the list, and their undo."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import URL, select
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import Fund, Gift
from app.gifts.bulk import changes
from tests import factories as make
from tests.pages.conftest import field, html_tables, page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    """A fundraiser with three gifts, one of them split and one by cheque."""
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        tom, wells = make.donor(db, ruth, "Tom"), make.fund(db, "Wells")
        make.fund(db, "Roof")
        make.gift(db, tom, "10", date(2026, 1, 1), fund_id=wells, method="check")
        make.gift(db, tom, "20", date(2026, 1, 2), method="cash")
        make.gift(
            db, tom, "30", date(2026, 1, 3), method="cash", parts=((wells, "5"), (wells, "25"))
        )
        return ruth


def stored() -> list[tuple[str | None, str | None, bool]]:
    """Return (fund, channel of the thanks, thanked) of every gift, the oldest first."""
    statement = (
        select(Fund.name, Gift.thanked_how, Gift.thanked_at.is_not(None))
        .select_from(Gift)
        .outerjoin(Fund, Fund.id == Gift.fund_id)
    )
    with transaction_for_system() as db:
        rows = db.execute(statement.order_by(Gift.gift_date))
        return [(row[0], row[1], row[2]) for row in rows]


def shown(page: AppTest) -> str:
    return page_text(page).replace("\\", "")


def save(page: AppTest) -> AppTest:
    page = page.button(key="bulk_gifts_save").click().run()
    assert not page.exception
    return page


def test_all_filtered_gifts_are_thanked_for_and_the_undo_takes_it_back(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    before = stored()
    page = screen("gifts", ruth, method="cash", thanked="no")
    page = press(page, "Change gifts")
    assert page.radio(key="bulk_gifts_who").options == ["All gifts of this list, on all its pages"]
    assert "2 gifts will change." in shown(page)
    page.selectbox(key="bulk_gifts_how").set_value("letter")
    page = save(page)
    assert stored() == [before[0], (None, "letter", True), (None, "letter", True)]
    # the list is empty now, and can be undone
    assert not html_tables(page)
    assert "Thanked for 2 gifts." in shown(page)
    page = press(page, "Undo")
    assert not page.exception
    assert stored() == before
    assert "Undone for 2 gifts." in shown(page)
    assert "Undo" not in {button.label for button in page.button}


def test_the_ticked_gifts_get_another_fund_and_the_split_one_is_named(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    before = stored()
    page = screen("gifts", ruth)
    with transaction_for_system() as db:
        ids = db.scalars(select(Gift.id).where(Gift.amount_minor != 2000)).all()
        roof = db.scalar(select(Fund.id).where(Fund.name == "Roof"))
    # the id of a gift that is not in the list does nothing
    page.session_state["gift_list_table_events"] = {"ticked": [*ids, 0]}
    page = press(page.run(), "Change 2 gifts")
    assert page.radio(key="bulk_gifts_who").options[0] == "The 2 ticked gifts"
    page.radio(key="bulk_gifts_what").set_value("Change fund")
    page = press(page, "Change 2 gifts")
    # nothing changes before a fund is chosen
    assert page.button(key="bulk_gifts_save").disabled
    page.selectbox(key="bulk_gifts_fund").set_value(roof)
    page = press(page, "Change 2 gifts")
    assert "1 of 2 gifts will change: 1 is split over funds." in shown(page)
    page = save(page)
    assert stored() == [("Roof", None, False), *before[1:]]
    assert "Changed the fund of 1 of 2 gifts: 1 is split over funds." in shown(page)
    page = press(page, "Undo")
    assert stored() == before


def test_the_fund_can_be_taken_away(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = press(screen("gifts", ruth), "Change gifts")
    page.radio(key="bulk_gifts_what").set_value("Change fund")
    page = press(page, "Change gifts")
    page.selectbox(key="bulk_gifts_fund").set_value(0)
    page = press(page, "Change gifts")
    text = "1 of 3 gifts will change: 1 has no fund already, 1 is split over funds."
    assert text in shown(page)
    page = save(page)
    assert [fund for fund, _, _ in stored()] == [None, None, None]


def test_more_gifts_than_can_be_changed_at_once_are_refused(
    screen: Callable[..., AppTest], ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_AT_ONCE", 2)
    page = press(screen("gifts", ruth), "Change gifts")
    assert "At most 2 gifts are changed at once. Choose a shorter period" in shown(page)
    assert page.button(key="bulk_gifts_save").disabled
    page = field(page, "method").set_value("cash").run()
    page = press(page, "Change gifts")
    assert not page.button(key="bulk_gifts_save").disabled


def test_a_reader_cannot_change_gifts(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        reader = make.person(db, "read_only")
    page = screen("gifts", reader)
    assert html_tables(page)
    assert "Change gifts" not in {button.label for button in page.button}
