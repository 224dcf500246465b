"""Make backups, restore them, and move to another server, each with verification.

A backup reads one snapshot of the database. A restore writes in one transaction: if it fails, no
rows of the backup are kept.
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
from app.db import (
    Session,
    aggregate_check,
    elsewhere,
    migrate,
    squashed,
    transaction_for_system,
)
from app.kit.errors import ConfigurationError, ConflictError, InvalidError
from app.kit.formatting import count
from app.settings import settings

__all__ = ["DamagedError", "Made", "Restored", "back_up", "file_name", "make", "move", "restore"]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and verified."""

    path: Path
    rows: int
    tables: int
    bytes: int
    audit: AuditFacts
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore: numbers of rows, tables and compared sums, and notes.

    `changed` means that the audit log differs from the manifest.
    """

    rows: int
    tables: int
    sums: int
    made_at: str
    notes: tuple[str, ...] = ()
    changed: bool = False


def file_name(now: datetime, *, head: str = "", encrypted: bool = False) -> str:
    """Return the file name of a backup, from its time (UTC) and the head of its audit log.

    "donorcrm-20261123-0330-4711-k7q2m4xsz5ab3cde.zip", with ".age" appended when encrypted.
    """
    end = f"-{head}" if head else ""
    return f"donorcrm-{now.astimezone(UTC):%Y%m%d-%H%M}{end}.zip{'.age' if encrypted else ''}"


def back_up(target: str, *, now: datetime) -> tuple[Made, str]:
    """Make a backup, store it at `target` and record it; return it and its address there.

    It is encrypted when BACKUP_RECIPIENTS contains public keys.

    Raises:
        ConfigurationError: it could not be made or stored.
    """
    keys = encryption.recipients()
    with transaction_for_system() as db:
        audit.seal(db)
    folder = settings().data_dir / "backups"
    created = make(folder / file_name(now, encrypted=bool(keys)), now=now, keys=keys)
    path = folder / file_name(now, head=created.audit.head, encrypted=bool(keys))
    created.path.replace(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        address = storage.put(path, target)
    finally:
        if target.startswith(storage.S3):
            path.unlink(missing_ok=True)
    backup = history.RecordedBackup(
        now, path.name, created.bytes, sha256, created.rows, bool(keys)
    )
    with transaction_for_system() as db:
        history.note_made(db, backup, created.audit)
    return created, address


def make(path: Path, *, now: datetime, keys: Sequence[x25519.Recipient] = ()) -> Made:
    """Write the whole database to a file, verify it, and only then give it its final name.

    Raises:
        ConfigurationError: the database has no schema yet, or the file cannot be written.
    """
    try:
        with transaction_for_system() as db, writing(path, keys) as archive:
            queries.read_as_of_one_moment(db)
            manifest, audit_facts = _write_archive(db, archive, now)
            archive.finish(manifest)
    except OSError as error:
        msg = f"The backup could not be written to {path}: {error.strerror}. Nothing was kept."
        raise ConfigurationError(msg) from error
    size = path.stat().st_size
    return Made(path, manifest.rows, len(manifest.tables), size, audit_facts, bool(keys))


def _write_archive(db: Session, archive: Writer, now: datetime) -> tuple[Manifest, AuditFacts]:
    revision = queries.revision(db)
    if revision is None:
        msg = "There is nothing to back up yet. Run: python -m app db upgrade"
        raise ConfigurationError(msg)
    tables = {}
    for name, columns in queries.tables(db).items():
        with archive.table(name) as stream:
            rows = queries.copy_out(db, name, columns, stream)
        tables[name] = TableFacts(columns, rows, stream.sha256, queries.sums(db, name, columns))
    audit_facts = history.facts(db, snapshot=True)
    manifest = Manifest(
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        revision=revision,
        organisation=queries.organisation_name(db),
        tables=tables,
        counters=queries.counters(db),
        audit=audit_facts,
    )
    return manifest, audit_facts


def restore(
    path: Path, *, now: datetime, replace: str = "", moved: bool = False, identity: str = ""
) -> Restored:
    """Restore a backup into an empty database, or over the database named by `replace`.

    An encrypted one is decrypted with the private key in the file `identity`, by default in
    BACKUP_IDENTITY_FILE. Afterwards all sessions are ended and waiting mails are marked as
    failed, unless the whole organisation has `moved`. A broken audit log is restored unchanged
    and reported in `notes`.

    Raises:
        DamagedError: the file is damaged. ConflictError: the database is not empty, or in use.
        InvalidError: the backup is of a newer DonorCRM or an old development version, or no key
        decrypts it. ConfigurationError: the restored data differs from the backup; nothing was
        kept.
    """
    with Reader(path, identity) as backup:
        manifest = backup.manifest
        backup.check()
        # of an older development version: raises before anything is changed
        revision = squashed.current_revision(manifest.revision)
        _require_empty(replace)
        # an unknown revision is of a newer version and raises before anything is restored
        migrate.upgrade(revision)
        with transaction_for_system() as db:
            compared = _load_tables(db, backup)
            audit_facts = history.facts(db)
            notes, changed = _audit_notes(db, manifest.audit, audit_facts)
            if not moved:
                queries.end_what_was_open(db, now=now)
    migrate.upgrade()
    if audit_facts.broken_lines:
        with transaction_for_system() as db:
            history.note_restored(db, manifest.made_at, audit_facts)
    return Restored(
        manifest.rows, len(manifest.tables), compared, manifest.made_at, notes, changed
    )


def _audit_notes(
    db: Session, before: AuditFacts | None, after: AuditFacts
) -> tuple[tuple[str, ...], bool]:
    """Return notes on the restored audit log, and whether it changed since the backup."""
    notes, changes = [], []
    if after.broken_lines:
        notes.append(f"The audit log of this backup is broken. {after.why} It stays known so.")
        if before is not None and not before.broken_lines:
            changes.append("It was whole when the backup was made: the file was changed since.")
    if before is not None and before.head and (why := audit.why_head_missing(db, before.head)):
        changes.append(why)
    return (*notes, *changes), bool(changes)


def _require_empty(replace: str) -> None:
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
        current = queries.revision(db)
    if current is not None:
        migrate.downgrade("base")


def _load_tables(db: Session, backup: Reader) -> int:
    manifest = backup.manifest
    present = queries.tables(db)
    # the names of tables have changed since the oldest backups
    names = {squashed.current_name(name): name for name in manifest.tables}
    if present.keys() != names.keys():
        differing = ", ".join(sorted(present.keys() ^ names.keys()))
        msg = f"The backup and this DonorCRM do not have the same tables: {differing}."
        raise InvalidError(msg)
    with queries.laid_open(db, sorted(present)):
        for name, stored in sorted(names.items()):
            with backup.table(stored) as stream:
                queries.copy_in(db, name, manifest.tables[stored].columns, stream)
    counters = {squashed.current_name(name): value for name, value in manifest.counters.items()}
    queries.set_counters(db, counters)
    queries.learn(db, sorted(present))
    compared = sum(_verify_table(db, name, manifest.tables[names[name]]) for name in names)
    _require_exact(db)
    return compared


def _verify_table(db: Session, name: str, facts: TableFacts) -> int:
    """Compare a restored table with the manifest; return the number of its sums."""
    hashing = Hashing()
    rows = queries.copy_out(db, name, facts.columns, hashing)
    sums: Mapping[str, int] = queries.sums(db, name, facts.columns)
    if (rows, hashing.sha256, dict(sums)) != (facts.rows, facts.sha256, dict(facts.sums)):
        msg = (
            f"The table {name} came in with {count(rows, 'row')} of {facts.rows:,} as they were. "
            "Nothing was kept."
        )
        raise ConfigurationError(msg)
    return len(sums)


def _require_exact(db: Session) -> None:
    """Require that the stored aggregates equal those of the gifts."""
    differ = aggregate_check.differences(db)
    if differ:
        msg = f"Kept sums differ from the gifts in {', '.join(differ)}. Nothing was kept."
        raise ConfigurationError(msg)


def require_idle() -> None:
    """Require that no other DonorCRM process is connected: its changes would not be moved.

    Raises:
        ConflictError: another process is connected.
    """
    with transaction_for_system() as db:
        busy = queries.others_at_work(db)
    if busy:
        msg = "DonorCRM is still at work. Stop it, so that nothing is left behind, then move."
        raise ConflictError(msg)


def move(address: str, *, now: datetime, folder: Path) -> Restored:
    """Copy the whole database to an empty one at another URL, and verify it there.

    The source is not changed. The temporary backup is written below `folder`.

    Raises:
        ConflictError: DonorCRM is running on the source, or the target is not empty.
        ConfigurationError: the URL is not valid, or the copy differs from the source.
    """
    require_idle()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="moving-", dir=folder) as rest:
        created = make(Path(rest) / file_name(now), now=now)
        with elsewhere(address):
            return restore(created.path, now=now, moved=True)
