"""Monthly goals: versions from a month on, who sets and sees them, and what ends them."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app import accounts, exports, goals, insights, summaries
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from app.db.models import Activity
from app.kit.dates.days import months_after
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from app.kit.money import MAX_MINOR, Money
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER, JANUARY = (
    date(2026, 9, 1),
    date(2026, 10, 1),
    date(2026, 11, 1),
    date(2026, 12, 1),
    date(2027, 1, 1),
)


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db: Session, ada: Actor) -> Actor:
    return make.person(db, name="Ruth")


def set_goal(db: Session, actor: Actor, whose: Actor, month: date, minor: int) -> bool:
    return goals.set_goal(db, actor, user_id=whose.user_id, month=month, minor=minor, today=TODAY)


def minors(db: Session, actor: Actor, *months: date) -> list[int]:
    """The goals of these months, or of September 2026 to January 2027."""
    asked = months or (SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER, JANUARY)
    return [goal.minor for goal in goals.goal_by_month(db, actor, asked).values()]


def test_a_goal_holds_from_its_month_on_and_past_months_keep_theirs(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    make.monthly_goal(db, ruth.user_id, "10", OCTOBER)
    assert minors(db, ruth) == [0, 1_000, 1_000, 1_000, 1_000]
    # any day names its month
    assert set_goal(db, ada, ruth, TODAY, 2_000)
    assert minors(db, ruth) == [0, 1_000, 2_000, 2_000, 2_000]
    assert set_goal(db, ada, ruth, JANUARY, 3_000)
    # what is planned for January stays
    assert set_goal(db, ada, ruth, DECEMBER, 2_500)
    assert minors(db, ruth) == [0, 1_000, 2_000, 2_500, 3_000]
    # of two for one month the later one holds, and both stay in the history
    assert set_goal(db, ada, ruth, JANUARY, 0)
    assert minors(db, ruth) == [0, 1_000, 2_000, 2_500, 0]
    history = goals.goal_history(db, ruth, user_id=ruth.user_id)
    assert [(version.month, version.goal.minor, version.set_by) for version in history] == [
        (JANUARY, 0, "Ada"),
        (JANUARY, 3_000, "Ada"),
        (DECEMBER, 2_500, "Ada"),
        (NOVEMBER, 2_000, "Ada"),
        (OCTOBER, 1_000, None),
    ]


def test_the_same_goal_again_adds_nothing(db: Session, ada: Actor, ruth: Actor) -> None:
    assert set_goal(db, ruth, ruth, NOVEMBER, 500)
    assert not set_goal(db, ada, ruth, NOVEMBER, 500)
    assert not set_goal(db, ada, ruth, DECEMBER, 500)
    assert len(goals.goal_history(db, ada, user_id=ruth.user_id)) == 1
    sentences = [row.sentence for row in db.query(Activity).filter_by(action="user.goal_set")]
    assert sentences == ["Set the monthly goal of Ruth from November 2026 on: $5."]


def test_a_past_month_can_only_get_a_first_goal(db: Session, ada: Actor, ruth: Actor) -> None:
    assert set_goal(db, ada, ruth, OCTOBER, 700)
    for month in (OCTOBER, date(2026, 10, 31)):
        with pytest.raises(InvalidError, match="October 2026 has passed and keeps its goal"):
            set_goal(db, ada, ruth, month, 800)
    assert set_goal(db, ada, ruth, SEPTEMBER, 600)
    assert minors(db, ruth) == [600, 700, 700, 700, 700]


@pytest.mark.parametrize(
    ("month", "minor"),
    [(NOVEMBER, -1), (NOVEMBER, MAX_MINOR + 1), (date(1, 1, 1), 5), (date(9999, 1, 1), 5)],
)
def test_what_cannot_be_is_a_sentence_and_nothing_is_saved(
    db: Session, ada: Actor, ruth: Actor, month: date, minor: int
) -> None:
    with pytest.raises(InvalidError, match=r"^[A-Z].*\.$"), db.begin_nested():
        set_goal(db, ada, ruth, month, minor)
    assert goals.goal_history(db, ada, user_id=ruth.user_id) == []


def test_who_may_set_whose_goal(db: Session, ada: Actor, ruth: Actor) -> None:
    grace, coach = make.person(db, "supervisor"), make.person(db, "coach")
    finance = make.person(db, "finance")
    make.looks_after(db, grace, ruth)
    for actor in (grace, coach, finance):
        with pytest.raises(NotAllowedError):
            set_goal(db, actor, ruth, NOVEMBER, 100)
    with pytest.raises(NotAllowedError, match="has no goals"):
        set_goal(db, coach, coach, NOVEMBER, 100)
    with pytest.raises(NotAllowedError, match="viewing as"):
        set_goal(db, replace(ruth, viewer_id=ada.user_id), ruth, NOVEMBER, 100)
    with pytest.raises(NotFoundError):
        goals.set_goal(db, ada, user_id=10**9, month=NOVEMBER, minor=1, today=TODAY)
    gone = make.person(db, active=False)
    with pytest.raises(InvalidError, match="is deactivated"):
        set_goal(db, ada, gone, NOVEMBER, 100)
    for actor in (ruth, grace, finance):
        assert set_goal(db, actor, actor, NOVEMBER, 100)


def test_the_database_shows_and_takes_only_what_the_role_allows(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada, grace = make.person(db, "admin"), make.person(db, "supervisor", goal="1")
        ruth, sam = make.person(db, goal="20"), make.person(db, goal="300")
        coach, finance = make.person(db, "coach", goal="9"), make.person(db, "finance")
        make.looks_after(db, grace, ruth)
        make.looks_after(db, coach, ruth, "coach")
    rows = text("select coalesce(sum(minor), 0) from monthly_goal")
    for actor, seen in {ruth: 2_000, grace: 2_100, coach: 0, finance: 33_000, ada: 33_000}.items():
        with transaction(actor) as db:
            assert db.execute(rows).scalar_one() == seen, actor.role
            assert sum(minors(db, actor, NOVEMBER)) == seen
    add = "insert into monthly_goal (user_id, month, minor) values (:user, '2026-11-01', :minor)"
    for actor in (ruth, grace, coach, finance):
        with pytest.raises(DatabaseError, match="row-level security"), transaction(actor) as db:
            db.execute(text(add), {"user": sam.user_id, "minor": 0})
    for statement in ("update monthly_goal set minor = 5", "delete from monthly_goal"):
        with transaction(ada) as db:
            db.execute(text(statement))
        with pytest.raises(DatabaseError, match="only added"), transaction_for_system() as db:
            db.execute(text(statement))
    with transaction(ada) as db:
        assert db.execute(rows).scalar_one() == 33_000


def test_a_deactivation_ends_the_goal_and_what_was_planned(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    make.monthly_goal(db, ruth.user_id, "10", OCTOBER)
    make.monthly_goal(db, ruth.user_id, "30", JANUARY)
    with pytest.raises(InvalidError, match="Choose who takes over"):
        accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW, with_goal=True)
    moved = accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)
    assert moved.goal_ended == 1_000
    assert minors(db, ada) == [0, 1_000, 0, 0, 0]


def test_a_goal_that_is_handed_over_is_added_in_every_month_to_come(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    mei = make.person(db, name="Mei", goal="100")
    make.monthly_goal(db, mei.user_id, "150", JANUARY)
    make.monthly_goal(db, ruth.user_id, "10", OCTOBER)
    accounts.deactivate(
        db, ada, user_id=ruth.user_id, now=NOW, hand_to=mei.user_id, with_goal=True
    )
    assert minors(db, mei) == [10_000, 10_000, 11_000, 11_000, 16_000]
    assert minors(db, ada) == [10_000, 11_000, 11_000, 11_000, 16_000]


def test_a_supervisor_who_withdraws_an_invitation_ends_the_goal(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada, grace = make.person(db, "admin"), make.person(db, "supervisor")
    with transaction(grace) as db:
        invited = accounts.invite(
            db, grace, email="sam@example.org", name="Sam", role="fundraiser", now=NOW
        )
    with transaction(ada) as db:
        goals.set_goal(db, ada, user_id=invited.user_id, month=TODAY, minor=100, today=TODAY)
    with transaction(grace) as db:
        accounts.withdraw_invitation(db, grace, user_id=invited.user_id, now=NOW)
    with transaction(ada) as db:
        assert minors(db, ada, NOVEMBER) == [0]
        assert len(goals.goal_history(db, ada, user_id=invited.user_id)) == 2


def test_two_goals_that_are_handed_over_at_once_are_both_added(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada, bea = make.person(db, "admin"), make.person(db, "admin")
        mei = make.person(db, goal="1")
        leaving = [make.person(db, goal="10"), make.person(db, goal="100")]

    def hand(pair: tuple[Actor, Actor]) -> None:
        actor, person = pair
        with transaction(actor) as db:
            accounts.hand_over(
                db, actor, user_id=person.user_id, to_id=mei.user_id, now=NOW, with_goal=True
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hand, zip((ada, bea), leaving, strict=True)))
    with transaction(ada) as db:
        assert goals.own_goal(db, mei, today=TODAY) == Money(11_100, "USD")


def test_every_reader_takes_the_goal_of_the_month(db: Session, ada: Actor, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    make.gift(db, donor, "50", date(2026, 10, 5))
    make.monthly_goal(db, ruth.user_id, "100", OCTOBER)
    make.monthly_goal(db, ruth.user_id, "200", NOVEMBER)
    make.monthly_goal(db, ruth.user_id, "400", DECEMBER)
    for day, goal in {date(2026, 10, 31): "100.00", TODAY: "200.00", DECEMBER: "400.00"}.items():
        assert str(goals.progress(db, ruth, today=day).goal) == goal
        board = insights.dashboard(db, ruth, filter=insights.DashboardFilter(), today=day)
        assert board.progress is not None
        assert str(board.progress.goal) == goal
        assert str(board.months[-1].goal) == goal
        assert insights.figures(db, ruth, today=day)["monthly_goal"] == goal
        assert str(insights.load_today_summary(db, ruth, today=day).progress.goal) == goal
        assert f"${goal[:3]}" in str(summaries.build(db, ruth, today=day))
    board = insights.dashboard(db, ruth, filter=insights.DashboardFilter(), today=TODAY)
    assert [str(month.goal) for month in board.months[-3:]] == ["0.00", "100.00", "200.00"]
    fund = insights.DashboardFilter(fund_id=make.fund(db))
    of_fund = insights.dashboard(db, ruth, filter=fund, today=TODAY)
    assert {month.goal for month in of_fund.months} == {None}


def test_the_goals_as_a_file(db: Session, ada: Actor, ruth: Actor) -> None:
    sam = make.person(db, name="=Sam", email="sam@example.org")
    set_goal(db, ada, ruth, NOVEMBER, 123_456)
    set_goal(db, sam, sam, DECEMBER, 500)

    def lines(actor: Actor) -> list[str]:
        out = io.BytesIO()
        exports.write(db, actor, kind="goals", out=out, today=TODAY)
        return out.getvalue().decode("utf-8-sig").splitlines()

    header, *rows = lines(ada)
    assert header == "user_email,user,from_month,goal,currency,set_by,set_on"
    day = db.execute(text("select current_date")).scalar_one().isoformat()
    assert rows == [
        f"{ruth.email},Ruth,2026-11,1234.56,USD,Ada,{day}",
        f"sam@example.org,'=Sam,2026-12,5.00,USD,'=Sam,{day}",
    ]
    assert lines(sam)[1:] == rows[1:]


def test_many_months_at_once(db: Session, ada: Actor, ruth: Actor) -> None:
    make.monthly_goal(db, ruth.user_id, "7")
    months = [months_after(NOVEMBER, -back) for back in range(240)]
    assert set(minors(db, ada, *months)) == {700}
