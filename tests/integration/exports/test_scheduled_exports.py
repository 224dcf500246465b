"""Scheduled exports: creation, one mail per period, download after signing in, deletion."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app import accounts, exports
from app.db import transaction, transaction_for_system
from app.db.models import Activity, OutboxMessage, ScheduledExport
from app.donors import Credit, Unit
from app.exports.scheduled_exports import MAX_PER_USER, last_period, next_date
from app.gifts import GiftFilter
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.settings import settings
from jobs.schedule import run_line
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.integration.exports.test_downloads import cookie_of
from tests.web_client import TestClient

__all__ = ["client"]

# a Monday; at nine in UTC it is three in Chicago
MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


@pytest.fixture
def ruth(database: URL) -> accounts.Actor:
    with transaction_for_system() as db:
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


def schedule(
    actor: accounts.Actor,
    *,
    kind: str = "gifts",
    form: str = "csv",
    query: exports.ExportQuery | None = None,
    rhythm: Literal["weekly", "monthly"] = "weekly",
    only_new: bool = False,
) -> int:
    with transaction(actor) as db:
        return exports.schedule_export(
            db,
            actor,
            kind=kind,
            form=form,
            query=query or exports.ExportQuery(),
            rhythm=rhythm,
            only_new=only_new,
            today=MONDAY - timedelta(days=3),
        )


def run_and_list_mails(now: datetime = NINE) -> Sequence[OutboxMessage]:
    run_line("regular_exports", now, now=now)
    with transaction_for_system() as db:
        return db.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.name == "export_ready")
            .order_by(OutboxMessage.id)
        ).all()


def scheduled_of(actor: accounts.Actor, today: date = MONDAY) -> list[exports.ScheduledExport]:
    with transaction(actor) as db:
        return exports.own_scheduled_exports(db, actor, today=today)


def test_the_mail_is_sent_once_on_its_day(ruth: accounts.Actor) -> None:
    schedule(ruth)
    assert not run_and_list_mails(NINE - timedelta(days=1))
    (mail,) = run_and_list_mails()
    assert (mail.to_email, mail.subject) == (ruth.email, "Your weekly file of gifts is ready")
    assert f"{settings().public_url}/export" in mail.text_body
    assert "every row you may see, as a CSV file" in mail.text_body
    assert len(run_and_list_mails(NINE + timedelta(minutes=60))) == 1
    assert len(run_and_list_mails(NINE + timedelta(days=7))) == 2


def test_missed_dates_are_made_up_for_with_one_mail(ruth: accounts.Actor) -> None:
    schedule(ruth)
    assert len(run_and_list_mails(NINE + timedelta(days=30))) == 1
    assert [scheduled.next_on for scheduled in scheduled_of(ruth)] == [date(2026, 12, 28)]


@pytest.mark.parametrize(
    ("zone", "hour", "mails"),
    [
        ("America/Chicago", 9, 0),
        ("America/Chicago", 13, 1),
        ("Asia/Tokyo", -3, 1),
        ("Asia/Tokyo", -6, 0),
    ],
)
def test_the_hour_is_in_the_users_time_zone(
    database: URL, zone: str, hour: int, mails: int
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        person = make.person(db, time_zone=zone)
    schedule(person)
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert len(run_and_list_mails(midnight + timedelta(hours=hour))) == mails


def test_only_new_exports_the_week_that_ended(ruth: accounts.Actor, client: TestClient) -> None:
    schedule(ruth, only_new=True)
    (mail,) = run_and_list_mails()
    assert "gifts from 16 November to 22 November 2026" in mail.text_body
    (scheduled,) = scheduled_of(ruth)
    assert scheduled.address == "gifts.csv?since=2026-11-16&before=2026-11-23"
    response = client.get(f"/api/v1/files/{scheduled.address}", headers=cookie_of(ruth))
    rows = csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert sorted(row["amount"] for row in rows) == ["11.00", "12.00"]
    assert client.get(f"/api/v1/files/{scheduled.address}").status_code == 401


def test_the_filter_and_columns_are_stored(ruth: accounts.Actor) -> None:
    export_query = exports.ExportQuery(GiftFilter(method="check"), ("amount", "gift_date"))
    schedule(ruth, query=export_query, form="xlsx", rhythm="monthly", only_new=True)
    (scheduled,) = scheduled_of(ruth)
    name, _, query = scheduled.address.partition("?")
    assert name == "gifts.xlsx"
    assert set(query.split("&")) == {
        "column=gift_date",
        "column=amount",
        "method=check",
        "since=2026-10-01",
        "before=2026-11-01",
    }
    assert scheduled.filtered


def test_what_counts_is_stored_and_said(ruth: accounts.Actor) -> None:
    query = exports.counting_query("donors", Unit.HOUSEHOLD, Credit.BOTH)
    schedule(ruth, kind="donors", query=query)
    (export,) = scheduled_of(ruth)
    assert export.counted == "by household, with soft credits"
    assert export.address == "donors.csv?unit=household&credit=both"
    assert exports.decode_query("donors", [("unit", "household"), ("credit", "both")]) == query


def test_users_see_and_stop_only_their_own_exports(ruth: accounts.Actor) -> None:
    with transaction_for_system() as db:
        sam = make.person(db, name="Sam")
    number = schedule(ruth)
    assert not scheduled_of(sam)
    with transaction(sam) as db, pytest.raises(NotFoundError):
        exports.stop_scheduled_export(db, sam, export_id=number)
    with transaction(ruth) as db:
        exports.stop_scheduled_export(db, ruth, export_id=number)
    assert not scheduled_of(ruth)
    assert not run_and_list_mails()
    with transaction_for_system() as db:
        sentences = db.scalars(
            select(Activity.sentence).where(Activity.entity == "export").order_by(Activity.id)
        ).all()
    assert sentences == ["Asked for gifts every Monday.", "Stopped the regular file of gifts."]


def test_no_mail_after_the_permission_is_lost(ruth: accounts.Actor) -> None:
    schedule(ruth)
    with transaction_for_system() as db:
        ada = make.person(db, "admin")
        accounts.change_role(db, ada, user_id=ruth.user_id, role="coach", now=NINE)
    assert not run_and_list_mails()
    with transaction_for_system() as db:
        accounts.change_role(db, ada, user_id=ruth.user_id, role="fundraiser", now=NINE)
    assert len(run_and_list_mails(NINE + timedelta(days=7))) == 1
    with transaction_for_system() as db:
        accounts.deactivate(db, ada, user_id=ruth.user_id, now=NINE)
    assert len(run_and_list_mails(NINE + timedelta(days=14))) == 1


def test_invalid_scheduled_exports_are_refused(ruth: accounts.Actor) -> None:
    with transaction_for_system() as db:
        coach = make.person(db, "coach")
    with pytest.raises(NotAllowedError):
        schedule(coach)
    for options in ({"form": "pdf"}, {"rhythm": "daily"}, {"kind": "donors", "only_new": True}):
        with pytest.raises(InvalidError):
            schedule(ruth, **options)
    for _ in range(MAX_PER_USER):
        schedule(ruth)
    with pytest.raises(ConflictError):
        schedule(ruth)
    with transaction_for_system() as db:
        assert len(db.scalars(select(ScheduledExport)).all()) == MAX_PER_USER


def test_one_failure_does_not_stop_the_other_exports(
    ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = schedule(ruth), schedule(ruth, kind="donors")
    notify = exports.notify

    def fail(db: Session, export_id: int, *, now: datetime) -> bool:
        if export_id == first:
            msg = "the disk is full"
            raise OSError(msg)
        return notify(db, export_id, now=now)

    monkeypatch.setattr(exports, "notify", fail)
    (mail,) = run_and_list_mails()
    assert mail.key == f"export:{second}:2026-11-23"


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_each_period_ends_on_its_due_date(day: date) -> None:
    monday, month_start = next_date(day, "weekly"), next_date(day, "monthly")
    assert monday.weekday() == 0
    assert month_start.day == 1
    assert timedelta() < monday - day <= timedelta(days=7)
    assert timedelta() < month_start - day <= timedelta(days=31)
    # each period ends on the day of its mail, without gaps between periods
    periods: tuple[tuple[Literal["weekly", "monthly"], date], ...] = (
        ("weekly", monday),
        ("monthly", month_start),
    )
    for rhythm, due in periods:
        span = last_period(due, rhythm)
        assert span.end == due
        assert next_date(span.start, rhythm) == due
