"""Parse the columns that describe a donor: names, addresses, flags."""

import json
import re
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.parsing.columns import Sheet
from app.imports.values import choices
from app.imports.values.fields import CUSTOM_PREFIX
from app.imports.values.problems import Problem
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
_ADDRESS = ("street", "city", "state", "postal_code", "country")


def columns(sheet: Sheet) -> dict[str, pa.Array]:
    """Return a donor's staged columns by name; refuse rows without any name."""
    donors = {name: sheet.text(name) for name in _PLAIN}
    donors["status"] = sheet.choice("status", "donor_status")
    donors |= _names(sheet)
    donors |= _emails(sheet)
    donors |= _several(sheet, "phone", "other_phones")
    donors |= _address(sheet)
    for flag in ("no_email", "no_phone", "no_mail", "deceased", "anonymous"):
        donors[flag] = sheet.flag(flag)
    donors["tags"] = pc.replace_substring_regex(sheet.text("tags"), r"\s*[;|]\s*", "\n")
    donors["custom"] = _custom_fields(sheet)
    return donors


def _custom_fields(sheet: Sheet) -> pa.Array:
    """Return the organisation's custom fields as JSON, from single columns or a JSON column."""
    columns = {
        custom_fields.name_of(column.removeprefix(CUSTOM_PREFIX)): column
        for column in sheet.columns
        if column.startswith(CUSTOM_PREFIX)
    }
    if not columns and "custom" not in sheet:
        return pa.nulls(sheet.table.height, pa.string())
    fields: list[dict[str, str]] = [{} for _ in range(sheet.table.height)]
    for position, cell in enumerate(sheet.raw("custom").to_pylist()):
        if cell:
            fields[position] = _from_json(sheet, position, cell)
    for name, column in columns.items():
        for position, cell in enumerate(sheet.raw(column).to_pylist()):
            if cell and name:
                fields[position][name] = fold(cell)
    for position, values in enumerate(fields):
        try:
            custom_fields.checked(values)
        except InvalidError as error:
            invalid = Problem("custom_field_invalid", {"message": str(error)})
            sheet.refuse([position], "custom", invalid)
            fields[position] = {}
    return pa.array(
        [json.dumps(values, ensure_ascii=False) if values else None for values in fields],
        pa.string(),
    )


def _from_json(sheet: Sheet, position: int, cell: str) -> dict[str, str]:
    try:
        values = json.loads(cell)
    except ValueError:
        values = None
    if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
        return values
    sheet.refuse([position], "custom", Problem("custom_fields_unreadable"))
    return {}


def _names(sheet: Sheet) -> dict[str, pa.Array]:
    full, first, last = (sheet.text(name) for name in ("name", "first_name", "last_name"))
    joined = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(pc.fill_null(first, ""), pc.fill_null(last, ""), " ")
    )
    joined = pc.if_else(pc.equal(joined, ""), None, joined)
    sheet.require(
        "name" if "name" in sheet else "last_name",
        pc.coalesce(full, joined),
        Problem("name_missing"),
    )
    guessed = _kinds(sheet, full)
    kind = pa.array(guessed, pa.string())
    if "first_name" in sheet or "last_name" in sheet:
        spouses = sheet.text("spouse_first_name").to_pylist()
        built = [
            names.couple(first_name, last_name, spouse, spouse_last) if spouse else own_name
            for first_name, last_name, spouse, spouse_last, own_name in zip(
                first.to_pylist(),
                last.to_pylist(),
                spouses,
                sheet.text("spouse_last_name").to_pylist(),
                joined.to_pylist(),
                strict=True,
            )
        ]
        name = pc.coalesce(full, pa.array(built, pa.string()))
        return {"kind": kind, "name": name, "first_name": first, "last_name": last}
    split = [
        split_name(name or "", donor_kind)
        for name, donor_kind in zip(full.to_pylist(), guessed, strict=True)
    ]
    parts = list(zip(*split, strict=True)) or [(), (), ()]
    return {
        "kind": kind,
        "name": pa.array([name or None for name in parts[0]], pa.string()),
        "first_name": pa.array([name or None for name in parts[1]], pa.string()),
        "last_name": pa.array([name or None for name in parts[2]], pa.string()),
    }


