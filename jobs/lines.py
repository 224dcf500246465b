"""Runs of a job of the timetable, for its slot or by hand."""

from datetime import datetime

from jobs import clock, runner, schedule


def run_line(name: str, slot: datetime, *, now: datetime | None = None) -> str:
    """Run a job for a slot, at the current time or at `now`, and return its result.

    Raises:
        NotFoundError: there is no such job.
        JobFailedError: the job failed; the message is the error stored with the run.
    """
    line = schedule.line(name)
    return runner.run(name, slot, lambda: line.run(now or clock.now()))
