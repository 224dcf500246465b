"""A user's own tasks by day: groups, filters, pages, and what is done."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from app import tasks
from app.accounts import Actor
from app.kit.errors import NotFoundError
from tests import factories as make

# a Wednesday
TODAY = date(2026, 11, 25)
SUNDAY = date(2026, 11, 29)
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler")


@pytest.fixture
def mara(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Mara Vogel")


def page(db: Session, actor: Actor, after: tasks.TaskCursor | None = None) -> tasks.TaskPage:
    return tasks.page(db, actor, today=TODAY, week_end=SUNDAY, limit=2, after=after)


def groups(db: Session, actor: Actor, **values: object) -> dict[str, list[str]]:
    chosen = tasks.TaskFilter(**values)  # type: ignore[arg-type]
    found = tasks.page(db, actor, today=TODAY, week_end=SUNDAY, filter=chosen)
    return {group.day: [line.title for line in group.lines] for group in found.groups}


def test_tasks_are_in_groups_by_day(db: Session, ruth: Actor, mara: int) -> None:
    for title, day in (
        ("Yesterday", TODAY - timedelta(days=1)),
        ("Now", TODAY),
        ("Tomorrow", TODAY + timedelta(days=1)),
        ("Sunday", SUNDAY),
        ("Monday", SUNDAY + timedelta(days=1)),
        ("Some day", None),
    ):
        make.task(db, ruth, title, due_on=day, donor_id=mara)
    make.task(db, ruth, "Just done", done_at=NOW)
    make.task(db, ruth, "Done at midnight", done_at=datetime(2026, 11, 11, tzinfo=UTC))
    make.task(db, ruth, "Long done", done_at=datetime(2026, 11, 10, 23, 59, tzinfo=UTC))
    assert groups(db, ruth) == {
        "overdue": ["Yesterday"],
        "today": ["Now"],
        "week": ["Tomorrow", "Sunday"],
        "later": ["Monday"],
        "none": ["Some day"],
        "done": ["Just done", "Done at midnight"],
    }


def test_a_day_is_sorted_by_time_then_priority(db: Session, ruth: Actor) -> None:
    make.task(db, ruth, "Quiet", due_on=TODAY, priority=3)
    make.task(db, ruth, "High", due_on=TODAY, priority=1)
    make.task(db, ruth, "At three", due_on=TODAY, due_at=time(15))
    make.task(db, ruth, "At nine", due_on=TODAY, due_at=time(9), priority=3)
    assert groups(db, ruth) == {"today": ["At nine", "At three", "High", "Quiet"]}


def test_pages_go_on_and_the_last_one_has_what_is_done(db: Session, ruth: Actor) -> None:
    make.task(db, ruth, "Yesterday", due_on=TODAY - timedelta(days=1))
    make.task(db, ruth, "Twice", due_on=TODAY)
    make.task(db, ruth, "Twice", due_on=TODAY)
    make.task(db, ruth, "Some day")
    make.task(db, ruth, "Done", done_at=NOW)
    first = page(db, ruth)
    second = page(db, ruth, first.next)
    assert [[line.title for line in shown.lines] for shown in (first, second)] == [
        ["Yesterday", "Twice"],
        ["Twice", "Some day", "Done"],
    ]
    assert (first.total_open, first.total_overdue, second.next) == (4, 1, None)
    assert [group.total for group in first.groups] == [1, 2], "those of other pages count too"


@pytest.mark.parametrize(
    ("values", "titles"),
    [
        ({"type": "meet"}, ["Meet"]),
        ({"priority": 1}, ["Meet"]),
        ({"query": "coffee"}, ["Meet"]),
        ({"query": "vogel call"}, ["Call"]),
        ({"query": "100%"}, []),
        ({"type": "meet", "priority": 2}, []),
    ],
    ids=str,
)
def test_filters(
    db: Session, ruth: Actor, mara: int, values: dict[str, object], titles: list[str]
) -> None:
    make.task(db, ruth, "Call", due_on=TODAY, donor_id=mara, note="100 cards")
    make.task(db, ruth, "Meet", due_on=TODAY, type="meet", priority=1, note="Bring coffee")
    assert groups(db, ruth, **values) == ({"today": titles} if titles else {})


def test_only_the_own_tasks_are_listed(db: Session, ruth: Actor, mara: int) -> None:
    task = make.task(db, ruth, "Call", due_on=TODAY, donor_id=mara)
    make.task(db, ruth, "Dentist")
    lead = make.person(db, "supervisor")
    make.looks_after(db, lead, ruth)
    for other in (lead, make.person(db), make.person(db, "admin")):
        assert groups(db, other) == {}
        with pytest.raises(NotFoundError):
            tasks.get(db, other, task_id=task)
    assert tasks.get(db, ruth, task_id=task).title == "Call"


def test_a_search_tells_a_coach_no_amount(db: Session, ruth: Actor) -> None:
    coach = make.person(db, "coach")
    make.task(db, coach, "Thank for $500", due_on=TODAY)
    assert groups(db, coach, query="500") == {}
    assert list(groups(db, coach, query="thank")) == ["today"]
    make.task(db, ruth, "Thank for $500", due_on=TODAY)
    assert list(groups(db, ruth, query="500")) == ["today"]


def test_a_name_that_is_hidden_is_not_found(db: Session, ruth: Actor) -> None:
    lead = make.person(db, "supervisor")
    make.looks_after(db, lead, ruth)
    hidden = make.donor(db, ruth, "Ivy Secret", anonymous=True)
    make.task(db, lead, "Ask Ivy Secret", due_on=TODAY, donor_id=hidden)
    assert groups(db, lead, query="Secret") == {}
    assert groups(db, lead) == {"today": ["Ask Anonymous"]}
