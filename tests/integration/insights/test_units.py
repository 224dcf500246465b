"""Figures by person or household, own gifts or soft credits: by hand, and against plain Python.

The same sums stand in the list of donors, on the dashboard and in its export.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import donors as donor_package
from app import exports, gifts, households, insights
from app.accounts import Actor
from app.db import aggregate_check
from app.db.models import Gift
from app.donors import Credit, DonorFilter, Unit
from app.insights import Change, DashboardFilter, Period
from app.kit.dates.days import Span
from app.kit.errors import DonorCrmError
from app.kit.money import Money
from tests import factories as make

TODAY = date(2026, 11, 23)
# the fiscal year so far, and the same days of the year before
NOW = (date(2026, 1, 1), date(2026, 11, 24))
BEFORE = (date(2025, 1, 1), date(2025, 11, 24))
SWITCHES = list(product(Unit, Credit))
Sums = dict[int, int]


@dataclass
class Plain:
    """The sums of every donor computed in Python, gift by gift."""

    db: Session
    unit: Unit
    credit: Credit
    fund: int | None = None
    firsts: dict[int, date] = field(default_factory=dict)

    def sums(self, span: tuple[date, date]) -> Sums:
        """Return what each unit gave or is credited with in a span, without zeros."""
        sums: Sums = defaultdict(int)
        for donor_id, day, minor in self.amounts():
            if span[0] <= day < span[1]:
                sums[donor_id] += minor
        return {donor_id: minor for donor_id, minor in sums.items() if minor}

    def once(self, span: tuple[date, date]) -> int:
        """Return the sum of a span in which every gift counts once."""
        own, credited = self.rows()
        total = 0
        of_gift: dict[int, int] = defaultdict(int)
        if self.credit != Credit.SOFT:
            # an administrator sees every giver: a credit adds nothing to the gift
            return sum(minor for _, day, minor in own if span[0] <= day < span[1])
        lefts = {}
        for _, gift_id, day, minor, left in credited:
            if span[0] <= day < span[1]:
                of_gift[gift_id] += minor
                lefts[gift_id] = left
        for gift_id, minor in of_gift.items():
            total += min(minor, lefts[gift_id])
        return total

    def amounts(self) -> list[tuple[int, date, int]]:
        own, credited = self.rows()
        counted = [] if self.credit == Credit.SOFT else own
        if self.credit != Credit.HARD:
            counted += [(unit, day, minor) for unit, _, day, minor, _ in credited]
        return counted

    def rows(self) -> tuple[list[tuple[int, date, int]], list[tuple[int, int, date, int, int]]]:
        """Return own gifts (unit, day, minor) and credits (unit, gift, day, minor, left)."""
        unit_of = {
            row.id: (row.household_id or row.id) if self.unit == Unit.HOUSEHOLD else row.id
            for row in self.db.execute(text("select id, household_id from donor"))
        }
        all_gifts = {row.id: row for row in self.db.execute(text("select * from gift"))}
        lines = defaultdict(list)
        for line in self.db.execute(text("select * from gift_line")):
            lines[line.gift_id].append((line.fund_id, line.base_minor))

        def part(gift: Any) -> int:
            parts = lines[gift.id] or [(gift.fund_id, gift.base_minor)]
            return sum(minor for fund, minor in parts if self.fund in {None, fund})

        own = [
            (unit_of[gift.donor_id], gift.gift_date, part(gift))
            for gift in all_gifts.values()
            if part(gift)
        ]
        per_unit: dict[tuple[int, int], int] = defaultdict(int)
        for credit in self.db.execute(text("select * from soft_credit")):
            gift = all_gifts[credit.gift_id]
            left = gift.base_minor - gift.returned_base_minor
            taker, giver = unit_of[credit.donor_id], unit_of[gift.donor_id]
            if taker != giver and left > 0:
                share = min(rounded(credit.amount_minor * left, gift.amount_minor), left)
                per_unit[taker, gift.id] += share
        credited = []
        for (taker, gift_id), minor in per_unit.items():
            gift = all_gifts[gift_id]
            left = gift.base_minor - gift.returned_base_minor
            counted = min(minor, left)
            if self.fund is not None:
                counted = rounded(counted * part(gift), gift.base_minor)
                left = rounded(left * part(gift), gift.base_minor)
            if counted > 0:
                credited.append((taker, gift_id, gift.gift_date, counted, left))
        return own, credited


def rounded(numerator: int, denominator: int) -> int:
    """Divide with halves away from zero, as PostgreSQL rounds."""
    return (2 * numerator + denominator) // (2 * denominator)


def in_list(db: Session, actor: Actor, unit: Unit, credit: Credit) -> Sums:
    chosen = DonorFilter(unit=unit, credit=credit)
    page = donor_package.page(db, actor, filter=chosen, today=TODAY, page_size=500)
    assert page.next is None
    return {line.donor_id: line.this_year.minor for line in page.lines if line.this_year.minor}


def on_dashboard(
    db: Session, actor: Actor, chosen: DashboardFilter
) -> tuple[insights.Changes, Sums, Sums]:
    """Return the comparison, and what each donor gave before and now."""
    changes = insights.changes(db, actor, filter=chosen, today=TODAY)
    rows = insights.drilldown_donors(db, actor, filter=chosen, kinds=list(Change), today=TODAY)
    assert rows.count == len(rows.rows)
    before = {row.donor_id: row.before.minor for row in rows.rows if row.before.minor}
    now = {row.donor_id: row.now.minor for row in rows.rows if row.now.minor}
    return changes, before, now


def in_export(db: Session, actor: Actor, kind: str, unit: Unit, credit: Credit) -> list[Any]:
    out = io.BytesIO()
    query = exports.counting_query(kind, unit, credit)
    exports.write(db, actor, kind=kind, out=out, today=TODAY, query=query)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def assert_all_agree(db: Session, actor: Actor) -> None:
    """Compare list, dashboard, export and plain Python in every position of the switches."""
    income = insights.income(db, actor, span=Span(*NOW)).total
    for unit, credit in SWITCHES:
        plain = Plain(db, unit, credit)
        g1, g2 = plain.sums(BEFORE), plain.sums(NOW)
        assert in_list(db, actor, unit, credit) == g2, (unit, credit)
        chosen = DashboardFilter(period=Period.FISCAL_YEAR, unit=unit, credit=credit)
        changes, before, now = on_dashboard(db, actor, chosen)
        assert (before, now) == (g1, g2), (unit, credit)
        # every gift once in a sum, whatever is credited
        assert changes.now.minor == plain.once(NOW), (unit, credit)
        assert changes.before.minor == plain.once(BEFORE), (unit, credit)
        assert changes.now - changes.before == changes.gains - changes.losses
        if credit != Credit.SOFT:
            assert changes.now == income
        gave, give = ({d for d, m in sums.items() if m > 0} for sums in (g1, g2))
        assert (changes.donors_before, changes.donors_now) == (len(gave), len(give))
        assert changes.donors_kept == len(gave & give)
        assert changes.donors(Change.LAPSED, Change.LAPSED_NEW) == len(gave - give)
        assert changes.donors(Change.NEW, Change.BACK) == len(give - gave)
        file = in_export(db, actor, "donors", unit, credit)
        assert {
            int(row["id"].rpartition("-")[2]): round(float(row["this_year"]) * 100)
            for row in file
            if float(row["this_year"])
        } == g2, (unit, credit)


def donor_ids(db: Session, kind: str = "person") -> list[int]:
    rows = db.execute(text("select id from donor where kind = :kind order by id"), {"kind": kind})
    return [row.id for row in rows]


class World:
    """Edits by the services that the screens call, chosen by numbers."""

    def __init__(self, db: Session, actor: Actor) -> None:
        self.db, self.actor = db, actor
        self.edits: list[Callable[[int, int], object]] = [
            self.give,
            self.give,
            self.change_gift,
            self.reverse,
            self.delete_gift,
            self.credit,
            self.credit,
            self.uncredit,
            self.make_household,
            self.join,
            self.leave,
            self.dissolve,
            self.change_fund,
            self.thank,
            self.undo,
            self.give_to_owner,
        ]
        self.outcomes: list[gifts.Outcome] = []

    def run(self, edit: int, first: int, second: int) -> None:
        """Make one edit; one that the rules refuse changes nothing."""
        with self.db.begin_nested() as attempt:
            try:
                self.edits[edit % len(self.edits)](first, second)
            except (DonorCrmError, IndexError, ZeroDivisionError):
                attempt.rollback()

    def one(self, ids: list[int], number: int) -> int:
        return ids[number % len(ids)]

    def gift_ids(self, kind: str = "gift") -> list[int]:
        query = text("select id from gift where kind = :kind order by id")
        return [row.id for row in self.db.execute(query, {"kind": kind})]

    def give(self, first: int, second: int) -> None:
        donor = self.one([*donor_ids(self.db), *donor_ids(self.db, "household")], first)
        on = date(2024, 12, 1) + timedelta(days=second * 7 % 720)
        make.gift(self.db, donor, f"{(first * 37 + second) % 90 + 1}.0{second % 10}", on)

    def change_gift(self, first: int, second: int) -> None:
        gift = self.db.get(Gift, self.one(self.gift_ids(), first), populate_existing=True)
        assert gift is not None
        gifts.correct(
            self.db,
            self.actor,
            gift_id=gift.id,
            version=gift.version,
            amount=Money(second * 13 + 7, "USD"),
            on=gift.gift_date,
            method=None,
            fund_id=None,
            campaign_id=None,
            pledge_id=None,
            note=None,
            today=TODAY,
            now=datetime(2026, 11, 23, 9, tzinfo=UTC),
        )

    def delete_gift(self, first: int, _second: int) -> None:
        """As the undo of an import does; a gift with a reversal stays."""
        gift = self.one(self.gift_ids(), first)
        unreversed = "not exists (select 1 from gift r where r.reverses_id = gift.id)"
        self.db.execute(text(f"delete from gift where id = {gift} and {unreversed}"))

    def reverse(self, first: int, second: int) -> None:
        gift = self.one(self.gift_ids(), first)
        amount = None if second % 2 else "0.50"
        make.reversal(self.db, gift, amount, on=date(2026, 2, 1) + timedelta(days=second % 200))

    def credit(self, first: int, second: int) -> None:
        gift = self.one(self.gift_ids(), first)
        part = Money(second * 11 + 1, "USD") if second % 3 else None
        gifts.add_soft_credit(
            self.db,
            self.actor,
            gift_id=gift,
            donor_id=self.one(donor_ids(self.db), second),
            type="spouse",
            amount=part,
        )

    def uncredit(self, first: int, _second: int) -> None:
        rows = self.db.execute(text("select id from soft_credit order by id"))
        credit_id = self.one([row.id for row in rows], first)
        gifts.remove_soft_credit(self.db, self.actor, credit_id=credit_id)

    def make_household(self, first: int, second: int) -> None:
        people = donor_ids(self.db)
        head, other = self.one(people, first), self.one(people, second)
        households.make(self.db, self.actor, head_id=head, member_ids=[other])

    def join(self, first: int, second: int) -> None:
        households.join(
            self.db,
            self.actor,
            household_id=self.one(donor_ids(self.db, "household"), first),
            donor_id=self.one(donor_ids(self.db), second),
        )

    def leave(self, first: int, _second: int) -> None:
        households.leave(self.db, self.actor, donor_id=self.one(donor_ids(self.db), first))

    def dissolve(self, first: int, _second: int) -> None:
        household_id = self.one(donor_ids(self.db, "household"), first)
        households.dissolve(self.db, self.actor, household_id=household_id)

    def some_gifts(self, first: int) -> list[int]:
        ids = self.gift_ids()
        return ids[first % len(ids) :: 1 + first % 3]

    def change_fund(self, first: int, second: int) -> None:
        funds = [None, *self.db.scalars(text("select id from fund order by id"))]
        self.do_many(first, gifts.FundChange(funds[second % len(funds)]))

    def thank(self, first: int, _second: int) -> None:
        self.do_many(first, gifts.Thanks("letter"))

    def do_many(self, first: int, deed: gifts.FundChange | gifts.Thanks) -> None:
        now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        ids = self.some_gifts(first)
        outcome = gifts.change_many(self.db, self.actor, gift_ids=ids, deed=deed, now=now)
        self.outcomes.append(outcome)

    def undo(self, _first: int, _second: int) -> None:
        gifts.undo_many(self.db, self.actor, outcome=self.outcomes.pop())

    def give_to_owner(self, first: int, second: int) -> None:
        owners = [None, *self.db.scalars(text("select id from app_user order by id"))]
        donor = self.one(donor_ids(self.db), first)
        view = donor_package.get(self.db, self.actor, donor, today=TODAY)
        fields = replace(view.fields, owner_id=owners[second % len(owners)])
        donor_package.update(
            self.db,
            self.actor,
            donor_id=donor,
            version=view.version,
            fields=fields,
            today=TODAY,
        )


NUMBERS = st.integers(0, 99)


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=5, max_size=25))
def test_list_dashboard_and_export_agree_after_any_edits(
    db: Session, ada: Actor, edits: list[tuple[int, int, int]]
) -> None:
    with db.begin_nested() as changed:
        people = [make.donor(db, None, f"Donor {number}") for number in range(5)]
        households.make(db, ada, head_id=people[0], member_ids=[people[1]])
        world = World(db, ada)
        for number in range(6):
            world.give(number, number * 17)
        world.credit(1, 4)
        make.fund(db, "Wells")
        make.fund(db, "Roof")
        make.person(db)
        for edit in edits:
            world.run(*edit)
        assert_all_agree(db, ada)
        assert aggregate_check.differences(db) == {}
        changed.rollback()


# by hand: what each position of the switches counts, from the fiscal year so far
#   Tom and Ana are a household; so are Eve and Max. The Church is alone.
#   Tom gave 100 (2026) and 60 (2025); Ana is credited with all of the 100
#   the Church gave 80 (2026): Tom is credited with 80, Ana with 50, Eve with 20
#   Eve gave 40 (2025), nothing now; Max gave 30 (2026), his first gift
BY_HAND = {
    # unit, credit: donors before, now, kept, new or back, lapsed; before, now; average of now
    (Unit.PERSON, Credit.HARD): (2, 3, 1, 2, 1, 100, 210, 70_00),
    (Unit.PERSON, Credit.SOFT): (0, 3, 0, 3, 0, 0, 180, 83_33),
    (Unit.PERSON, Credit.BOTH): (2, 5, 2, 3, 0, 100, 210, 92_00),
    (Unit.HOUSEHOLD, Credit.HARD): (2, 3, 2, 1, 0, 100, 210, 70_00),
    (Unit.HOUSEHOLD, Credit.SOFT): (0, 2, 0, 2, 0, 0, 80, 50_00),
    (Unit.HOUSEHOLD, Credit.BOTH): (2, 3, 2, 1, 0, 100, 210, 103_33),
}
TOP = {
    (Unit.PERSON, Credit.HARD): {"Tom": 100, "Church": 80, "Max": 30},
    (Unit.PERSON, Credit.SOFT): {"Ana": 150, "Tom": 80, "Eve": 20},
    (Unit.PERSON, Credit.BOTH): {"Tom": 180, "Ana": 150, "Church": 80, "Max": 30, "Eve": 20},
    (Unit.HOUSEHOLD, Credit.HARD): {"Reed": 100, "Church": 80, "Fox": 30},
    # two credits for one gift count at most the gift, and one within a household nothing
    (Unit.HOUSEHOLD, Credit.SOFT): {"Reed": 80, "Fox": 20},
    (Unit.HOUSEHOLD, Credit.BOTH): {"Reed": 180, "Church": 80, "Fox": 50},
}


@pytest.fixture
def known(db: Session, ada: Actor) -> dict[str, int]:
    people = {name: make.donor(db, ada, name) for name in ("Tom", "Ana", "Eve", "Max")}
    people["Church"] = make.donor(db, ada, "Church", kind="organisation")
    people["Reed"] = make.household(db, people["Tom"], people["Ana"], name="Reed")
    people["Fox"] = make.household(db, people["Eve"], people["Max"], name="Fox")
    spring, autumn = date(2026, 3, 1), date(2025, 10, 1)
    make.soft_credit(db, make.gift(db, people["Tom"], 100, spring), people["Ana"], 100)
    matched = make.gift(db, people["Church"], 80, spring)
    for name, amount in (("Tom", 80), ("Ana", 50), ("Eve", 20)):
        make.soft_credit(db, matched, people[name], amount)
    make.gift(db, people["Tom"], 60, autumn)
    make.gift(db, people["Eve"], 40, autumn)
    make.gift(db, people["Max"], 30, spring)
    return people


@pytest.mark.parametrize(("unit", "credit"), SWITCHES)
def test_each_figure_in_each_position(
    db: Session, ada: Actor, known: dict[str, int], unit: Unit, credit: Credit
) -> None:
    chosen = DashboardFilter(period=Period.FISCAL_YEAR, unit=unit, credit=credit)
    board = insights.dashboard(db, ada, filter=chosen, today=TODAY)
    changes = board.changes
    before, now, kept, gained, lapsed, money_before, money_now, average = BY_HAND[unit, credit]
    assert (changes.donors_before, changes.donors_now, changes.donors_kept) == (before, now, kept)
    assert changes.donors(Change.NEW, Change.BACK) == gained
    assert changes.donors(Change.LAPSED, Change.LAPSED_NEW) == lapsed
    assert changes.retention == (kept / before if before else None)
    assert (changes.before.minor, changes.now.minor) == (100 * money_before, 100 * money_now)
    assert changes.average is not None
    assert changes.average.minor == average
    assert {row.donor_name: row.now.minor // 100 for row in changes.top} == TOP[unit, credit]
    # income does not depend on the switches
    assert board.income.total.minor == board.year.given.minor == 210_00
    assert board.months[-1].income.total.minor == 0
    assert_all_agree(db, ada)


@pytest.mark.parametrize(("unit", "credit"), SWITCHES)
def test_the_export_of_figures_is_the_dashboard(
    db: Session, ada: Actor, known: dict[str, int], unit: Unit, credit: Credit
) -> None:
    chosen = DashboardFilter(unit=unit, credit=credit)
    changes = insights.changes(db, ada, filter=chosen, today=TODAY)
    rows = {row["figure"]: row["value"] for row in in_export(db, ada, "figures", unit, credit)}
    name = "received" if credit == Credit.HARD else "counted"
    assert rows[f"{name}_now"] == str(changes.now)
    assert int(rows["donors_now"]) == changes.donors_now
    assert rows["average_per_donor"] == str(changes.average)
    assert (rows["unit"], rows["credit"]) == (unit, credit)
    assert rows["received"] == "210.00"


def test_a_bar_takes_away_what_counts_for_several(
    db: Session, ada: Actor, known: dict[str, int]
) -> None:
    chosen = DashboardFilter(period=Period.FISCAL_YEAR, credit=Credit.BOTH)
    changes = insights.changes(db, ada, filter=chosen, today=TODAY)
    steps = {step.change: (step.donors, step.amount.minor) for step in changes.steps}
    # Tom's 100, and the Church's 80 to Tom, 50 to Ana and 20 to Eve
    assert steps[Change.SHARED] == (0, -250_00)
    hard = insights.changes(
        db, ada, filter=DashboardFilter(period=Period.FISCAL_YEAR), today=TODAY
    )
    assert Change.SHARED not in {step.change for step in hard.steps}


@pytest.mark.parametrize(("unit", "credit"), SWITCHES)
def test_with_a_fund_a_credit_counts_for_its_part_of_the_gift(
    db: Session, ada: Actor, known: dict[str, int], unit: Unit, credit: Credit
) -> None:
    water, school = make.fund(db, "Water"), make.fund(db, "School")
    split = make.gift(
        db, known["Church"], 90, date(2026, 5, 1), parts=((water, "30"), (school, "60"))
    )
    make.soft_credit(db, split, known["Tom"], "45")
    gift = make.gift(db, known["Max"], 7, date(2025, 5, 1), fund_id=water)
    make.soft_credit(db, gift, known["Ana"], 3)
    plain = Plain(db, unit, credit, water)
    chosen = DashboardFilter(period=Period.FISCAL_YEAR, unit=unit, credit=credit, fund_id=water)
    changes, before, now = on_dashboard(db, ada, chosen)
    assert (before, now) == (plain.sums(BEFORE), plain.sums(NOW))
    assert (changes.before.minor, changes.now.minor) == (plain.once(BEFORE), plain.once(NOW))
    expected = {Credit.HARD: 30_00, Credit.SOFT: 15_00, Credit.BOTH: 30_00}
    assert changes.now.minor == expected[credit]


def test_a_fundraiser_counts_credits_for_gifts_of_others_once(db: Session, ada: Actor) -> None:
    ruth, sam = make.person(db), make.person(db)
    tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
    other = make.gift(db, make.donor(db, sam, "Max"), 30, date(2026, 3, 1))
    make.soft_credit(db, other, tom, 30)
    make.soft_credit(db, other, ana, 20)
    make.gift(db, tom, 10, date(2026, 3, 1))

    def now(credit: Credit) -> int:
        chosen = DashboardFilter(credit=credit)
        return insights.changes(db, ruth, filter=chosen, today=TODAY).now.minor

    assert [now(credit) for credit in Credit] == [10_00, 30_00, 40_00]


def test_every_edit_of_the_property_is_possible(db: Session, ada: Actor) -> None:
    people = [make.donor(db, None, f"Donor {number}") for number in range(5)]
    world = World(db, ada)
    world.make_household(0, 1)
    world.join(0, 2)
    world.leave(2, 0)
    world.dissolve(0, 0)
    for number in range(4):
        world.give(number, number)
    world.change_gift(0, 5)
    world.reverse(1, 1)
    world.credit(2, 0)
    world.uncredit(0, 0)
    world.delete_gift(3, 0)
    assert len(world.gift_ids()) == 3
    assert len(people) == len(donor_ids(db))
