"""The defined custom fields, and donors' values checked against them."""

from app.db import Session, purpose_lock
from app.donors.custom_fields import rules
from app.donors.queries import custom_fields as queries
from app.donors.results import CustomField
from app.kit import custom_fields as lines


def custom_fields(db: Session) -> list[CustomField]:
    """Return every defined field in the order of forms, closed ones included."""
    return [
        CustomField(
            row.id, row.version, row.name, row.type, tuple(row.choices), row.status == "active"
        )
        for row in queries.fields(db)
    ]


def held_custom_fields(db: Session) -> list[CustomField]:
    """Return every defined field, none of which changes before this transaction ends.

    For whoever saves values; call it before locking donors.
    """
    purpose_lock.hold_custom_fields(db)
    return custom_fields(db)


def checked_values(
    fields: list[CustomField], more: str | None, saved: str | None = None
) -> str | None:
    """Return lines "Name: value" with the values of defined fields as they are stored.

    Other fields are free text, and lines that are unchanged since they were saved stay as they
    are.

    Raises:
        InvalidError: a value is not of its field's type.
    """
    defined = {field.name.lower(): field for field in fields}
    unchanged = set((saved or "").splitlines())
    values = {}
    for name, value in lines.from_lines(more).items():
        field = defined.get(name.lower())
        if field is None or f"{name}: {value}" in unchanged:
            values[name] = value
        else:
            values[field.name] = rules.canonical_value(field, value)
    return lines.as_lines(values)
