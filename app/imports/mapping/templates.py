"""Templates to fill in: a file per kind with our own field names and two example rows.

The header is made of the labels of `FIELDS`, so that a new field is in the template as well.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from app.imports.mapping import related_examples
from app.imports.values.fields import FIELDS, missing
from app.imports.values.records.field import Field

NAME, TITLE = "template", "DonorCRM template"
MARK = related_examples.MARK
_LEAST_COLUMNS = 10
# of any number of columns, or for what only the files of other systems or our exports say
_NOT_OFFERED = frozenset(
    {"custom", "contact_details", "gift_status", "refunded_amount", "outgoing"}
)
_MARA = {"first_name": f"{MARK} Mara", "last_name": "Vogel", "email": "mara@example.org"}
_BAKERY = {"name": f"{MARK} Bakery Ltd", "email": "bakery@example.org"}
EXAMPLES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "donors": (
        {
            "external_id": f"{MARK}-1",
            **_MARA,
            "phone": "+1 555 0100",
            "street": "1 Main Street",
            "city": "Springfield",
            "postal_code": "01101",
            "kind": "person",
            "tags": "newsletter, choir",
        },
        {"external_id": f"{MARK}-2", **_BAKERY, "kind": "organisation", "no_phone": "yes"},
    ),
    "gifts": (
        {
            "external_id": f"{MARK}-1",
            **_MARA,
            "amount": "50.00",
            "gift_date": "2026-01-31",
            "method": "card",
            "note": "For the choir",
        },
        {
            "external_id": f"{MARK}-2",
            **_BAKERY,
            "amount": "1200.00",
            "gift_date": "2026-02-15",
            "method": "check",
        },
    ),
    "pledges": (
        {
            "external_id": f"{MARK}-1",
            **_MARA,
            "amount": "25.00",
            "frequency": "monthly",
            "start_date": "2026-01-01",
        },
        {
            "external_id": f"{MARK}-2",
            **_BAKERY,
            "amount": "300.00",
            "frequency": "quarterly",
            "start_date": "2026-04-01",
            "end_date": "2028-03-31",
        },
    ),
    "funds": (
        {"external_id": f"{MARK}-1", "name": f"{MARK} Choir", "status": "open"},
        {"external_id": f"{MARK}-2", "name": f"{MARK} Roof", "status": "closed"},
    ),
    **related_examples.EXAMPLES,
}
# the other kinds have files of their own system, or of DonorCRM
KINDS = tuple(EXAMPLES)


def fields(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind that its template has, in the order of its columns."""
    return tuple(field for field in FIELDS[kind] if field.name not in _NOT_OFFERED)


def template(kind: str) -> bytes:
    """Return the template of a kind as CSV in UTF-8 with a byte-order mark.

    `kind` is one of `KINDS`. The header row holds the labels of the fields; two example rows
    follow, which an import leaves out.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    columns = fields(kind)
    writer.writerow([field.label for field in columns])
    for example in EXAMPLES[kind]:
        writer.writerow([example.get(field.name, "") for field in columns])
    return out.getvalue().encode("utf-8-sig")


def recognise(columns: Sequence[str]) -> tuple[str, dict[str, int]] | None:
    """Return (kind, field → column index) of a file with the headers of a template, in any order.

    Columns may have been deleted, up to half of them. A file with fewer of them, or with others,
    is mapped like any other.
    """
    indexes = {column.strip(): index for index, column in enumerate(columns)}
    for kind in KINDS:
        labels = {field.label: field.name for field in fields(kind)}
        if (
            len(indexes) == len(columns)
            and indexes.keys() <= labels.keys()
            and len(columns) >= min(len(labels), max(_LEAST_COLUMNS, len(labels) / 2))
            and not missing(kind, {labels[label] for label in indexes})
        ):
            return kind, {labels[label]: index for label, index in indexes.items()}
    return None
