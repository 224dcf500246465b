"""Files out: donors, gifts, pledges and funds that come back in; the rest to read."""

from app.exports.activity import write_activity
from app.exports.asked import Asked, Filter, read, spelled
from app.exports.everything import FileMade, write_everything
from app.exports.forms import FORMS
from app.exports.queries.datasets import TABLE
from app.exports.regular import RHYTHMS, Regular, Rhythm, ask_regularly, due, regular, stop, tell
from app.exports.service import (
    KINDS,
    RETURNING,
    counts,
    exportable,
    file_name,
    write,
)
from app.exports.subject import write_subject
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
