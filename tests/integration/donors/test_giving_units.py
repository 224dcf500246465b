"""Giving by person or household, of own gifts, soft credits or both, against a fresh count."""

from collections import defaultdict
from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import donors
from app.accounts import Actor
from app.donors import Credit, DonorFilter, Unit
from app.donors.queries.units import giving_units
from app.kit.dates.days import fiscal_year
from tests import factories as make
from tests.integration.summaries.test_aggregates import CHANGES, sample_data

__all__ = ["sample_data"]
TODAY = date(2026, 11, 23)
YEAR = 2026
HOUSEHOLDS = {
    "make a household": """
        with h as (
            insert into donor (name, kind, owner_id)
            select 'The couple', 'household', owner_id from donor where kind = 'person'
            and household_id is null group by owner_id having count(*) > 1 returning id, owner_id
        )
        update donor d set household_id = h.id from h
        where d.owner_id = h.owner_id and d.kind = 'person' and d.household_id is null""",
    "leave a household": """
        update donor set household_id = null, household_head = false
        where id = (select max(id) from donor where household_id is not null)""",
    "dissolve the households": """
        update donor set household_id = null, household_head = false""",
    "give as a household": """
        insert into gift (donor_id, amount_minor, currency, base_minor, gift_date)
        select id, 5000, 'USD', 5000, '2026-02-03' from donor where kind = 'household'""",
}
ALL = {**CHANGES, **HOUSEHOLDS}
Sums = dict[int, tuple[int, int]]


def stored(db: Session, actor: Actor, unit: Unit, credit: Credit) -> Sums:
    rows = giving_units.giving(actor, unit, credit, fiscal_year=YEAR)
    return {
        row.donor_id: (int(row.total_minor), int(row.year_minor))
        for row in db.execute(select(rows))
        if row.total_minor or row.year_minor
    }


def recomputed(db: Session, unit: Unit, credit: Credit) -> Sums:
    """Add up every gift and credit, one by one, as an administrator sees them."""
    start = db.execute(text("select fiscal_start_month from organisation")).scalar_one()
    unit_of = {
        row.id: row.household_id or row.id if unit == Unit.HOUSEHOLD else row.id
        for row in db.execute(text("select id, household_id from donor"))
    }
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    def count(donor_id: int, minor: int, day: date) -> None:
        sums[donor_id][0] += minor
        sums[donor_id][1] += minor if fiscal_year(day, start) == YEAR else 0

    gifts = {row.id: row for row in db.execute(text("select * from gift"))}
    if credit != Credit.SOFT:
        for gift in gifts.values():
            count(unit_of[gift.donor_id], gift.base_minor, gift.gift_date)
    if credit != Credit.HARD:
        credited: dict[tuple[int, int], int] = defaultdict(int)
        for row in db.execute(text("select * from soft_credit")):
            gift = gifts[row.gift_id]
            if unit_of[row.donor_id] != unit_of[gift.donor_id]:
                left = gift.base_minor - gift.returned_base_minor
                # halves are rounded away from zero, as PostgreSQL rounds
                share = (2 * row.amount_minor * left + gift.amount_minor) // (
                    2 * gift.amount_minor
                )
                credited[unit_of[row.donor_id], row.gift_id] += min(share, left)
        for (donor_id, gift_id), minor in credited.items():
            gift = gifts[gift_id]
            left = gift.base_minor - gift.returned_base_minor
            if left > 0:
                count(donor_id, min(minor, left), gift.gift_date)
    return {donor_id: (total, year) for donor_id, (total, year) in sums.items() if total or year}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.sampled_from(sorted(ALL)), min_size=3, max_size=8))
def test_sums_by_unit_and_credit_after_changes_in_any_order(
    db: Session, sample_data: tuple[Actor, Actor, list[int], int], changes: list[str]
) -> None:
    ada = make.person(db, "admin")
    with db.begin_nested() as changed:
        for change in ("make a household", "credit other donors", *changes):
            db.execute(text(ALL[change]))
        for unit, credit in product(Unit, Credit):
            assert stored(db, ada, unit, credit) == recomputed(db, unit, credit), (unit, credit)
        changed.rollback()


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin")


def test_a_gift_counts_once_for_a_household(db: Session, ada: Actor) -> None:
    tom, ana = make.donor(db, ada, "Tom Reed"), make.donor(db, ada, "Ana Reed")
    church = make.donor(db, ada, "Church", kind="organisation")
    household = make.household(db, tom, ana, name="Tom and Ana Reed")
    make.soft_credit(db, make.gift(db, tom, 100), ana, 100)
    matched = make.gift(db, church, 80)
    make.soft_credit(db, matched, tom, 80)
    make.soft_credit(db, matched, ana, 80)

    def lifetimes(unit: Unit, credit: Credit) -> dict[str, int]:
        page = donors.page(
            db, ada, filter=DonorFilter(unit=unit, credit=credit), sort="lifetime", today=TODAY
        )
        assert page.total == len(page.lines)
        return {line.name: line.lifetime.minor // 100 for line in page.lines}

    assert lifetimes(Unit.PERSON, Credit.HARD) == {
        "Tom Reed": 100,
        "Church": 80,
        "Ana Reed": 0,
        "Tom and Ana Reed": 0,
    }
    assert lifetimes(Unit.PERSON, Credit.BOTH)["Ana Reed"] == 180
    assert lifetimes(Unit.HOUSEHOLD, Credit.HARD) == {"Tom and Ana Reed": 100, "Church": 80}
    assert lifetimes(Unit.HOUSEHOLD, Credit.SOFT) == {"Tom and Ana Reed": 80, "Church": 0}
    assert lifetimes(Unit.HOUSEHOLD, Credit.BOTH) == {"Tom and Ana Reed": 180, "Church": 80}
    # a member's name finds the household
    found = DonorFilter(query="Ana", unit=Unit.HOUSEHOLD)
    assert [line.donor_id for line in donors.page(db, ada, filter=found, today=TODAY).lines] == [
        household
    ]


def test_a_household_is_sorted_and_paged_over_the_whole_list(db: Session, ada: Actor) -> None:
    couples = []
    for number in range(5):
        one, two = (make.donor(db, ada, f"{name} {number}") for name in ("Ann", "Ben"))
        make.gift(db, one, 10 + number)
        make.gift(db, two, 20 - 3 * number)
        couples.append(make.household(db, one, two, name=f"Couple {number}"))
    for sort, expected in (("lifetime", couples), ("name", couples), ("last gift", couples)):
        seen, after = [], None
        while True:
            page = donors.page(
                db,
                ada,
                filter=DonorFilter(unit=Unit.HOUSEHOLD),
                sort=sort,
                today=TODAY,
                page_size=2,
                after=after,
            )
            seen += [line.donor_id for line in page.lines]
            after = page.next
            if after is None:
                break
        assert seen == expected, sort


def test_a_fundraiser_sums_only_donors_of_their_own(db: Session, ada: Actor) -> None:
    ruth, sam = make.person(db), make.person(db)
    tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
    make.household(db, tom, ana)
    other = make.donor(db, sam, "Max")
    make.soft_credit(db, make.gift(db, other, 30), tom, 30)
    make.gift(db, tom, 10)
    both = stored(db, ruth, Unit.HOUSEHOLD, Credit.BOTH)
    assert list(both.values()) == [(4000, 4000)]
    assert set(stored(db, sam, Unit.PERSON, Credit.BOTH)) == {other}
