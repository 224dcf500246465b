"""Each number of the dashboard equals a slow, independent recomputation on random data."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import Connection, NestedTransaction, select, text
from sqlalchemy.orm import Session

import app
from app import goals, insights
from app.accounts import Actor
from app.db.models import Gift, GiftLine
from app.donors import Unit
from app.insights import GAINS, LOSSES, Change, DashboardFilter, Period
from app.kit.dates.days import Span, month_of, months_after
from app.kit.errors import NotFoundError
from tests import database as run
from tests import factories as make
from tests.values import present

TODAY = date(2026, 11, 23)
CHOICES = [
    pytest.param(start, today, id=f"year from {start}, {today}")
    for start in (1, 7)
    for today in (TODAY, date(2026, 7, 1), date(2026, 2, 28))
]


@dataclass
class World:
    ruth: Actor
    mei: Actor
    grace: Actor
    ada: Actor
    funds: list[int]
    owners: dict[int, Actor | None]


def build(db: Session, seed: int, start_month: int = 1) -> World:
    """Add donors of two owners and of none, with gifts, splits and reversals of four years."""
    rng = random.Random(seed)
    make.organisation(db, fiscal_start_month=start_month)
    ruth = make.person(db, goal="1000")
    mei = make.person(db, goal="500.50")
    grace = make.person(db, "supervisor", goal="0")
    ada = make.person(db, "admin")
    make.looks_after(db, grace, ruth)
    funds = [make.fund(db), make.fund(db)]
    owners: dict[int, Actor | None] = {}
    for number in range(24):
        owner = [ruth, ruth, mei, None][number % 4]
        donor = make.donor(db, owner)
        owners[donor] = owner
        pledge_id = None
        if rng.random() < 0.5:
            pledge_id = make.pledge(
                db,
                donor,
                str(rng.randint(5, 90)),
                rng.choice(["weekly", "monthly", "quarterly", "annual"]),
                start=date(2023, 1, 1) + timedelta(days=rng.randint(0, 900)),
                end_date=rng.choice([None, None, date(2026, 3, 1)]),
            )
        for _ in range(rng.randint(0, 14)):
            give(db, rng, donor, pledge_id, funds)
    return World(ruth, mei, grace, ada, funds, owners)


def give(
    db: Session, rng: random.Random, donor: int, pledge_id: int | None, funds: list[int]
) -> None:
    on = date(2022, 12, 1) + timedelta(days=rng.randint(0, 1500))
    cents = rng.randint(100, 90_000)
    amount = f"{cents / 100:.2f}"
    linked = pledge_id if pledge_id and rng.random() < 0.6 else None
    if rng.random() < 0.2 and cents % 2 == 0:
        half = f"{cents / 200:.2f}"
        make.gift(
            db, donor, amount, on, parts=((funds[0], half), (funds[1], half)), pledge_id=linked
        )
        return
    gift = make.gift(db, donor, amount, on, fund_id=rng.choice([None, *funds]), pledge_id=linked)
    if rng.random() < 0.15:
        make.reversal(db, gift, on=on + timedelta(days=rng.randint(0, 300)))


class Slow:
    """The same numbers computed in Python, gift by gift."""

    def __init__(self, db: Session, world: World, actor: Actor, fund: int | None = None) -> None:
        visible_donors = {
            donor
            for donor, owner in world.owners.items()
            if actor.sees_everyone
            or (owner and owner.user_id == actor.user_id)
            or (actor is world.grace and owner is world.ruth)
        }
        self.gifts = []
        lines = defaultdict(list)
        for line in db.scalars(select(GiftLine)):
            lines[line.gift_id].append((line.fund_id, line.base_minor))
        for gift in db.scalars(select(Gift)):
            parts = lines[gift.id] or [(gift.fund_id, gift.base_minor)]
            for part_fund, minor in parts if fund else [(None, gift.base_minor)]:
                if gift.donor_id in visible_donors and (fund is None or part_fund == fund):
                    self.gifts.append((gift, minor))

    def total(self, span: Span, recurring: bool | None = None) -> int:
        return sum(
            minor
            for gift, minor in self.gifts
            if gift.gift_date in span
            and (recurring is None or (gift.pledge_id is not None) == recurring)
        )

    def per_donor(self, span: Span) -> dict[int, int]:
        sums: defaultdict[int, int] = defaultdict(int)
        for gift, minor in self.gifts:
            if gift.gift_date in span:
                sums[gift.donor_id] += minor
        return sums

    def gave_before(self, day: date) -> set[int]:
        return {g.donor_id for g, _ in self.gifts if g.effective and g.gift_date < day}


def spans(period: Period, today: date, start: int) -> tuple[Span, Span]:
    """Return P1 and P2, computed without the app's own helpers."""
    if period == Period.TWELVE_MONTHS:
        end = today + timedelta(days=1)
        return Span(months_after(end, -24), months_after(end, -12)), Span(
            months_after(end, -12), end
        )
    year = today.year if today.month >= start else today.year - 1
    first = date(year, start, 1)
    if period == Period.FISCAL_YEAR:
        end = today + timedelta(days=1)
        before = Span(date(year - 1, start, 1), months_after(end, -12))
        return before, Span(first, end)
    return Span(date(year - 2, start, 1), date(year - 1, start, 1)), Span(
        date(year - 1, start, 1), first
    )


