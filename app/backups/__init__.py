"""The whole database in one file, and back: backups, restoring, moving to another server."""

from app.backups.archive import Manifest, TableFacts
from app.backups.places import NO_PLACE, put, remove_old, taken, try_out
from app.backups.service import (
    DamagedError,
    Made,
    Restored,
    file_name,
    make,
    move,
    require_idle,
    restore,
)

__all__ = [
    "NO_PLACE",
    "DamagedError",
    "Made",
    "Manifest",
    "Restored",
    "TableFacts",
    "file_name",
    "make",
    "move",
    "put",
    "remove_old",
    "require_idle",
    "restore",
    "taken",
    "try_out",
]
