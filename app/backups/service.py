"""Making a backup, taking one in, and moving to another server; each is checked before it counts.

What is read is one moment of the database. What is written is one transaction: a database that
is restored into is as before, or whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app import audit
from app.accounts import organisation
from app.backups import queries
from app.backups.archive import (
    DamagedError,
    Hashing,
    Manifest,
    Reader,
    TableFacts,
    Writer,
    writing,
)
from app.db import Session, elsewhere, exactness, migrate, transaction_for_system
from app.kit.errors import ConfigurationError, ConflictError, InvalidError
from app.kit.words import count

__all__ = ["DamagedError", "Made", "Restored", "file_name", "make", "move", "restore"]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and read again."""

    path: Path
    rows: int
    tables: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was taken in, and how many rows and sums were compared."""

    rows: int
    tables: int
    sums: int
    made_at: str


def file_name(now: datetime) -> str:
    """Return what a backup of a moment is called: "donorcrm-20261123-0330.zip" (UTC)."""
    return f"donorcrm-{now.astimezone(UTC):%Y%m%d-%H%M}.zip"


def make(path: Path, *, now: datetime) -> Made:
    """Write the whole database into a file, read it again, and only then give it its name.

    Raises:
        ConfigurationError: migrations are missing, or the disk does not take it.
    """
    try:
        with transaction_for_system() as db, writing(path) as archive:
            queries.read_as_of_one_moment(db)
            manifest = _written(db, archive, now)
            archive.finish(manifest)
    except OSError as error:
        msg = f"The backup could not be written to {path}: {error.strerror}. Nothing was kept."
        raise ConfigurationError(msg) from error
    return Made(path, manifest.rows, len(manifest.tables), path.stat().st_size)


def _written(db: Session, archive: Writer, now: datetime) -> Manifest:
    revision = queries.revision(db)
    if revision is None:
        msg = "There is nothing to back up yet. Run: python -m app db upgrade"
        raise ConfigurationError(msg)
    tables = {}
    for name, columns in queries.tables(db).items():
        with archive.table(name) as stream:
            rows = queries.copy_out(db, name, columns, stream)
        tables[name] = TableFacts(columns, rows, stream.sha256, queries.sums(db, name, columns))
    return Manifest(
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        revision=revision,
        organisation=organisation(db).name,
        tables=tables,
        counters=queries.counters(db),
    )


def restore(path: Path, *, now: datetime, replace: str = "", moved: bool = False) -> Restored:
    """Take a backup into an empty database, or in place of the one named by `replace`.

    Afterwards nobody is signed in, and mails that waited are shown as failed, unless the whole
    organisation has `moved`.

    Raises:
        DamagedError: the file is not whole. ConflictError: the database is not empty.
        InvalidError: the backup is of a newer DonorCRM. ConfigurationError: what came in is not
        what went out; nothing was kept.
    """
    with Reader(path) as backup:
        backup.check()
        _make_room(replace)
        # an unknown one is of a newer program: said before anything is changed
        migrate.upgrade(backup.manifest.revision)
        with transaction_for_system() as db:
            compared = _taken_in(db, backup)
            if not moved:
                queries.end_what_was_open(db, at=now)
    migrate.upgrade()
    return Restored(
        backup.manifest.rows, len(backup.manifest.tables), compared, backup.manifest.made_at
    )


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
    _require_sound(db)
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


def _require_sound(db: Session) -> None:
    """Hold kept sums to the gifts, and the record to its chain."""
    differ = exactness.differences(db)
    broken = audit.verify(db).broken
    if differ or broken:
        why = broken or f"Kept sums differ from the gifts in {', '.join(differ)}."
        msg = f"{why} Nothing was kept."
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
