"""Restore drill: a test whether the newest backup can be restored.

It is restored into a separate database by a child process, because a process uses one database
at a time; rows, sums and the audit log are compared with the manifest, and the database is
dropped. Where a restore is not possible, the drill checks what it can and reports that.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from app import mail
from app.accounts import organisation
from app.backups import encryption, history, storage
from app.backups.archive import Reader
from app.backups.queries import history as history_queries
from app.db import Session, scratch, transaction_for_system
from app.db.errors import DatabaseError, sentence
from app.kit import formatting
from app.kit.errors import DonorCrmError, InvalidError
from app.settings import ROOT, settings

log = structlog.get_logger("app.backups")
RESTORED, CHECKED, FAILED, NONE = "restored", "checked", "failed", "none"
# free disk space that a restore into the embedded server needs, as a multiple of the size
ROOM = 1.5


@dataclass(frozen=True, slots=True)
class Drill:
    """The result of a drill; "checked" means read but not restored."""

    result: str
    sentence: str
    file: str = ""

    @property
    def failed(self) -> bool:
        """Whether the backup did not pass."""
        return self.result == FAILED


def drill(target: str, *, now: datetime, identity: str = "") -> Drill:
    """Test the newest backup, record the result, and mail the administrators on failure."""
    file = ""
    try:
        address = storage.newest(target)
        if address is None:
            return Drill(NONE, "There is no backup to restore yet.")
        file = address.rpartition("/")[2]
        with storage.local_copy(address) as path:
            done = _drill_file_twice(path, identity)
    except DonorCrmError as error:
        done = Drill(FAILED, str(error), file)
    except DatabaseError as error:
        # the database's error code (SQLSTATE) names the cause and no data
        code = getattr(getattr(error, "orig", None), "pgcode", None)
        reason = sentence(error)
        done = Drill(FAILED, f"{reason} (SQLSTATE {code})" if code else reason, file)
    except OSError as error:
        done = Drill(FAILED, f"{file or target} cannot be read: {error.strerror}.", file)
    with transaction_for_system() as db:
        history.note_drill(db, result=done.result, sentence=done.sentence, file=done.file)
        if done.result == FAILED:
            _notify(db, done, now)
    return done


def _drill_file(path: Path, identity: str) -> Drill:
    facts = _require_unchanged(path)
    encrypted = encryption.is_encrypted(path)
    if encrypted and not encryption.identities(identity):
        if not encryption.has_readable_header(path):
            return Drill(FAILED, f"{path.name} has no readable header: it is damaged.", path.name)
        sentence = (
            f"{path.name} was checked but not restored: it is encrypted and its private key is "
            f"not on this server (BACKUP_IDENTITY_FILE). Its header is readable; {facts}."
        )
        return Drill(CHECKED, sentence, path.name)
    with transaction_for_system() as db:
        hindrance = _obstacle(db)
    if hindrance:
        with Reader(path, identity) as reader:
            reader.check()
        sentence = f"{path.name} was read and is whole, but was not restored: {hindrance}"
        return Drill(CHECKED, sentence, path.name)
    return _restore_in_subprocess(path, identity)


def _drill_file_twice(path: Path, identity: str) -> Drill:
    """Test a file; once more if the server refuses the separate database the first time.

    A killed drill may still be creating a database of the same name on the server.
    """
    try:
        return _drill_file(path, identity)
    except DatabaseError as error:
        log.warning("drill tried again", fault=type(error).__name__)
        return _drill_file(path, identity)


def _require_unchanged(path: Path) -> str:
    """Compare a file with the size and hash recorded when it was made; return a summary sentence.

    Raises:
        InvalidError: the file differs.
    """
    with transaction_for_system() as db:
        backup = history.recorded_backup(db, path.name)
    if backup is None:
        return "its size and SHA-256 were not noted when it was made"
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if (path.stat().st_size, sha256) != (backup.bytes, backup.sha256):
        msg = f"{path.name} is not the file that was made: its size or SHA-256 differs."
        raise InvalidError(msg)
    return "its size and SHA-256 are those of the file that was made"


def _obstacle(db: Session) -> str | None:
    """Return why a backup cannot be restored on this server, or None."""
    if not scratch.may_create_databases(db):
        return (
            "the database user may not create databases. To allow it: alter role "
            f'"{scratch.user(db)}" createdb;'
        )
    free = shutil.disk_usage(settings().data_dir).free
    if settings().embedded and free < ROOM * scratch.size(db):
        return f"only {free / 1e6:,.0f} MB of disk are free."
    return None


def _restore_in_subprocess(path: Path, identity: str) -> Drill:
    with scratch.scratch_database() as address:
        request = {"address": address, "file": str(path.absolute()), "identity": identity}
        done = subprocess.run(
            [sys.executable, "-m", "app.backups.drill_worker"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        why = f"The restore of {path.name} ended without an answer (code {done.returncode})."
        return Drill(FAILED, why, path.name)
    notes = " ".join(answer.get("notes", ()))
    if answer.get("error") or answer["changed"]:
        why = answer.get("error") or notes
        return Drill(FAILED, f"{path.name} did not pass a trial restore. {why}", path.name)
    compared = (
        f"Restored {path.name} into a database of its own: "
        f"{formatting.count(answer['rows'], 'row')} of "
        f"{formatting.count(answer['tables'], 'table')}, "
        f"{formatting.count(answer['sums'], 'sum')} of money and the head of the audit log "
        "are as in its manifest."
    )
    return Drill(RESTORED, f"{compared} {notes}".strip(), path.name)


def _notify(db: Session, done: Drill, now: datetime) -> None:
    """Queue a mail to every administrator, at most once a day."""
    own = organisation(db)
    for person in history_queries.administrators(db):
        local = now.astimezone(ZoneInfo(person.time_zone or own.time_zone))
        locale = person.locale or own.locale
        message = mail.DrillMail(
            subject="A backup could not be restored",
            name=person.name.split()[0] if person.name else "",
            organisation=own.name,
            when=f"on {formatting.moment(local, today=local.date(), locale=locale)}",
            reason=done.sentence,
            link=f"{settings().public_url}/system",
        )
        key = f"drill:{person.id}:{now:%Y-%m-%d}"
        mail.backup_drill_failed(
            db, key=key, to=person.email, user_id=person.id, mail=message, now=now
        )
