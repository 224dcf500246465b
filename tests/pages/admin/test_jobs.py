"""The jobs screen: heartbeat, timetable, and running a job at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import job_runs, transaction_for_system
from app.db.models import JobRun
from app.ui.admin import job_status
from tests import factories as make
from tests.pages.conftest import html_bodies, html_tables, page_text


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada Lindqvist")


@pytest.fixture
def timetable(ada: Actor) -> None:
    soon = datetime.now(UTC) + timedelta(hours=5)
    with transaction_for_system() as db:
        job_runs.write_timetable(
            db,
            [
                job_runs.PlannedRun("late_pledges", 0, "Late pledges", "every day at 06:00", soon),
                job_runs.PlannedRun(
                    "imports", 1, "Big imports", "when a big file is handed over", None
                ),
            ],
        )


def test_before_the_first_start_there_is_advice(
    screen: Callable[..., AppTest], ada: Actor
) -> None:
    page = screen("jobs", ada)

    assert not page.exception
    assert "The scheduler is not running" in page_text(page)
    assert "python -m jobs" in page_text(page)
    assert "timetable is shown here" in page_text(page)


def test_it_shows_the_processes_and_the_last_runs(
    screen: Callable[..., AppTest], ada: Actor, timetable: None
) -> None:
    with transaction_for_system() as db:
        for name, kind in (("box:1", "scheduler"), ("box:2", "worker")):
            job_runs.beat(db, process=name, kind=kind)
        slot = datetime(2026, 11, 23, 12, tzinfo=UTC)
        job_runs.start(db, job="late_pledges", slot=slot, worker="box:1")
        job_runs.finish(db, job="late_pledges", slot=slot, error="The <b>database</b> went away.")

    page = screen("jobs", ada)

    shown_text = page_text(page)
    assert not page.exception
    assert "The scheduler is running, with 1 more process to help" in shown_text
    assert "Every day at 06:00, next in 5 hours" in shown_text
    assert "Has not run yet" in shown_text
    assert "Failed" in shown_text
    assert "The &lt;b&gt;database" in "".join(html_bodies(page))
    (table,) = html_tables(page)
    assert table["How it went"] == ["failed"]


def test_a_silent_scheduler_is_not_alive(
    screen: Callable[..., AppTest], ada: Actor, timetable: None
) -> None:
    with transaction_for_system() as db:
        job_runs.beat(db, process="box:1", kind="scheduler")
        db.execute(text("update heartbeat set at = now() - interval '5 minutes'"))

    assert "Its last heartbeat was" in page_text(screen("jobs", ada))


def test_run_now_queues_the_job(
    screen: Callable[..., AppTest], ada: Actor, timetable: None
) -> None:
    page = screen("jobs", ada)

    page.button(key="run_late_pledges").click().run()

    assert not page.exception
    with transaction_for_system() as db:
        (run,) = db.scalars(select(JobRun)).all()
    assert (run.job, run.state) == ("late_pledges", "queued")


def test_it_is_for_administrators(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        ruth = make.person(db)

    page = screen("jobs", ruth)

    assert page.exception
    assert "scheduler" not in page_text(page)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (0.42, "0.4 s"),
        (59.97, "1 min"),
        (90, "1 min 30 s"),
        (119.8, "2 min"),
        (725, "12 min"),
    ],
)
def test_a_duration_is_as_exact_as_it_is_short(seconds: float | None, shown: str) -> None:
    assert job_status.duration(seconds) == shown
