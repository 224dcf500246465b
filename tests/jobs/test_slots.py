"""When a line is due: on local clocks, through every change of them, each slot once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, select, text

from app.db import job_runs, transaction_for_system
from app.db.models import JobRun, TimetableLine
from app.kit.errors import NotFoundError
from app.settings import settings
from jobs import clock, slots
from jobs.schedule import TIMETABLE, Line, line
from jobs.scheduler import Scheduler
from jobs.tasks import purge
from tests import factories as make
from tests.values import present

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
SUNDAY = Line("weekly", "Weekly", "on Sundays", {"day_of_week": "sun", "hour": 1}, str)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ["late_pledges", "weekly_summaries"])
def test_a_slot_is_the_newest_there_was_and_the_next_is_after_it(zone: str, name: str) -> None:
    now = datetime(2026, 10, 20, 0, 17, tzinfo=UTC)
    for _ in range(24 * 20):
        newest, following = (
            present(slots.newest(line(name), zone, now=now)),
            present(slots.following(line(name), zone, now=now)),
        )
        assert newest <= now < following
        apart = timedelta(hours=1 if name == "weekly_summaries" else 25)
        assert following - newest <= apart
        now += timedelta(hours=1)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_has_one_slot_also_when_the_clocks_change(zone: str) -> None:
    """Over a whole year, the daily check has one slot a local day, at six."""
    collected, now = set(), datetime(2026, 1, 2, tzinfo=UTC)
    while now.year == 2026:
        collected.add(present(slots.newest(line("late_pledges"), zone, now=now)))
        now += timedelta(hours=6)
    days = [slot.astimezone(ZoneInfo(zone)) for slot in sorted(collected)]
    assert {(day.hour, day.minute) for day in days} == {(6, 0)}
    assert len({day.date() for day in days}) == len(days) >= 363


def test_a_weekday_goes_by_its_name() -> None:
    slot = slots.newest(SUNDAY, "Europe/Berlin", now=datetime(2026, 11, 25, 12, tzinfo=UTC))

    assert present(slot).astimezone(ZoneInfo("Europe/Berlin")).strftime("%A %H") == "Sunday 01"


@pytest.mark.parametrize("zone", ZONES)
def test_a_month_has_one_slot_on_its_first_sunday(zone: str) -> None:
    collected, now = set(), datetime(2026, 2, 15, tzinfo=UTC)
    while now < datetime(2027, 2, 1, tzinfo=UTC):
        collected.add(present(slots.newest(line("backup_drill"), zone, now=now)))
        now += timedelta(hours=15)
    days = [slot.astimezone(ZoneInfo(zone)) for slot in sorted(collected)]
    assert {(day.strftime("%A"), day.hour, day.minute) for day in days} == {("Sunday", 5, 30)}
    assert [day.month for day in days] == [*range(2, 13), 1]
    assert max(day.day for day in days) == 7


# the first Sundays of the quarters from January 2026 to January 2027
QUARTERS = {(1, 4), (4, 5), (7, 5), (10, 4), (1, 3)}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("interval", "slots_a_year"), [("weekly", 52), ("quarterly", 4), ("off", 0)]
)
def test_the_restore_drill_comes_as_often_as_is_set(
    monkeypatch: pytest.MonkeyPatch, zone: str, interval: str, slots_a_year: int
) -> None:
    monkeypatch.setenv("BACKUP_DRILL", interval)
    settings.cache_clear()
    collected, now = set(), datetime(2026, 1, 11, tzinfo=UTC)
    while now < datetime(2027, 1, 9, tzinfo=UTC):
        newest = slots.newest(line("backup_drill"), zone, now=now)
        following = slots.following(line("backup_drill"), zone, now=now)
        assert (newest is None) == (following is None) == (slots_a_year == 0)
        if newest is not None:
            assert newest <= now < present(following)
            collected.add(newest)
        now += timedelta(hours=15)
    days = [slot.astimezone(ZoneInfo(zone)) for slot in sorted(collected)]
    assert len(days) in {slots_a_year, slots_a_year + 1}
    assert all(f"{day:%a %H:%M}" == "Sun 05:30" for day in days)
    if interval == "quarterly":
        assert {(day.month, day.day) for day in days} == QUARTERS
        # what took a slot is remembered until the next one comes
        assert max(b - a for a, b in pairwise(days)) < purge.RUN_RETENTION


def test_what_comes_when_asked_for_has_no_slot() -> None:
    assert slots.newest(line("imports"), "UTC", now=datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert slots.following(line("imports"), "UTC", now=datetime(2026, 1, 1, tzinfo=UTC)) is None


def run_slots() -> list[tuple[str, datetime]]:
    with transaction_for_system() as db:
        rows = db.scalars(select(JobRun).order_by(JobRun.job, JobRun.slot)).all()
    return [(row.job, row.slot) for row in rows]


def queued() -> int:
    with transaction_for_system() as db:
        return len(db.scalars(text("select id from procrastinate_jobs")).all())


@pytest.fixture
def set_time(database: URL, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock of the scheduler."""
    with transaction_for_system() as db:
        make.organisation(db, time_zone="America/Chicago")

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_clock(datetime(2026, 11, 23, 14, 5, tzinfo=UTC))
    return set_clock


