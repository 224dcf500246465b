"""Each line of the timetable: run twice is run once, and it says what it did."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import URL, func, select, text

from app.accounts import Actor
from app.db import aggregate_check, idempotency_keys, job_runs, transaction_for_system
from app.db.models import (
    Alert,
    GivingPeriod,
    Heartbeat,
    JobRun,
    OutboxMessage,
    PledgeChange,
    PledgeSummary,
    Task,
)
from app.db.queue import defer
from app.kit.errors import InvalidError, NotFoundError
from jobs import clock, runner, schedule
from jobs.heartbeat import heartbeat
from jobs.tasks import check_aggregates, imports, purge, send_mail
from jobs.tasks.job_messages import job_message
from tests import factories as make
from tests.values import present

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
KEPT = (Alert, Task, OutboxMessage)


@pytest.fixture
def book(database: URL, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A committed organisation with one late pledge and one donor at risk."""
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    with transaction_for_system() as db:
        make.organisation(db, time_zone="America/Chicago")
        ruth = make.person(
            db,
            name="Ruth Adler",
            email="ruth@example.org",
            time_zone="America/Chicago",
            alert_channels={"late_pledge": "at once", "at_risk": "at once"},
        )
        mara = make.donor(db, ruth, "Mara Vogel")
        pledge = make.pledge(db, mara, "50", start=date(2026, 1, 1))
        for month in range(1, 9):
            make.gift(db, mara, "50", date(2026, month, 1), pledge_id=pledge)
        tom = make.donor(db, ruth, "Tom Reed")
        for month in range(1, 10):
            make.gift(db, tom, "40", date(2026, month, 10))
    return ruth


def counted() -> list[int | None]:
    with transaction_for_system() as db:
        return [db.scalar(select(func.count()).select_from(model)) for model in KEPT]


def once(name: str, now: datetime = NOW) -> str:
    return schedule.run_line(name, now, now=now)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("late_pledges", "1 new alert, 1 mail queued."),
        ("at_risk", "1 donor scored"),
        ("weekly_summaries", "1 summary queued."),
        ("imports", "No import waits."),
        ("summaries_check", "Every kept sum equals its gifts."),
        ("purge", "Nothing new."),
        ("send_mail", "0 messages sent."),
    ],
)
def test_twice_is_once(book: Actor, name: str, first: str) -> None:
    if name == "at_risk":
        once("late_pledges")
    assert once(name).startswith(first)
    before = counted()

    again = once(name)

    assert counted() == before
    assert "new alert" not in again
    assert "queued" not in again


def test_the_day_is_the_organisations_own(book: Actor) -> None:
    """At 02:00 UTC it is still the evening before in Chicago."""
    with transaction_for_system() as db:
        assert clock.today(db, datetime(2026, 11, 24, 2, 0, tzinfo=UTC)) == date(2026, 11, 23)


def test_the_mails_the_jobs_queue_are_sent(book: Actor) -> None:
    for name in ("late_pledges", "weekly_summaries"):
        once(name)

    assert once("send_mail") == "2 messages sent."
    assert once("send_mail") == "0 messages sent."


def test_sending_keeps_one_line_an_hour(book: Actor) -> None:
    once("late_pledges")
    send_mail.run_and_note(NOW)
    send_mail.run_and_note(NOW + timedelta(seconds=5))
    once("weekly_summaries", NOW)
    send_mail.run_and_note(NOW + timedelta(minutes=10))

    with transaction_for_system() as db:
        noted = db.scalars(select(JobRun).where(JobRun.job == "send_mail")).all()
    assert [(row.slot, row.result) for row in noted] == [(NOW, "2 messages sent.")]


def test_a_line_noted_again_took_as_long_as_the_last_time(database: URL) -> None:
    with transaction_for_system() as db:
        job_runs.note(db, job="send_mail", slot=NOW, result="1 message sent.", seconds=4)
        earlier = text(
            "update job_run set started_at = started_at - interval '9 minutes',"
            " finished_at = finished_at - interval '9 minutes'"
        )
        db.execute(earlier)
        job_runs.note(db, job="send_mail", slot=NOW, result="2 messages sent.", seconds=5)
    with transaction_for_system() as db:
        assert [run.seconds for run in job_runs.recent(db)] == [pytest.approx(5, abs=0.01)]


