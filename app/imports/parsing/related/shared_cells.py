"""Cells that several kinds of rows share: the donor, two days in their order, a short text."""

from collections.abc import Mapping, Sequence

import pandas as pd

from app.imports.parsing import contacts, records
from app.imports.parsing.columns import Sheet
from app.imports.parsing.records import TypedRows
from app.imports.values.arrays import positions
from app.imports.values.cells import NAMES
from app.imports.values.problems import Problem
from app.kit.text import LONGEST_NAME


def donor(sheet: Sheet, email: str = "email") -> dict[str, pd.Series]:
    """Return the columns that identify the donor of each row; `email` is the field to read."""
    return {
        "donor_ext": sheet.ident("donor_external_id"),
        "email": contacts.first_emails(sheet, email).str.lower(),
    }


def require_donor(sheet: Sheet, columns: Mapping[str, pd.Series], email: str = "email") -> None:
    """Refuse the rows that name no donor."""
    field = "donor_external_id" if "donor_external_id" in sheet else email
    sheet.require(field, columns["donor_ext"].fillna(columns["email"]), Problem("donor_missing"))


def name(sheet: Sheet, field: str, *, folded: bool = True) -> pd.Series:
    """Return names, `folded` with single white space; one that is too long refuses its row."""
    names = sheet.text(field)
    if folded:
        names = names.str.replace(r"\s+", " ", regex=True)
    if field not in NAMES:
        # the others are checked in every file
        too_long = positions(names.str.len() > LONGEST_NAME)
        sheet.refuse(too_long, field, Problem("name_too_long", {"most": LONGEST_NAME}))
    return names


def check_days(sheet: Sheet, first: pd.Series, last: pd.Series, field: str) -> None:
    """Refuse the rows whose last day lies before the first."""
    sheet.refuse(positions(last < first), field, Problem("ends_before_start"))


def finish(
    kind: str,
    sheet: Sheet,
    columns: Mapping[str, pd.Series],
    natural: Sequence[str],
    order: str | None = None,
    mark: str | None = None,
) -> TypedRows:
    """Return the typed rows; `natural` are the fields that identify a row without an id."""
    identity = records.row_ids(sheet, [sheet.raw(field) for field in natural])
    return records.finish(kind, sheet, identity, columns, order, mark)
