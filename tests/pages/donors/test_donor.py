"""One donor's page: everything on it, its dialogs, and the message for a donor out of scope."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import URL, Select, TextClause, select, text
from streamlit.testing.v1 import AppTest

from app import pledges
from app.accounts import Actor, Role
from app.db.models import ContactLog, Donor, Gift, Pledge, Task
from app.db.session import transaction_for_system
from app.ui.charts import donor_months, vega
from tests import factories as make
from tests.pages.conftest import html_tables, page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.fixture
def tom(ruth: Actor) -> int:
    with transaction_for_system() as db:
        return make.donor(
            db,
            ruth,
            "Tom *Reed*",
            email="tom@example.org",
            phone="555 12345",
            tag="choir",
            address={"street": "1 Quay", "city": "Hull"},
            notes="Likes boats",
            no_phone=True,
        )


def scalar(statement: TextClause | Select[Any] | Select[bool]) -> Any:
    with transaction_for_system() as db:
        return db.scalar(statement)


def test_everything_about_a_donor(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    with transaction_for_system() as db:
        pledge = make.pledge(db, tom, start=date(2026, 1, 5))
        make.gift(db, tom, "50", date(2026, 1, 6), pledge_id=pledge, method="check")
        make.contact(db, tom, text="Spoke about the boat", by_id=ruth.user_id)
        make.task(db, ruth, "Send the letter", donor_id=tom)
    page = screen("donor", ruth, id=str(tom))
    shown_text = page_text(page).replace("\\", "").replace("**", "")
    for expected in (
        "Tom *Reed*",
        "tom@example.org",
        "1 Quay, Hull",
        "(not wished)",
        "choir",
        "Likes boats",
        "Gift by check",
        "Pledge, a month",
        "Spoke about the boat",
        "To do: Send the letter",
        "Pledge late. Promised $50 a month",
    ):
        assert expected in shown_text
    assert [metric.label for metric in page.metric] == [
        "Lifetime",
        "This fiscal year",
        "Last gift",
        "Largest gift",
    ]
    assert "Late" in html_tables(page)[0]["Status"][0]
    assert not page.exception


def test_missed_instalments_are_marked(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    today = date(2026, 11, 23)
    with transaction_for_system() as db:
        pledge = make.pledge(db, tom, "50", start=date(2026, 8, 5))
        make.gift(db, tom, "50", date(2026, 8, 6), pledge_id=pledge)
        make.gift(db, tom, "20", date(2026, 9, 6), pledge_id=pledge)
        late = pledges.late(db, ruth, today=today, donor_ids=[tom])
        months = donor_months.months(db, ruth, tom, late=late, today=today)
        # the gift of September settles its instalment, as for the sentence of the late pledge
        assert [bar.month.month for bar in months if bar.missed] == [10, 11]
        assert sum(bar.missed for bar in months) == late[0].missed == 2
        assert not any(bar.missed for bar in donor_months.months(db, ruth, tom, today=today))
    shown_text = page_text(screen("donor", ruth, id=str(tom)))
    assert f"{vega.MISSED} missed instalment" in shown_text


def test_a_pledge_left_out_of_the_months_is_named(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        make.gift(db, tom, "50", date(2026, 1, 6))
        make.pledge(db, tom, "20", currency="CHF")
    shown_text = page_text(screen("donor", ruth, id=str(tom))).replace("\\", "")
    note = "1 pledge in CHF is not counted: no exchange rate for Tom *Reed* (CHF20 a month)."
    assert shown_text.count(note) == 1


def test_a_household_from_the_page(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    with transaction_for_system() as db:
        ana = make.donor(db, ruth, "Ana Reed", email="ana@example.org")
        make.gift(db, ana, "30")
        make.gift(db, tom, "70")
    page = screen("donor", ruth, id=str(tom))
    press(page, "Make a household")
    page.text_input(key="household_search").set_value("Ana")
    press(page, "Make a household")
    assert page.radio(key="household_donor").value == ana
    press(page, "Add to the household")
    assert not page.exception
    shown_text = page_text(screen("donor", ruth, id=str(ana))).replace("\\", "")
    assert "$100 together in 2 gifts" in shown_text.replace("**", "")
    page = screen("donor", ruth, id=str(tom))
    press(page, "Dissolve")
    assert scalar(select(Donor.household_id).where(Donor.id == tom)) is None
    assert "separate" not in page_text(page)


def test_a_relation_is_added_and_removed(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        bakery = make.donor(db, ruth, "Harbour Bakery", kind="organisation")
    page = screen("donor", ruth, id=str(tom))
    press(page, "Add a relation")
    page.text_input(key="relation_search").set_value("Bakery")
    press(page, "Add a relation")
    assert page.radio(key="relation_donor").value == bakery
    press(page, "Add the relation")
    assert not page.exception
    page = screen("donor", ruth, id=str(bakery))
    assert "Employee" in page_text(page)
    press(page, "Remove")
    assert scalar(text("select count(*) from donor_relation")) == 0


def test_soft_credits_of_a_donor(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    with transaction_for_system() as db:
        ana = make.donor(db, ruth, "Ana Reed")
        make.soft_credit(db, make.gift(db, ana, "30"), tom, "20")
    page = screen("donor", ruth, id=str(tom))
    assert "$20 in 1 gift of others" in page_text(page).replace("\\", "").replace("**", "")
    press(page, "Remove")
    assert scalar(text("select count(*) from soft_credit")) == 0


def test_nothing_yet(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    shown_text = page_text(screen("donor", ruth, id=str(tom)))
    for sentence in ("No gifts yet", "No pledges. Add one", "No gifts yet", "Nothing yet."):
        assert sentence in shown_text


@pytest.mark.parametrize(
    "query", [{}, {"id": "x"}, {"id": "9" * 30}, {"id": "999999"}, {"id": ""}]
)
def test_unknown_donors_give_the_same_message(
    screen: Callable[..., AppTest], ruth: Actor, query: dict[str, str]
) -> None:
    assert "There is no such donor, or it is not yours to see." in page_text(
        screen("donor", ruth, **query)
    )


def test_a_foreign_donor_gives_the_message_of_an_unknown_one(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        sam = make.person(db)
    assert "There is no such donor, or it is not yours to see." in page_text(
        screen("donor", sam, id=str(tom))
    )


def test_readers_only_read(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    with transaction_for_system() as db:
        reader, finance = make.person(db, "read_only"), make.person(db, "finance")
    labels = {button.label for button in screen("donor", reader, id=str(tom)).button}
    assert not labels & {"Record gift", "Edit", "New pledge", "Add task", "Log a contact"}
    labels = {button.label for button in screen("donor", finance, id=str(tom)).button}
    assert "Record gift" in labels
    assert "Edit" not in labels


@pytest.mark.parametrize(
    ("typed", "day", "sentence"),
    [
        ("1.234", date(2026, 1, 5), "two ways"),
        ("12.345,678", date(2026, 1, 5), "more decimals"),
        ("", date(2026, 1, 5), "fill in an amount"),
        ("fifty", date(2026, 1, 5), "not an amount"),
        ("0", date(2026, 1, 5), "more than zero"),
        ("50", date(2199, 1, 5), "in the future"),
    ],
)
def test_invalid_gifts_are_refused_in_the_dialog(
    screen: Callable[..., AppTest], ruth: Actor, tom: int, typed: str, day: date, sentence: str
) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Record gift")
    page.text_input(key="new_gift_amount").set_value(typed)
    page.date_input(key="new_gift_on").set_value(day)
    press_save(page, "new_gift")
    page = press(page, "Record gift")
    assert sentence in page_text(page).replace("\\", "")
    assert scalar(text("select count(*) from gift")) == 0


def press_save(page: AppTest, key: str) -> AppTest:
    """Press the last button of a dialog: it has the dialog's own form behind it."""
    return next(button for button in page.button if button.form_id == key).click().run()


