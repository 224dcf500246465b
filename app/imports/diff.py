"""Row-by-row, field-by-field diff of a plan: current values and values after the import."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.db import Session
from app.imports.planning.plan import Plan
from app.imports.queries import diff as diff_queries
from app.imports.queries.problems import problem_of
from app.imports.values.row_numbers import file_row
from app.kit import custom_fields
from app.kit.money import Money

# limit per action and kind; the plan's counts cover all rows
SHOWN = 200
PLACE = ("street", "city", "state", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row: its name, its current value and its new value; None means empty."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of the file: the donor or record it is about, the action planned, and why.

    `kept` are the fields that the file would change and the chosen update policy does not;
    they keep their current values.
    """

    row: int
    kind: str
    action: str
    who: str
    reason: str | None
    fields: tuple[FieldChange, ...] = ()
    kept: tuple[FieldChange, ...] = ()


def changes(db: Session, plan: Plan) -> tuple[RowChange, ...]:
    """Return the first rows of each action and kind of the staged plan, in the file's order."""
    found: list[RowChange] = []
    for part in plan.parts:
        rows = diff_queries.rows(db, part.kind, limit=SHOWN)
        found += [_change(part.kind, row) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.row, one.kind != "donors")))


def _change(kind: str, row: Any) -> RowChange:
    after, before = dict(row.new), dict(row.old or {})
    if row.action == "create":
        names: Iterable[str] = SUMMARY[kind]
        before = {}
    elif row.action == "update":
        names = (row.field or "").split(", ")
    else:
        names = ()
    fields = tuple(
        _field(kind, name, before, after) for name in names if name and name not in HIDDEN
    )
    if row.action == "create":
        fields = tuple(one for one in fields if one.after)
    kept = tuple(
        _kept(kind, name, before) for name in (after.get("kept") or "").split(", ") if name
    )
    reason = problem_of(row.reason).sentence if row.reason else None
    return RowChange(file_row(row.row), kind, row.action, row.who or "", reason, fields, kept)


def _kept(kind: str, name: str, before: Mapping[str, Any]) -> FieldChange:
    old = _spelled(kind, name, before)
    return FieldChange(name, old, old)


def _field(
    kind: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> FieldChange:
    old, new = _spelled(kind, name, before), _spelled(kind, name, after)
    if kind == "donors" and name in ADDED and old and new:
        # values from the file are added to these fields, they never replace existing ones
        known = {one.casefold() for one in old.split(", ")}
        new = ", ".join([old, *(one for one in new.split(", ") if one.casefold() not in known)])
    return FieldChange(name, old, new)


# the fields that summarise a new record
SUMMARY = {
    "donors": ("email", "phone", "street", "notes", "tags", "custom"),
    "gifts": ("amount", "date", "fund", "split", "method", "soft credit", "note"),
    "pledges": ("amount", "frequency", "start", "end", "fund"),
    "funds": ("name", "status"),
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


def _spelled(kind: str, name: str, values: Mapping[str, Any]) -> str | None:
    if name in {"amount", "total"}:
        minor, currency = values.get(f"{name}_minor"), values.get("currency") or ""
        return None if minor is None else f"{Money(minor, currency)} {currency}"
    if name == "street":
        return ", ".join(values[one] for one in PLACE if values.get(one)) or None
    if kind == "donors" and name in {"email", "phone"}:
        listed = [values.get(name), *(values.get(f"other_{name}s") or "").split("\n")]
        return ", ".join(one for one in listed if one) or None
    value = values.get(_COLUMNS.get(name, name))
    if name == "custom":
        told = json.loads(value) if isinstance(value, str) else value or {}
        return (custom_fields.as_lines(told) or "").replace("\n", ", ") or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None or value == "" else str(value).replace("\n", ", ")
