"""The calendar of tasks: what stands in it, whose it is, and what ends it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from httpx import Response
from icalendar import Calendar, vDDDTypes
from sqlalchemy import text

from app import accounts
from app.accounts import Scope
from app.db import transaction_for_system
from tests import factories as make
from tests.api.conftest import V1, Book

TODAY = datetime.now(UTC).date()


def address(book: Book, name: str, *scopes: str) -> str:
    with transaction_for_system() as db:
        token = accounts.create_api_token(
            db,
            book.people[name],
            name="Calendar",
            now=datetime.now(UTC),
            scopes=frozenset(map(Scope, scopes or ("calendar",))),
        )
    return f"{V1}/calendar/{token}.ics"


def day_of(moment: object) -> date:
    assert isinstance(moment, vDDDTypes)
    assert isinstance(moment.dt, date)
    return moment.dt


def events(answer: Response) -> dict[str, tuple[date, date, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return {
        str(event["summary"]): (
            day_of(event["dtstart"]),
            day_of(event["dtend"]),
            str(event["url"]),
        )
        for event in Calendar.from_ical(answer.text).walk("VEVENT")
    }


def test_open_tasks_are_days_and_overdue_ones_stand_on_today(book: Book) -> None:
    later, day = TODAY + timedelta(days=9), timedelta(days=1)
    with transaction_for_system() as db:
        ruth = book.people["ruth"]
        make.task(db, ruth, "Buy stamps, and; paper", due_on=later)
        make.task(db, ruth, "In two years", due_on=TODAY + timedelta(days=700))
        done = make.task(db, ruth, "Long done", due_on=TODAY)
        make.task(db, book.people["stranger"], "Somebody else's", due_on=TODAY)
    book.caller("ruth")("POST", f"tasks/{done}/done")
    result = events(book.web.get(address(book, "ruth")))
    mara = f"/donor?id={book.ids['donor']}"
    assert {name: (start, end) for name, (start, end, _) in result.items()} == {
        "Overdue: Call about an amount": (TODAY, TODAY + day),
        "Buy stamps, and; paper": (later, later + day),
    }
    assert result["Overdue: Call about an amount"][2].endswith(mara)


def test_a_task_with_a_time_is_half_an_hour_in_its_persons_zone(book: Book) -> None:
    later = TODAY + timedelta(days=9)
    with transaction_for_system() as db:
        ruth = book.people["ruth"]
        db.execute(text("update app_user set time_zone = 'Asia/Tokyo'"))
        make.task(db, ruth, "Meet Tom", due_on=later, due_at=time(9, 15))
        make.task(db, ruth, "Missed Tom", due_on=TODAY - timedelta(days=3), due_at=time(9, 15))
    result = events(book.web.get(address(book, "ruth")))
    start = datetime.combine(later, time(0, 15), UTC)
    assert result["Meet Tom"][:2] == (start, start + timedelta(minutes=30))
    assert not isinstance(result["Overdue: Missed Tom"][0], datetime)


def test_asked_twice_it_says_the_same(book: Book) -> None:
    where = address(book, "ruth")
    assert book.web.get(where).content == book.web.get(where).content


@pytest.mark.parametrize("scopes", [("read", "write", "import", "export")])
def test_only_a_token_for_the_calendar_opens_it(
    book: Book, scopes: tuple[str, str, str, str]
) -> None:
    assert book.web.get(address(book, "ruth", *scopes)).status_code == 404
    assert book.web.get(f"{V1}/calendar/dcrm_nothing.ics").status_code == 404
    access = book.bearer("ruth")["authorization"].removeprefix("Bearer ")
    assert book.web.get(f"{V1}/calendar/{access[:190]}.ics").status_code == 404


def test_an_ended_address_and_that_of_a_leaver_are_refused(book: Book) -> None:
    where = address(book, "ruth")
    now = datetime.now(UTC)
    assert book.web.get(where).status_code == 200
    with transaction_for_system() as db:
        [token] = accounts.api_tokens(db, book.people["ruth"], now=now)
        accounts.revoke_api_token(db, book.people["ruth"], token_id=token.id, now=now)
    assert book.web.get(where).status_code == 404
    again = address(book, "ruth")
    with transaction_for_system() as db:
        accounts.deactivate(db, book.people["admin"], user_id=book.people["ruth"].user_id, now=now)
    assert book.web.get(again).status_code == 404
