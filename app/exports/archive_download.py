"""The whole organisation as one zip file for the browser, made in the background.

The state and the zip are stored encrypted in the database, so that a reload, another tab and
another process, on any machine, show the same. They are deleted after `KEPT_FOR`.
"""

import json
import logging
import mmap
import secrets
import shutil
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from app import audit
from app.accounts import Actor, Role, require, require_confirmed, require_own
from app.db import Session, replica, stored_files, transaction_for_system
from app.db.stored_files import ARCHIVE, FileKey
from app.exports.full_export import record_everything, write_everything
from app.kit.errors import DonorCrmError, NotFoundError
from app.kit.security import file_encryption
from app.settings import settings

KEPT_FOR = timedelta(hours=24)
# without progress for so long, the process that made it has ended
SILENT_FOR = timedelta(minutes=30)
PURPOSE = "full export"
# the name under which the state is stored, beside the archive of its key
STATE = "state"
FAILED = "The archive could not be made. Try again; if it fails again, look at the server's log."
STOPPED = "The server was stopped while the archive was made. Start it again."
GONE = "This archive is no longer kept. Make a new one on the Export page."
log = logging.getLogger(__name__)
POOL = ThreadPoolExecutor(1, thread_name_prefix="archive")


@dataclass(frozen=True, slots=True)
class Archive:
    """The newest archive: `state` is running, done or failed; `done` of `of` files are written."""

    state: str
    began_at: datetime
    changed_at: datetime
    by: str
    user_id: int
    key: str
    done: int = 0
    of: int = 1
    doing: str = ""
    rows: int = 0
    bytes: int = 0
    error: str = ""

    @property
    def kept_until(self) -> datetime:
        """Return when the file is deleted."""
        return self.changed_at + KEPT_FOR

    @property
    def stored_as(self) -> FileKey:
        """Return where the zip is stored."""
        return FileKey(self.user_id, ARCHIVE, self.key)


def start_archive(db: Session, actor: Actor, *, now: datetime) -> bool:
    """Start making the archive; return False when one is being made already.

    Raises:
        NotAllowedError: the actor is not an administrator.
        ConfirmFirstError: the user must confirm first.
    """
    require_own(actor)
    require(actor, Role.ADMIN)
    require_confirmed(db, actor, now=now)
    archive = Archive("running", now, now, actor.name, actor.user_id, secrets.token_hex(16))
    with transaction_for_system() as system:
        # one process at a time starts an archive
        stored_files.lock(system, FileKey(0, ARCHIVE, STATE))
        newest = _newest(system, now)
        if newest is not None and newest.state == "running":
            return False
        _delete_stored(system)
        _save(system, archive)
    _delete_left_behind()
    _record(db, actor, "started", "Started an archive of the whole organisation.")
    POOL.submit(_make, actor, archive)
    return True


def newest_archive(actor: Actor, *, now: datetime) -> Archive | None:
    """Return the archive that is being made or was made last; None if it is no longer kept.

    Raises:
        NotAllowedError: the actor is not an administrator.
    """
    require(actor, Role.ADMIN)
    with transaction_for_system() as db:
        return _newest(db, now)


def _newest(db: Session, now: datetime) -> Archive | None:
    archive = _load(db)
    if archive is None or (archive.state != "running" and now >= archive.kept_until):
        return None
    if archive.state == "running" and now - archive.changed_at > SILENT_FOR:
        return replace(archive, state="failed", error=STOPPED)
    return archive


def write_archive(db: Session, actor: Actor, *, out: IO[bytes], now: datetime) -> str:
    """Write the finished archive to `out` and return its name.

    Raises:
        NotAllowedError: the actor is not an administrator.
        ConfirmFirstError: the user must confirm first.
        NotFoundError: there is none, or it is no longer kept.
    """
    require_own(actor)
    require(actor, Role.ADMIN)
    require_confirmed(db, actor, now=now)
    archive = newest_archive(actor, now=now)
    if archive is None or archive.state != "done":
        raise NotFoundError(GONE)
    source = stored_files.reader(db, archive.stored_as)
    if source is None:
        raise NotFoundError(GONE)
    try:
        for piece in file_encryption.read_stream(settings().signing_keys, PURPOSE, source):
            out.write(piece)
    except file_encryption.DamagedError:
        raise NotFoundError(GONE) from None
    _record(db, actor, "downloaded", "Downloaded the archive of the whole organisation.")
    return f"donorcrm-{archive.began_at.date().isoformat()}.zip"


