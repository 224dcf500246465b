"""Full export of the organisation to a folder: one CSV file per kind, and a manifest."""

import csv
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

from app import audit, donors
from app.accounts import SYSTEM, organisation
from app.accounts.users import admin_notices
from app.db import Session
from app.exports.kpi_rows import write_figures
from app.exports.queries import full_export as full_export_queries
from app.exports.queries import rows as queries
from app.exports.queries.datasets import TABLE, Kind
from app.kit.errors import ConfigurationError, InvalidError
from app.kit.formatting import count

MANIFEST = "manifest.json"
LONGEST = 2**31 - 1


class IncompleteError(ConfigurationError):
    """A written file differs from the database; the message names the file."""


@dataclass(frozen=True, slots=True)
class FileMade:
    """A file as listed in the manifest; `sums` are the sums of its amounts by currency."""

    name: str
    rows: int
    bytes: int
    sha256: str
    sums: dict[str, str]


def write_everything(db: Session, folder: Path, *, now: datetime) -> list[FileMade]:
    """Write all rows of every kind from one snapshot, and the manifest; return the files.

    The folder gets its name only after every file in it is verified and flushed to disk. Must be
    called first in its transaction, because it sets the isolation level.

    Raises:
        InvalidError: the path exists and is not an empty folder.
        IncompleteError: a file is incomplete.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is there already. Name a folder that is not."
        raise InvalidError(msg)
    full_export_queries.hold_still(db)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        made = [_made(db, kind, part / f"{kind.name}.csv", now=now) for kind in TABLE.values()]
        _note(db, made)
        told = json.dumps(_manifest(db, made, now=now), ensure_ascii=False, indent=2) + "\n"
        (part / MANIFEST).write_text(told, encoding="utf-8")
        _keep(part / MANIFEST)
        part.replace(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return made


def _made(db: Session, kind: Kind, path: Path, *, now: datetime) -> FileMade:
    if kind.source:
        columns = kind.columns
        write = partial(queries.write, form="csv", columns=columns, ids=None)
        with path.open("wb") as file:
            rows = write(db, SYSTEM, kind, file)
        held = full_export_queries.held(db, kind)
    else:
        today = now.astimezone(ZoneInfo(organisation(db).time_zone)).date()
        with path.open("wb") as file:
            rows = write_figures(db, SYSTEM, file, header=tuple(kind.columns), today=today)
        held = rows, {}
    _keep(path)
    found = _counted(path, sums=bool(held[1]))
    if not (rows, held[1]) == found == held:
        msg = f"{path.name} came out with {found[0]} of {held[0]} rows. Nothing was kept."
        raise IncompleteError(msg)
    sums = {unit: f"{held[1][unit]:f}" for unit in sorted(held[1])}
    return FileMade(path.name, rows, path.stat().st_size, _digest(path), sums)


def _counted(path: Path, *, sums: bool) -> tuple[int, dict[str, Decimal]]:
    """Read the written file; return its row count and the sums of its amounts by currency."""
    rows, totals = 0, dict[str, Decimal]()
    # the limit is global in the process and also set by the importer: restore it afterwards
    limit = csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8", newline="") as file:
        for rows, one in enumerate(csv.DictReader(file), 1):  # noqa: B007
            if sums:
                unit = one["currency"] or ""
                totals[unit] = totals.get(unit, Decimal(0)) + Decimal(one["amount"] or 0)
    csv.field_size_limit(limit)
    return rows, totals


def _keep(path: Path) -> None:
    """Flush the file to disk before it is reported as written."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(db: Session, made: list[FileMade], *, now: datetime) -> dict[str, object]:
    facts = organisation(db)
    return {
        "organisation": facts.name,
        "currency": facts.currency,
        "made_at": now.isoformat(),
        "files": [asdict(one) for one in made],
    }


def _note(db: Session, made: list[FileMade]) -> None:
    named = donors.named_in_export(db, SYSTEM, kind="donors")
    donors.note_export(db, SYSTEM, donor_ids=named)
    rows = sum(one.rows for one in made)
    audit.record(
        db,
        actor_id=None,
        action="export.written",
        entity="export",
        sentence=f"Exported the whole organisation: {count(rows, 'row')} in "
        f"{count(len(made), 'file')}.",
    )
    admin_notices.exported(
        db,
        SYSTEM,
        what=f"The whole organisation ({count(rows, 'row')} in {count(len(made), 'file')}) was",
    )
