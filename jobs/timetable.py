"""The timetable of all jobs, in the organisation's time zone; weekdays by name ("mon")."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from importlib import import_module

from jobs.timetable_line import Line, daily

_DRILL = {"hour": 5, "minute": 30}
# BACKUP_DRILL → the schedule in words and as cron fields
DRILLS: Mapping[str, tuple[str, Mapping[str, int | str]]] = {
    "off": ("turned off (BACKUP_DRILL)", {}),
    "weekly": ("every Sunday at 05:30", {"day_of_week": "sun", **_DRILL}),
    "monthly": ("on the first Sunday of the month at 05:30", {"day": "1st sun", **_DRILL}),
    "quarterly": (
        "on the first Sunday of the quarter at 05:30",
        {"month": "1,4,7,10", "day": "1st sun", **_DRILL},
    ),
}


def task(name: str) -> Callable[[datetime], str]:
    """Return the job of a module of jobs.tasks, which is imported when the job runs.

    All of them together take seconds to import, and `python -m jobs run NAME` needs one.
    """

    def run(now: datetime) -> str:
        message: str = import_module(f"jobs.tasks.{name}").run(now)
        return message

    return run


TIMETABLE = (
    daily("backup", "Backup", time(3, 30), task("backup")),
    daily(
        "summaries_check", "Sums checked against the gifts", time(4, 15), task("check_aggregates")
    ),
    daily("purge", "Expired sessions and old records cleared", time(4, 45), task("purge")),
    daily("late_pledges", "Late pledges", time(6, 0), task("late_pledges")),
    daily("at_risk", "Donors at risk", time(6, 30), task("at_risk")),
    Line(
        "reliability",
        "How good the alerts are",
        "every Sunday at 05:15",
        {"day_of_week": "sun", "hour": 5, "minute": 15},
        task("reliability"),
    ),
    Line(
        "backup_drill",
        "Newest backup restored on trial",
        *DRILLS["monthly"],
        task("backup_drill"),
    ),
    Line(
        "weekly_summaries",
        "Weekly summaries, at each person's own hour",
        "every hour",
        {"minute": 0},
        task("weekly_summaries"),
    ),
    Line(
        "regular_exports",
        "Scheduled exports, in the morning of each person's time zone",
        "every hour",
        {"minute": 10},
        task("scheduled_exports"),
    ),
    Line(
        "seal",
        "Audit log seal",
        "every ten minutes",
        {"minute": "5-55/10"},
        task("seal_audit_log"),
    ),
    Line("send_mail", "E-mail", "every 5 seconds", {}, task("send_mail")),
    Line("imports", "Big imports", "when a big file is handed over", {}, task("imports")),
)
