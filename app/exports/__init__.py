"""Files out: donors, gifts, pledges and funds as CSV that comes back in; the record to read."""

from app.exports.activity import write_activity
from app.exports.service import COLUMNS, KINDS, counts, exportable, file_name, write
from app.exports.subject import write_subject

__all__ = [
    "COLUMNS",
    "KINDS",
    "counts",
    "exportable",
    "file_name",
    "write",
    "write_activity",
    "write_subject",
]
