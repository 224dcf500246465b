"""Exports to CSV and Excel; most of them can be imported again."""

from app.exports.archive_download import (
    Archive,
    delete_old_archives,
    newest_archive,
    start_archive,
    write_archive,
)
from app.exports.audit_export import write_activity
from app.exports.email_copy import CopiedEmails, copy_emails
from app.exports.export_query import (
    COUNTED,
    FILES_URL,
    ExportQuery,
    Filter,
    RowFilter,
    counting_query,
    decode_query,
    encode_query,
)
from app.exports.formats import FORMS
from app.exports.full_export import (
    ExportedFile,
    new_folder,
    record_everything,
    write_everything,
)
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
from app.exports.team_export import write_team
from app.exports.workbook import Later

__all__ = [
    "COUNTED",
    "FILES_URL",
    "FORMS",
    "IMPORTABLE",
    "KINDS",
    "RHYTHMS",
    "TABLE",
    "Archive",
    "CopiedEmails",
    "ExportQuery",
    "ExportedFile",
    "Filter",
    "Later",
    "Rhythm",
    "RowFilter",
    "ScheduledExport",
    "copy_emails",
    "counting_query",
    "counts",
    "decode_query",
    "delete_old_archives",
    "encode_query",
    "exportable",
    "file_name",
    "new_folder",
    "newest_archive",
    "notify",
    "own_scheduled_exports",
    "record_everything",
    "run_due",
    "schedule_export",
    "start_archive",
    "stop_scheduled_export",
    "write",
    "write_activity",
    "write_archive",
    "write_everything",
    "write_subject",
    "write_team",
]
