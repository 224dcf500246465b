"""The read replica: pure reads go there when it has replayed all that the primary has written."""

from app.db.replica.circuit import Trouble
from app.db.replica.reading import read, read_for_system
from app.db.replica.status import ReplicaStatus, reading_counts, replica_status

__all__ = [
    "ReplicaStatus",
    "Trouble",
    "read",
    "read_for_system",
    "reading_counts",
    "replica_status",
]
