"""Backup and restore of the whole database in one file, and moving to another server."""

from app.backups.archive import AuditFacts, Manifest, TableFacts
from app.backups.encryption import identities, new_key
from app.backups.history import (
    OLD_BACKUP,
    DrillLine,
    RecordedBackup,
    Status,
    failure,
    made_at,
    status,
)
from app.backups.restore_drill import FAILED as DRILL_FAILED
from app.backups.restore_drill import RESTORED as DRILL_RESTORED
from app.backups.restore_drill import Drill, drill
from app.backups.service import (
    DamagedError,
    Made,
    Restored,
    back_up,
    file_name,
    make,
    move,
    require_idle,
    restore,
)
from app.backups.storage import NO_PLACE, in_a_bucket, local_copy, put, remove_old, try_out

__all__ = [
    "DRILL_FAILED",
    "DRILL_RESTORED",
    "NO_PLACE",
    "OLD_BACKUP",
    "AuditFacts",
    "DamagedError",
    "Drill",
    "DrillLine",
    "Made",
    "Manifest",
    "RecordedBackup",
    "Restored",
    "Status",
    "TableFacts",
    "back_up",
    "drill",
    "failure",
    "file_name",
    "identities",
    "in_a_bucket",
    "local_copy",
    "made_at",
    "make",
    "move",
    "new_key",
    "put",
    "remove_old",
    "require_idle",
    "restore",
    "status",
    "try_out",
]
