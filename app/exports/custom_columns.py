"""The columns of defined custom fields in a file of donors."""

from collections.abc import Mapping

from app import donors
from app.db import Session
from app.exports.columns import Column
from app.exports.queries.dataset_kind import identifying_column

_CUSTOM = "custom"


def with_custom_fields(db: Session, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns with one for each defined field before the column of all other fields.

    They belong to the column “custom”: a file without it has none of them.
    """
    fields = donors.custom_fields(db)
    if _CUSTOM not in columns or not fields:
        return dict(columns)
    names = ", ".join(_quoted(field.name) for field in fields)
    others = f"nullif(donor.custom - array[{names}]::text[], '{{}}')::text"
    expanded: dict[str, Column] = {}
    for name, column in columns.items():
        if name == _CUSTOM:
            expanded |= {field.name: _column(field) for field in fields}
            column = identifying_column(others)  # noqa: PLW2901 - the column without these fields
        expanded[name] = column
    return expanded


def _column(field: donors.CustomField) -> Column:
    value = f"donor.custom ->> {_quoted(field.name)}"
    if field.type == "yes-no":
        value = f"case {value} when 'true' then 'yes' when 'false' then 'no' else {value} end"
    return identifying_column(value)


def _quoted(name: str) -> str:
    """Return a name as SQL text; the rules of names refuse braces and quotation marks."""
    return "'" + name.replace("'", "''") + "'"
