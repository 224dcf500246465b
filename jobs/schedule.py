"""The timetable of all jobs, in the organisation's time zone; weekdays by name ("mon")."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.kit.errors import NotFoundError
from app.settings import settings
from jobs import (
    at_risk,
    backup,
    backup_drill,
    check_aggregates,
    imports,
    late_pledges,
    purge,
    regular_exports,
    reliability,
    seal_audit_log,
    send_mail,
    weekly_summaries,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A job of the timetable; `when` holds cron fields, or is empty for a job run on demand."""

    name: str
    title: str
    rhythm: str
    when: Mapping[str, int | str]
    run: Callable[[datetime], str]


TIMETABLE = (
    Line("backup", "Backup", "every day at 03:30", {"hour": 3, "minute": 30}, backup.run),
    Line(
        "summaries_check",
        "Sums checked against the gifts",
        "every day at 04:15",
        {"hour": 4, "minute": 15},
        check_aggregates.run,
    ),
    Line(
        "purge",
        "Expired sessions and old records cleared",
        "every day at 04:45",
        {"hour": 4, "minute": 45},
        purge.run,
    ),
    Line(
        "late_pledges",
        "Late pledges",
        "every day at 06:00",
        {"hour": 6, "minute": 0},
        late_pledges.run,
    ),
    Line(
        "at_risk", "Donors at risk", "every day at 06:30", {"hour": 6, "minute": 30}, at_risk.run
    ),
    Line(
        "reliability",
        "How good the alerts are",
        "every Sunday at 05:15",
        {"day_of_week": "sun", "hour": 5, "minute": 15},
        reliability.run,
    ),
    Line(
        "backup_drill",
        "Newest backup restored on trial",
        *backup_drill.WHEN["monthly"],
        backup_drill.run,
    ),
    Line(
        "weekly_summaries",
        "Weekly summaries, at each person's own hour",
        "every hour",
        {"minute": 0},
        weekly_summaries.run,
    ),
    Line(
        "regular_exports",
        "Scheduled exports, in the morning of each person's time zone",
        "every hour",
        {"minute": 10},
        regular_exports.run,
    ),
    Line("seal", "Audit log seal", "every ten minutes", {"minute": "5-55/10"}, seal_audit_log.run),
    Line("send_mail", "E-mail", "every 5 seconds", {}, send_mail.run),
    Line("imports", "Big imports", "when a big file is handed over", {}, imports.run),
)


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
