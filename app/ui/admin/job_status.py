"""Labels of job runs: state, time until the next run, and duration."""

from datetime import datetime

from app.ui.base.formats import count, number

MINUTE, HOURS = 60, 48
# up to here the seconds of a duration are shown
EXACT_MINUTES = 10
MARKS = {
    "queued": (":material/hourglass_top:", "waiting"),
    "running": (":material/sync:", "running"),
    "done": (":material/check_circle:", "done"),
    "failed": (":material/error:", "failed"),
}


def time_until(value: datetime, now: datetime) -> str:
    """Return the time until a moment: "in 12 minutes", "in 19 hours", "in 3 days"."""
    minutes = max(0, round((value - now).total_seconds() / MINUTE))
    if minutes < MINUTE:
        return f"in {count(minutes, 'minute')}"
    hours = round(minutes / MINUTE)
    return f"in {count(hours, 'hour')}" if hours < HOURS else f"in {count(hours // 24, 'day')}"


def duration(seconds: float | None) -> str:
    """Return a duration: "0.4 s", "1 min 30 s", "12 min"; "" while the run goes on."""
    if seconds is None:
        return ""
    if round(seconds, 1) < MINUTE:
        return f"{number(seconds, decimals=1)} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    if minutes < EXACT_MINUTES and rest:
        return f"{number(minutes)} min {rest} s"
    return f"{number(seconds / MINUTE)} min"
