"""The page Tasks: groups by day, buttons of a row, several at once, undo, edit, filters."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.ui.donors import tasks as donor_tasks
from app.ui.tasks import filters
from tests import factories as make
from tests.pages.conftest import page_text, press, press_row, row_buttons, tell

Screen = Callable[..., AppTest]


def day(ahead: int = 0) -> date:
    return datetime.now(UTC).date() + timedelta(days=ahead)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.fixture
def mara(ruth: Actor) -> int:
    with transaction_for_system() as db:
        return make.donor(db, ruth, "Mara Vogel")


def task(actor: Actor, title: str, **values: object) -> int:
    with transaction_for_system() as db:
        return make.task(db, actor, title, **values)


def rows() -> dict[str, tuple[date | None, bool]]:
    """Return the day of each task, and whether it is done, by its title."""
    statement = text("select title, due_on, done_at is not null from task order by id")
    with transaction_for_system() as db:
        return {title: (due, done) for title, due, done in db.execute(statement)}


def key(page: AppTest) -> str:
    """Return the name of the list, which an action for ticked tasks changes."""
    tables = [json.loads(element.proto.json)["table"] for element in page.get("bidi_component")]
    return next((table for table in tables if table.startswith("task_rows")), "task_rows_0")


def push(page: AppTest, label: str) -> AppTest:
    """Press the first button of a row with this label."""
    return press_row(page, label, key=key(page))


def tick(page: AppTest, *ids: int) -> AppTest:
    """Tick rows as a browser does."""
    page.session_state[f"{key(page)}_events"] = {"ticked": [str(task_id) for task_id in ids]}
    return page.run()


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_tasks_are_shown_by_day(screen: Screen, ruth: Actor, mara: int) -> None:
    task(ruth, "Call *Mara*", donor_id=mara, due_on=day(-3), priority=1, note="About <b>Oslo</b>")
    task(ruth, "Lunch", due_on=day(), due_at=time(12, 30), priority=3)
    task(ruth, "Some day")
    task(ruth, "Sent", done_at=datetime.now(UTC))
    page = screen("tasks", ruth)
    assert not page.exception
    shown = page_text(page)
    order = ["Overdue", "Call *Mara*", "High", "Mara Vogel", "3 days ago", "<b>Oslo</b>"]
    order += ["Today", "Lunch", "today at 12:30", "Without a day", "Some day", "Done in", "Sent"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert "3 open tasks · 1 overdue" in shown
    assert "Low" not in shown, "only a high priority is shown"


def test_a_task_is_done_undone_and_reopened(screen: Screen, ruth: Actor) -> None:
    task(ruth, "Call", due_on=day())
    page = push(screen("tasks", ruth), "Done")
    assert rows() == {"Call": (day(), True)}
    page = press(page, "Undo")
    assert rows() == {"Call": (day(), False)}
    assert "Undo" not in labels(page)
    page = push(page, "Done")
    push(page, "Reopen")
    assert rows() == {"Call": (day(), False)}


def test_a_task_is_done_on_the_page_of_its_donor(screen: Screen, ruth: Actor, mara: int) -> None:
    task_id = task(ruth, "Call", due_on=day(), donor_id=mara)
    page = screen("donor", ruth, id=str(mara))
    page.button(key=f"{donor_tasks.DONE}_{task_id}").click().run()
    assert rows() == {"Call": (day(), True)}
    assert "done today" in page_text(screen("tasks", ruth))


@pytest.mark.parametrize(
    ("name", "to"),
    [("tomorrow", day(1)), ("week", filters.next_monday(day()))],
)
def test_a_task_is_snoozed_and_comes_back(
    screen: Screen, ruth: Actor, name: str, to: date
) -> None:
    task_id = task(ruth, "Call", due_on=day(-1))
    page = tell(screen("tasks", ruth), key="task_rows_0", name=name, row=str(task_id))
    assert rows() == {"Call": (to, False)}
    press(page, "Undo")
    assert rows() == {"Call": (day(-1), False)}


def test_a_task_is_moved_to_a_chosen_day(screen: Screen, ruth: Actor) -> None:
    task(ruth, "Call", due_on=day())
    page = push(screen("tasks", ruth), "Choose a day…")
    page.date_input(key="task_move_to").set_value(day(40))
    press(page, "Move")
    assert rows() == {"Call": (day(40), False)}


def test_a_deleted_task_comes_back(screen: Screen, ruth: Actor) -> None:
    task(ruth, "Call", due_on=day())
    page = push(screen("tasks", ruth), "Delete")
    assert rows() == {}
    press(page, "Undo")
    assert rows() == {"Call": (day(), False)}


def test_a_task_is_edited(screen: Screen, ruth: Actor, mara: int) -> None:
    task(ruth, "Call", due_on=day(), donor_id=mara)
    page = push(screen("tasks", ruth), "Edit…")
    page.text_input(key="task_edit_title").set_value("Write")
    page.date_input(key="task_edit_due").set_value(None)
    press(page, "Save")
    assert rows() == {"Write": (None, False)}


def test_a_task_that_repeats_is_followed_by_the_next(screen: Screen, ruth: Actor) -> None:
    task(ruth, "Report", due_on=day())
    page = push(screen("tasks", ruth), "Edit…")
    page.selectbox(key="task_edit_repeats").set_value("weekly")
    page = press(page, "Save")
    assert "every week" in page_text(page)
    page = push(page, "Done")
    with transaction_for_system() as db:
        days = db.scalars(text("select due_on from task where done_at is null")).all()
    assert days == [day(7)]
    press(page, "Undo")
    assert rows() == {"Report": (day(), False)}


def test_an_edit_that_was_overtaken_says_what_is_saved_and_is_saved_by_a_second_click(
    screen: Screen, ruth: Actor
) -> None:
    task(ruth, "Call", due_on=day())
    page = push(screen("tasks", ruth), "Edit…")
    with transaction_for_system() as db:
        db.execute(text("update task set title = 'Meet', version = version + 1"))
    page.text_input(key="task_edit_title").set_value("Write")
    page = press(page, "Save")
    assert list(rows()) == ["Meet"]
    # a test draws the whole page, which closes the dialog
    page = push(page, "Edit…")
    assert "changed in the meantime" in page_text(page)
    assert "Saved now: **Meet**" in page_text(page)
    page.text_input(key="task_edit_title").set_value("Write")
    press(page, "Save")
    assert list(rows()) == ["Write"]


def test_several_tasks_are_done_at_once(screen: Screen, ruth: Actor) -> None:
    ids = [task(ruth, title, due_on=day()) for title in ("One", "Two", "Three")]
    page = tick(screen("tasks", ruth), *ids[:2])
    page = press(page, "Done (2)")
    assert [done for _, done in rows().values()] == [True, True, False]
    assert "Done (2)" not in labels(page), "nothing is ticked any more"
    press(page, "Undo")
    assert not any(done for _, done in rows().values())


@pytest.mark.parametrize(
    ("label", "to"),
    [("Tomorrow (2)", day(1)), ("Next week (2)", filters.next_monday(day()))],
)
def test_several_tasks_are_moved_at_once(
    screen: Screen, ruth: Actor, label: str, to: date
) -> None:
    one, two = task(ruth, "One", due_on=day(-2)), task(ruth, "Two")
    page = press(tick(screen("tasks", ruth), one, two), label)
    assert rows() == {"One": (to, False), "Two": (to, False)}
    press(page, "Undo")
    assert rows() == {"One": (day(-2), False), "Two": (None, False)}


def test_several_tasks_are_moved_to_a_chosen_day(screen: Screen, ruth: Actor) -> None:
    ids = [task(ruth, title, due_on=day()) for title in ("One", "Two")]
    page = press(tick(screen("tasks", ruth), *ids), "Choose a day (2)")
    page.date_input(key="task_move_to").set_value(day(9))
    press(page, "Move")
    assert {due for due, _ in rows().values()} == {day(9)}


def test_filters_are_in_the_address(screen: Screen, ruth: Actor) -> None:
    task(ruth, "Lunch", due_on=day(), type="meet", priority=1)
    task(ruth, "Phone", due_on=day())
    for query in ({"type": "meet"}, {"priority": "1"}, {"query": "lun"}):
        shown = page_text(screen("tasks", ruth, **query))
        assert "Lunch" in shown
        assert "Phone" not in shown
    assert "Remove a filter" in page_text(screen("tasks", ruth, query="nowhere"))
    assert "Priority “9”" in page_text(screen("tasks", ruth, priority="9"))


def test_an_empty_list_offers_the_first_task(screen: Screen, ruth: Actor) -> None:
    page = screen("tasks", ruth)
    assert "No tasks yet" in page_text(page)
    assert "Add your first task" in labels(page)


def test_who_views_as_another_changes_nothing(screen: Screen, ruth: Actor) -> None:
    task_id = task(ruth, "Call", due_on=day())
    viewed = replace(ruth, viewer_id=ruth.user_id + 1, viewer_name="Ada")
    page = screen("tasks", viewed)
    assert "Call" in page_text(page)
    assert row_buttons(page) == []
    assert not {"Add task", "Undo"} & set(labels(page))
    assert not page.get("bidi_component")
    page.session_state[f"{key(page)}_events"] = {"ticked": [str(task_id)]}
    assert "Done (1)" not in labels(page.run())


@pytest.mark.parametrize(
    ("locale", "last"), [("en_US", date(2026, 11, 28)), ("de_DE", date(2026, 11, 29))]
)
def test_the_week_ends_as_the_locale_says(
    monkeypatch: pytest.MonkeyPatch, locale: str, last: date
) -> None:
    monkeypatch.setattr("app.ui.base.formats.locale", lambda: locale)
    assert filters.week_end(date(2026, 11, 25)) == last
    assert filters.week_end(last) == last


def test_next_week_begins_on_a_monday() -> None:
    monday = date(2026, 11, 30)
    for ahead in range(1, 8):
        assert filters.next_monday(monday - timedelta(days=ahead)) == monday
