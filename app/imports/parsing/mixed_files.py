"""Convert a mapped file to typed rows, one entry per kind; donors come before their gifts."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.imports.mapping.data_table import DataTable
from app.imports.mapping.mapped_file import MappedFile
from app.imports.parsing import gift_splits, record_rows, repeated_donors
from app.imports.parsing.columns import Sheet
from app.imports.parsing.options import Options
from app.imports.parsing.records import TypedRows, typed_rows
from app.imports.values import arrays
from app.imports.values.arrays import hashes, is_true
from app.imports.values.records import record_fields

# presets of systems that keep pledges without a start
_WITHOUT_STARTS = frozenset({"tntconnect", "mpdx"})


def typed_parts(source: MappedFile, options: Options) -> list[TypedRows]:
    """Return the file's typed rows, one entry per kind; donors come before gifts and pledges.

    Raises:
        UndecidedError: the user must choose the date order or the decimal mark.
    """
    if source.date_order and not options.date_order:
        options = replace(options, date_order=source.date_order)
    if source.preset in _WITHOUT_STARTS:
        options = replace(options, assume_start=True)
    table = source.table if source.only is None else source.table.only(source.only)
    sheet = Sheet(table, source.columns, options, source.evidence)
    if source.kind in record_fields.KINDS:
        return [record_rows.typed_rows(source.kind, sheet)]
    main = typed_rows(source.kind, sheet)
    if not source.mixed:
        return [main]
    gift_sheet = None if source.only is not None else sheet
    donors, donor_row = _people(source.table, source.people, gift_sheet, options)
    rows = main.rows.assign(donor_row=donor_row(main.rows["row"]))
    soft_credits = main.soft_credits
    if source.credited and soft_credits is not None:
        soft_credits = gift_splits.with_donor_credits(soft_credits, source.credited, donor_row)
    return [donors, replace(main, rows=rows, soft_credits=soft_credits)]


def _people(
    table: DataTable, columns: dict[str, int], sheet: Sheet | None, options: Options
) -> tuple[TypedRows, Callable[[pd.Series], pd.Series]]:
    """Return the distinct donors of a file, and a function from rows to their donors' rows.

    The donor's row is the first one that names the donor. With `sheet`, a row whose gift is
    refused creates no donor.
    """
    people = Sheet(table, columns, options)
    first = _first_of_each(people, columns)
    rows = np.arange(table.height) if sheet is None else np.flatnonzero(~sheet.bad)
    keep = np.unique(first[rows])
    donor_table = replace(
        table.take(keep),
        left_out=(),
        ragged=table.ragged if sheet is None else {},
    )
    donor_sheet = Sheet(donor_table, columns, replace(options, beside_records=True))
    donor_sheet.named_by_email = True
    if len(keep) < len(rows):
        repeated_donors.fill(donor_sheet, people, first, keep, rows)
    donors = typed_rows("donors", donor_sheet)
    row_of_donor = pd.Series(table.rows[first], index=table.rows)

    def donor_row(rows: pd.Series) -> pd.Series:
        return arrays.whole(row_of_donor.reindex(rows.to_numpy(dtype=np.int64)))

    return donors, donor_row


def _first_of_each(people: Sheet, columns: Iterable[str]) -> NDArray[np.int64]:
    """Return for each row the first row that names the same person."""
    folded = {name: people.cells(name).str.lower() for name in columns}
    blank = arrays.repeated("", people.table.height)
    ident, email = folded.get("external_id", blank), folded.get("email", blank)
    names = [folded[name] for name in ("name", "first_name", "last_name") if name in folded]
    contact = [folded[name] for name in ("postal_code", "phone") if name in folded]
    key = pd.Series(
        np.where(
            is_true(ident != ""),
            hashes([ident]),
            np.where(
                is_true(email != ""),
                hashes([email, *names]),
                hashes([*names, *contact]),
            ),
        )
    )
    first = (
        key.groupby(key).transform(lambda group: group.index[0])
        if len(key) < 2  # noqa: PLR2004
        else (key.drop_duplicates().reset_index().set_index(0)["index"].reindex(key).to_numpy())
    )
    return np.asarray(first, dtype=np.int64)
