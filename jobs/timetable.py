"""The timetable of all jobs, in the organisation's time zone; weekdays by name ("mon")."""

from datetime import time

from jobs.tasks import (
    at_risk,
    backup,
    backup_drill,
    check_aggregates,
    imports,
    late_pledges,
    purge,
    reliability,
    scheduled_exports,
    seal_audit_log,
    send_mail,
    weekly_summaries,
)
from jobs.timetable_line import Line, daily

TIMETABLE = (
    daily("backup", "Backup", time(3, 30), backup.run),
    daily("summaries_check", "Sums checked against the gifts", time(4, 15), check_aggregates.run),
    daily("purge", "Expired sessions and old records cleared", time(4, 45), purge.run),
    daily("late_pledges", "Late pledges", time(6, 0), late_pledges.run),
    daily("at_risk", "Donors at risk", time(6, 30), at_risk.run),
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
        scheduled_exports.run,
    ),
    Line("seal", "Audit log seal", "every ten minutes", {"minute": "5-55/10"}, seal_audit_log.run),
    Line("send_mail", "E-mail", "every 5 seconds", {}, send_mail.run),
    Line("imports", "Big imports", "when a big file is handed over", {}, imports.run),
)
