"""Parse the names of donors: persons, couples and organisations."""

from itertools import starmap

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.imports.parsing.columns import Sheet
from app.imports.values import arrays
from app.imports.values.arrays import listed, positions, where
from app.imports.values.people import donor_kinds
from app.imports.values.people.person_names import Name
from app.imports.values.problems import Problem
from app.kit import custom_fields, names

NAME_FIELDS = ("name", "first_name", "last_name")
_PARTS = ("first_name", "last_name", "spouse_first_name", "spouse_last_name")


def read_names(sheet: Sheet, email: pd.Series) -> dict[str, pd.Series]:
    """Return the kind, the name and its parts; refuse rows without any name.

    `employer` is the organisation in the row of a person, who is the donor.
    """
    columns = {name: sheet.text(name) for name in _PARTS}
    full, employer = sheet.text("name"), arrays.missing(sheet.table.height)
    stated = sheet.choice("kind", "donor_kind")
    columns["first_name"] = _without_empty_words(columns["first_name"], columns["last_name"])
    columns["last_name"] = _without_empty_words(columns["last_name"], columns["first_name"])
    joined = _joined(columns["first_name"], columns["last_name"])
    if _is_of_organisations(sheet):
        employer = where(joined.notna(), full, None)
        full = where(joined.notna(), None, full)
        stated = where(stated.isna() & full.notna(), "organisation", stated)
        _note_employers(sheet, employer)
    missing = "name" if "name" in sheet else "last_name"
    if sheet.named_by_email:
        nameless = full.isna() & joined.isna() & email.notna()
        sheet.note(
            positions(nameless),
            missing,
            lambda index: Problem("name_from_email", {"text": email[index]}),
        )
        full = where(nameless, email, full)
    sheet.require(missing, full.fillna(joined), Problem("name_missing"))
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


def _note_employers(sheet: Sheet, employer: pd.Series) -> None:
    field = custom_fields.name_of(sheet.header("name"))
    sheet.note(
        positions(employer.notna()),
        "name",
        lambda index: Problem("company_kept", {"text": employer[index], "name": field}),
    )


def _without_empty_words(part: pd.Series, other: pd.Series) -> pd.Series:
    """Return a part of the name, missing where it says "none" and there is no other part."""
    empty = part.str.lower().isin(["none", "null", "nil"])
    return where(empty & other.isna(), None, part)


def _joined(first: pd.Series, last: pd.Series) -> pd.Series:
    joined = (first.fillna("") + " " + last.fillna("")).str.strip()
    return arrays.missing_if_blank(joined)


def _with_parts(
    columns: dict[str, pd.Series], full: pd.Series, joined: pd.Series, stated: pd.Series
) -> dict[str, pd.Series]:
    """Return the names of a file that has columns of first or last names."""
    spouse, first = columns["spouse_first_name"], columns["first_name"]
    built = joined
    if spouse.notna().any():
        parts = [listed(columns[name]) for name in _PARTS]
        built = arrays.text(starmap(_built, zip(*parts, strict=True)))
    # of an organisation's row often only the last name is filled
    guessed = _kinds(full.fillna(where(first.isna(), joined, None)))
    couple = full.isna() & spouse.notna()
    kind = stated.fillna(where(couple, "household", guessed.fillna("person")))
    return {**columns, "kind": kind, "name": full.fillna(built)}


def _built(
    first: str | None, last: str | None, spouse_first: str | None, spouse_last: str | None
) -> str | None:
    if spouse_first:
        return names.couple(first, last, spouse_first, spouse_last)
    return names.person(first, last) or None


def _kinds(column: pd.Series) -> pd.Series:
    """Return the kinds guessed from names, missing where there is none."""
    plain, others, described = _described(column, arrays.missing(len(column)))
    kinds = where(plain, "person", None)
    return arrays.with_cells(kinds, others, [kind for kind, _ in described])


def _split(
    columns: dict[str, pd.Series], full: pd.Series, stated: pd.Series, *, spouses: bool
) -> dict[str, pd.Series]:
    """Return the names of a file that has one column of names."""
    plain, others, described = _described(full, stated)
    first, last = (where(plain, part, None) for part in donor_kinds.split_plain(full))
    kinds, blank = where(plain, "person", None), arrays.missing(len(full))
    parts = [
        arrays.with_cells(column, others, [getattr(name, part) or None for _, name in described])
        for part, column in (
            ("name", full),
            ("first", arrays.missing_if_blank(first)),
            ("last", last),
            ("spouse_first", blank),
            ("spouse_last", blank),
        )
    ]
    kinds = arrays.with_cells(kinds, others, [kind for kind, _ in described])
    columns = columns | dict(zip(_PARTS[: 2 if spouses else 4], parts[1:], strict=False))
    return {
        **columns,
        "kind": kinds.fillna("person"),
        "name": parts[0],
    }


def _described(
    full: pd.Series, stated: pd.Series
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], list[tuple[str, Name]]]:
    """Return a mask of the plain names, a mask of the other names, and these described."""
    person = stated.isna() | (stated == "person")
    plain = donor_kinds.is_plain(full) & arrays.is_true(person)
    others = full.notna().to_numpy() & ~plain
    kinds = listed(stated[others])
    described = [
        donor_kinds.describe(name, kind) for name, kind in zip(full[others], kinds, strict=True)
    ]
    return plain, others, described
