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
def private_server() -> Iterator[None]:
    """Start a migrated, empty server in a temporary folder; stop and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as folder:
        os.environ.update(DATA_DIR=folder, DATABASE_URL="")  # noqa: TID251
        settings.cache_clear()
        dispose()
        migrate.upgrade()
        try:
            yield
        finally:
            dispose()
            server.stop(Path(folder) / "postgres")
