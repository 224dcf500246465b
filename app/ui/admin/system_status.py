"""Texts of the System screen: status lines, and problems that an administrator must fix."""

from app import backups, cache
from app.accounts import Actor
from app.backups import Status
from app.db.job_runs import Run
from app.db.monitoring.vitals import Vitals
from app.db.replica import ReplicaStatus, Trouble, reading_counts
from app.settings import settings
from app.ui.base import formats
from app.ui.base.formats import count, escape, moment, percent
from app.ui.base.session import now, today

LEAST_DISK = 2_000_000_000
UNITS = ("B", "kB", "MB", "GB", "TB")


def size(value: float) -> str:
    """Return a size in bytes as text: "12.4 MB"."""
    unit = min((len(f"{int(value)}") - 1) // 3, len(UNITS) - 1)
    scaled = round(value / 1_000**unit, 1)
    return f"{formats.number(scaled, decimals=0 if scaled.is_integer() else 1)} {UNITS[unit]}"


def elapsed(seconds: float) -> str:
    """Return an elapsed time as text: "40 seconds", "3 hours"."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return count(int(seconds // length), unit)
    return count(int(seconds), "second")


def last_backup(status: Status, nightly: Run | None, actor: Actor) -> str:
    """Return when the newest backup was made: "this morning at 03:30 · 1,204 rows, 0.4 MB"."""
    made_at, backup = backups.made_at(status, nightly), status.kept
    if made_at is None:
        return "none so far"
    time_text = moment(made_at, actor.time_zone, today=today())
    if backup is not None:
        return f"{time_text} · {count(backup.rows, 'row')}, {size(backup.bytes)}"
    return f"{time_text} · {escape((nightly and nightly.result) or '')}"


def redis_status() -> str | None:
    """Return whether Redis answers, and its cache hit rate; None if Redis is not configured."""
    reachable = cache.reachable()
    if reachable is None:
        return None
    if not reachable:
        return "does not answer"
    rate = cache.hit_rate()
    return "answers" if rate is None else f"answers; {percent(rate)} of what was asked was there"


def dashboard_hit_rate() -> str:
    """Return this process's hit rate of cached dashboards: "83 % of 1,204 were at hand"."""
    counts = cache.hit_counts()
    requests = sum(counts.values())
    if not requests:
        return "none asked for yet"
    return f"{percent(counts[True] / requests)} of {formats.number(requests)} were at hand"


def replica_status(status: ReplicaStatus) -> str:
    """Return where the read replica is, how far it is behind, and how much it was used."""
    lag, counts = status.lag, reading_counts()
    behind = "has caught up"
    if lag.bytes:
        since = "" if lag.seconds is None else f", {elapsed(lag.seconds)}"
        behind = f"{size(lag.bytes)}{since} behind"
    state = behind if lag.trouble in {None, Trouble.BEHIND} else "not used"
    share = f" · {formats.number(counts[True])} of {formats.number(sum(counts.values()))} readings"
    return f"{escape(status.replica)} · {state}{share if sum(counts.values()) else ''}"


def problems(
    vitals: Vitals,
    disk_free: int,
    backup_status: Status,
    nightly: Run | None,
    *,
    at_head: bool,
    replica: ReplicaStatus | None = None,
) -> list[str]:
    """Return the problems that an administrator should fix."""
    messages = []
    if not vitals.health.scheduler_alive:
        messages.append("The scheduler is not running. Start it with `python -m jobs`.")
    if vitals.health.mail_delayed:
        messages.append("E-mail is not being sent. See the Outbox for the reason.")
    if vitals.health.failed_mails:
        messages.append(f"{count(vitals.health.failed_mails, 'e-mail')} failed. See Outbox.")
    if vitals.queue.get("failed"):
        messages.append(f"{count(vitals.queue['failed'], 'task')} of the queue failed. See Jobs.")
    if disk_free < LEAST_DISK:
        messages.append(f"Only {size(disk_free)} of disk are left for files.")
    messages += _backup_problems(backup_status, nightly)
    if cache.reachable() is False:
        messages.append("Redis does not answer. Until it does, each process works by itself.")
    if replica is not None and replica.lag.trouble is not None:
        messages.append(
            f"The read replica is not used, the primary is read. {replica.lag.trouble}"
        )
    if not at_head:
        messages.append("Migrations are missing. Run: python -m app db upgrade")
    return messages


def _backup_problems(status: Status, nightly: Run | None) -> list[str]:
    if not settings().backup_to:
        return ["No backup is made. Set BACKUP_TO to a folder or a bucket."]
    if error := backups.failure(status, nightly):
        return [f"The last backup failed: {escape(error)}"]
    made_at = backups.made_at(status, nightly)
    if made_at is not None and now() - made_at > backups.OLD_BACKUP:
        return ["The last backup is more than two days old. See Jobs."]
    return []
