"""Files of campaigns, soft credits and pauses of pledges: their cells, whose rows they hold."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.accounts import Role
from app.exports.queries import gift_datasets
from tests import factories as make
from tests.integration.exports.test_donor_datasets import rows_of


@pytest.mark.parametrize(("currency", "goal"), [("USD", "900.50"), ("JPY", "90050")])
def test_a_campaign_has_its_goal_in_the_currency_of_the_organisation(
    db: Session, currency: str, goal: str
) -> None:
    make.organisation(db, currency=currency)
    ruth, fund = make.person(db), make.fund(db, "Roof")
    make.campaign(
        db,
        "=Spring",
        goal_minor=90050,
        fund_id=fund,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 5, 31),
    )
    into = make.campaign(db, "Autumn", status="closed")
    make.campaign(db, "Fall", merged_into_id=into)
    rows = {row["name"]: row for row in rows_of(db, ruth, "campaigns")}
    assert set(rows) == {"'=Spring", "Autumn"}
    autumn, spring = rows["Autumn"], rows["'=Spring"]
    assert set(spring) == set(gift_datasets.CAMPAIGNS.columns)
    assert (spring["name"], spring["goal"], spring["goal_currency"]) == (
        "'=Spring",
        goal,
        currency,
    )
    assert (spring["starts_on"], spring["ends_on"]) == ("2026-03-01", "2026-05-31")
    assert (spring["fund"], spring["fund_id"]) == ("Roof", rows_of(db, ruth, "funds")[0]["id"])
    assert (autumn["name"], autumn["status"], autumn["goal"], autumn["goal_currency"]) == (
        "Autumn",
        "closed",
        "",
        "",
    )


def test_a_soft_credit_is_for_those_who_see_both_donors(db: Session) -> None:
    ruth, sam, ada = make.person(db), make.person(db), make.person(db, role=Role.FINANCE)
    giver, credited = make.donor(db, ruth, "Hanna"), make.donor(db, ruth, "Otto")
    gift = make.gift(db, giver, "80", date(2026, 2, 3))
    make.soft_credit(db, gift, credited, "40")
    make.soft_credit(db, gift, make.donor(db, sam, "Ines"), "40")
    [row] = rows_of(db, ruth, "soft-credits")
    assert (row["donor_name"], row["credit_type"], row["amount"], row["currency"]) == (
        "Otto",
        "spouse",
        "40.00",
        "USD",
    )
    assert row["gift_id"] == rows_of(db, ruth, "gifts")[0]["id"]
    assert rows_of(db, sam, "soft-credits") == [], "the giver is Ruth's"
    assert [each["donor_name"] for each in rows_of(db, ada, "soft-credits")] == ["Otto", "Ines"]


def test_pauses_of_pledges(db: Session) -> None:
    ruth, sam = make.person(db), make.person(db)
    pledge = make.pledge(db, make.donor(db, ruth, "Hanna"), "30")
    make.pause(db, pledge, date(2026, 5, 1), date(2026, 6, 30), reason="Parental leave")
    make.pause(db, pledge, date(2026, 11, 1))
    first, second = rows_of(db, ruth, "pledge-pauses")
    assert (first["pause_starts"], first["pause_ends"], first["pause_reason"]) == (
        "2026-05-01",
        "2026-06-30",
        "Parental leave",
    )
    assert (second["pause_starts"], second["pause_ends"]) == ("2026-11-01", "")
    assert first["pledge_id"] == rows_of(db, ruth, "pledges")[0]["id"]
    assert rows_of(db, sam, "pledge-pauses") == []
