"""Pledges without an exchange rate are named wherever a sum leaves them out."""

import csv
import io
from datetime import UTC, date, datetime
from functools import partial
from typing import Unpack

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import donors, exports, goals, insights, pledges, summaries
from app.accounts import Actor, Role
from app.db.models import ExchangeRate
from app.donors.anonymity import ANONYMOUS
from app.insights import DashboardFilter
from app.kit.dates.days import Span
from app.kit.money import Money
from tests import factories as make
from tests.values import PledgeValues

TODAY = date(2026, 11, 23)
REST = Span(date(2026, 11, 24), date(2027, 1, 1))
START = date(2026, 1, 1)
PREFIX = "not counted: no exchange rate for"


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth", goal="100")


def francs(
    db: Session,
    owner: Actor,
    name: str,
    amount: str = "50",
    **values: Unpack[PledgeValues],
) -> int:
    donor = make.donor(db, owner, name)
    make.pledge(db, donor, amount, start=START, currency="CHF", **values)
    return donor


def texts(uncounted: tuple[pledges.Uncounted, ...]) -> list[str]:
    return [str(group) for group in uncounted]


def test_the_first_are_named_and_the_rest_counted(db: Session, ruth: Actor) -> None:
    for name in ("Dee Elm", "Cy Vane", "bo Ek", "Ann Lee", "Eve Oak"):
        francs(db, ruth, name)
    (group,) = pledges.monthly_support(db, ruth, today=TODAY).uncounted
    assert str(group) == (
        f"5 pledges in CHF are {PREFIX} Ann Lee (CHF50 a month), bo Ek (CHF50 a month), "
        "Cy Vane (CHF50 a month) and 2 more"
    )


def test_still_expected_names_only_pledges_with_sums_due(db: Session, ruth: Actor) -> None:
    make.pledge(db, make.donor(db, ruth), "10", "monthly", START)
    francs(db, ruth, "Asks Monthly")
    francs(db, ruth, "Ends Soon", end_date=date(2026, 11, 25))
    francs(db, ruth, "Once Long Ago", frequency="once")
    francs(db, ruth, "Was Cancelled", status="cancelled")
    francs(db, ruth, "Next January", frequency="annual")
    francs(db, make.person(db), "Of Somebody Else")
    expected = pledges.still_expected(db, ruth, span=REST)
    assert expected.amount == pledges.expected(db, ruth, span=REST) == Money.of("10", "USD")
    # an unpaid single pledge that was due earlier is not expected within this span
    assert texts(expected.uncounted) == [
        f"1 pledge in CHF is {PREFIX} Asks Monthly (CHF50 a month)"
    ]
    board = insights.dashboard(db, ruth, filter=DashboardFilter(), today=TODAY)
    assert board.year.uncounted == expected.uncounted
    assert board.year.notes == (f"{expected.uncounted[0]}.",)


def test_the_dashboard_of_one_fund_names_uncounted_pledges(db: Session, ruth: Actor) -> None:
    fund = make.fund(db, "General")
    francs(db, ruth, "For General", fund_id=fund)
    francs(db, ruth, "For Nothing")
    board = insights.dashboard(db, ruth, filter=DashboardFilter(fund_id=fund), today=TODAY)
    assert board.progress is None
    assert board.year.notes == (f"1 pledge in CHF is {PREFIX} For General (CHF50 a month).",)


def test_sums_behind_are_converted_or_named(db: Session, ruth: Actor) -> None:
    francs(db, ruth, "Late Franc")
    make.pledge(db, make.donor(db, ruth), "10", "monthly", date(2026, 10, 1))
    lines = [line for line in pledges.pledge_statuses(db, ruth, today=TODAY) if line.late]
    assert len(lines) == 2
    converted = pledges.behind(db, lines, today=TODAY, locale="en_US")
    assert converted.amount == Money.of("20", "USD")
    assert texts(converted.uncounted) == [
        f"1 pledge in CHF is {PREFIX} Late Franc (CHF50 a month)"
    ]
    db.execute(insert(ExchangeRate).values(currency="CHF", on_date=START, rate="2"))
    with_rate = pledges.behind(db, lines, today=TODAY, locale="en_US")
    behind_in_chf = sum(line.behind.minor for line in lines if line.behind.currency == "CHF")
    assert (with_rate.amount.minor, with_rate.uncounted) == (2000 + 2 * behind_in_chf, ())


