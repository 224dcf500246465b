"""What is known of the newest backup, of the audit log in it, and of the newest restore drill.

Each is a line of the audit log, so that it survives a restore and a move.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from app import audit
from app.backups.archive import AuditFacts
from app.backups.queries import history as queries
from app.backups.storage import NO_PLACE
from app.db import Session
from app.db.job_runs import Run

# a backup every night, and one that did not come
OLD_BACKUP = timedelta(days=2)
MADE, RESTORED, DRILLED = "backup.made", "backup.restored", "backup.drilled"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was made: its file, what it holds and what the audit log was like."""

    at: datetime
    file: str
    bytes: int
    sha256: str
    rows: int
    encrypted: bool


@dataclass(frozen=True, slots=True)
class DrillLine:
    """How a restore drill ended: "restored", "checked" (not restored) or "failed"."""

    at: datetime
    result: str
    sentence: str
    file: str


@dataclass(frozen=True, slots=True)
class Status:
    """The newest of each, None where there is none; `audit` is as of the newest backup."""

    kept: Kept | None
    audit: AuditFacts | None
    audited_at: datetime | None
    drill: DrillLine | None


def status(db: Session) -> Status:
    """Return what is known. For administrators and collectors: the caller has checked."""
    line, drill = queries.newest(db, MADE, RESTORED), queries.newest(db, DRILLED)
    made = queries.newest(db, MADE)
    return Status(
        kept=_kept(made),
        audit=AuditFacts(**line.after["audit"]) if line else None,
        audited_at=line.at if line else None,
        drill=DrillLine(drill.at, drill.after["result"], drill.sentence, drill.after["file"])
        if drill
        else None,
    )


def made_at(found: Status, nightly: Run | None) -> datetime | None:
    """Return when the newest backup was made: at night, by a command, or before an upgrade.

    `nightly` is the last run of the nightly job. It counts alone where nothing was noted of a
    backup, as by a DonorCRM of before.
    """
    ended = _ended(nightly)
    night = ended if nightly is not None and not nightly.error else None
    noted = found.kept.at if found.kept is not None else None
    return max(filter(None, (noted, night)), default=None)


def failure(found: Status, nightly: Run | None) -> str | None:
    """Return why the last run of the nightly job failed; None where a backup was made since."""
    ended, newest = _ended(nightly), made_at(found, nightly)
    if nightly is None or ended is None or not nightly.error:
        return None
    return nightly.error if newest is None or newest < ended else None


def _ended(nightly: Run | None) -> datetime | None:
    if nightly is None or nightly.result == NO_PLACE:
        return None
    return nightly.finished_at


def kept(db: Session, file: str) -> Kept | None:
    """Return what was noted of a backup's file when it was made."""
    return _kept(queries.made(db, file))


def _kept(line: Any) -> Kept | None:
    if line is None:
        return None
    facts = line.after
    names = ("file", "bytes", "sha256", "rows", "encrypted")
    return Kept(line.at, **{name: facts[name] for name in names})


def facts(db: Session, *, snapshot: bool = False) -> AuditFacts:
    """Check the audit log as it is now."""
    found = audit.verify(db, snapshot=snapshot)
    return AuditFacts(
        sealed=found.sealed,
        head=audit.head(db),
        broken_lines=found.lines,
        first_broken=found.first,
        why=found.broken or "",
    )


def note_made(db: Session, kept: Kept, found: AuditFacts) -> None:
    """Note that a backup was made and brought to its place."""
    values = asdict(kept) | {"audit": asdict(found)}
    values.pop("at")
    sentence = f"Backed up {kept.rows:,} rows to {kept.file}."
    _note(db, MADE, f"{sentence} {found.why}".strip(), values)


def note_restored(db: Session, made_at: str, found: AuditFacts) -> None:
    """Note that a backup with a broken audit log was restored, so that this stays known."""
    sentence = f"Restored a backup of {made_at} with a broken audit log. {found.why}"
    _note(db, RESTORED, sentence, {"audit": asdict(found)})


def note_drill(db: Session, *, result: str, sentence: str, file: str) -> None:
    """Note how a restore drill ended."""
    _note(db, DRILLED, sentence, {"result": result, "file": file})


def _note(db: Session, action: str, sentence: str, after: dict[str, object]) -> None:
    audit.record(db, actor_id=None, action=action, entity="backup", sentence=sentence, after=after)
