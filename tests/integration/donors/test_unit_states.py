"""The status of a household is that of its joint giving, in the list, its filters and its page."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import alerts, donors
from app.accounts import Actor
from app.donors import DonorFilter, DonorLine, Unit
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db)


def monthly(db: Session, donor: int, *, months: int, until: date) -> None:
    for back in range(months):
        make.gift(db, donor, 20, until - timedelta(days=30 * back))


def lines(
    db: Session, actor: Actor, unit: Unit = Unit.HOUSEHOLD, **chosen: tuple[str, ...]
) -> dict[str, DonorLine]:
    donor_filter = DonorFilter(unit=unit, **chosen)  # type: ignore[arg-type]
    page = donors.page(db, actor, filter=donor_filter, today=TODAY)
    assert page.total == len(page.lines)
    return {line.name: line for line in page.lines}


def couple(db: Session, owner: Actor, name: str) -> tuple[int, int]:
    one, two = make.donor(db, owner, f"Tom {name}"), make.donor(db, owner, f"Ana {name}")
    make.household(db, one, two, name=name)
    return one, two


def test_two_single_gifts_of_a_couple_are_two_gifts(db: Session, ruth: Actor) -> None:
    tom, ana = couple(db, ruth, "Reed")
    make.gift(db, tom, 50, date(2025, 11, 20))
    make.gift(db, ana, 50, date(2026, 11, 20))
    donors.score(db, today=TODAY)
    by_person = lines(db, ruth, Unit.PERSON)
    assert {by_person[name].giving for name in ("Tom Reed", "Ana Reed")} == {"second gift"}
    joint = lines(db, ruth)["Reed"]
    assert (joint.giving, joint.gifts, joint.rhythm_days) == ("on rhythm", 2, 365)


def test_a_household_gives_while_one_of_its_members_does(db: Session, ruth: Actor) -> None:
    tom, ana = couple(db, ruth, "Reed")
    monthly(db, tom, months=12, until=date(2021, 1, 5))
    monthly(db, ana, months=12, until=date(2026, 11, 20))
    db.execute(text("update donor set status = 'donor' where kind = 'person'"))
    donors.score(db, today=TODAY)
    by_person = lines(db, ruth, Unit.PERSON)
    assert (by_person["Tom Reed"].giving, by_person["Tom Reed"].status) == ("lapsed", "lapsed")
    joint = lines(db, ruth)["Reed"]
    assert (joint.giving, joint.status) == ("on rhythm", "donor")
    assert set(lines(db, ruth, giving=("lapsed",))) == set()
    assert set(lines(db, ruth, giving=("on rhythm",))) == {"Reed"}
    assert set(lines(db, ruth, statuses=("lapsed",))) == set()
    assert set(lines(db, ruth, statuses=("donor",))) == {"Reed"}
    assert set(lines(db, ruth, giving=("never gave",))) == set()


def test_a_household_has_lapsed_when_all_have(db: Session, ruth: Actor) -> None:
    for donor in couple(db, ruth, "Reed"):
        monthly(db, donor, months=6, until=date(2021, 1, 5))
    db.execute(text("update donor set status = 'donor' where kind = 'person'"))
    donors.score(db, today=TODAY)
    joint = lines(db, ruth)["Reed"]
    assert (joint.giving, joint.status) == ("lapsed", "lapsed")
    assert set(lines(db, ruth, giving=("lapsed",), statuses=("lapsed",))) == {"Reed"}


def test_a_household_without_gifts_never_gave(db: Session, ruth: Actor) -> None:
    couple(db, ruth, "Reed")
    donors.score(db, today=TODAY)
    joint = lines(db, ruth)["Reed"]
    assert (joint.giving, joint.status) == ("never gave", "prospect")
    assert set(lines(db, ruth, giving=("never gave",))) == {"Reed"}


def test_a_new_household_gives_like_the_member_who_gave_last(db: Session, ruth: Actor) -> None:
    tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
    monthly(db, tom, months=8, until=date(2026, 11, 20))
    monthly(db, ana, months=8, until=date(2021, 1, 5))
    donors.score(db, today=TODAY)
    make.household(db, tom, ana, name="Reed")
    assert lines(db, ruth)["Reed"].giving == "on rhythm"
    assert set(lines(db, ruth, giving=("on rhythm",))) == {"Reed"}
    assert set(lines(db, ruth, giving=("lapsed",))) == set()


def test_a_late_pledge_and_a_pause_of_a_member_are_those_of_the_household(
    db: Session, ruth: Actor
) -> None:
    tom, ana = couple(db, ruth, "Late")
    monthly(db, tom, months=8, until=date(2026, 11, 20))
    make.pledge(db, ana, "50", "monthly", date(2026, 1, 1))
    eve, _ = couple(db, ruth, "Paused")
    monthly(db, eve, months=24, until=date(2026, 9, 1))
    make.pledge(db, eve, "20", "monthly", date(2026, 1, 1), status="paused")
    donors.score(db, today=TODAY)
    make.alert(db, ana)
    shown = lines(db, ruth)
    assert (shown["Late"].giving, shown["Paused"].giving) == ("pledge late", "paused")
    assert set(lines(db, ruth, giving=("pledge late",))) == {"Late"}
    assert set(lines(db, ruth, giving=("on rhythm",))) == set()
    assert set(lines(db, ruth, giving=("paused",))) == {"Paused"}


def test_members_keep_their_own_scores_and_alerts_are_not_doubled(
    db: Session, ruth: Actor
) -> None:
    tom, _ = couple(db, ruth, "Reed")
    monthly(db, tom, months=24, until=date(2026, 8, 1))
    donors.score(db, today=TODAY)
    names = [row.donor_name for row in donors.at_risk(db, ruth, today=TODAY)]
    assert names == ["Tom Reed"]
    assert {row.donor_name for row in alerts.at_risk(db, ruth, today=TODAY)} == {"Tom Reed"}


def test_a_household_pays_its_pledges_like_its_members(db: Session, ruth: Actor) -> None:
    tom, _ = couple(db, ruth, "Reed")
    monthly(db, tom, months=24, until=date(2026, 7, 1))
    donors.score(db, today=TODAY, paid_up={tom})
    assert lines(db, ruth)["Reed"].giving == "pledge paid"
