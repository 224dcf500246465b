"""Running a line of the timetable, for its slot or by hand."""

from datetime import datetime

from jobs import clock, runner, schedule


def run_line(name: str, slot: datetime, *, now: datetime | None = None) -> str:
    """Run a line for a slot, at this moment or as if at `now`, and return its sentence.

    Raises:
        NotFoundError: there is no such line. JobFailedError: with the reason kept for the run.
    """
    line = schedule.line(name)
    return runner.run(name, slot, lambda: line.run(now or clock.now()))
