"""The file of the team: the figures of its screen, for whoever may export and sees amounts."""

import csv
import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import exports, insights
from app.accounts import Actor
from app.db.models import Activity
from app.kit.errors import InvalidError, NotAllowedError
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def grace(db: Session) -> Actor:
    """A supervisor of Ruth, whose donors have given, promised and given in foreign money."""
    make.organisation(db)
    grace, ruth = make.person(db, "supervisor"), make.person(db, name="=Ruth", goal="1000")
    make.looks_after(db, grace, ruth)
    donor = make.donor(db, ruth, status="asked")
    make.pledge(db, donor, "250.50", start=date(2026, 11, 20))
    make.pledge(db, donor, "10", currency="SEK")
    make.gift(db, donor, "120", TODAY)
    make.gift(db, donor, "30", TODAY, currency="SEK", awaiting_rate=True)
    make.task(db, ruth, donor_id=donor, due_on=date(2026, 11, 1))
    return grace


def test_the_file_has_the_figures_of_the_screen(db: Session, grace: Actor) -> None:
    out = io.BytesIO()
    assert exports.write_team(db, grace, out=out, today=TODAY) == 1
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode()))
    (line,) = insights.team(db, grace, today=TODAY).lines
    assert row == {
        "name": "'=Ruth",
        "role": "fundraiser",
        "monthly_goal": "1000.00",
        "monthly_support": "260.50",
        "support_three_months_ago": "0.00",
        "currency": "USD",
        "goal_share": "0.2605",
        "late_pledges": "1",
        "donors_at_risk": "0",
        "thank_yous_waiting": "2",
        "contacts_of_seven_days": "0",
        "gifts_of_seven_days": "2",
        "overdue_tasks": "1",
        "donors_prospect": "0",
        "donors_asked": "1",
        "donors_donor": "0",
        "donors_lapsed": "0",
        "donors_declined": "0",
        "gifts_waiting_for_rate": "1",
        "pledges_not_counted": "1",
    }
    assert (line.late, line.overdue) == (1, 1)
    sentences = db.scalars(select(Activity.sentence)).all()
    assert sentences == ["Exported 1 line of the team."]


def test_a_workbook_has_numbers_as_numbers(db: Session, grace: Actor) -> None:
    out = io.BytesIO()
    exports.write_team(db, grace, out=out, today=TODAY, form="xlsx")
    out.seek(0)
    header, row = CalamineWorkbook.from_filelike(out).get_sheet_by_index(0).to_python()
    values = dict(zip(header, row, strict=True))
    numbers = (values["monthly_support"], values["goal_share"], values["late_pledges"])
    assert (values["name"], *numbers) == ("=Ruth", 260.5, 0.2605, 1)


def test_a_fundraiser_without_a_goal_has_no_share(db: Session) -> None:
    make.organisation(db)
    admin = make.person(db, "admin")
    make.person(db, name="Ruth")
    out = io.BytesIO()
    exports.write_team(db, admin, out=out, today=TODAY)
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode()))
    assert (row["name"], row["goal_share"], row["monthly_goal"]) == ("Ruth", "", "0.00")


@pytest.mark.parametrize("role", ["fundraiser", "coach", "finance", "read_only"])
def test_other_roles_are_refused(db: Session, role: str) -> None:
    make.organisation(db)
    with pytest.raises(NotAllowedError):
        exports.write_team(db, make.person(db, role), out=io.BytesIO(), today=TODAY)


def test_an_unknown_form_is_refused(db: Session, grace: Actor) -> None:
    with pytest.raises(InvalidError, match="form pdf"):
        exports.write_team(db, grace, out=io.BytesIO(), today=TODAY, form="pdf")
