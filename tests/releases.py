"""Keep what a release's database looks like: python -m tests.releases, once for each release.

The demonstration, as the released program writes it into its tables, as a backup named after the
newest migration of that release. No later migration may fail on it or change its sums.

Of the last two development versions before the migrations were squashed, the folder also has the
schema as pg_dump wrote it (`.sql.gz`).
"""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from app.db import migrate
from app.settings import ROOT

FOLDER = Path(__file__).parent / "fixtures" / "releases"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def head() -> str:
    """Return the newest migration there is."""
    found = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert found
    return found


def keep() -> Path:
    """Write today's schema with the demonstration in it."""
    from app import backups, demo  # noqa: PLC0415 - after the settings below
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        demo.load(db, now=NOW)
    FOLDER.mkdir(exist_ok=True)
    return backups.make(FOLDER / f"{head()}.zip", now=NOW).path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        # before the settings are read: a private server, whatever this machine is set up for
        os.environ.update(DATABASE_URL="", DATA_DIR=folder)
        from app.db.embedded import server as embedded

        migrate.upgrade()
        try:
            sys.stdout.write(f"{keep()}\n")
        finally:
            embedded.stop(Path(folder) / "postgres")