def test_not_in_promised_names_pledges_without_a_rate(db: Session, ruth: Actor) -> None:
    donor = francs(db, ruth, "Ida Roe")
    make.pledge(db, donor, "10", "monthly", START)
    make.pledge(
        db, donor, "5", "monthly", date(2020, 1, 1), currency="CHF", end_date=date(2021, 1, 1)
    )
    not_in_promised = partial(pledges.not_in_promised, donor_id=donor, since=START, today=TODAY)
    assert texts(not_in_promised(db, ruth)) == [
        f"1 pledge in CHF is {PREFIX} Ida Roe (CHF50 a month)"
    ]
    assert pledges.promised_by_month(db, ruth, donor_id=donor, since=START, today=TODAY)[
        START
    ] == Money.of("10", "USD")
    coach = make.person(db, role=Role.COACH)
    make.looks_after(db, coach, ruth, "coach")
    assert not_in_promised(db, coach) == ()


def test_uncounted_pledges_are_named_as_the_reader_may_see_them(db: Session, ruth: Actor) -> None:
    hidden = make.donor(db, ruth, "Rosewater", anonymous=True)
    make.pledge(db, hidden, "50", "monthly", START, currency="CHF")
    francs(db, make.person(db), "Otto Fir")
    grace = make.person(db, role=Role.SUPERVISOR)
    make.looks_after(db, grace, ruth)
    own_notes = goals.progress(db, ruth, today=TODAY).notes
    assert own_notes == (f"1 pledge in CHF is {PREFIX} Rosewater (CHF50 a month).",)
    masked_notes = (f"1 pledge in CHF is {PREFIX} {ANONYMOUS} (CHF50 a month).",)
    for owner in (None, ruth.user_id):
        assert goals.progress(db, grace, today=TODAY, owner_id=owner).notes == masked_notes


def test_the_summary_mail_names_uncounted_pledges(db: Session, ruth: Actor) -> None:
    francs(db, ruth, "Ida Roe")
    grace = make.person(db, role=Role.SUPERVISOR)
    make.looks_after(db, grace, ruth)
    note = f"1 pledge in CHF is {PREFIX} Ida Roe (CHF50 a month)."
    assert summaries.build(db, ruth, today=TODAY).goal.endswith(note)
    team = summaries.build(db, grace, today=TODAY).sections[0]
    assert team.title == "Your team"
    assert team.lines[0].reason.endswith(f"1 pledge late. {note}")
    text = summaries.preview(db, grace, user_id=grace.user_id, today=TODAY).text
    assert text.count("Ida Roe (CHF50 a month)") == 2


def test_figures_and_their_export_name_uncounted_pledges(db: Session, ruth: Actor) -> None:
    ida = francs(db, ruth, "Ida Roe", "12.50")
    make.gift(db, make.donor(db, ruth, "Bo Ek"), "10")
    figures = insights.figures(db, ruth, today=TODAY)
    assert (figures["pledges_not_counted"], figures["pledges_not_expected"]) == (1, 1)
    (pledge,) = figures["pledges_not_counted_first"]
    assert pledge.pop("pledge_id")
    assert pledge == {
        "donor_id": ida,
        "name": "Ida Roe",
        "amount": "12.50",
        "currency": "CHF",
        "frequency": "monthly",
    }
    output = io.BytesIO()
    exports.write(db, ruth, kind="figures", out=output, today=TODAY)
    rows = [tuple(row) for row in csv.reader(io.StringIO(output.getvalue().decode()))]
    for figure in ("pledges_not_counted", "pledges_not_expected"):
        assert (figure, "", "1", "") in rows
        assert (f"{figure}_first", "Ida Roe (monthly)", "12.50", "CHF") in rows
    # the file names one donor, so access to that donor alone is logged
    ada = make.person(db, role=Role.ADMIN)
    assert [access.how for access in donors.accesses(db, ada, ida)] == ["export"]
    everybody = donors.search(db, ruth, query="Bo Ek", limit=1)
    assert donors.accesses(db, ada, everybody[0].donor_id) == []


def test_no_notes_when_every_rate_is_known(db: Session, ruth: Actor) -> None:
    francs(db, ruth, "Ida Roe")
    db.execute(insert(ExchangeRate).values(currency="CHF", on_date=START, rate="1"))
    assert goals.progress(db, ruth, today=TODAY).notes == ()
    assert pledges.still_expected(db, ruth, span=REST).uncounted == ()
    figures = insights.figures(db, ruth, today=TODAY)
    assert (figures["pledges_not_counted"], figures["pledges_not_counted_first"]) == (0, [])
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert "not counted" not in str(summaries.build(db, ruth, today=TODAY, now=now))
