"""The staging tables of all records around donors: columns of the file, columns of planning."""

from collections.abc import Mapping

from app.imports.queries.records import record_kinds
from app.imports.queries.records.record_kinds import RECORD_KINDS
from app.imports.queries.related import kind as related
from app.imports.queries.related.kinds import RELATED_KINDS

SHAPES: Mapping[str, dict[str, str]] = {
    kind: record_kinds.REFERENCES | shape
    for kind, shape in (
        *((kind, dict(spec.shape)) for kind, spec in RECORD_KINDS.items()),
        *((kind, dict(spec.shape)) for kind, spec in RELATED_KINDS.items()),
    )
}
WORKING: Mapping[str, dict[str, str]] = {
    **dict.fromkeys(RECORD_KINDS, record_kinds.WORKING),
    **dict.fromkeys(RELATED_KINDS, related.WORKING),
}
RELATED = frozenset(RELATED_KINDS)
# what the action of a row depends on
DECIDING: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(RECORD_KINDS, ("donor_id", "person_id", "field")),
    **dict.fromkeys(RELATED_KINDS, ("donor_id", "field")),
}


def notes_sql(kind: str, table: str) -> str:
    """Return the query of notes about the imported rows of a kind: row, field, note."""
    if kind not in RELATED_KINDS:
        return f"(select row, field, reason as note from {table} where false) n"
    return (
        f"(select row, remark_field as field, remark as note from {table}"
        " where remark is not null and action in ('create', 'update')) n"
    )
