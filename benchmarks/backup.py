"""Backup and restore, compared with copying the same tables out and in, in one run.

The restore compares every row, which plain copying does not do.
`python -m benchmarks.backup [--gifts N]`.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

LIMIT_OUT, LIMIT_IN = 6.0, 6.0


def main() -> None:
    """Measure on private servers and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gifts", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as source_folder,
        tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as target_folder,
    ):
        # before the settings are read: private servers, whatever this machine is configured for
        os.environ.update(DATA_DIR=source_folder, DATABASE_URL="")  # noqa: TID251
        from app.db import migrate  # noqa: PLC0415 - after the settings above
        from app.db.embedded import server as embedded  # noqa: PLC0415 - after the settings above

        address = embedded.start(Path(target_folder) / "postgres").render_as_string(
            hide_password=False
        )
        migrate.upgrade()
        try:
            sys.exit(_measured(chosen.gifts, Path(source_folder), address))
        finally:
            embedded.stop(Path(source_folder) / "postgres")
            embedded.stop(Path(target_folder) / "postgres")


def _measured(gifts: int, folder: Path, address: str) -> int:
    from app import backups, demo  # noqa: PLC0415
    from app.db import elsewhere, transaction_for_system  # noqa: PLC0415

    now = datetime.now(UTC)
    with transaction_for_system() as db:
        demo.generate(db, donors=max(1, gifts // 20), gifts=gifts, seed=1, today=now.date())
    plain_out = _copied_out(folder)
    began = time.perf_counter()
    backup = backups.make(folder / "b.zip", now=now)
    backup_seconds = time.perf_counter() - began
    began = time.perf_counter()
    with elsewhere(address):
        done = backups.restore(backup.path, now=now)
    back = time.perf_counter() - began
    plain_in = _copied_in(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{gifts:,} gifts, {backup.rows:,} rows in {backup.tables} tables, "
        f"{backup.bytes / 1e6:,.0f} MB"
    )
    print(
        f"backup, read again   {backup_seconds:7.1f} s, "
        f"{backup_seconds / plain_out:5.2f} × COPY out (limit {LIMIT_OUT})"
    )
    print(
        f"restore, compared    {back:7.1f} s, {back / plain_in:5.2f} × COPY in (limit {LIMIT_IN})"
    )
    print(f"{done.rows:,} rows and {done.sums} sums of money are as they were; {peak:,.0f} MB")
    return int(backup_seconds > LIMIT_OUT * plain_out or back > LIMIT_IN * plain_in)


def _copied_out(folder: Path) -> float:
    from app.backups.queries import tables as queries  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    began = time.perf_counter()
    with transaction_for_system() as db:
        for name, columns in queries.tables(db).items():
            with (folder / f"{name}.plain").open("wb") as file:
                queries.copy_out(db, name, columns, file)
    return time.perf_counter() - began


def _copied_in(folder: Path) -> float:
    from app.backups.queries import tables as queries  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        tables = queries.tables(db)
        began = time.perf_counter()
        with queries.laid_open(db, sorted(tables)):
            for name, columns in tables.items():
                with (folder / f"{name}.plain").open("rb") as file:
                    queries.copy_in(db, name, columns, file)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
