"""A private PostgreSQL server for one benchmark: it never touches the data of an installation."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.db import migrate
from app.db.embedded import server
from app.db.session import dispose
from app.settings import settings


@contextmanager
def private_server(**environment: str) -> Iterator[Path]:
    """Start a migrated, empty server, yield its temporary folder, and remove both at the end.

    `environment` are more settings to use in place of those of the machine.
    """
    with tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as folder:
        os.environ.update(environment, DATA_DIR=folder, DATABASE_URL="")  # noqa: TID251
        settings.cache_clear()
        dispose()
        migrate.upgrade()
        try:
            yield Path(folder)
        finally:
            dispose()
            server.stop(Path(folder) / "postgres")
