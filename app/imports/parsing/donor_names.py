"""Parse the names of donors: persons, couples and organisations."""

from itertools import starmap

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.imports.parsing.columns import Sheet
from app.imports.values.people import donor_kinds
from app.imports.values.people.person_names import Name
from app.imports.values.problems import Problem
from app.kit import custom_fields, names

NAME_FIELDS = ("name", "first_name", "last_name")
_PARTS = ("first_name", "last_name", "spouse_first_name", "spouse_last_name")


def read_names(sheet: Sheet, email: pa.Array) -> dict[str, pa.Array]:
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
    if sheet.named_by_email:
        nameless = pc.and_(pc.is_null(pc.coalesce(full, joined)), email.is_valid())
        sheet.note(
            np.flatnonzero(nameless.to_numpy(zero_copy_only=False)),
            missing,
            lambda index: Problem("name_from_email", {"text": email[index].as_py()}),
        )
        full = pc.if_else(nameless, email, full)
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
    """Return the kinds guessed from names, null where there is none."""
    plain, others, described = _described(column, pa.nulls(len(column), pa.string()))
    kinds = pc.if_else(plain, "person", None)
    return _with(kinds, others, [kind for kind, _ in described])


def _split(
    columns: dict[str, pa.Array], full: pa.Array, stated: pa.Array, *, spouses: bool
) -> dict[str, pa.Array]:
    """Return the names of a file that has one column of names."""
    plain, others, described = _described(full, stated)
    first, last = (pc.if_else(plain, part, None) for part in donor_kinds.split_plain(full))
    kinds = pc.if_else(plain, "person", None)
    parts = [
        _with(column, others, [getattr(name, part) or None for _, name in described])
        for part, column in (
            ("name", full),
            ("first", pc.if_else(pc.equal(first, ""), None, first)),
            ("last", last),
            ("spouse_first", pa.nulls(len(full), pa.string())),
            ("spouse_last", pa.nulls(len(full), pa.string())),
        )
    ]
    columns = columns | dict(zip(_PARTS[: 2 if spouses else 4], parts[1:], strict=False))
    return {
        **columns,
        "kind": pc.fill_null(_with(kinds, others, [kind for kind, _ in described]), "person"),
        "name": parts[0],
    }


def _described(
    full: pa.Array, stated: pa.Array
) -> tuple[pa.BooleanArray, NDArray[np.bool_], list[tuple[str, Name]]]:
    """Return a mask of the plain names, a mask of the other names, and these described."""
    person = pc.fill_null(pc.equal(stated, "person"), True)
    plain = pc.and_(pc.fill_null(donor_kinds.is_plain(full), False), person)
    others = pc.and_not(full.is_valid(), plain)
    names_and_kinds = zip(
        full.filter(others).to_pylist(), stated.filter(others).to_pylist(), strict=True
    )
    described = [donor_kinds.describe(name, kind) for name, kind in names_and_kinds]
    return plain, others.to_numpy(zero_copy_only=False), described


def _with(column: pa.Array, mask: NDArray[np.bool_], values: list[str | None]) -> pa.Array:
    """Return a column with the values at the places of the mask."""
    return pc.replace_with_mask(column, pa.array(mask), pa.array(values, pa.string()))
