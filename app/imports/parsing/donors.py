"""Parse the columns that describe a donor: names, addresses, flags."""

import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.parsing.columns import Sheet
from app.imports.values import choices
from app.imports.values.fields import OWN
from app.kit import custom_fields, names, text
from app.kit.errors import InvalidError
from app.kit.names import fold

_EMAIL = r"^[^\s@,;<>\"]+@[^\s@,;<>\".]+(\.[^\s@,;<>\".]+)+$"
_CITY_LINE = re.compile(
    r"^(?P<street>.+),\s*(?P<city>[^,]+),\s*(?P<state>[A-Z]{2})\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:,\s*(?P<country>[^,]+))?$",
    re.DOTALL,
)
_PLAIN = (
    "spouse_first_name",
    "spouse_last_name",
    "salutation",
    "envelope_name",
    "owner_email",
    "notes",
)
_PLACE = ("street", "city", "state", "postal_code", "country")


def columns(sheet: Sheet) -> dict[str, Any]:
    """Return a donor's staged columns by name; refuse rows without any name."""
    made = {name: sheet.text(name) for name in _PLAIN}
    made["status"] = sheet.choice("status", "donor_status")
    made |= _names(sheet)
    made |= _emails(sheet)
    made |= _several(sheet, "phone", "other_phones")
    made |= _place(sheet)
    for flag in ("no_email", "no_phone", "no_mail", "deceased", "anonymous"):
        made[flag] = sheet.flag(flag)
    made["tags"] = pc.replace_substring_regex(sheet.text("tags"), r"\s*[;|]\s*", "\n")
    made["custom"] = _own_fields(sheet)
    return made


def _own_fields(sheet: Sheet) -> Any:
    """Return the organisation's custom fields as JSON, from single columns or a JSON column."""
    columns = {
        custom_fields.name_of(n.removeprefix(OWN)): n for n in sheet.columns if n.startswith(OWN)
    }
    if not columns and "custom" not in sheet:
        return pa.nulls(sheet.table.height, pa.string())
    told: list[dict[str, str]] = [{} for _ in range(sheet.table.height)]
    for at, cell in enumerate(sheet.raw("custom").to_pylist()):
        if cell:
            told[at] = _from_json(sheet, at, cell)
    for name, column in columns.items():
        for at, cell in enumerate(sheet.raw(column).to_pylist()):
            if cell and name:
                told[at][name] = fold(cell)
    for at, values in enumerate(told):
        try:
            custom_fields.checked(values)
        except InvalidError as error:
            sheet.refuse([at], "custom", str(error))
            told[at] = {}
    return pa.array(
        [json.dumps(one, ensure_ascii=False) if one else None for one in told], pa.string()
    )


def _from_json(sheet: Sheet, at: int, cell: str) -> dict[str, str]:
    try:
        values = json.loads(cell)
    except ValueError:
        values = None
    if isinstance(values, dict) and all(isinstance(one, str) for one in values.values()):
        return values
    sheet.refuse([at], "custom", "These are not fields of a donor. Export the file again.")
    return {}


def _names(sheet: Sheet) -> dict[str, Any]:
    whole, first, last = (sheet.text(name) for name in ("name", "first_name", "last_name"))
    joined = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(pc.fill_null(first, ""), pc.fill_null(last, ""), " ")
    )
    joined = pc.if_else(pc.equal(joined, ""), None, joined)
    sheet.require(
        "name" if "name" in sheet else "last_name",
        pc.coalesce(whole, joined),
        "The row has no name.",
    )
    guessed = _kinds(sheet, whole)
    kind = pa.array(guessed, pa.string())
    if "first_name" in sheet or "last_name" in sheet:
        couples = sheet.text("spouse_first_name").to_pylist()
        built = [
            names.couple(f, n, s, sn) if s else j
            for f, n, s, sn, j in zip(
                first.to_pylist(),
                last.to_pylist(),
                couples,
                sheet.text("spouse_last_name").to_pylist(),
                joined.to_pylist(),
                strict=True,
            )
        ]
        name = pc.coalesce(whole, pa.array(built, pa.string()))
        return {"kind": kind, "name": name, "first_name": first, "last_name": last}
    split = [
        _split(name or "", kind_) for name, kind_ in zip(whole.to_pylist(), guessed, strict=True)
    ]
    parts = list(zip(*split, strict=True)) or [(), (), ()]
    return {
        "kind": kind,
        "name": pa.array([each or None for each in parts[0]], pa.string()),
        "first_name": pa.array([each or None for each in parts[1]], pa.string()),
        "last_name": pa.array([each or None for each in parts[2]], pa.string()),
    }


