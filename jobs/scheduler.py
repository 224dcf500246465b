"""The scheduler: APScheduler in memory; each slot is taken once over all processes."""

from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from app.accounts import organisation
from app.db import job_runs, transaction_for_system
from jobs import clock, runner, slots
from jobs.schedule import Line, timetable
from jobs.tasks import send_mail

SWEEP_SECONDS = 60


class Scheduler:
    """Queues the jobs of the timetable when due, in the organisation's time zone."""

    def __init__(self) -> None:
        # run missed jobs however late, several missed runs once, and one instance at a time
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self.inner = BackgroundScheduler(job_defaults=defaults, timezone="UTC")
        self.zone = ""

    def start(self) -> None:
        """Queue missed slots once, and start the scheduler."""
        self._every(SWEEP_SECONDS, self.sweep, "The timetable")
        self._every(send_mail.EVERY_SECONDS, self._send, "E-mail")
        runner.attempt(self.sweep, "The timetable")
        self.inner.start()

    def stop(self) -> None:
        """Stop the scheduler after running work, such as sending mail, has finished."""
        self.inner.shutdown()

    def sweep(self) -> None:
        """Take the newest slot of every job if it is not taken, and store the next runs.

        This makes up for slots missed before a start, during sleep or without the database.
        """
        with transaction_for_system() as db:
            zone = organisation(db).time_zone
        if zone != self.zone:
            for line in timetable():
                if line.when:
                    self.inner.add_job(
                        self._fire,
                        slots.trigger(line, zone),
                        args=[line],
                        id=line.name,
                        replace_existing=True,
                    )
            self.zone = zone
        for line in timetable():
            self._take(line)
        now = clock.now()
        planned = [
            job_runs.PlannedRun(
                line.name, position, line.title, line.rhythm, slots.following(line, zone, now=now)
            )
            for position, line in enumerate(timetable())
        ]
        with transaction_for_system() as db:
            job_runs.write_timetable(db, planned)

    def _fire(self, line: Line) -> None:
        runner.attempt(lambda: self._take(line), line.name)

    def _take(self, line: Line) -> None:
        slot = slots.newest(line, self.zone, now=clock.now())
        if slot is not None:
            with transaction_for_system() as db:
                job_runs.take(db, job=line.name, slot=slot)

    def _send(self) -> None:
        send_mail.run_and_note(clock.now())

    def _every(self, seconds: int, work: Callable[[], None], name: str) -> None:
        self.inner.add_job(runner.attempt, "interval", seconds=seconds, args=[work, name], id=name)
