"""The weekly summary names the gifts that its figures leave out for lack of an exchange rate."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app import summaries
from app.accounts import Actor
from tests import factories as make

TODAY = date(2026, 11, 23)
LAST_WEEK = date(2026, 11, 18)
NOTE = "2 gifts (CHF200, SEK1,500) wait for a rate and are not counted."


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    ruth = make.person(db, name="Ruth Adler", goal="1000")
    donor = make.donor(db, ruth, "Ana Sol")
    make.gift(db, donor, 200, LAST_WEEK, currency="CHF", awaiting_rate=True)
    make.gift(db, donor, 1500, date(2026, 3, 2), currency="SEK", awaiting_rate=True)
    # before all of its sums
    make.gift(db, donor, 9, date(2023, 3, 2), currency="NOK", awaiting_rate=True)
    return ruth


def test_both_forms_of_the_mail_name_them(db: Session, ruth: Actor) -> None:
    summary = summaries.build(db, ruth, today=TODAY)
    assert summary.subject.startswith("1 gift, $0 (1 without a rate); ")
    preview = summaries.preview(db, ruth, user_id=ruth.user_id, today=TODAY)
    for form in (preview.text, preview.html):
        assert f"{NOTE} An administrator can add it." in form
        assert "Add the rate" not in form


def test_an_administrator_gets_the_link(db: Session, ruth: Actor) -> None:
    ada = make.person(db, "admin")
    preview = summaries.preview(db, ada, user_id=ada.user_id, today=TODAY)
    for form in (preview.text, preview.html):
        assert NOTE in form
        assert "/exchange-rates" in form
        assert "An administrator can" not in form


def test_a_supervisor_reads_it_beside_the_member(db: Session, ruth: Actor) -> None:
    grace = make.person(db, "supervisor")
    make.looks_after(db, grace, ruth)
    summary = summaries.build(db, grace, today=TODAY)
    [team] = [section for section in summary.sections if section.title == "Your team"]
    assert "1 gift (CHF200) waits for a rate and is not counted." in team.lines[0].reason


def test_a_coach_reads_nothing_of_it(db: Session, ruth: Actor) -> None:
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, kind="coach")
    preview = summaries.preview(db, coach, user_id=coach.user_id, today=TODAY)
    assert "rate" not in preview.text.lower().replace("separate", "")
    assert "CHF" not in preview.html


def test_nothing_is_said_without_such_gifts(db: Session) -> None:
    make.organisation(db)
    summary = summaries.build(db, make.person(db), today=TODAY)
    assert (summary.not_counted, summary.rates_link) == ("", "")