def test_sending_measures_its_own_time(book: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    once("late_pledges")
    clock_times = iter([100.0, 102.5])
    monkeypatch.setattr(send_mail, "monotonic", lambda: next(clock_times))
    send_mail.run_and_note(NOW)
    with transaction_for_system() as db:
        line = job_runs.last(db, "send_mail")
    assert line is not None
    assert line.seconds == pytest.approx(2.5, abs=0.01)


def test_a_difference_is_reported_and_nothing_is_changed(book: Actor) -> None:
    with transaction_for_system() as db:
        db.execute(text("update donor_summary set total_minor = total_minor + 1"))

    with pytest.raises(runner.JobFailedError, match=r"donor_summary \(4\)"):
        once("summaries_check")

    with transaction_for_system() as db:
        assert aggregate_check.differences(db) == {"donor_summary": 4}
        run = db.get(JobRun, ("summaries_check", NOW))
    assert present(run).state == "failed"
    assert "Nothing was changed" in present(present(run).error)


def test_the_nightly_check_brings_stored_sums_to_the_day(book: Actor) -> None:
    """The day is the organisation's own; what was prepaid on the changed pledges is computed."""
    once("summaries_check")

    with transaction_for_system() as db:
        assert db.scalar(select(GivingPeriod.now_end)) == date(2026, 11, 24)
        assert db.scalars(select(PledgeChange)).all() == []
        assert len(db.scalars(select(PledgeSummary)).all()) == 1


def test_purge_forgets_what_is_over(database: URL) -> None:
    old = NOW - timedelta(days=120)
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
        for slot in (old, NOW):
            db.add(JobRun(job="late_pledges", slot=slot, queued_at=slot))
            db.add(Heartbeat(process=f"p{slot}", kind="worker", at=slot))
        db.execute(
            text(
                "insert into session (id, user_id, token_hash, expires_at)"
                " values ('a', :user, 'x', :old), ('b', :user, 'y', :new)"
            ),
            {"user": ruth.user_id, "old": old, "new": NOW + timedelta(days=1)},
        )
        ended, waits = defer(db, "job", {}), defer(db, "job", {})
        db.execute(
            text("update procrastinate_jobs set status = 'failed' where id = :id"), {"id": ended}
        )
        db.execute(text("update procrastinate_events set at = :old"), {"old": old})
        for key, moment in (("a", NOW - timedelta(hours=25)), ("b", NOW)):
            idempotency_keys.claim(
                db, user_id=ruth.user_id, key_hash=key, request_hash="x", now=moment
            )

    said_so = purge.run(NOW)

    assert said_so == (
        "1 expired session or code cleared, 1 old answer cleared, 1 old run cleared, "
        "1 ended task cleared."
    )
    with transaction_for_system() as db:
        assert [process.name for process in job_runs.processes(db)] == [f"p{NOW}"]
        assert db.scalars(text("select id from procrastinate_jobs")).all() == [waits]
    assert purge.run(NOW) == "Nothing new."


def test_one_persons_summary_that_cannot_be_written_does_not_stop_the_others(book: Actor) -> None:
    with transaction_for_system() as db:
        make.person(db, email="broken@example.org", time_zone="UTC")
        db.execute(
            text(
                "create function refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'no'; end $$;"
                "create trigger refuse before insert on outbox for each row"
                " when (new.to_email = 'broken@example.org') execute function refuse()"
            )
        )

    with pytest.raises(runner.JobFailedError, match="1 summary could not be written; 1 queued"):
        once("weekly_summaries")

    assert counted()[2] == 1


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("select 'Mara Vogel'::int", "DataError"),
        ("select 'Mara Vogel' from nowhere", "ProgrammingError"),
    ],
)
def test_an_error_is_kept_with_the_run_and_carries_no_values(
    database: URL, statement: str, kind: str
) -> None:
    def work() -> str:
        with transaction_for_system() as db:
            return str(db.execute(text(statement)).scalar_one())

    with pytest.raises(runner.JobFailedError):
        runner.run("late_pledges", NOW, work)

    with transaction_for_system() as db:
        run = db.get(JobRun, ("late_pledges", NOW))
    assert present(run).state == "failed"
    assert present(present(run).error).startswith(f"{kind}: ")
    assert "Mara" not in present(present(run).error)
    assert "\n" not in present(present(run).error)


def test_a_job_that_kills_its_process_is_given_up(database: URL) -> None:
    with transaction_for_system() as db:
        for _ in range(runner.MOST_TRIES):
            job_runs.start(db, job="late_pledges", slot=NOW, worker="gone")

    assert runner.run("late_pledges", NOW, lambda: "never").startswith("Given up")


def test_what_is_no_job_and_no_moment_is_said(database: URL) -> None:
    with pytest.raises(NotFoundError, match="There are: backup, summaries_check"):
        schedule.line("nope")
    with pytest.raises(InvalidError, match="is not a moment"):
        clock.moment("yesterday")
    assert clock.moment("2026-11-23T06:00") == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert clock.moment("2026-11-23T06:00+01:00").utcoffset() == timedelta(hours=1)


def test_a_sentence_leaves_out_zeros() -> None:
    assert job_message((0, "gift", None), (2, "alert", None)) == "2 alerts."
    assert job_message((0, "gift", None)) == "Nothing new."
    assert check_aggregates.SumsDifferError.status == 400
    assert imports.NAME == "imports"


def test_a_process_stopped_while_it_begins_leaves_no_heartbeat(
    database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_thread: object) -> None:
        with transaction_for_system() as db:
            assert db.scalar(text("select count(*) from heartbeat")) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", stopped)

    with pytest.raises(KeyboardInterrupt), heartbeat("scheduler"):
        pass

    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from heartbeat")) == 0
