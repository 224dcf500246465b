"""The timetable as scheduled by the settings, and its lines by name."""

from dataclasses import replace

from app.kit.errors import NotFoundError
from app.settings import settings
from jobs import backup_drill
from jobs.timetable import TIMETABLE
from jobs.timetable_line import Line

__all__ = ["TIMETABLE", "Line", "line", "timetable"]


def timetable() -> tuple[Line, ...]:
    """Return the timetable with the restore drill scheduled by BACKUP_DRILL."""
    rhythm, when = backup_drill.WHEN[settings().backup_drill]
    return tuple(
        replace(one, rhythm=rhythm, when=when) if one.name == "backup_drill" else one
        for one in TIMETABLE
    )


def line(name: str) -> Line:
    """Return a job of the timetable by its name.

    Raises:
        NotFoundError: there is no such job; the message lists the existing names.
    """
    for one in timetable():
        if one.name == name:
            return one
    names = ", ".join(one.name for one in TIMETABLE)
    msg = f"There is no job called {name}. There are: {names}."
    raise NotFoundError(msg)
