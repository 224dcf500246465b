"""Texts of the System screen: status lines, and problems that an administrator must fix."""

from app import backups, cache
from app.accounts import Actor
from app.backups import Status
from app.db.job_runs import Run
from app.db.monitoring.vitals import Vitals
from app.settings import settings
from app.ui.base.formats import count, escape, moment, percent
from app.ui.base.session import now, today

OLD_MAIL_SECONDS = 900
LEAST_DISK = 2_000_000_000
ALIVE_SECONDS = 60
UNITS = ("B", "kB", "MB", "GB", "TB")


def size(value: float) -> str:
    """Return a size in bytes as text: "12.4 MB"."""
    place = min((len(f"{int(value)}") - 1) // 3, len(UNITS) - 1)
    shown = f"{value / 1_000**place:,.1f}".removesuffix(".0")
    return f"{shown} {UNITS[place]}"


def lasted(seconds: float) -> str:
    """Return an elapsed time as text: "40 seconds", "3 hours"."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return count(int(seconds // length), unit)
    return count(int(seconds), "second")


def backed_up(found: Status, nightly: Run | None, actor: Actor) -> str:
    """Return when the newest backup was made: "this morning at 03:30 · 1,204 rows, 0.4 MB"."""
    at, kept = backups.made_at(found, nightly), found.kept
    if at is None:
        return "none so far"
    when = moment(at, actor.time_zone, today=today())
    if kept is not None:
        return f"{when} · {count(kept.rows, 'row')}, {size(kept.bytes)}"
    return f"{when} · {escape((nightly and nightly.result) or '')}"


def redis() -> str | None:
    """Return whether Redis answers, and its cache hit rate; None if Redis is not configured."""
    answers = cache.reachable()
    if answers is None:
        return None
    if not answers:
        return "does not answer"
    rate = cache.hit_rate()
    return "answers" if rate is None else f"answers; {percent(rate)} of what was asked was there"


def kept() -> str:
    """Return this process's hit rate of cached dashboards: "83 % of 1,204 were at hand"."""
    counts = cache.hit_counts()
    asked = sum(counts.values())
    if not asked:
        return "none asked for yet"
    return f"{percent(counts[True] / asked)} of {asked:,} were at hand"


def troubles(
    seen: Vitals, disk_free: int, found_backups: Status, nightly: Run | None, *, at_head: bool
) -> list[str]:
    """Return the problems that an administrator should fix."""
    found = []
    beat = seen.health.heartbeat_age_seconds
    if beat is None or beat > ALIVE_SECONDS:
        found.append("No scheduler is alive. Start it with `python -m jobs`.")
    if (seen.health.oldest_mail_seconds or 0) > OLD_MAIL_SECONDS:
        found.append("E-mail is not being sent. Look into the Outbox for the reason.")
    if seen.health.failed_mails:
        found.append(f"{count(seen.health.failed_mails, 'e-mail')} failed. See Outbox.")
    if seen.queue.get("failed"):
        found.append(f"{count(seen.queue['failed'], 'task')} of the queue failed. See Jobs.")
    if disk_free < LEAST_DISK:
        found.append(f"Only {size(disk_free)} of disk are left for files.")
    found += _of_backups(found_backups, nightly)
    if cache.reachable() is False:
        found.append("Redis does not answer. Until it does, each process works by itself.")
    if not at_head:
        found.append("Migrations are missing. Run: python -m app db upgrade")
    return found


def _of_backups(found: Status, nightly: Run | None) -> list[str]:
    if not settings().backup_to:
        return ["No backup is made. Set BACKUP_TO to a folder or a bucket."]
    if error := backups.failure(found, nightly):
        return [f"The last backup failed: {escape(error)}"]
    at = backups.made_at(found, nightly)
    if at is not None and now() - at > backups.OLD_BACKUP:
        return ["The last backup is more than two days old. Look into Jobs."]
    return []