def _kinds(sheet: Sheet, full_names: pa.Array) -> list[str]:
    """Return the kind of each donor: stated by the file, or guessed from the names."""
    stated = sheet.choice("kind", "donor_kind")
    alone = pc.is_null(sheet.text("spouse_first_name"))
    return [
        kind or (choices.guess_kind(name) if name else "person" if single else "household")
        for kind, name, single in zip(
            stated.to_pylist(), full_names.to_pylist(), alone.to_pylist(), strict=True
        )
    ]


def split_name(name: str, kind: str) -> tuple[str, str, str]:
    """Return (name, first, last); the name of an organisation or household is not split."""
    if kind != "person":
        return names.fold(name), "", ""
    last, comma, first = name.partition(",")
    if comma and "," not in first and first.strip():
        return names.person(first, last), names.fold(first), names.fold(last)
    parts = name.split()
    if len(parts) < 2:  # noqa: PLR2004
        return names.fold(name), "", names.fold(name)
    return names.fold(name), " ".join(parts[:-1]), parts[-1]


def _emails(sheet: Sheet) -> dict[str, pa.Array]:
    emails = _several(sheet, "email", "other_emails")
    for name in ("email", "other_emails"):
        if name not in sheet:
            continue
        column = emails[name] if name == "email" else pc.list_flatten(_lines(emails[name]))
        valid = pc.fill_null(pc.match_substring_regex(column, _EMAIL), True)
        wrong = ~valid.to_numpy(zero_copy_only=False)
        if not wrong.any():
            continue
        positions = np.flatnonzero(wrong)
        if name == "other_emails":
            parents = pc.list_parent_indices(_lines(emails[name])).to_numpy(zero_copy_only=False)
            positions = np.unique(parents[positions])
        sheet.refuse(positions, name, partial(_not_an_email, emails[name]))
    return emails


def _not_an_email(cells: pa.Array, position: int) -> Problem:
    return Problem("not_an_email", {"text": cells[position].as_py()})


def _lines(column: pa.Array) -> pa.ListArray:
    return pc.split_pattern(column, "\n")


def _several(sheet: Sheet, primary: str, others: str) -> dict[str, pa.Array]:
    """Split cells that hold several values: the first is the primary one, the rest are others."""
    column, rest = (
        pc.replace_substring_regex(sheet.text(name), r"\s*[;|\n]\s*", "\n")
        for name in (primary, others)
    )
    if primary == "phone":
        column, rest = (
            pc.replace_substring_regex(cells, text.AROUND_NUMBERS, "") for cells in (column, rest)
        )
    column = (
        pc.utf8_trim(column, "\n ")
        if primary == "phone"
        else pc.utf8_trim(pc.replace_substring_regex(column, r"\s*[,\s]\s*", "\n"), "\n ")
    )
    further = pc.replace_substring_regex(column, r"^[^\n]*\n?", "")
    both = pc.utf8_trim(
        pc.binary_join_element_wise(pc.fill_null(further, ""), pc.fill_null(rest, ""), "\n"), "\n "
    )
    return {
        primary: pc.replace_substring_regex(column, r"(?s)\n.*$", ""),
        others: pc.if_else(pc.equal(both, ""), None, both),
    }


def _address(sheet: Sheet) -> dict[str, pa.Array]:
    address = {name: sheet.text(name) for name in _ADDRESS}
    if "city" in sheet or "postal_code" in sheet or "street" not in sheet:
        return address
    # one cell for the whole address: split it only when the result is unambiguous
    cells = address["street"].to_pylist()
    matches = [_CITY_LINE.match(cell or "") for cell in cells]
    address["street"] = pa.array(
        [match["street"] if match else cell for match, cell in zip(matches, cells, strict=True)],
        pa.string(),
    )
    for name, group in (
        ("city", "city"),
        ("state", "state"),
        ("postal_code", "zip"),
        ("country", "country"),
    ):
        address[name] = pa.array(
            [match[group] if match else None for match in matches], pa.string()
        )
    return address
