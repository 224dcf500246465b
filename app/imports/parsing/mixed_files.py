"""Convert a mapped file to typed rows, one entry per kind; donors come before their gifts."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.file_reader.table import Table
from app.imports.mapping.mapped_file import MappedFile
from app.imports.parsing import gift_splits, repeated_donors
from app.imports.parsing.columns import Sheet
from app.imports.parsing.options import Options
from app.imports.parsing.records import TypedRows, typed_rows
from app.imports.values.arrays import hashes

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
    table = source.table if source.only is None else _rows(source.table, source.only)
    sheet = Sheet(table, source.columns, options, source.evidence)
    main = typed_rows(source.kind, sheet)
    if not source.mixed:
        return [main]
    gift_sheet = None if source.only is not None else sheet
    donors, donor_row = _people(source.table, source.people, gift_sheet, options)
    rows = main.rows.append_column("donor_row", donor_row(main.rows.column("row")))
    soft_credits = main.soft_credits
    if source.credited:
        soft_credits = gift_splits.with_donor_credits(soft_credits, source.credited, donor_row)
    return [donors, replace(main, rows=rows, soft_credits=soft_credits)]


def _rows(table: Table, keep: NDArray[np.bool_]) -> Table:
    return replace(table, cells=table.cells.filter(pa.array(keep)), rows=table.rows[keep])


def _people(
    table: Table, columns: dict[str, int], sheet: Sheet | None, options: Options
) -> tuple[TypedRows, Callable[[pa.Array], pa.Array]]:
    """Return the distinct donors of a file, and a function from rows to their donors' rows.

    The donor's row is the first one that names the donor. With `sheet`, a row whose gift is
    refused creates no donor.
    """
    people = Sheet(table, columns, options)
    first = _first_of_each(people, columns)
    rows = np.arange(table.height) if sheet is None else np.flatnonzero(~sheet.bad)
    keep = np.unique(first[rows])
    donor_table = replace(
        table,
        cells=table.cells.take(pa.array(keep)),
        rows=table.rows[keep],
        left_out=(),
        ragged=table.ragged if sheet is None else {},
    )
    donor_sheet = Sheet(donor_table, columns, replace(options, beside_records=True))
    donor_sheet.named_by_email = True
    if len(keep) < len(rows):
        repeated_donors.fill(donor_sheet, people, first, keep, rows)
    donors = typed_rows("donors", donor_sheet)
    row_of_donor = pd.Series(table.rows[first], index=table.rows)

    def donor_row(rows: pa.Array) -> pa.Array:
        return pa.array(row_of_donor.reindex(rows.to_numpy()).to_numpy(), pa.int64())

    return donors, donor_row


def _first_of_each(people: Sheet, columns: Iterable[str]) -> NDArray[np.int64]:
    """Return for each row the first row that names the same person."""
    folded = {name: pc.utf8_lower(people.cells(name)) for name in columns}
    blank = pa.repeat("", people.table.height)
    ident, email = folded.get("external_id", blank), folded.get("email", blank)
    names = [folded[name] for name in ("name", "first_name", "last_name") if name in folded]
    contact = [folded[name] for name in ("postal_code", "phone") if name in folded]
    key = pd.Series(
        np.where(
            pc.not_equal(ident, "").to_numpy(zero_copy_only=False),
            hashes([ident]),
            np.where(
                pc.not_equal(email, "").to_numpy(zero_copy_only=False),
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
