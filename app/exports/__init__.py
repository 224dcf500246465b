"""Files out: donors, gifts, pledges and funds that come back in; the record to read."""

from app.exports.activity import write_activity
from app.exports.asked import Asked, Filter, read, spelled
from app.exports.everything import FileMade, write_everything
from app.exports.forms import FORMS
from app.exports.queries_kinds import TABLE
from app.exports.service import (
    KINDS,
    RETURNING,
    counts,
    exportable,
    file_name,
    write,
)
from app.exports.subject import write_subject

__all__ = [
    "FORMS",
    "KINDS",
    "RETURNING",
    "TABLE",
    "Asked",
    "FileMade",
    "Filter",
    "counts",
    "exportable",
    "file_name",
    "read",
    "spelled",
    "write",
    "write_activity",
    "write_everything",
    "write_subject",
]
