"""The team: each figure is what the fundraiser sees; scope, amounts, and number of statements."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import URL, event, insert
from sqlalchemy.orm import Session

from app import donors, gifts, insights, tasks
from app.accounts import Actor, Role
from app.cache import versioned_cache
from app.db import transaction, transaction_for_system
from app.db.models import ExchangeRate
from app.db.session import engine
from app.insights import TeamLine
from app.kit.dates.days import Span
from app.kit.errors import NotAllowedError
from tests import database as run
from tests import factories as make

TODAY = date(2026, 11, 23)
WEEK = Span(TODAY - timedelta(days=6), TODAY + timedelta(days=1))
NO_FILTER = insights.DashboardFilter()
EVERY_TASK = 10_000
FREQUENCIES = ("weekly", "semimonthly", "monthly", "quarterly", "annual", "once")


def day(dice: random.Random, most: int) -> date:
    """A day within the last `most` days, some within the last week."""
    return TODAY - timedelta(days=dice.randint(0, 9 if dice.random() < 0.3 else most))


def moment(on: date) -> datetime:
    return datetime.combine(on, time(13), UTC)


def add_giving(db: Session, dice: random.Random, donor: int) -> None:
    """Gifts and pledges of every sort: reversed, split, in foreign money, paused, changed."""
    for _ in range(dice.randint(0, 6)):
        foreign = dice.random() < 0.15
        gift = make.gift(
            db,
            donor,
            dice.randint(5, 900),
            day(dice, 420),
            currency="CHF" if foreign else "USD",
            awaiting_rate=foreign,
            thanked_at=moment(TODAY) if dice.random() < 0.4 else None,
        )
        if dice.random() < 0.2:
            make.reversal(db, gift, None if foreign else "3", on=TODAY)
    for _ in range(dice.randint(0, 2)):
        frequency = dice.choice(FREQUENCIES)
        pledge = make.pledge(
            db,
            donor,
            dice.randint(5, 400),
            frequency,
            day(dice, 400),
            currency=dice.choice(("USD", "USD", "EUR", "SEK")),
            total="600" if frequency != "once" and dice.random() < 0.3 else None,
            status=dice.choice(("active", "active", "active", "paused", "cancelled")),
        )
        if dice.random() < 0.2:
            make.pledge_amount(db, pledge, "77", day(dice, 200))
        if dice.random() < 0.2:
            make.pause(db, pledge, day(dice, 100))
        if dice.random() < 0.2:
            make.pledge_terms(db, pledge, day(dice, 150), "quarterly")
        if dice.random() < 0.5:
            make.gift(db, donor, "60", day(dice, 90), pledge_id=pledge)


def add_work(db: Session, dice: random.Random, donor: int, assignee: Actor) -> None:
    """Contacts, tasks, scores, and alerts in every state."""
    for _ in range(dice.randint(0, 2)):
        kind = dice.choice(("call", "meeting", "note"))
        make.contact(db, donor, kind, at=moment(day(dice, 20)))
    for _ in range(dice.randint(0, 2)):
        due = TODAY + timedelta(days=dice.randint(-4, 2))
        done = moment(TODAY) if dice.random() < 0.3 else None
        make.task(db, assignee, donor_id=donor, due_on=due, done_at=done)
    if dice.random() < 0.5:
        make.gift(db, donor, "40", date(2026, 5, 4), thanked_at=moment(TODAY))
        make.rhythm(db, donor, dice.choice(("at risk", "slipping", "lapsed", "active")))
    if dice.random() < 0.3:
        make.alert(
            db,
            donor,
            dice.choice(("late_pledge", "at_risk")),
            state=dice.choice(("open", "snoozed", "dismissed")),
            snoozed_until=TODAY + timedelta(days=3),
        )


@contextmanager
def an_organisation(seed: int) -> Iterator[dict[str, Actor]]:
    """Users of every role with random donors: their actors by name, committed."""
    dice = random.Random(seed)
    with transaction_for_system() as db:
        make.organisation(db, fiscal_start_month=7)
        db.execute(insert(ExchangeRate).values(currency="EUR", on_date=TODAY, rate="1.1"))
        db.execute(
            insert(ExchangeRate).values(currency="EUR", on_date=date(2024, 1, 1), rate="1.3")
        )
        people = {
            "ruth": make.person(db, name="Ruth Roe", goal="900"),
            "mei": make.person(db, name="Mei Moe", goal="41.37"),
            "tom": make.person(db, name="Tom Toe"),
            "grace": make.person(db, "supervisor", name="Grace Goe", goal="300"),
            "cora": make.person(db, "coach", name="Cora Coe"),
            "ada": make.person(db, "admin", name="Ada Aoe"),
            "finn": make.person(db, "finance", name="Finn Foe"),
            "gone": make.person(db, name="Gone Goe", active=False),
        }
        for lead, member in (("grace", "ruth"), ("grace", "mei"), ("grace", "gone")):
            make.looks_after(db, people[lead], people[member])
        for member in ("ruth", "tom"):
            make.looks_after(db, people["cora"], people[member], "coach")
        owners = [people[name] for name in ("ruth", "mei", "grace", "cora", "gone")]
        for number in range(40):
            owner = dice.choice([*owners, None])
            donor = make.donor(
                db,
                owner,
                status=dice.choice(donors.STATUSES),
                deceased=dice.random() < 0.1,
                anonymous=dice.random() < 0.2,
            )
            add_giving(db, dice, donor)
            # some work is of somebody who does not see the donor, some of the lead
            assignee = dice.choice([owner or people["ada"], people["grace"], people["tom"]])
            add_work(db, dice, donor, assignee if number % 3 == 0 else owner or people["ada"])
        make.task(db, people["ruth"], due_on=TODAY - timedelta(days=2))
    yield people


def own_line(member: Actor) -> TeamLine:
    """What a member sees of their own donors on Today, on the dashboard and in the lists."""
    # a supervisor's own figures are those of the dashboard's filter for one owner
    own = replace(member, role=Role.FUNDRAISER)
    with transaction(member) as db:
        lists = insights.load_work_lists(db, own, filter=NO_FILTER, today=TODAY)
        summary = insights.load_today_summary(db, own, today=TODAY)
        pages = {
            status: donors.page(
                db, own, filter=donors.DonorFilter(statuses=(status,)), today=TODAY
            ).total
            for status in donors.STATUSES
        }
        contacts = [
            line
            for donor_id in donors.filtered_ids(db, own, filter=donors.DonorFilter(), today=TODAY)
            for line in donors.timeline(db, own, donor_id, limit=1000).lines
            if line.kind == "contact" and line.sentence != "Note"
        ]
        due = tasks.due(db, member, today=TODAY - timedelta(days=1), limit=EVERY_TASK)
        giving = insights.TeamGiving(
            progress=summary.progress,
            history=summary.history,
            gifts=gifts.page(db, own, filter=gifts.GiftFilter(span=WEEK)).gifts,
            thanks=len(insights.load_unthanked(db, own, today=TODAY).gifts),
            awaiting_rate=summary.awaiting_rate.support,
        )
        assert giving.thanks == lists.thanks.count
    return TeamLine(
        member.user_id,
        member.name,
        member.role,
        lists.late.count,
        lists.risky.count,
        {status: number for status, number in pages.items() if number},
        giving,
        sum(task.donor_id is not None for task in due),
        sum(WEEK.start <= line.on < WEEK.end for line in contacts),
    )


def named_alike(line: TeamLine) -> TeamLine:
    """The line without names of pledges left out, which anonymous donors have for their owner."""
    if line.giving is None:
        return line
    progress = line.giving.progress
    uncounted = tuple(replace(pledges, first=()) for pledges in progress.uncounted)
    return replace(
        line, giving=replace(line.giving, progress=replace(progress, uncounted=uncounted))
    )


def read(actor: Actor) -> insights.Team:
    with transaction(actor) as db:
        return insights.team(db, actor, today=TODAY)


@pytest.mark.parametrize("seed", range(6))
def test_each_figure_is_the_one_that_the_member_sees(database: URL, seed: int) -> None:
    run.use(database)
    with an_organisation(seed) as people:
        own = {name: named_alike(own_line(people[name])) for name in ("ruth", "mei", "grace")}
        tom = named_alike(own_line(people["tom"]))
        cora = own_line(replace(people["cora"]))
        for_grace, for_ada, for_cora = (read(people[name]) for name in ("grace", "ada", "cora"))
    assert [named_alike(line) for line in for_grace.lines] == [
        own["grace"],
        own["mei"],
        own["ruth"],
    ]
    everybody = {line.name: named_alike(line) for line in for_ada.lines}
    assert set(everybody) == {"Cora Coe", "Grace Goe", "Mei Moe", "Ruth Roe", "Tom Toe"}
    for line in (*own.values(), tom):
        assert everybody[line.name] == line
    assert for_cora.lines == tuple(replace(line, giving=None) for line in (cora, own["ruth"], tom))


def statements_of(actor: Actor) -> int:
    """How many statements the team takes when nothing is in the cache."""
    versioned_cache.forget()
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(engine(), "before_cursor_execute", note)
    try:
        read(actor)
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return count


def test_the_number_of_statements_does_not_depend_on_the_number_of_people(database: URL) -> None:
    run.use(database)
    # each of them has pledges without a rate, gifts that wait for one, and alerts
    with an_organisation(0) as people:
        leads = [people[name] for name in ("ada", "grace", "cora")]
        before = {lead.name: (statements_of(lead), len(read(lead).lines)) for lead in leads}
        dice = random.Random(8)
        with transaction_for_system() as db:
            for _ in range(12):
                member = make.person(db, goal="120")
                make.looks_after(db, people["grace"], member)
                make.looks_after(db, people["cora"], member, "coach")
                for _ in range(4):
                    donor = make.donor(db, member)
                    add_giving(db, dice, donor)
                    add_work(db, dice, donor, member)
        after = {lead.name: (statements_of(lead), len(read(lead).lines) - 12) for lead in leads}
    assert after == before


def test_contacts_tasks_and_teams_are_those_of_now(database: URL) -> None:
    run.use(database)
    with transaction_for_system() as db:
        make.organisation(db, time_zone="America/New_York")
        grace, ruth = make.person(db, "supervisor"), make.person(db, name="Ruth Roe")
        donor = make.donor(db, ruth)
    assert read(grace).lines == ()
    with transaction_for_system() as db:
        make.looks_after(db, grace, ruth)
        # the day before the week in New York, and the last minute of its last day
        make.contact(db, donor, at=datetime(2026, 11, 17, 4, 59, tzinfo=UTC))
        make.contact(db, donor, at=datetime(2026, 11, 24, 4, 59, tzinfo=UTC))
        make.contact(db, donor, "note", at=datetime(2026, 11, 23, 12, tzinfo=UTC))
    (line,) = read(grace).lines
    assert (line.contacts, line.overdue, line.statuses) == (1, 0, {"prospect": 1})
    with transaction_for_system() as db:
        make.contact(db, donor, "meeting", at=datetime(2026, 11, 17, 5, tzinfo=UTC))
        make.task(db, ruth, donor_id=donor, due_on=TODAY - timedelta(days=1))
        make.task(db, ruth, donor_id=donor, due_on=TODAY)
    (line,) = read(grace).lines
    assert (line.contacts, line.overdue) == (2, 1)


def test_three_months_ago_is_the_end_of_the_third_month_before(db: Session) -> None:
    make.organisation(db)
    grace, ruth = make.person(db, "supervisor"), make.person(db)
    make.looks_after(db, grace, ruth)
    pledge = make.pledge(db, make.donor(db, ruth), "50")
    make.pledge_amount(db, pledge, "80", date(2026, 9, 1))
    (line,) = insights.team(db, grace, today=TODAY).lines
    assert line.giving is not None
    assert str(line.giving.three_months_ago) == "50.00"
    assert [on for on, _ in line.giving.history][-3] == date(2026, 8, 31)
    assert str(line.giving.progress.support) == "80.00"


@pytest.mark.parametrize("role", ["fundraiser", "finance", "read_only"])
def test_who_looks_after_nobody_has_no_team(db: Session, role: str) -> None:
    make.organisation(db)
    with pytest.raises(NotAllowedError):
        insights.team(db, make.person(db, role), today=TODAY)
