"""Backup status on the System screen: encryption, restore drill, audit log check."""

from app.accounts import Actor
from app.backups import DRILL_FAILED, DRILL_RESTORED, Status
from app.settings import settings
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import today

DRILL_RESULTS = {
    DRILL_RESTORED: "restored and compared",
    DRILL_FAILED: "failed",
}


def status_lines(status: Status, actor: Actor) -> list[str]:
    """Return lines on backup encryption, the last restore drill and the audit log check."""
    lines = []
    if status.kept is not None:
        lines.append(f"**Backup encryption** · {'on' if status.kept.encrypted else 'off'}")
    if status.drill is not None:
        time_text = moment(status.drill.at, actor.time_zone, today=today())
        outcome = DRILL_RESULTS.get(status.drill.result, "checked, not restored")
        lines.append(f"**Restore drill** · {time_text}: {outcome}")
    if status.audit is not None and status.audited_at is not None:
        time_text = moment(status.audited_at, actor.time_zone, today=today())
        broken = status.audit.broken_lines
        changes = f"{count(broken, 'line')} changed" if broken else "no line changed"
        lines.append(f"**Audit log** · checked {time_text}: {changes}")
        if status.audit.head:
            lines.append(f"**Head of the audit log** · `{status.audit.head}`")
    return lines


def problems(status: Status) -> list[str]:
    """Return the errors: a changed audit log, a failed restore drill."""
    messages = []
    if status.audit is not None and status.audit.broken_lines:
        messages.append(
            f"Somebody changed the audit log in the database. {escape(status.audit.why)} Find out "
            "who can write to the database, and keep an earlier backup: it shows what was there."
        )
    if status.drill is not None and status.drill.result == DRILL_FAILED:
        messages.append(
            f"The restore drill failed. {escape(status.drill.sentence)} Make another backup now: "
            "`python -m app backup`"
        )
    return messages


def advice(status: Status) -> list[str]:
    """Return recommendations: encryption, and the result of an incomplete drill."""
    messages = []
    if settings().backup_to and not settings().backup_recipients:
        messages.append(
            "Backups are not encrypted. Run `python -m app backup new-key FILE` on your own "
            "computer and set BACKUP_RECIPIENTS to the key it prints."
        )
    if status.drill is not None and status.drill.result not in DRILL_RESULTS:
        messages.append(escape(status.drill.sentence))
    return messages
