"""Making a backup, taking one in, and moving to another server; each is checked before it counts.

What is read is one moment of the database. What is written is one transaction: a database that
is restored into is as before, or whole.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pyrage import x25519

from app import audit
from app.backups import encryption, history, storage
from app.backups.archive import (
    AuditFacts,
    DamagedError,
    Hashing,
    Manifest,
    Reader,
    TableFacts,
    Writer,
    writing,
)
from app.backups.queries import tables as queries
from app.db import Session, aggregate_check, elsewhere, migrate, transaction_for_system
from app.kit.errors import ConfigurationError, ConflictError, InvalidError
from app.kit.formatting import count
from app.settings import settings

__all__ = ["DamagedError", "Made", "Restored", "back_up", "file_name", "make", "move", "restore"]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and read again."""

    path: Path
    rows: int
    tables: int
    bytes: int
    audit: AuditFacts
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """What was taken in, how many sums were compared, and what is to be known about it.

    `changed` says that the audit log is not what the manifest says it was.
    """

    rows: int
    tables: int
    sums: int
    made_at: str
    notes: tuple[str, ...] = ()
    changed: bool = False


def file_name(now: datetime, *, head: str = "", encrypted: bool = False) -> str:
    """Return what a backup of a moment (UTC) is called, with the head of its audit log.

    "donorcrm-20261123-0330-4711-k7q2m4xsz5ab3cde.zip", and ".age" behind an encrypted one.
    """
    end = f"-{head}" if head else ""
    return f"donorcrm-{now.astimezone(UTC):%Y%m%d-%H%M}{end}.zip{'.age' if encrypted else ''}"