def delete_old_archives(db: Session, *, now: datetime) -> int:
    """Delete the stored archive after its retention; return how many were deleted."""
    archive = _load(db)
    if archive is not None and archive.state == "running":
        if now - archive.changed_at <= SILENT_FOR:
            return 0
    elif archive is not None and now < archive.kept_until:
        return 0
    _delete_left_behind()
    return _delete_stored(db)


def _make(actor: Actor, archive: Archive) -> None:
    """Make the archive in its own transaction; the state says how it ended."""
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    # not in the folder of temporary files, which may be in memory
    folder = Path(tempfile.mkdtemp(prefix="part-", dir=_folder()))
    try:
        archive = _written(actor, archive, folder)
    except Exception as error:
        log.exception("The archive of the whole organisation could not be made")
        reason = str(error) if isinstance(error, DonorCrmError) else FAILED
        ended_at = datetime.now(archive.began_at.tzinfo)
        archive = replace(archive, state="failed", error=reason, changed_at=ended_at)
        with transaction_for_system() as db:
            _record(db, actor, "failed", "The archive of the whole organisation was not made.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        save(archive)


def _written(actor: Actor, archive: Archive, folder: Path) -> Archive:
    """Write all files, zip and encrypt them; return the finished state."""
    state = archive

    def report(doing: str, done: int, of: int) -> None:
        nonlocal state
        moment = datetime.now(archive.began_at.tzinfo)
        state = replace(state, doing=doing, done=done, of=of + 1, changed_at=moment)
        save(state)

    content = folder / "content"
    content.mkdir()
    files = replica.read_for_system(
        lambda db: write_everything(db, content, now=archive.began_at, report=report)
    )
    with transaction_for_system() as db:
        record_everything(db, files, by=actor)
    report("the archive", len(files), len(files))
    packed = folder / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in sorted(content.iterdir()):
            bundle.write(path, path.name)
    _store(packed, archive.stored_as)
    return replace(
        state,
        state="done",
        done=state.of,
        rows=sum(file.rows for file in files),
        bytes=packed.stat().st_size,
        changed_at=datetime.now(archive.began_at.tzinfo),
    )


def _store(source: Path, key: FileKey) -> None:
    with (
        source.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        transaction_for_system() as db,
        stored_files.replace(db, key) as out,
    ):
        file_encryption.write(settings().signing_key, PURPOSE, data, out)


def _record(db: Session, actor: Actor, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id or None,
        action=f"export.{verb}",
        entity="export",
        sentence=sentence,
    )


def _folder() -> Path:
    return Path(settings().data_dir) / "full-exports"


def _delete_stored(db: Session) -> int:
    """Delete the state and every stored archive; return how many archives there were."""
    names = {file.key.name for file in stored_files.sizes(db, ARCHIVE)}
    return len(stored_files.delete_named(db, ARCHIVE, names) - {STATE})


def _delete_left_behind() -> None:
    """Delete what a process that was killed has left, and the archives of earlier versions."""
    folder = _folder()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def save(archive: Archive) -> None:
    """Store the state in a transaction of its own, replacing the one before at once."""
    with transaction_for_system() as db:
        _save(db, archive)


def _save(db: Session, archive: Archive) -> None:
    text = json.dumps(asdict(archive), default=datetime.isoformat)
    with stored_files.replace(db, FileKey(archive.user_id, ARCHIVE, STATE)) as file:
        file_encryption.write(settings().signing_key, PURPOSE, text.encode(), file)


def _load(db: Session) -> Archive | None:
    keys = [file.key for file in stored_files.sizes(db, ARCHIVE) if file.key.name == STATE]
    source = stored_files.reader(db, keys[-1]) if keys else None
    text = source and file_encryption.read(settings().signing_keys, PURPOSE, source)
    if not text:
        return None
    values = json.loads(text)
    for name in ("began_at", "changed_at"):
        values[name] = datetime.fromisoformat(values[name])
    return Archive(**values)
