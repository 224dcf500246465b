"""Row-by-row, field-by-field diff of a plan: current values and values after the import."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.db import Session
from app.imports.planning.plan import Plan
from app.imports.queries import diff as diff_queries
from app.imports.queries.diff import PlannedRow
from app.imports.queries.problems import problem_of
from app.imports.queries.related.kinds import RELATED_KINDS
from app.imports.values.row_numbers import file_row
from app.kit import custom_fields
from app.kit.money import Money

# limit per action and kind; the plan's counts cover all rows
MAX_ROWS_PER_ACTION = 200
ADDRESS_FIELDS = ("street", "city", "state", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row: its name, its current value and its new value; None means empty."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of the file: the name of its donor or fund, the action planned, and why.

    `kept` are the fields that the file would change and the chosen update policy does not;
    they keep their current values.
    """

    row: int
    kind: str
    action: str
    name: str
    reason: str | None
    fields: tuple[FieldChange, ...] = ()
    kept: tuple[FieldChange, ...] = ()


def changes(db: Session, plan: Plan) -> tuple[RowChange, ...]:
    """Return the first rows of each action and kind of the staged plan, in the file's order."""
    listed: list[RowChange] = []
    mixed = len(plan.parts) > 1
    for part in plan.parts:
        rows = diff_queries.rows(db, part.kind, limit=MAX_ROWS_PER_ACTION, mixed=mixed)
        listed += [_row_change(part.kind, row) for row in rows]
    return tuple(sorted(listed, key=lambda change: (change.row, change.kind != "donors")))


def _row_change(kind: str, row: PlannedRow) -> RowChange:
    after, before = dict(row.new), dict(row.old or {})
    if row.action == "create":
        names: Iterable[str] = SUMMARY[kind]
        before = {}
    elif row.action == "update":
        names = (row.field or "").split(", ")
    else:
        names = ()
    fields = tuple(
        _field_change(kind, name, before, after) for name in names if name and name not in HIDDEN
    )
    if row.action == "create":
        fields = tuple(field for field in fields if field.after)
    kept = tuple(
        _unchanged(kind, name, before) for name in (after.get("kept") or "").split(", ") if name
    )
    reason = problem_of(row.reason).sentence if row.reason else None
    return RowChange(file_row(row.row), kind, row.action, row.name or "", reason, fields, kept)


def _unchanged(kind: str, name: str, before: Mapping[str, Any]) -> FieldChange:
    value = _display(kind, name, before)
    return FieldChange(name, value, value)


def _field_change(
    kind: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> FieldChange:
    old, new = _display(kind, name, before), _display(kind, name, after)
    if kind == "donors" and name in ADDED and old and new:
        # values from the file are added to these fields, they never replace existing ones
        stored = {value.casefold() for value in old.split(", ")}
        added = [value for value in new.split(", ") if value.casefold() not in stored]
        new = ", ".join([old, *added])
    return FieldChange(name, old, new)


# the fields that summarise a new record
SUMMARY = {
    "donors": ("email", "phone", "street", "notes", "tags", "custom", "contact_details"),
    "gifts": ("amount", "date", "fund", "campaign", "split", "method", "soft credit", "note"),
    "pledges": ("amount", "frequency", "start", "end", "fund", "campaign"),
    "funds": ("name", "status", "gl_code"),
    "contacts": ("kind", "date", "text"),
    "tasks": ("title", "type", "due", "done", "note"),
    "consents": ("channel", "purpose", "granted", "date"),
    "requests": ("request", "asked", "answered", "answer"),
    **{
        kind: tuple(name.removesuffix("_minor") for name in spec.shown if name != "currency")
        for kind, spec in RELATED_KINDS.items()
    },
}
# internal keys mean nothing to users
HIDDEN = {"id"}
ADDED = {"email", "phone", "tags"}
_COLUMNS = {
    "date": "gift_date",
    "start": "start_date",
    "end": "end_date",
    "day": "anchor_day",
    "grace": "grace_days",
    "number": "instalments",
}


def _display(kind: str, name: str, values: Mapping[str, Any]) -> str | None:
    """Return the value of a field as one line of text; None if it is empty."""
    if name in {"amount", "total", "goal"}:
        minor, currency = values.get(f"{name}_minor"), values.get("currency") or ""
        return None if minor is None else f"{Money(minor, currency)} {currency}"
    if name == "street":
        return ", ".join(values[part] for part in ADDRESS_FIELDS if values.get(part)) or None
    if kind == "donors" and name in {"email", "phone"}:
        contacts = [values.get(name), *(values.get(f"other_{name}s") or "").split("\n")]
        return ", ".join(contact for contact in contacts if contact) or None
    value = values.get(_COLUMNS.get(name, name), values.get(name))
    if name in {"custom", "contact_details"}:
        parts = json.loads(value) if isinstance(value, str) else value or {}
        return _details_text(parts) if name == "contact_details" else _custom_text(parts)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None or value == "" else str(value).replace("\n", ", ")


def _custom_text(fields: dict[str, str]) -> str | None:
    return (custom_fields.as_lines(fields) or "").replace("\n", ", ") or None


def _details_text(details: Mapping[str, list[Mapping[str, Any]]]) -> str | None:
    """Return the details as a list of texts: "a@example.org, 1 Elm St York"."""
    rows = [row for kind in details.values() for row in kind]
    parts = ("email", "phone", *ADDRESS_FIELDS)
    texts = (" ".join(row[part] for part in parts if row.get(part)) for row in rows)
    return ", ".join(texts) or None
