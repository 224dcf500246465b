"""Today: empty, filled, refused; one click completes an entry, which disappears."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import URL, ColumnElement, event, func, select
from streamlit.testing.v1 import AppTest

from app import alerts
from app.accounts import Actor
from app.db.models import Activity, Alert, Base, ContactLog, Gift, PledgeSkip, Task
from app.db.session import engine, transaction_for_system
from app.ui.base import session
from tests import factories as make
from tests.pages.conftest import page_text, press, press_row, row_buttons, tell

TODAY = date(2026, 11, 23)
MOST_QUERIES = 60


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(session, "now", lambda: now)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Alder", goal="1000")


@pytest.fixture
def filled(ruth: Actor) -> Actor:
    """A late pledge, a donor at risk, a gift to thank for and a task."""
    with transaction_for_system() as db:
        late = make.donor(db, ruth, "Tom & Ana Whitfield")
        promise = make.pledge(db, late, "100", "monthly", date(2026, 8, 1))
        make.gift(db, late, "100", date(2026, 8, 1), pledge_id=promise, thanked_at=func.now())
        make.alert(
            db,
            late,
            pledge_id=promise,
            key=f"late_pledge:{promise}:2026-09-01",
            reason="Promised $100 a month; 53 days late.",
            since=date(2026, 9, 1),
        )
        risky = make.donor(db, ruth, "Grace [Chapel](x)")
        make.gift(db, risky, "35", date(2024, 9, 10), thanked_at=func.now())
        make.rhythm(db, risky)
        make.alert(db, risky, "at_risk", reason="Gives about every 31 days.")
        new = make.donor(db, ruth, "Jonas Berg")
        make.gift(db, new, "40", TODAY - timedelta(days=4), fund_id=make.fund(db, "General"))
        make.task(db, ruth, "Send the report", due_on=TODAY, donor_id=new)
    return ruth


Row = TypeVar("Row", bound=Base)


def rows(model: type[Row], *where: ColumnElement[bool]) -> list[Row]:
    with transaction_for_system() as db:
        return list(db.scalars(select(model).where(*where)))


def test_nothing_yet_offers_the_first_step(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("today", ruth)
    assert not page.exception
    assert page.title[0].value == "Good morning, Ruth"
    assert "There are no gifts yet" in page_text(page)


def test_what_is_shown(screen: Callable[..., AppTest], filled: Actor) -> None:
    page = screen("today", filled)
    assert not page.exception
    assert page.caption[0].value.startswith("Monday 23 November · data through Thursday 19")
    figures = {metric.label: (metric.value, metric.delta) for metric in page.metric}
    assert figures["Monthly support"][0] == "$103"
    assert figures["Goal"] == ("10 %", "$897 a month to go")
    assert figures["Given this fiscal year"] == ("$140", "nothing by this day last year")
    shown_text = page_text(page)
    assert "53 days late" in shown_text
    assert "First gift: $40, 4 days ago" in shown_text
    assert "Task due today: Send the report" in shown_text
    assert [
        label for label in row_buttons(page) if "…" not in label and "Snooze" not in label
    ] == ["Called", "Called", "Thanked", "Done"]


def test_pledges_without_a_rate_are_named(screen: Callable[..., AppTest], filled: Actor) -> None:
    assert "not counted" not in page_text(screen("today", filled))
    with transaction_for_system() as db:
        make.pledge(db, make.donor(db, filled, "Ida"), "50", currency="CHF")
    note = "1 pledge in CHF is not counted: no exchange rate for Ida (CHF50 a month)."
    for name, times in (("today", 1), ("dashboard", 2), ("pledges", 1)):
        page = screen(name, filled)
        assert not page.exception
        assert page_text(page).replace("\\", "").count(note) == times, name


def test_viewing_changes_nothing(screen: Callable[..., AppTest], filled: Actor) -> None:
    screen("today", filled)
    assert not rows(Activity)
    assert {alert.state for alert in rows(Alert)} == {"open"}


def test_a_call_is_logged_and_its_entry_disappears(
    screen: Callable[..., AppTest], filled: Actor
) -> None:
    page = press_row(screen("today", filled), "Called", key="needs")
    assert not page.exception
    (call,) = rows(ContactLog)
    assert (call.kind, call.by_id) == ("call", filled.user_id)
    (alert,) = rows(Alert, Alert.kind == "late_pledge")
    assert (alert.state, alert.snoozed_until) == ("snoozed", date(2026, 12, 7))
    assert "53 days late" not in page_text(page)
    assert "Logged a call" in page.toast[0].value


def test_thanked_and_undone(screen: Callable[..., AppTest], filled: Actor) -> None:
    page = press_row(screen("today", filled), "Thanked", key="needs")
    (gift,) = rows(Gift, Gift.amount_minor == 4000)
    assert gift.thanked_by == filled.user_id
    assert "First gift" not in page_text(page)
    page = press(page, "Undo the last click")
    (gift,) = rows(Gift, Gift.amount_minor == 4000)
    assert gift.thanked_at is None
    assert "First gift" in page_text(page)


@pytest.mark.parametrize(
    ("name", "row"),
    [("do", "thank_999999"), ("do", "0"), ("__init__", "thank_1"), ("", ""), ("erase", "thank_1")],
)
def test_a_browser_that_tells_of_other_rows_and_buttons_changes_nothing(
    screen: Callable[..., AppTest], filled: Actor, name: str, row: str
) -> None:
    page = tell(screen("today", filled), key="needs", name=name, row=row)
    assert not page.exception
    assert not rows(Activity)


def test_the_menu_of_a_line_snoozes_it_and_asks_for_the_reason(
    screen: Callable[..., AppTest], filled: Actor
) -> None:
    page = press_row(screen("today", filled), "Not late because…", key="needs")
    assert not page.exception
    assert "The missed instalments are excused" in page_text(page)
    page = press_row(screen("today", filled), "Snooze 30 days", key="needs")
    assert "comes back in 30 days" in page.toast[0].value
    page = press_row(screen("today", filled), "Log a call with a note…", key="needs")
    assert not page.exception
    assert any("note" in area.label.lower() or area.label for area in page.text_area)


def test_a_task_done_and_undone(screen: Callable[..., AppTest], filled: Actor) -> None:
    page = press_row(screen("today", filled), "Done", key="needs")
    assert rows(Task)[0].done_at is not None
    page = press(page, "Undo the last click")
    assert rows(Task)[0].done_at is None


def test_a_snoozed_line_is_hidden(screen: Callable[..., AppTest], filled: Actor) -> None:
    (alert,) = rows(Alert, Alert.kind == "at_risk")
    with transaction_for_system() as db:
        alerts.snooze(db, filled, alert_id=alert.id, until=TODAY + timedelta(days=30), today=TODAY)
    assert "Gives about every 31 days" not in page_text(screen("today", filled))


def test_the_lines_of_another_user_are_not_shown(
    screen: Callable[..., AppTest], filled: Actor
) -> None:
    with transaction_for_system() as db:
        mei = make.person(db)
        make.gift(db, make.donor(db, mei), "5", TODAY)
    page = screen("today", mei)
    assert "Whitfield" not in page_text(page)
    assert "Jonas" not in page_text(page)


def test_read_only_users_have_no_buttons(screen: Callable[..., AppTest], filled: Actor) -> None:
    with transaction_for_system() as db:
        reader = make.person(db, "read_only")
    page = screen("today", reader)
    assert not page.exception
    assert "53 days late" in page_text(page)
    assert not {"Called", "Thanked", "Done"} & set(row_buttons(page))


def test_without_an_actor_the_page_is_refused(screen: Callable[..., AppTest]) -> None:
    page = screen("today", None)
    assert page.exception
    assert not page.title


def test_the_number_of_queries_does_not_grow_with_the_donors(
    screen: Callable[..., AppTest], filled: Actor
) -> None:
    queries = []
    screen("today", filled)
    event.listen(engine(), "before_cursor_execute", lambda *_: queries.append(1))
    # a new version of the data: nothing comes from the cache, this time as the next
    with transaction_for_system() as db:
        make.gift(db, make.donor(db, filled), "10", TODAY)
    queries.clear()
    screen("today", filled)
    few = len(queries)
    with transaction_for_system() as db:
        for _ in range(20):
            donor = make.donor(db, filled)
            make.gift(db, donor, "10", TODAY)
            make.rhythm(db, donor)
            make.alert(db, donor, "at_risk")
    queries.clear()
    screen("today", filled)
    assert few <= MOST_QUERIES
    assert len(queries) <= few + 1
    assert not rows(PledgeSkip)


def test_a_supervisors_day_is_the_teams(
    screen: Callable[..., AppTest], filled: Actor, now: datetime
) -> None:
    """The lines that the dashboard counts, with the owner's name; the owner alone has buttons."""
    with transaction_for_system() as db:
        sam = make.person(db, "supervisor", name="Sam Oak")
        make.looks_after(db, sam, filled)
        own = make.gift(db, make.donor(db, sam, "Vera Lind"), "15", TODAY - timedelta(days=1))
    page = screen("today", sam)
    assert not page.exception
    shown = page_text(page)
    assert "you and your team" in shown
    for name in ("Tom & Ana Whitfield", "Grace [Chapel](x)", "Jonas Berg"):
        assert name in shown, name
    assert shown.count("· Ruth Alder") == 3
    # tasks are of their assignee
    assert "Send the report" not in shown
    assert row_buttons(page) == ["Thanked"]
    page = press_row(page, "Thanked", key="needs")
    assert [gift.id for gift in rows(Gift, Gift.thanked_by == sam.user_id)] == [own]
    # a browser may ask for what has no button
    [others] = rows(Gift, Gift.thanked_at.is_(None))
    page = tell(page, key="needs", name="do", row=f"thank_{others.id}")
    assert not page.exception
    assert [gift.id for gift in rows(Gift, Gift.thanked_at.is_(None))] == [others.id]