def test_record_a_gift(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Record gift")
    page.text_input(key="new_gift_amount").set_value("1.234,56")
    page = press_save(page, "new_gift")
    assert scalar(select(Gift.amount_minor)) == 123456
    assert scalar(select(Donor.status)) == "donor"


def test_new_pledge_contact_and_task(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "New pledge")
    page.text_input(key="new_pledge_amount").set_value("75")
    page = press_save(page, "new_pledge")
    assert scalar(select(Pledge.amount_minor)) == 7500
    page = press(screen("donor", ruth, id=str(tom)), "Log a contact")
    page.text_area(key="contact_text").set_value("Spoke")
    press_save(page, "contact")
    assert scalar(select(ContactLog.text)) == "Spoke"
    page = press(screen("donor", ruth, id=str(tom)), "Add task")
    page.selectbox(key="task_priority").set_value(1)
    page.time_input(key="task_at").set_value(time(14, 30))
    press_save(page, "task")
    assert scalar(select(Task.title)) == "Call Tom *Reed*"
    assert (scalar(select(Task.priority)), scalar(select(Task.due_at))) == (1, time(14, 30))
    assert "at 14:30" in page_text(screen("donor", ruth, id=str(tom)))


def test_edit_keeps_fields_that_are_not_in_the_form(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        db.execute(text("update donor set spouse_last_name = 'Sol'"))
    page = press(screen("donor", ruth, id=str(tom)), "Edit")
    page.text_input(key="edit_donor_name").set_value("Thomas Reed")
    page.text_input(key="edit_donor_envelope_name").set_value("Mr Thomas Reed")
    press_save(page, "edit_donor")
    assert scalar(select(Donor.name)) == "Thomas Reed"
    assert scalar(select(Donor.envelope_name)) == "Mr Thomas Reed"
    assert scalar(select(Donor.spouse_last_name)) == "Sol"


def test_a_stale_form_shows_both_values(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Edit")
    page.text_input(key="edit_donor_name").set_value("Tommy")
    with transaction_for_system() as db:
        db.execute(text("update donor set name = 'Thomas', version = version + 1"))
    press_save(page, "edit_donor")
    assert scalar(select(Donor.name)) == "Thomas"
    page = press(page, "Edit")
    shown_text = page_text(page).replace("\\", "")
    assert "saved: Thomas" in shown_text
    assert "yours: Tommy" in shown_text


def test_an_administrator_gives_a_donor_to_another_user(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, name="Ada", role=Role.ADMIN)
        sam = make.person(db, name="Sam")
    page = press(screen("donor", ada, id=str(tom)), "Edit")
    assert page.selectbox(key="edit_donor_owner_id").value == ruth.user_id
    page.selectbox(key="edit_donor_owner_id").set_value(sam.user_id)
    press_save(page, "edit_donor")
    assert scalar(select(Donor.owner_id)) == sam.user_id
    # who may not give donors away is not asked
    with pytest.raises(KeyError):
        press(screen("donor", sam, id=str(tom)), "Edit").selectbox(key="edit_donor_owner_id")


def test_only_administrators_see_the_access_log(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, "admin", name="Ada")
    for _ in range(2):
        page = screen("donor", ruth, id=str(tom))
    assert "opened this page" not in page_text(page)
    page = screen("donor", ada, id=str(tom))
    assert not page.exception
    assert page_text(page).count("Ruth opened this page") == 1
    assert page_text(page).count("Ada opened this page") == 1
    assert scalar(text("select count(*) from donor_access")) == 2


def test_only_administrators_can_export_everything_about_a_donor(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, "admin", name="Ada")
    for actor, offered in ((ruth, []), (ada, ["Download everything held"])):
        page = screen("donor", actor, id=str(tom))
        assert not page.exception
        links = (element.proto for element in page.get("link_button"))
        assert [link.label for link in links] == offered


def test_open_tasks_are_completed_by_their_assignee(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, "admin")
        make.task(db, ruth, "Coffee with Tom", donor_id=tom, due_on=date(2026, 11, 23))
        make.task(db, ada, "Write to Tom", donor_id=tom)
    page = screen("donor", ruth, id=str(tom))
    assert "**Coffee with Tom**" in page_text(page)
    assert "**Write to Tom**" in page_text(page)
    assert len([button for button in page.button if button.label == "Done"]) == 1
    page = press(page, "Done")
    assert "**Coffee with Tom**" not in page_text(page)
    assert "**Write to Tom**" in page_text(page)


def test_an_anonymous_donor_is_shown_to_some_roles_and_masked_for_others(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        ida = make.donor(
            db, ruth, "Ida Quill", email="ida@quill.example", notes="Quill is shy", anonymous=True
        )
        make.task(db, ruth, "Call Ida Quill", donor_id=ida)
        reader = make.person(db, "read_only")
        finance = make.person(db, "finance")
    for actor in (ruth, finance):
        shown_text = page_text(screen("donor", actor, id=str(ida)))
        assert "Ida Quill" in shown_text
        assert "Gives anonymously" in shown_text
    page = screen("donor", reader, id=str(ida))
    assert not page.exception
    assert page.title[0].value == "Anonymous"
    assert "Quill" not in page_text(page)
    assert "quill" not in page_text(page)


def test_anonymity_is_on_the_form(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Edit")
    page.checkbox(key="edit_donor_anonymous").check()
    page = press(page, "Save")
    assert not page.exception
    assert scalar(select(Donor.anonymous).where(Donor.id == tom)) is True