class Last:
    """The last world of this module, reused by the cases that need the same one."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.key: tuple[int, int] | None = None
        self.before: NestedTransaction | None = None
        self.world: World | None = None

    def built(self, seed: int, start_month: int) -> World:
        if self.key != (seed, start_month):
            self.drop()
            self.before = self.connection.begin_nested()
            with run.kept(self.connection) as session:
                self.world = build(session, seed, start_month)
            self.key = (seed, start_month)
        return present(self.world)

    def drop(self) -> None:
        if self.before is not None:
            self.before.rollback()
        self.key = self.before = None


@pytest.fixture(scope="module")
def last(standing: Connection) -> Last:
    return Last(standing)


@pytest.fixture
def db(standing: Connection, last: Last) -> Iterator[Session]:
    last.drop()
    with run.undone(standing) as session:
        yield session


# of the module, so that the cases of one world run one after another
@pytest.fixture(scope="module")
def start(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def today(request: pytest.FixtureRequest) -> date:
    day: date = getattr(request, "param", TODAY)
    return day


@pytest.fixture
def built(
    standing: Connection, last: Last, start: int, today: date
) -> Iterator[tuple[Session, World]]:
    """A world for all cases of one start of the year and one day: none of them changes it."""
    world = last.built(start * 100 + today.month, start)
    with run.undone(standing) as session:
        yield session, world


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize(("start", "today"), CHOICES, indirect=True)
@pytest.mark.parametrize("reader", ["ruth", "grace", "ada"])
@pytest.mark.parametrize("of_fund", [False, True], ids=["all money", "one fund"])
def test_changes_equal_a_slow_recomputation(
    built: tuple[Session, World],
    period: app.insights.rules.Period,
    start: int,
    today: date,
    reader: str,
    of_fund: bool,
) -> None:
    db, world = built
    actor = getattr(world, reader)
    fund = world.funds[0] if of_fund else None
    dashboard_filter = DashboardFilter(period=period, fund_id=fund)
    changes = insights.changes(db, actor, filter=dashboard_filter, today=today)
    slow = Slow(db, world, actor, fund)
    before, now = spans(period, today, start)
    assert (changes.before_span, changes.span) == (before, now)
    g1, g2 = slow.per_donor(before), slow.per_donor(now)
    d1 = {donor for donor, minor in g1.items() if minor > 0}
    d2 = {donor for donor, minor in g2.items() if minor > 0}
    assert changes.before.minor == sum(g1.values())
    assert changes.now.minor == sum(g2.values())
    assert (changes.donors_before, changes.donors_now) == (len(d1), len(d2))
    assert changes.donors_kept == len(d1 & d2)
    assert changes.retention == (len(d1 & d2) / len(d1) if d1 else None)
    money_before = sum(g1[donor] for donor in d1)
    money_now = sum(g2[donor] for donor in d1 & d2)
    assert changes.gift_retention == (money_now / money_before if money_before else None)
    h = slow.gave_before(before.start)
    for share, group in ((changes.new_retention, d1 - h), (changes.repeat_retention, d1 & h)):
        assert share == (pytest.approx(len(group & d2) / len(group)) if group else None)
    assert {step.change: step.amount.minor for step in changes.steps} == slow_steps(
        slow, before, now
    )
    assert (changes.now - changes.before) == (changes.gains - changes.losses)
    best = sorted((-g2[donor], donor) for donor in d2)[:10]
    assert [(-change.now.minor, change.donor_id) for change in changes.top] == best


def slow_steps(slow: Slow, before: Span, now: Span) -> dict[Change, int]:
    g1, g2 = slow.per_donor(before), slow.per_donor(now)
    h1, h2 = slow.gave_before(before.start), slow.gave_before(now.start)
    steps: defaultdict[Change, int] = defaultdict(int)
    for donor in g1.keys() | g2.keys():
        a, b = g1[donor], g2[donor]
        if a == b == 0:
            continue
        if a > 0 and b > 0:
            name = Change.UP if b > a else Change.DOWN if b < a else Change.SAME
        elif b > 0:
            name = Change.BACK if donor in h2 else Change.NEW
        elif a > 0:
            name = Change.LAPSED if donor in h1 else Change.LAPSED_NEW
        else:
            name = Change.CORRECTED
        steps[name] += b - a
    return steps


@pytest.mark.parametrize("reader", ["ruth", "mei", "grace", "ada"])
@pytest.mark.parametrize("of_fund", [False, True], ids=["all money", "one fund"])
def test_months_income_and_year_equal_a_slow_recomputation(
    db: Session, today: date, reader: str, of_fund: bool
) -> None:
    world = build(db, seed=7, start_month=4)
    actor = getattr(world, reader)
    fund = world.funds[1] if of_fund else None
    board = insights.dashboard(db, actor, filter=DashboardFilter(fund_id=fund), today=today)
    slow = Slow(db, world, actor, fund)
    assert [month.month for month in board.months] == [
        months_after(date(2026, 11, 1), -back) for back in reversed(range(24))
    ]
    for month in board.months:
        days = insights.span_of_month(month.month, today)
        assert month.income.recurring.minor == slow.total(days, recurring=True)
        assert month.income.one_time.minor == slow.total(days, recurring=False)
        assert month.last_year.minor == slow.total(month_of(months_after(month.month, -12)))
    _, now = spans(Period.TWELVE_MONTHS, today, 4)
    assert board.income.recurring.minor == slow.total(now, recurring=True)
    assert board.income.one_time.minor == slow.total(now, recurring=False)
    assert board.income.total == board.changes.now
    assert board.year.given.minor == slow.total(Span(date(2026, 4, 1), date(2026, 11, 24)))
    assert board.year.last_year.minor == slow.total(Span(date(2025, 4, 1), date(2025, 11, 24)))
    assert (board.progress is None) == of_fund


@pytest.mark.parametrize("reader", ["ruth", "grace", "ada"])
@pytest.mark.parametrize("of_fund", [False, True], ids=["all money", "one fund"])
def test_drilldown_rows_add_up_to_their_bar(
    db: Session, today: date, reader: str, of_fund: bool
) -> None:
    world = build(db, seed=11)
    actor = getattr(world, reader)
    dashboard_filter = DashboardFilter(fund_id=world.funds[0] if of_fund else None)
    board = insights.dashboard(db, actor, filter=dashboard_filter, today=today)
    for month in board.months:
        for recurring, bar in (
            (None, month.income.total),
            (True, month.income.recurring),
            (False, month.income.one_time),
        ):
            rows = insights.drilldown_gifts(
                db,
                actor,
                filter=dashboard_filter,
                span=insights.span_of_month(month.month, today),
                recurring=recurring,
            )
            assert rows.total == bar
            assert sum(row.amount.minor for row in rows.rows if row.amount) == bar.minor
            assert rows.count == len(rows.rows)
    for step in board.changes.steps:
        changed = insights.drilldown_donors(
            db, actor, filter=dashboard_filter, kinds=[step.change], today=today
        )
        assert changed.total == step.amount
        assert sum(row.change.minor for row in changed.rows) == step.amount.minor
        assert changed.count == step.donors


def test_the_total_covers_rows_beyond_the_limit(db: Session, today: date) -> None:
    world = build(db, seed=3)
    days = Span(date(2022, 1, 1), date(2027, 1, 1))
    all_rows = insights.drilldown_gifts(db, world.ada, filter=DashboardFilter(), span=days)
    first_rows = insights.drilldown_gifts(
        db, world.ada, filter=DashboardFilter(), span=days, limit=3
    )
    assert len(first_rows.rows) == 3
    assert (first_rows.count, first_rows.total) == (all_rows.count, all_rows.total)


def test_every_change_is_a_gain_a_loss_or_neither() -> None:
    assert {*GAINS, *LOSSES, Change.SAME, Change.CORRECTED, Change.SHARED} == set(Change)
    assert not set(GAINS) & set(LOSSES)


def test_an_owner_or_team_filter_only_narrows_the_scope(db: Session, today: date) -> None:
    world = build(db, seed=5)
    everyone = insights.changes(db, world.ada, filter=DashboardFilter(), today=today)
    ruths = insights.changes(
        db, world.ada, filter=DashboardFilter(owner_id=world.ruth.user_id), today=today
    )
    team = insights.changes(
        db, world.ada, filter=DashboardFilter(team_of=world.grace.user_id), today=today
    )
    assert ruths.now == insights.changes(db, world.ruth, filter=DashboardFilter(), today=today).now
    assert team.now == insights.changes(db, world.grace, filter=DashboardFilter(), today=today).now
    assert ruths.now < everyone.now
    for asker in (world.ruth, world.grace):
        with pytest.raises(NotFoundError):
            insights.dashboard(
                db, asker, filter=DashboardFilter(owner_id=world.mei.user_id), today=today
            )
    # a member of a supervisor's team may not filter by that team
    with pytest.raises(NotFoundError):
        goals.restricted_actor(db, world.ruth, team_of=world.grace.user_id)


def test_a_gift_dated_after_today_is_not_counted(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db)
    donor = make.donor(db, ruth)
    make.gift(db, donor, "10", date(2026, 11, 23))
    make.gift(db, donor, "99", date(2026, 11, 24))
    make.gift(db, donor, "77", date(2026, 12, 24))
    board = insights.dashboard(db, ruth, filter=DashboardFilter(), today=today)
    assert str(board.months[-1].income.total) == "10.00"
    assert str(board.year.given) == "10.00"
    assert str(board.changes.now) == "10.00"
    assert str(present(board.progress).one_time) == str(round(Fraction(1000, 12)) / 100)


def test_the_dashboard_without_data(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db)
    board = insights.dashboard(db, ruth, filter=DashboardFilter(), today=today)
    assert board.changes.retention is None
    assert board.changes.steps == ()
    assert present(board.progress).share is None
    assert board.year.growth is None
    assert insights.figures(db, ruth, today=today)["monthly_support"] == "0.00"


def test_figures_equal_the_dashboard(db: Session, today: date) -> None:
    world = build(db, seed=13)
    board = insights.dashboard(db, world.grace, filter=DashboardFilter(), today=today)
    figures = insights.figures(db, world.grace, today=today)
    assert figures["monthly_support"] == str(present(board.progress).support)
    assert figures["monthly_goal"] == "1000.00"
    assert figures["given_this_fiscal_year"] == str(board.year.given)
    assert figures["gains"] == str(board.changes.gains)
    assert figures["months"][-1]["total"] == str(board.months[-1].income.total)
    changed = sum(
        round(float(figures[f"change_{str(change).replace(' ', '_')}"]) * 100) for change in Change
    )
    assert changed == (board.changes.now - board.changes.before).minor


def test_donor_months_equal_a_slow_recomputation(db: Session, today: date) -> None:
    world = build(db, seed=17)
    own_donors = [donor for donor, owner in world.owners.items() if owner is world.ruth]
    months = insights.donor_months(db, world.ruth, donor_ids=own_donors, today=today)
    slow = Slow(db, world, world.ruth)
    for donor in own_donors:
        assert [amount.minor for amount in months[donor]] == [
            sum(
                minor
                for gift, minor in slow.gifts
                if gift.donor_id == donor
                and gift.gift_date
                in insights.span_of_month(months_after(date(2026, 11, 1), -back), today)
            )
            for back in reversed(range(12))
        ]
    other_donors = [donor for donor, owner in world.owners.items() if owner is world.mei]
    months_of_others = insights.donor_months(db, world.ruth, donor_ids=other_donors, today=today)
    assert not any(amount.minor for row in months_of_others.values() for amount in row)


@pytest.mark.parametrize("of_fund", [False, True])
def test_changes_by_household_equal_those_of_one_donor_with_all_gifts(
    db: Session, today: date, of_fund: bool
) -> None:
    world = build(db, seed=19)
    own = [donor for donor, owner in world.owners.items() if owner is world.ruth]
    for members in (own[:2], own[2:5], own[5:9]):
        household = make.household(db, *members)
        make.gift(db, household, 12, date(2026, 3, 4))
    chosen = DashboardFilter(fund_id=world.funds[0] if of_fund else None, unit=Unit.HOUSEHOLD)
    by_household = insights.changes(db, world.ruth, filter=chosen, today=today)
    kinds = [step.change for step in by_household.steps]
    rows = insights.drilldown_donors(db, world.ruth, filter=chosen, kinds=kinds, today=today)
    for table in ("gift", "gift_line"):
        unlinked = ", pledge_id = null" if table == "gift" else ""
        db.execute(
            text(
                f"update {table} t set donor_id = d.household_id{unlinked} from donor d"
                " where d.id = t.donor_id and d.household_id is not null"
            )
        )
    chosen = replace(chosen, unit=Unit.PERSON)
    assert insights.changes(db, world.ruth, filter=chosen, today=today) == by_household
    assert (
        insights.drilldown_donors(db, world.ruth, filter=chosen, kinds=kinds, today=today) == rows
    )