def _kinds(sheet: Sheet, whole: Any) -> list[str]:
    """Return the kind of each donor: stated by the file, or guessed from the names."""
    told = sheet.choice("kind", "donor_kind")
    alone = pc.is_null(sheet.text("spouse_first_name"))
    return [
        kind or (choices.guess_kind(name) if name else "person" if one else "household")
        for kind, name, one in zip(
            told.to_pylist(), whole.to_pylist(), alone.to_pylist(), strict=True
        )
    ]


def _split(name: str, kind: str) -> tuple[str, str, str]:
    """Return (name, first, last); the name of an organisation or household is not split."""
    if kind != "person":
        return names.fold(name), "", ""
    last, comma, first = name.partition(",")
    if comma and "," not in first and first.strip():
        return names.person(first, last), names.fold(first), names.fold(last)
    words = name.split()
    if len(words) < 2:  # noqa: PLR2004
        return names.fold(name), "", names.fold(name)
    return names.fold(name), " ".join(words[:-1]), words[-1]


def _emails(sheet: Sheet) -> dict[str, Any]:
    made = _several(sheet, "email", "other_emails")
    for name in ("email", "other_emails"):
        if name not in sheet:
            continue
        column = made[name] if name == "email" else pc.list_flatten(_lines(made[name]))
        fine = pc.fill_null(pc.match_substring_regex(column, _EMAIL), True)
        wrong = ~fine.to_numpy(zero_copy_only=False)
        if not wrong.any():
            continue
        at = np.flatnonzero(wrong)
        if name == "other_emails":
            parents = pc.list_parent_indices(_lines(made[name])).to_numpy(zero_copy_only=False)
            at = np.unique(parents[at])
        shown = made[name]
        sheet.refuse(at, name, lambda i, shown=shown: f"“{shown[i]}” is not an e-mail address.")  # type: ignore[misc]
    return made


def _lines(column: Any) -> Any:
    return pc.split_pattern(column, "\n")


def _several(sheet: Sheet, one: str, others: str) -> dict[str, Any]:
    """Split cells that hold several values: the first is the primary one, the rest are others."""
    column, rest = (
        pc.replace_substring_regex(sheet.text(name), r"\s*[;|\n]\s*", "\n")
        for name in (one, others)
    )
    if one == "phone":
        column, rest = (
            pc.replace_substring_regex(cells, text.AROUND_NUMBERS, "") for cells in (column, rest)
        )
    column = (
        pc.utf8_trim(column, "\n ")
        if one == "phone"
        else pc.utf8_trim(pc.replace_substring_regex(column, r"\s*[,\s]\s*", "\n"), "\n ")
    )
    more = pc.replace_substring_regex(column, r"^[^\n]*\n?", "")
    both = pc.utf8_trim(
        pc.binary_join_element_wise(pc.fill_null(more, ""), pc.fill_null(rest, ""), "\n"), "\n "
    )
    return {
        one: pc.replace_substring_regex(column, r"(?s)\n.*$", ""),
        others: pc.if_else(pc.equal(both, ""), None, both),
    }


def _place(sheet: Sheet) -> dict[str, Any]:
    made = {name: sheet.text(name) for name in _PLACE}
    if "city" in sheet or "postal_code" in sheet or "street" not in sheet:
        return made
    # one cell for the whole address: split it only when the result is unambiguous
    lines = [_CITY_LINE.match(cell or "") for cell in made["street"].to_pylist()]
    whole = made["street"].to_pylist()
    made["street"] = pa.array(
        [f["street"] if f else cell for f, cell in zip(lines, whole, strict=True)], pa.string()
    )
    for name, group in (
        ("city", "city"),
        ("state", "state"),
        ("postal_code", "zip"),
        ("country", "country"),
    ):
        made[name] = pa.array([f[group] if f else None for f in lines], pa.string())
    return made
