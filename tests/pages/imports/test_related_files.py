"""Files of households and e-mails on the import screen: problems, notes, policies, import."""

import pytest
from sqlalchemy import URL, text

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.imports.test_import_file import button, screen, selectbox, shown_text, upload

HOUSEHOLDS = """Household id,Household,Donor id,E-mail,Head of the household,\
Salutation of the household,Envelope name of the household
H-1,The Vogels,,mara@vogel.example,,,
H-1,The Vogels,,tom@vogel.example,,,
H-2,The Firs,,bo@fir.example,yes,,
"""
EMAILS = """Donor id,An e-mail of the donor known here,E-mail,Id,Type,Primary,Do not use
,mara@vogel.example,mara@vogel.example,,work,yes,no
"""


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        for name, email in (("Mara", "mara@vogel"), ("Tom", "tom@vogel"), ("Bo", "bo@fir")):
            make.donor(db, ruth, name, email=f"{email}.example")
    return ruth


def test_a_file_of_households_names_its_problems_and_is_imported(ruth: Actor) -> None:
    page = upload(screen(ruth), HOUSEHOLDS.encode())
    shown = shown_text(page)
    assert "Recognised as DonorCRM template: households, 3 rows." in shown
    tables = "".join(frame.value.to_csv() for frame in page.dataframe)
    tables += "".join(table.value.to_csv() for table in page.table)
    assert "A household has two members at least." in tables
    assert "No row names the head of this household" in tables
    button(page, "Import 2 household members").click().run()
    assert "2 new" in shown_text(page)
    with transaction_for_system() as db:
        members = db.scalars(text("select name from donor where household_id > 0 order by id"))
        assert list(members) == ["Mara", "Tom"]


def test_a_choice_says_what_happens_to_values_that_are_here(ruth: Actor) -> None:
    page = upload(screen(ruth), EMAILS.encode())
    assert "What is here already" in [expander.label for expander in page.expander]
    button(page, "Import 1 e-mail")
    page = selectbox(page, "Their values").select("keep").run()
    assert "Left as it is here, as you chose: type (1 e-mail)." in shown_text(page)