def back_up(place: str, *, now: datetime) -> tuple[Made, str]:
    """Make a backup, bring it to its place and note it; return it and its address there.

    It is encrypted when BACKUP_RECIPIENTS names public keys.

    Raises:
        ConfigurationError: it could not be made, or was not taken.
    """
    keys = encryption.recipients()
    with transaction_for_system() as db:
        audit.seal(db)
    folder = settings().data_dir / "backups"
    made = make(folder / file_name(now, encrypted=bool(keys)), now=now, keys=keys)
    path = folder / file_name(now, head=made.audit.head, encrypted=bool(keys))
    made.path.replace(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        address = storage.put(path, place)
    finally:
        if place.startswith(storage.S3):
            path.unlink(missing_ok=True)
    kept = history.Kept(now, path.name, made.bytes, sha256, made.rows, bool(keys))
    with transaction_for_system() as db:
        history.note_made(db, kept, made.audit)
    return made, address


def make(path: Path, *, now: datetime, keys: Sequence[x25519.Recipient] = ()) -> Made:
    """Write the whole database into a file, read it again, and only then give it its name.

    Raises:
        ConfigurationError: migrations are missing, or the disk does not take it.
    """
    try:
        with transaction_for_system() as db, writing(path, keys) as archive:
            queries.read_as_of_one_moment(db)
            manifest, found = _written(db, archive, now)
            archive.finish(manifest)
    except OSError as error:
        msg = f"The backup could not be written to {path}: {error.strerror}. Nothing was kept."
        raise ConfigurationError(msg) from error
    size = path.stat().st_size
    return Made(path, manifest.rows, len(manifest.tables), size, found, bool(keys))


def _written(db: Session, archive: Writer, now: datetime) -> tuple[Manifest, AuditFacts]:
    revision = queries.revision(db)
    if revision is None:
        msg = "There is nothing to back up yet. Run: python -m app db upgrade"
        raise ConfigurationError(msg)
    tables = {}
    for name, columns in queries.tables(db).items():
        with archive.table(name) as stream:
            rows = queries.copy_out(db, name, columns, stream)
        tables[name] = TableFacts(columns, rows, stream.sha256, queries.sums(db, name, columns))
    found = history.facts(db, snapshot=True)
    manifest = Manifest(
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        revision=revision,
        organisation=queries.organisation_name(db),
        tables=tables,
        counters=queries.counters(db),
        audit=found,
    )
    return manifest, found


def restore(
    path: Path, *, now: datetime, replace: str = "", moved: bool = False, identity: str = ""
) -> Restored:
    """Take a backup into an empty database, or in place of the one named by `replace`.

    An encrypted one is opened with the private key in the file `identity`, else in
    BACKUP_IDENTITY_FILE. Afterwards nobody is signed in, and mails that waited are shown as
    failed, unless the whole organisation has `moved`. A broken audit log is restored as it is,
    and said in `notes`.

    Raises:
        DamagedError: the file is not whole. ConflictError: the database is not empty.
        InvalidError: the backup is of a newer DonorCRM, or no key opens it. ConfigurationError:
        what came in is not what went out; nothing was kept.
    """
    with Reader(path, identity) as backup:
        manifest = backup.manifest
        backup.check()
        _make_room(replace)
        # an unknown one is of a newer program: said before anything is changed
        migrate.upgrade(manifest.revision)
        with transaction_for_system() as db:
            compared = _taken_in(db, backup)
            found = history.facts(db)
            notes, changed = _notes(db, manifest.audit, found)
            if not moved:
                queries.end_what_was_open(db, at=now)
    migrate.upgrade()
    if found.broken_lines:
        with transaction_for_system() as db:
            history.note_restored(db, manifest.made_at, found)
    return Restored(
        manifest.rows, len(manifest.tables), compared, manifest.made_at, notes, changed
    )


def _notes(
    db: Session, before: AuditFacts | None, found: AuditFacts
) -> tuple[tuple[str, ...], bool]:
    """Say what is wrong with the audit log that was restored, and whether it was so before."""
    notes, changes = [], []
    if found.broken_lines:
        notes.append(f"The audit log of this backup is broken. {found.why} It stays known so.")
        if before is not None and not before.broken_lines:
            changes.append("It was whole when the backup was made: the file was changed since.")
    if before is not None and before.head and (why := audit.missing(db, before.head)):
        changes.append(why)
    return (*notes, *changes), bool(changes)


def _make_room(replace: str) -> None:
    with transaction_for_system() as db:
        name, empty = queries.database_name(db), queries.is_empty(db)
        busy = queries.others_at_work(db)
    if not empty and replace != name:
        wrong = f" It is called {name}, not {replace}." if replace else ""
        msg = (
            f"The database {name} is in use.{wrong} Restore into an empty one, or replace what is "
            f"in it: --replace {name}"
        )
        raise ConflictError(msg)
    if not empty and busy:
        msg = "DonorCRM is still at work in this database. Stop it, then restore."
        raise ConflictError(msg)
    with transaction_for_system() as db:
        known = queries.revision(db)
    if known is not None:
        migrate.downgrade("base")


def _taken_in(db: Session, backup: Reader) -> int:
    manifest = backup.manifest
    here = queries.tables(db)
    if here.keys() != manifest.tables.keys():
        odd = ", ".join(sorted(here.keys() ^ manifest.tables.keys()))
        msg = f"The backup and this DonorCRM do not have the same tables: {odd}."
        raise InvalidError(msg)
    with queries.laid_open(db, sorted(here)):
        for name, facts in sorted(manifest.tables.items()):
            with backup.table(name) as stream:
                queries.copy_in(db, name, facts.columns, stream)
    queries.set_counters(db, manifest.counters)
    queries.learn(db, sorted(here))
    compared = sum(_compared(db, name, facts) for name, facts in manifest.tables.items())
    _require_exact(db)
    return compared


def _compared(db: Session, name: str, facts: TableFacts) -> int:
    """Read a table back and hold it to the manifest; return how many sums agreed."""
    found = Hashing()
    rows = queries.copy_out(db, name, facts.columns, found)
    sums: Mapping[str, int] = queries.sums(db, name, facts.columns)
    if (rows, found.sha256, dict(sums)) != (facts.rows, facts.sha256, dict(facts.sums)):
        msg = (
            f"The table {name} came in with {count(rows, 'row')} of {facts.rows:,} as they were. "
            "Nothing was kept."
        )
        raise ConfigurationError(msg)
    return len(sums)


def _require_exact(db: Session) -> None:
    """Compare kept sums with the gifts."""
    differ = aggregate_check.differences(db)
    if differ:
        msg = f"Kept sums differ from the gifts in {', '.join(differ)}. Nothing was kept."
        raise ConfigurationError(msg)


def require_idle() -> None:
    """Refuse while DonorCRM works in its database: what it did meanwhile would be left behind.

    Raises:
        ConflictError: it does.
    """
    with transaction_for_system() as db:
        busy = queries.others_at_work(db)
    if busy:
        msg = "DonorCRM is still at work. Stop it, so that nothing is left behind, then move."
        raise ConflictError(msg)


def move(address: str, *, now: datetime, folder: Path) -> Restored:
    """Copy the whole database to an empty one at another address, and check it there.

    The one here stays as it is. `folder` is where the copy rests on its way.

    Raises:
        ConflictError: DonorCRM is at work here, or the database there is not empty.
        ConfigurationError: the address is none, or what arrived is not what left.
    """
    require_idle()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="moving-", dir=folder) as rest:
        made = make(Path(rest) / file_name(now), now=now)
        with elsewhere(address):
            return restore(made.path, now=now, moved=True)
