"""A line of the timetable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class Line:
    """A job of the timetable; `when` holds cron fields, or is empty for a job run on demand."""

    name: str
    title: str
    rhythm: str
    when: Mapping[str, int | str]
    run: Callable[[datetime], str]


def daily(name: str, title: str, clock_time: time, run: Callable[[datetime], str]) -> Line:
    """Return the line of a job that runs every day at this time."""
    when = {"hour": clock_time.hour, "minute": clock_time.minute}
    return Line(name, title, f"every day at {clock_time:%H:%M}", when, run)
