"""Full export of the organisation to a folder: one CSV file per kind, and a manifest."""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

from app import audit, donors
from app.accounts import SYSTEM, Actor, organisation
from app.accounts.users import admin_notices
from app.db import Session
from app.exports.custom_columns import with_custom_fields
from app.exports.kpi_rows import write_figures
from app.exports.queries import full_export as full_export_queries
from app.exports.queries import rows as queries
from app.exports.queries.dataset_kind import Counting
from app.exports.queries.datasets import TABLE, Kind
from app.kit.dates.days import fiscal_year
from app.kit.errors import ConfigurationError, InvalidError
from app.kit.formatting import count

MANIFEST = "manifest.json"
LONGEST = 2**31 - 1
# called with the kind of the next file, the number of files written, and that of all files
Report = Callable[[str, int, int], None]


class IncompleteError(ConfigurationError):
    """A written file differs from the database; the message names the file."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file as listed in the manifest; `sums` are the sums of its amounts by currency."""

    name: str
    rows: int
    bytes: int
    sha256: str
    sums: dict[str, str]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder for `write_everything`, which gets its name when the block ends.

    End the transaction inside of the block: the folder then has its name only if the export was
    recorded. If the block fails, nothing is left of it.

    Raises:
        InvalidError: the path exists and is not an empty folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is there already. Name a folder that is not."
        raise InvalidError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial_folder = Path(mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        yield partial_folder
        partial_folder.replace(folder)
    except BaseException:
        shutil.rmtree(partial_folder, ignore_errors=True)
        raise


def write_everything(
    db: Session,
    folder: Path,
    *,
    now: datetime,
    report: Report = lambda _doing, _done, _of: None,
) -> list[ExportedFile]:
    """Write all rows of every kind from one snapshot, and the manifest; return the files.

    Every file in the `folder` of `new_folder` is verified and flushed to disk. Must be called
    first in its transaction, because it sets the isolation level. It writes nothing there, and
    replaces files of an earlier call: `record_everything` records it afterwards. `report` is
    called with the kind of the next file, the number of files written and that of all files.

    Raises:
        IncompleteError: a file is incomplete.
    """
    full_export_queries.lock_tables(db)
    files = []
    for number, kind in enumerate(TABLE.values()):
        report(kind.name.replace("-", " "), number, len(TABLE))
        files.append(_write_file(db, kind, folder / f"{kind.name}.csv", now=now))
    manifest = json.dumps(_manifest(db, files, now=now), ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    _flush(folder / MANIFEST)
    return files


def _write_file(db: Session, kind: Kind, path: Path, *, now: datetime) -> ExportedFile:
    facts = organisation(db)
    today = now.astimezone(ZoneInfo(facts.time_zone)).date()
    if kind.source:
        columns = with_custom_fields(db, kind.columns)
        # by person, own gifts
        counting = Counting(fiscal_year(today, facts.fiscal_start_month))
        write = partial(queries.write, form="csv", columns=columns, ids=None, counting=counting)
        with path.open("wb") as file:
            rows = write(db, SYSTEM, kind, file)
        in_database = full_export_queries.full_rows(db, kind)
    else:
        with path.open("wb") as file:
            rows = write_figures(db, SYSTEM, file, header=tuple(kind.columns), today=today)
        in_database = rows, {}
    _flush(path)
    in_file = _read_totals(path, sums=bool(in_database[1]))
    if not (rows, in_database[1]) == in_file == in_database:
        msg = f"{path.name} came out with {in_file[0]} of {in_database[0]} rows. Nothing was kept."
        raise IncompleteError(msg)
    sums = {unit: f"{in_database[1][unit]:f}" for unit in sorted(in_database[1])}
    return ExportedFile(path.name, rows, path.stat().st_size, _digest(path), sums)


def _read_totals(path: Path, *, sums: bool) -> tuple[int, dict[str, Decimal]]:
    """Read the written file; return its row count and the sums of its amounts by currency."""
    rows, totals = 0, dict[str, Decimal]()
    # the limit is global in the process and also set by the importer: restore it afterwards
    limit = csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8", newline="") as file:
        for rows, row in enumerate(csv.DictReader(file), 1):  # noqa: B007
            if sums:
                unit = row["currency"] or ""
                totals[unit] = totals.get(unit, Decimal(0)) + Decimal(row["amount"] or 0)
    csv.field_size_limit(limit)
    return rows, totals


def _flush(path: Path) -> None:
    """Flush the file to disk before it is reported as written."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(db: Session, files: list[ExportedFile], *, now: datetime) -> dict[str, object]:
    settings = organisation(db)
    return {
        "organisation": settings.name,
        "currency": settings.currency,
        "made_at": now.isoformat(),
        "files": [asdict(file) for file in files],
    }


def record_everything(db: Session, files: Sequence[ExportedFile], *, by: Actor = SYSTEM) -> None:
    """Record that `by` exported the whole organisation, and for each donor; tell administrators.

    Called before the files are handed over.
    """
    named = donors.named_in_export(db, SYSTEM, kind="donors")
    donors.log_export(db, by, donor_ids=named)
    rows = sum(file.rows for file in files)
    audit.record(
        db,
        actor_id=by.user_id or None,
        action="export.written",
        entity="export",
        sentence=f"Exported the whole organisation: {count(rows, 'row')} in "
        f"{count(len(files), 'file')}.",
    )
    exported = f"The whole organisation ({count(rows, 'row')} in {count(len(files), 'file')}) was"
    admin_notices.exported(db, by, description=exported)
