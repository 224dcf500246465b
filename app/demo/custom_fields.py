"""Custom fields of the demonstration, and the values of its donors."""

import json

from app.db import Session
from app.db.models import CustomField
from app.demo import queries

_CHURCHES = ("St Ann", "Grace Chapel", "Riverside", "Hope Community")
_INTERESTS = ("School", "Clinic", "Water", "Everything")
# name, type
_FIELDS = (
    ("Birthday", "date"),
    ("Church", "text"),
    ("Interest", "choice"),
    ("Volunteer", "yes-no"),
    ("Children", "number"),
)


def write_fields(db: Session) -> None:
    """Add the definitions of the fields."""
    choices = {"choice": f"{{{','.join(_INTERESTS)}}}"}
    rows = [
        {"name": name, "type": kind, "choices": choices.get(kind, "{}"), "position": place}
        for place, (name, kind) in enumerate(_FIELDS, 1)
    ]
    queries.add(db, CustomField, rows)


def values(index: int) -> str:
    """Return the values of a donor by its number, as JSON; most donors have some."""
    fields = {}
    if index % 3 == 0:
        fields["Birthday"] = f"{1938 + index * 7 % 60}-{1 + index % 12:02}-{1 + index % 28:02}"
    if index % 4 == 1:
        fields["Church"] = _CHURCHES[index // 4 % len(_CHURCHES)]
    if index % 5 == 2:  # noqa: PLR2004
        fields["Interest"] = _INTERESTS[index // 5 % len(_INTERESTS)]
    if index % 6 == 0:
        fields["Volunteer"] = "true" if index % 4 else "false"
    if index % 7 == 0:
        fields["Children"] = str(index // 7 % 5)
    return json.dumps(fields)
