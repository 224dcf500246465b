"""Files out: donors, gifts, pledges and funds as CSV that comes back in unchanged."""

from app.exports.service import COLUMNS, KINDS, counts, exportable, file_name, write

__all__ = ["COLUMNS", "KINDS", "counts", "exportable", "file_name", "write"]
