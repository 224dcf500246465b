"""The timetable as scheduled by the settings, its lines by name, and their runs."""

from dataclasses import replace
from datetime import datetime

from app.kit.errors import NotFoundError
from app.settings import settings
from jobs import clock, runner
from jobs.timetable import DRILLS, TIMETABLE
from jobs.timetable_line import Line

__all__ = ["TIMETABLE", "Line", "line", "run_line", "timetable"]


def timetable() -> tuple[Line, ...]:
    """Return the timetable with the restore drill scheduled by BACKUP_DRILL."""
    rhythm, when = DRILLS[settings().backup_drill]
    return tuple(
        replace(line, rhythm=rhythm, when=when) if line.name == "backup_drill" else line
        for line in TIMETABLE
    )


def line(name: str) -> Line:
    """Return a job of the timetable by its name.

    Raises:
        NotFoundError: there is no such job; the message lists the existing names.
    """
    for line in timetable():
        if line.name == name:
            return line
    names = ", ".join(line.name for line in TIMETABLE)
    msg = f"There is no job called {name}. There are: {names}."
    raise NotFoundError(msg)


def run_line(name: str, slot: datetime, *, now: datetime | None = None) -> str:
    """Run a job for a slot, at the current time or at `now`, and return its result.

    Raises:
        NotFoundError: there is no such job.
        JobFailedError: the job failed; the message is the error stored with the run.
    """
    entry = line(name)
    return runner.run(name, slot, lambda: entry.run(now or clock.now()))
