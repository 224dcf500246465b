"""Each number of the dashboard equals a slow, independent recomputation on random data."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from app import goals, insights
from app.accounts import Actor
from app.db.models import Gift, GiftLine
from app.insights import GAINS, LOSSES, Change, DashboardFilter, Period
from app.kit.days import Span, month_of, months_after
from app.kit.errors import NotFoundError
from tests import factories as make

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


def build(db, seed: int, start_month: int = 1) -> World:
    """Three books of donors with gifts, splits and reversals over four years."""
    chance = random.Random(seed)
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
        promise = None
        if chance.random() < 0.5:
            promise = make.pledge(
                db,
                donor,
                str(chance.randint(5, 90)),
                chance.choice(["weekly", "monthly", "quarterly", "annual"]),
                start=date(2023, 1, 1) + timedelta(days=chance.randint(0, 900)),
                end_date=chance.choice([None, None, date(2026, 3, 1)]),
            )
        for _ in range(chance.randint(0, 14)):
            give(db, chance, donor, promise, funds)
    return World(ruth, mei, grace, ada, funds, owners)


def give(db, chance, donor, promise, funds):
    on = date(2022, 12, 1) + timedelta(days=chance.randint(0, 1500))
    cents = chance.randint(100, 90_000)
    amount = f"{cents / 100:.2f}"
    linked = {"pledge_id": promise} if promise and chance.random() < 0.6 else {}
    if chance.random() < 0.2 and cents % 2 == 0:
        half = f"{cents / 200:.2f}"
        make.gift(db, donor, amount, on, parts=((funds[0], half), (funds[1], half)), **linked)
        return
    gift = make.gift(db, donor, amount, on, fund_id=chance.choice([None, *funds]), **linked)
    if chance.random() < 0.15:
        make.reversal(db, gift, on=on + timedelta(days=chance.randint(0, 300)))


class Slow:
    """The same numbers, gift by gift, in Python."""

    def __init__(self, db, world: World, actor: Actor, fund=None):
        seen = {
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
                if gift.donor_id in seen and (fund is None or part_fund == fund):
                    self.gifts.append((gift, minor))

    def total(self, span, recurring=None):
        return sum(
            minor
            for gift, minor in self.gifts
            if gift.gift_date in span
            and (recurring is None or (gift.pledge_id is not None) == recurring)
        )

    def per_donor(self, span):
        sums = defaultdict(int)
        for gift, minor in self.gifts:
            if gift.gift_date in span:
                sums[gift.donor_id] += minor
        return sums

    def gave_before(self, day):
        return {g.donor_id for g, _ in self.gifts if g.effective and g.gift_date < day}


def spans(period, today, start):
    """P1 and P2, spelled without the app's own helpers."""
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


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize(("start", "today"), CHOICES)
@pytest.mark.parametrize("who", ["ruth", "grace", "ada"])
@pytest.mark.parametrize("of_fund", [False, True], ids=["all money", "one fund"])
def test_changes_equal_a_slow_recomputation(db, period, start, today, who, of_fund):
    world = build(db, seed=start * 100 + today.month, start_month=start)
    actor = getattr(world, who)
    fund = world.funds[0] if of_fund else None
    chosen = DashboardFilter(period=period, fund_id=fund)
    found = insights.changes(db, actor, filter=chosen, today=today)
    slow = Slow(db, world, actor, fund)
    before, now = spans(period, today, start)
    assert (found.before_span, found.span) == (before, now)
    g1, g2 = slow.per_donor(before), slow.per_donor(now)
    d1 = {donor for donor, minor in g1.items() if minor > 0}
    d2 = {donor for donor, minor in g2.items() if minor > 0}
    assert found.before.minor == sum(g1.values())
    assert found.now.minor == sum(g2.values())
    assert (found.donors_before, found.donors_now) == (len(d1), len(d2))
    assert found.donors_kept == len(d1 & d2)
    assert found.retention == (len(d1 & d2) / len(d1) if d1 else None)
    money = sum(g1[one] for one in d1)
    kept = sum(g2[one] for one in d1 & d2)
    assert found.gift_retention == (kept / money if money else None)
    h = slow.gave_before(before.start)
    for share, group in ((found.new_retention, d1 - h), (found.repeat_retention, d1 & h)):
        assert share == (pytest.approx(len(group & d2) / len(group)) if group else None)
    assert {one.change: one.amount.minor for one in found.steps} == slow_steps(slow, before, now)
    assert (found.now - found.before) == (found.gains - found.losses)
    best = sorted((-g2[one], one) for one in d2)[:10]
    assert [(-one.now.minor, one.donor_id) for one in found.top] == best


def slow_steps(slow, before, now):
    g1, g2 = slow.per_donor(before), slow.per_donor(now)
    h1, h2 = slow.gave_before(before.start), slow.gave_before(now.start)
    steps = defaultdict(int)
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


@pytest.mark.parametrize("who", ["ruth", "mei", "grace", "ada"])
@pytest.mark.parametrize("of_fund", [False, True], ids=["all money", "one fund"])
def test_months_income_and_year_equal_a_slow_recomputation(db, today, who, of_fund):
    world = build(db, seed=7, start_month=4)
    actor = getattr(world, who)
    fund = world.funds[1] if of_fund else None
    seen = insights.dashboard(db, actor, filter=DashboardFilter(fund_id=fund), today=today)
    slow = Slow(db, world, actor, fund)
    assert [one.month for one in seen.months] == [
        months_after(date(2026, 11, 1), -back) for back in reversed(range(24))
    ]
    for one in seen.months:
        days = insights.span_of_month(one.month, today)
        assert one.income.recurring.minor == slow.total(days, recurring=True)
        assert one.income.one_time.minor == slow.total(days, recurring=False)
        assert one.last_year.minor == slow.total(month_of(months_after(one.month, -12)))
    _, now = spans(Period.TWELVE_MONTHS, today, 4)
    assert seen.income.recurring.minor == slow.total(now, recurring=True)
    assert seen.income.one_time.minor == slow.total(now, recurring=False)
    assert seen.income.total == seen.changes.now
    assert seen.year.given.minor == slow.total(Span(date(2026, 4, 1), date(2026, 11, 24)))
    assert seen.year.last_year.minor == slow.total(Span(date(2025, 4, 1), date(2025, 11, 24)))
    assert (seen.progress is None) == of_fund


