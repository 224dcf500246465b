"""History of backups and restore drills: the newest backup, its audit log, the newest drill.

Each is stored as a line of the audit log, so that it survives a restore and a move.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from app import audit
from app.backups.archive import AuditFacts
from app.backups.queries import history as queries
from app.backups.storage import NO_PLACE
from app.db import Session
from app.db.job_runs import Run

# backups are made every night: this age means that at least one is missing
OLD_BACKUP = timedelta(days=2)
MADE, RESTORED, DRILLED = "backup.made", "backup.restored", "backup.drilled"


@dataclass(frozen=True, slots=True)
class RecordedBackup:
    """A backup that was made: time, file name, size, hash, number of rows, encryption."""

    at: datetime
    file: str
    bytes: int
    sha256: str
    rows: int
    encrypted: bool


@dataclass(frozen=True, slots=True)
class DrillLine:
    """The result of a restore drill: "restored", "checked" (not restored) or "failed"."""

    at: datetime
    result: str
    sentence: str
    file: str


@dataclass(frozen=True, slots=True)
class Status:
    """The newest of each, or None; `audit` is as of the newest backup or restore."""

    kept: RecordedBackup | None
    audit: AuditFacts | None
    audited_at: datetime | None
    drill: DrillLine | None


def status(db: Session) -> Status:
    """Return the status of backups; the caller has checked that the actor may see it."""
    line, drill = queries.newest_entry(db, MADE, RESTORED), queries.newest_entry(db, DRILLED)
    last_made = queries.newest_entry(db, MADE)
    return Status(
        kept=_to_backup(last_made),
        audit=AuditFacts(**line.after["audit"]) if line else None,
        audited_at=line.at if line else None,
        drill=DrillLine(drill.at, drill.after["result"], drill.sentence, drill.after["file"])
        if drill
        else None,
    )


def made_at(status: Status, nightly: Run | None) -> datetime | None:
    """Return when the newest backup was made: at night, by a command, or before an upgrade.

    `nightly` is the last run of the nightly job. It is the only source for backups that were not
    recorded, as by earlier versions of DonorCRM.
    """
    ended = _nightly_end(nightly)
    night = ended if nightly is not None and not nightly.error else None
    noted = status.kept.at if status.kept is not None else None
    return max(filter(None, (noted, night)), default=None)


def failure(status: Status, nightly: Run | None) -> str | None:
    """Return why the last nightly job failed; None if it did not or a backup was made since."""
    ended, newest = _nightly_end(nightly), made_at(status, nightly)
    if nightly is None or ended is None or not nightly.error:
        return None
    return nightly.error if newest is None or newest < ended else None


def _nightly_end(nightly: Run | None) -> datetime | None:
    if nightly is None or nightly.result == NO_PLACE:
        return None
    return nightly.finished_at


def recorded_backup(db: Session, file: str) -> RecordedBackup | None:
    """Return what was recorded about a backup file when it was made, or None."""
    return _to_backup(queries.entry_of_file(db, file))


def _to_backup(line: queries.AuditEntry | None) -> RecordedBackup | None:
    if line is None:
        return None
    facts = line.after
    names = ("file", "bytes", "sha256", "rows", "encrypted")
    return RecordedBackup(line.at, **{name: facts[name] for name in names})


def facts(db: Session, *, snapshot: bool = False) -> AuditFacts:
    """Verify the audit log and return its current state."""
    verification = audit.verify(db, snapshot=snapshot)
    return AuditFacts(
        sealed=verification.sealed,
        head=audit.head(db),
        broken_lines=verification.lines,
        first_broken=verification.first,
        why=verification.broken or "",
    )


def note_made(db: Session, backup: RecordedBackup, audit_facts: AuditFacts) -> None:
    """Record that a backup was made and stored."""
    values = asdict(backup) | {"audit": asdict(audit_facts)}
    values.pop("at")
    sentence = f"Backed up {backup.rows:,} rows to {backup.file}."
    _note(db, MADE, f"{sentence} {audit_facts.why}".strip(), values)


def note_restored(db: Session, made_at: str, audit_facts: AuditFacts) -> None:
    """Record permanently that a backup with a broken audit log was restored."""
    sentence = f"Restored a backup of {made_at} with a broken audit log. {audit_facts.why}"
    _note(db, RESTORED, sentence, {"audit": asdict(audit_facts)})


def note_drill(db: Session, *, result: str, sentence: str, file: str) -> None:
    """Record the result of a restore drill."""
    _note(db, DRILLED, sentence, {"result": result, "file": file})


def _note(db: Session, action: str, sentence: str, after: dict[str, object]) -> None:
    audit.record(db, actor_id=None, action=action, entity="backup", sentence=sentence, after=after)
