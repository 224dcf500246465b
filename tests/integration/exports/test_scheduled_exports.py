"""Files that come regularly: asked for, announced once, fetched after signing in, stopped."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from app import accounts, exports
from app.db import transaction, transaction_for_system
from app.db.models import Activity, OutboxMessage, ScheduledExport
from app.exports.scheduled_exports import MAX_PER_USER, _last_period, _next_date
from app.gifts import GiftFilter
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.settings import settings
from jobs import lines
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.integration.exports.test_downloads import cookie_of

__all__ = ["client"]

# a Monday; at nine in UTC it is three in Chicago
MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


@pytest.fixture
def ruth(database):
    with transaction() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth Adler", email="ruth@example.org", time_zone="UTC")
        mara = make.donor(db, ruth, "Mara Vogel")
        for day, amount in (
            (date(2026, 11, 15), "10"),
            (date(2026, 11, 16), "11"),
            (date(2026, 11, 22), "12"),
            (date(2026, 11, 23), "13"),
        ):
            make.gift(db, mara, amount, day)
    return ruth


def ask(who, **said):
    wanted = {
        "kind": "gifts",
        "form": "csv",
        "query": exports.ExportQuery(),
        "rhythm": "weekly",
        "only_new": False,
        "today": MONDAY - timedelta(days=3),
    }
    with transaction(who) as db:
        return exports.schedule_export(db, who, **wanted | said)


def announced(now=NINE):
    lines.run_line("regular_exports", now, now=now)
    with transaction_for_system() as db:
        return db.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.name == "export_ready")
            .order_by(OutboxMessage.id)
        ).all()


def mine(who, today=MONDAY):
    with transaction(who) as db:
        return exports.own_scheduled_exports(db, who, today=today)


def test_it_is_announced_on_its_day_and_once(ruth):
    ask(ruth)
    assert not announced(NINE - timedelta(days=1))
    (mail,) = announced()
    assert (mail.to_email, mail.subject) == (ruth.email, "Your weekly file of gifts is ready")
    assert f"{settings().public_url}/export" in mail.text_body
    assert "every row you may see, as a CSV file" in mail.text_body
    assert len(announced(NINE + timedelta(minutes=60))) == 1
    assert len(announced(NINE + timedelta(days=7))) == 2


def test_what_was_missed_comes_once(ruth):
    ask(ruth)
    assert len(announced(NINE + timedelta(days=30))) == 1
    assert [one.next_on for one in mine(ruth)] == [date(2026, 12, 28)]


@pytest.mark.parametrize(
    ("zone", "hour", "mails"),
    [
        ("America/Chicago", 9, 0),
        ("America/Chicago", 13, 1),
        ("Asia/Tokyo", -3, 1),
        ("Asia/Tokyo", -6, 0),
    ],
)
def test_the_morning_is_the_persons_own(database, zone, hour, mails):
    with transaction() as db:
        make.organisation(db)
        who = make.person(db, time_zone=zone)
    ask(who)
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert len(announced(midnight + timedelta(hours=hour))) == mails


def test_only_the_week_that_has_ended(ruth, client):
    ask(ruth, only_new=True)
    (mail,) = announced()
    assert "gifts from 16 November to 22 November 2026" in mail.text_body
    (one,) = mine(ruth)
    assert one.address == "gifts.csv?since=2026-11-16&before=2026-11-23"
    got = client.get(f"/api/v1/files/{one.address}", headers=cookie_of(ruth))
    rows = csv.DictReader(io.StringIO(got.text.removeprefix("\ufeff")))
    assert sorted(row["amount"] for row in rows) == ["11.00", "12.00"]
    assert client.get(f"/api/v1/files/{one.address}").status_code == 401


def test_rows_and_columns_chosen_stay_chosen(ruth):
    asked = exports.ExportQuery(GiftFilter(method="check"), ("amount", "gift_date"))
    ask(ruth, query=asked, form="xlsx", rhythm="monthly", only_new=True)
    (one,) = mine(ruth)
    name, _, query = one.address.partition("?")
    assert name == "gifts.xlsx"
    assert set(query.split("&")) == {
        "column=gift_date",
        "column=amount",
        "method=check",
        "since=2026-10-01",
        "before=2026-11-01",
    }
    assert one.filtered


def test_each_sees_and_stops_only_their_own(ruth):
    with transaction() as db:
        sam = make.person(db, name="Sam")
    number = ask(ruth)
    assert not mine(sam)
    with transaction(sam) as db, pytest.raises(NotFoundError):
        exports.stop_scheduled_export(db, sam, export_id=number)
    with transaction(ruth) as db:
        exports.stop_scheduled_export(db, ruth, export_id=number)
    assert not mine(ruth)
    assert not announced()
    with transaction() as db:
        said = db.scalars(
            select(Activity.sentence).where(Activity.entity == "export").order_by(Activity.id)
        ).all()
    assert said == ["Asked for gifts every Monday.", "Stopped the regular file of gifts."]


def test_who_may_not_have_a_file_is_not_told_of_it(ruth):
    ask(ruth)
    with transaction() as db:
        ada = make.person(db, "admin")
        accounts.change_role(db, ada, user_id=ruth.user_id, role="coach", now=NINE)
    assert not announced()
    with transaction_for_system() as db:
        accounts.change_role(db, ada, user_id=ruth.user_id, role="fundraiser", now=NINE)
    assert len(announced(NINE + timedelta(days=7))) == 1
    with transaction() as db:
        accounts.deactivate(db, ada, user_id=ruth.user_id, now=NINE)
    assert len(announced(NINE + timedelta(days=14))) == 1


def test_what_cannot_be_is_refused(ruth):
    with transaction() as db:
        coach = make.person(db, "coach")
    with pytest.raises(NotAllowedError):
        ask(coach)
    for said in ({"form": "pdf"}, {"rhythm": "daily"}, {"kind": "donors", "only_new": True}):
        with pytest.raises(InvalidError):
            ask(ruth, **said)
    for _ in range(MAX_PER_USER):
        ask(ruth)
    with pytest.raises(ConflictError):
        ask(ruth)
    with transaction_for_system() as db:
        assert len(db.scalars(select(ScheduledExport)).all()) == MAX_PER_USER


def test_one_that_fails_does_not_keep_the_others(ruth, monkeypatch):
    first, second = ask(ruth), ask(ruth, kind="donors")
    tell = exports.notify

    def fail(db, regular_id, *, now):
        if regular_id == first:
            msg = "the disk is full"
            raise OSError(msg)
        return tell(db, regular_id, now=now)

    monkeypatch.setattr(exports, "notify", fail)
    (mail,) = announced()
    assert mail.key == f"export:{second}:2026-11-23"


@given(some.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_days_and_spans_hang_together(day):
    monday, first = _next_date(day, "weekly"), _next_date(day, "monthly")
    assert monday.weekday() == 0
    assert first.day == 1
    assert timedelta() < monday - day <= timedelta(days=7)
    assert timedelta() < first - day <= timedelta(days=31)
    # what is announced on a day is what has ended by then, and nothing is left between
    for rhythm, due in (("weekly", monday), ("monthly", first)):
        span = _last_period(due, rhythm)
        assert span.end == due
        assert _next_date(span.start, rhythm) == due