@pytest.mark.parametrize("who", ["ruth", "grace", "ada"])
@pytest.mark.parametrize("of_fund", [False, True], ids=["all money", "one fund"])
def test_rows_behind_every_bar_add_up_to_it(db, today, who, of_fund):
    world = build(db, seed=11)
    actor = getattr(world, who)
    chosen = DashboardFilter(fund_id=world.funds[0] if of_fund else None)
    seen = insights.dashboard(db, actor, filter=chosen, today=today)
    for one in seen.months:
        for recurring, bar in (
            (None, one.income.total),
            (True, one.income.recurring),
            (False, one.income.one_time),
        ):
            rows = insights.drilldown_gifts(
                db,
                actor,
                filter=chosen,
                span=insights.span_of_month(one.month, today),
                recurring=recurring,
            )
            assert rows.total == bar
            assert sum(row.amount.minor for row in rows.rows) == bar.minor
            assert rows.count == len(rows.rows)
    for step in seen.changes.steps:
        rows = insights.drilldown_donors(
            db, actor, filter=chosen, kinds=[step.change], today=today
        )
        assert rows.total == step.amount
        assert sum(row.change.minor for row in rows.rows) == step.amount.minor
        assert rows.count == step.donors


def test_rows_are_cut_short_but_their_total_is_not(db, today):
    world = build(db, seed=3)
    days = Span(date(2022, 1, 1), date(2027, 1, 1))
    whole = insights.drilldown_gifts(db, world.ada, filter=DashboardFilter(), span=days)
    few = insights.drilldown_gifts(db, world.ada, filter=DashboardFilter(), span=days, limit=3)
    assert len(few.rows) == 3
    assert (few.count, few.total) == (whole.count, whole.total)


def test_gains_and_losses_name_every_change_once():
    assert {*GAINS, *LOSSES, Change.SAME, Change.CORRECTED} == set(Change)
    assert not set(GAINS) & set(LOSSES)


def test_a_chosen_owner_or_team_narrows_and_never_widens(db, today):
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
    # a fundraiser who names a supervisor's team of which they are a member learns nothing more
    with pytest.raises(NotFoundError):
        goals.restricted_actor(db, world.ruth, team_of=world.grace.user_id)


def test_a_gift_dated_after_today_is_not_there_yet(db, today):
    make.organisation(db)
    ruth = make.person(db)
    donor = make.donor(db, ruth)
    make.gift(db, donor, "10", date(2026, 11, 23))
    make.gift(db, donor, "99", date(2026, 11, 24))
    make.gift(db, donor, "77", date(2026, 12, 24))
    seen = insights.dashboard(db, ruth, filter=DashboardFilter(), today=today)
    assert str(seen.months[-1].income.total) == "10.00"
    assert str(seen.year.given) == "10.00"
    assert str(seen.changes.now) == "10.00"
    assert str(seen.progress.one_time) == str(round(Fraction(1000, 12)) / 100)


def test_nothing_yet_is_an_answer_too(db, today):
    make.organisation(db)
    ruth = make.person(db)
    seen = insights.dashboard(db, ruth, filter=DashboardFilter(), today=today)
    assert seen.changes.retention is None
    assert seen.changes.steps == ()
    assert seen.progress.share is None
    assert seen.year.growth is None
    assert insights.figures(db, ruth, today=today)["monthly_support"] == "0.00"


def test_figures_say_what_the_dashboard_says(db, today):
    world = build(db, seed=13)
    seen = insights.dashboard(db, world.grace, filter=DashboardFilter(), today=today)
    named = insights.figures(db, world.grace, today=today)
    assert named["monthly_support"] == str(seen.progress.support)
    assert named["monthly_goal"] == "1000.00"
    assert named["given_this_fiscal_year"] == str(seen.year.given)
    assert named["gains"] == str(seen.changes.gains)
    assert named["months"][-1]["total"] == str(seen.months[-1].income.total)
    changed = sum(
        round(float(named[f"change_{str(one).replace(' ', '_')}"]) * 100) for one in Change
    )
    assert changed == (seen.changes.now - seen.changes.before).minor


def test_small_pictures_of_donors_months(db, today):
    world = build(db, seed=17)
    mine = [donor for donor, owner in world.owners.items() if owner is world.ruth]
    months = insights.donor_months(db, world.ruth, donor_ids=mine, today=today)
    slow = Slow(db, world, world.ruth)
    for donor in mine:
        assert [one.minor for one in months[donor]] == [
            sum(
                minor
                for gift, minor in slow.gifts
                if gift.donor_id == donor
                and gift.gift_date
                in insights.span_of_month(months_after(date(2026, 11, 1), -back), today)
            )
            for back in reversed(range(12))
        ]
    others = [donor for donor, owner in world.owners.items() if owner is world.mei]
    seen = insights.donor_months(db, world.ruth, donor_ids=others, today=today)
    assert not any(one.minor for row in seen.values() for one in row)
