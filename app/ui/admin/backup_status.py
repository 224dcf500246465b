"""Backup status on the System screen: encryption, restore drill, audit log check."""

from app.accounts import Actor
from app.backups import DRILL_FAILED, DRILL_RESTORED, Status
from app.settings import settings
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import today

DRILLED = {
    DRILL_RESTORED: "restored and compared",
    DRILL_FAILED: "failed",
}


def lines(found: Status, actor: Actor) -> list[str]:
    """Return lines on backup encryption, the last restore drill and the audit log check."""
    said = []
    if found.kept is not None:
        said.append(f"**Backup encryption** · {'on' if found.kept.encrypted else 'off'}")
    if found.drill is not None:
        when = moment(found.drill.at, actor.time_zone, today=today())
        how = DRILLED.get(found.drill.result, "checked, not restored")
        said.append(f"**Restore drill** · {when}: {how}")
    if found.audit is not None and found.audited_at is not None:
        when = moment(found.audited_at, actor.time_zone, today=today())
        broken = found.audit.broken_lines
        how = f"{count(broken, 'line')} changed" if broken else "no line changed"
        said.append(f"**Audit log** · checked {when}: {how}")
        if found.audit.head:
            said.append(f"**Head of the audit log** · `{found.audit.head}`")
    return said


def troubles(found: Status) -> list[str]:
    """Return the errors: a changed audit log, a failed restore drill."""
    said = []
    if found.audit is not None and found.audit.broken_lines:
        said.append(
            f"Somebody changed the audit log in the database. {escape(found.audit.why)} Find out "
            "who can write to the database, and keep an earlier backup: it shows what was there."
        )
    if found.drill is not None and found.drill.result == DRILL_FAILED:
        said.append(
            f"The restore drill failed. {escape(found.drill.sentence)} Make another backup now: "
            "`python -m app backup`"
        )
    return said


def advice(found: Status) -> list[str]:
    """Return recommendations: encryption, and the result of an incomplete drill."""
    said = []
    if settings().backup_to and not settings().backup_recipients:
        said.append(
            "Backups are not encrypted. Run `python -m app backup new-key FILE` on your own "
            "computer and set BACKUP_RECIPIENTS to the key it prints."
        )
    if found.drill is not None and found.drill.result not in DRILLED:
        said.append(escape(found.drill.sentence))
    return said
