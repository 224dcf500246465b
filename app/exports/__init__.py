"""Exports to CSV and Excel; donors, gifts, pledges and funds can be imported again."""

from app.exports.audit_export import write_activity
from app.exports.export_query import FILES_URL, ExportQuery, Filter, decode_query, encode_query
from app.exports.formats import FORMS
from app.exports.full_export import ExportedFile, new_folder, write_everything
from app.exports.queries.datasets import TABLE
from app.exports.scheduled_exports import (
    RHYTHMS,
    Rhythm,
    ScheduledExport,
    notify,
    own_scheduled_exports,
    run_due,
    schedule_export,
    stop_scheduled_export,
)
from app.exports.service import (
    IMPORTABLE,
    KINDS,
    counts,
    exportable,
    file_name,
    write,
)
from app.exports.subject_access import write_subject
from app.exports.workbook import Later

__all__ = [
    "FILES_URL",
    "FORMS",
    "IMPORTABLE",
    "KINDS",
    "RHYTHMS",
    "TABLE",
    "ExportQuery",
    "ExportedFile",
    "Filter",
    "Later",
    "Rhythm",
    "ScheduledExport",
    "counts",
    "decode_query",
    "encode_query",
    "exportable",
    "file_name",
    "new_folder",
    "notify",
    "own_scheduled_exports",
    "run_due",
    "schedule_export",
    "stop_scheduled_export",
    "write",
    "write_activity",
    "write_everything",
    "write_subject",
]