def test_a_start_catches_up_the_newest_slot_of_each_line_once(
    set_time: Callable[[datetime], None],
) -> None:
    Scheduler().sweep()
    Scheduler().sweep()

    daily = [line for line in TIMETABLE if line.when]
    assert len(run_slots()) == queued() == len(daily)
    assert ("late_pledges", datetime(2026, 11, 23, 12, tzinfo=UTC)) in run_slots()


def test_after_three_days_of_sleep_only_the_newest_is_caught_up(
    set_time: Callable[[datetime], None],
) -> None:
    scheduler = Scheduler()
    scheduler.sweep()
    before = set(run_slots())

    set_time(datetime(2026, 11, 26, 14, 5, tzinfo=UTC))
    scheduler.sweep()

    new = set(run_slots()) - before
    assert ("late_pledges", datetime(2026, 11, 26, 12, tzinfo=UTC)) in new
    # a weekly or monthly line has no slot in three days
    rare = {"day", "day_of_week"}
    often = [line for line in TIMETABLE if line.when and not rare & line.when.keys()]
    assert len(new) == len(often)


def test_the_timetable_is_written_down_for_the_screen(
    set_time: Callable[[datetime], None],
) -> None:
    Scheduler().sweep()

    with transaction_for_system() as db:
        lines = job_runs.timetable(db)
    assert [line.job for line in lines] == [line.name for line in TIMETABLE]
    by_name = {line.job: line for line in lines}
    assert by_name["late_pledges"].next_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert present(by_name["late_pledges"].last).state == "queued"
    assert by_name["imports"].next_at is None


def test_a_drill_that_is_turned_off_has_no_next_time(
    set_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKUP_DRILL", "off")
    settings.cache_clear()
    Scheduler().sweep()

    with transaction_for_system() as db:
        row = db.get(TimetableLine, "backup_drill")
    assert (present(row).next_at, present(row).rhythm) == (None, "turned off (BACKUP_DRILL)")
    assert "backup_drill" not in {job for job, _ in run_slots()}


def test_the_hours_follow_the_organisations_time_zone(
    set_time: Callable[[datetime], None],
) -> None:
    scheduler = Scheduler()
    scheduler.sweep()
    with transaction_for_system() as db:
        db.execute(text("update organisation set time_zone = 'Europe/Berlin'"))

    scheduler.sweep()

    with transaction_for_system() as db:
        assert present(present(db.get(TimetableLine, "late_pledges")).next_at).hour == 5


def test_a_line_that_was_taken_out_leaves_the_timetable(
    set_time: Callable[[datetime], None],
) -> None:
    with transaction_for_system() as db:
        db.add(TimetableLine(job="old", place=9, title="Old", rhythm="never"))

    Scheduler().sweep()

    with transaction_for_system() as db:
        assert db.get(TimetableLine, "old") is None


def test_run_now_is_queued_once_a_second_and_only_for_known_jobs(
    set_time: Callable[[datetime], None],
) -> None:
    Scheduler().sweep()
    now = datetime(2026, 11, 23, 15, 0, 0, 5, tzinfo=UTC)

    with transaction_for_system() as db:
        assert job_runs.run_now(db, job="late_pledges", now=now)
        assert not job_runs.run_now(db, job="late_pledges", now=now)
        with pytest.raises(NotFoundError):
            job_runs.run_now(db, job="nope", now=now)
