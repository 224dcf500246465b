"""Parse the names of donors: persons, couples and organisations."""

from itertools import starmap

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.parsing.columns import Sheet
from app.imports.values import donor_kinds
from app.imports.values.problems import Problem
from app.kit import custom_fields, names

_PARTS = ("first_name", "last_name", "spouse_first_name", "spouse_last_name")


def read_names(sheet: Sheet) -> dict[str, pa.Array]:
    """Return the kind, the name and its parts; refuse rows without any name.

    `employer` is the organisation in the row of a person, who is the donor.
    """
    columns = {name: sheet.text(name) for name in _PARTS}
    full, employer = sheet.text("name"), pa.nulls(sheet.table.height, pa.string())
    stated = sheet.choice("kind", "donor_kind")
    columns["first_name"] = _without_empty_words(columns["first_name"], columns["last_name"])
    columns["last_name"] = _without_empty_words(columns["last_name"], columns["first_name"])
    joined = _joined(columns["first_name"], columns["last_name"])
    if _is_of_organisations(sheet):
        employer = pc.if_else(joined.is_valid(), full, None)
        full = pc.if_else(joined.is_valid(), None, full)
        stated = pc.if_else(pc.and_(pc.is_null(stated), full.is_valid()), "organisation", stated)
        _note_employers(sheet, employer)
    missing = "name" if "name" in sheet else "last_name"
    sheet.require(missing, pc.coalesce(full, joined), Problem("name_missing"))
    if "first_name" in sheet or "last_name" in sheet:
        described = _with_parts(columns, full, joined, stated)
    else:
        described = _split(columns, full, stated, spouses="spouse_first_name" in sheet)
    return {**described, "employer": employer}


def _is_of_organisations(sheet: Sheet) -> bool:
    """Return whether the column of the name is the file's own, headed "Company" or the like."""
    if "name" not in sheet:
        return False
    header = sheet.header("name")
    own = sheet.columns["name"] == sheet.table.columns.index(header)
    return own and donor_kinds.names_organisations(header)


def _note_employers(sheet: Sheet, employer: pa.Array) -> None:
    field = custom_fields.name_of(sheet.header("name"))
    sheet.note(
        np.flatnonzero(employer.is_valid().to_numpy(zero_copy_only=False)),
        "name",
        lambda index: Problem("company_kept", {"text": employer[index].as_py(), "name": field}),
    )


def _without_empty_words(part: pa.Array, other: pa.Array) -> pa.Array:
    """Return a part of the name, null where it says "none" and there is no other part."""
    empty = pc.is_in(pc.utf8_lower(part), pa.array(["none", "null", "nil"]))
    return pc.if_else(pc.and_(empty, pc.is_null(other)), None, part)


def _joined(first: pa.Array, last: pa.Array) -> pa.Array:
    joined = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(pc.fill_null(first, ""), pc.fill_null(last, ""), " ")
    )
    return pc.if_else(pc.equal(joined, ""), None, joined)


def _with_parts(
    columns: dict[str, pa.Array], full: pa.Array, joined: pa.Array, stated: pa.Array
) -> dict[str, pa.Array]:
    """Return the names of a file that has columns of first or last names."""
    spouse, first = columns["spouse_first_name"], columns["first_name"]
    built = joined
    if spouse.null_count < len(spouse):
        parts = [columns[name].to_pylist() for name in _PARTS]
        built = pa.array(list(starmap(_built, zip(*parts, strict=True))), pa.string())
    # of an organisation's row often only the last name is filled
    guessed = _kinds(pc.coalesce(full, pc.if_else(pc.is_null(first), joined, None)))
    couple = pc.and_(pc.is_null(full), spouse.is_valid())
    kind = pc.coalesce(stated, pc.if_else(couple, "household", pc.fill_null(guessed, "person")))
    return {**columns, "kind": kind, "name": pc.coalesce(full, built)}


def _built(
    first: str | None, last: str | None, spouse_first: str | None, spouse_last: str | None
) -> str | None:
    if spouse_first:
        return names.couple(first, last, spouse_first, spouse_last)
    return names.person(first, last) or None


def _kinds(column: pa.Array) -> pa.Array:
    encoded = column.dictionary_encode()
    kinds = [donor_kinds.describe(name, None)[0] for name in encoded.dictionary.to_pylist()]
    return pa.array(kinds, pa.string()).take(encoded.indices)


def _split(
    columns: dict[str, pa.Array], full: pa.Array, stated: pa.Array, *, spouses: bool
) -> dict[str, pa.Array]:
    """Return the names of a file that has one column of names."""
    described = [
        donor_kinds.describe(name or "", kind)
        for name, kind in zip(full.to_pylist(), stated.to_pylist(), strict=True)
    ]
    kinds = pa.array([kind for kind, _ in described], pa.string())
    parts = zip(*[name for _, name in described], strict=True) if described else [()] * 5
    name, *split = [pa.array([part or None for part in column], pa.string()) for column in parts]
    columns = columns | dict(zip(_PARTS[: 2 if spouses else 4], split, strict=False))
    return {**columns, "kind": kinds, "name": name}
