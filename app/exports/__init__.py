"""Exports to CSV and Excel; donors, gifts, pledges and funds can be imported again."""

from app.exports.audit_export import write_activity
from app.exports.export_query import Asked, Filter, read, spelled
from app.exports.formats import FORMS
from app.exports.full_export import FileMade, write_everything
from app.exports.queries.datasets import TABLE
from app.exports.scheduled_exports import (
    RHYTHMS,
    Regular,
    Rhythm,
    ask_regularly,
    due,
    regular,
    stop,
    tell,
)
from app.exports.service import (
    KINDS,
    RETURNING,
    counts,
    exportable,
    file_name,
    write,
)
from app.exports.subject_access import write_subject
from app.exports.workbook import Later

__all__ = [
    "FORMS",
    "KINDS",
    "RETURNING",
    "RHYTHMS",
    "TABLE",
    "Asked",
    "FileMade",
    "Filter",
    "Later",
    "Regular",
    "Rhythm",
    "ask_regularly",
    "counts",
    "due",
    "exportable",
    "file_name",
    "read",
    "regular",
    "spelled",
    "stop",
    "tell",
    "write",
    "write_activity",
    "write_everything",
    "write_subject",
]
