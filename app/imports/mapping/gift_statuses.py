"""What the status of a payment means: rows that are no gifts, and gifts that were refunded.

A payment that failed, was cancelled or is not here yet is left out with the reason. A refund by
amount keeps the gift and adds a reversal. A payment that came back as a whole is no gift; where
the file gives it an id, its row becomes the reversal of the gift of that id, which an earlier file
may have brought. Money going out (a debit column) is no gift either.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.file_reader.table import LeftOut
from app.imports.mapping.mapped_file import MappedFile
from app.imports.values import amounts, choices
from app.imports.values.arrays import coded, is_true, missing_if_blank, where
from app.imports.values.row_numbers import COPY, file_row

# ids of reversals: of a part of a gift, and of a gift as a whole
PART_SUFFIX, WHOLE_SUFFIX = "-refund", "-refunded"
# additional rows of a reversal are numbered after those that presets add
_COPY = 9
_REASONS = {
    "failed": "The payment failed: no money came",
    "pending": "Not paid yet",
    "cancelled": "The payment was cancelled: no money came",
    "pledge": "A promise, not a gift: import promises as pledges",
    "refunded": "Refunded: the money went back",
    "partly refunded": "Refunded in part, and no column says how much: record it by hand",
    "outgoing": "Money going out, not a gift",
}


def apply_statuses(mapped: MappedFile) -> MappedFile:
    """Return a file of gifts without the rows that are none, and with a row for each refund."""
    named = {"gift_kind", "gift_status", "refunded_amount", "outgoing"} & set(mapped.columns)
    if mapped.kind != "gifts" or not named:
        return mapped
    statuses = _statuses(mapped)
    refunded, given = _milli(mapped, "refunded_amount"), _milli(mapped, "amount")
    in_part = (refunded > 0) & (refunded < given)
    whole = ((statuses == "refunded") | ((refunded > 0) & (refunded >= given))) & ~in_part
    statuses[in_part] = "received"
    statuses[whole] = "refunded"
    statuses[(_milli(mapped, "outgoing") != 0) & (given == 0)] = "outgoing"
    has_id = is_true(_column(mapped, "external_id") != "")
    statuses[whole & has_id] = "received"
    reversals = _Reversals(mapped)
    reversals.add(np.flatnonzero(in_part), PART_SUFFIX, amount_of="refunded_amount")
    reversals.replace(whole & has_id)
    return _without(reversals.result(), statuses)


def _statuses(mapped: MappedFile) -> NDArray[np.object_]:
    """Return the status of each row; "received" where the file does not say.

    A column of kinds may say it as well: "Pledge" beside "Donation".
    """
    statuses = np.full(mapped.table.height, "received", dtype=object)
    for field in ("gift_kind", "gift_status"):
        codes, words = coded(_column(mapped, field))
        known = [
            None
            if field == "gift_kind" and choices.choose("gift_kind", word)
            else choices.choose("gift_status", word)
            for word in words
        ]
        of_column = np.array([status or "received" for status in known], dtype=object)[codes]
        statuses = np.where(of_column == "received", statuses, of_column)
    return statuses


def _column(mapped: MappedFile, field: str) -> pd.Series:
    return mapped.table.trimmed(mapped.columns.get(field))


def _milli(mapped: MappedFile, field: str) -> NDArray[np.int64]:
    """Return the size of an amount in thousandths, 0 where it is blank or unreadable."""
    codes, words = coded(_column(mapped, field))
    mark = amounts.decimal_mark(words) or "."
    sizes = [abs(amounts.read_amount(word, mark).milli) if word else 0 for word in words]
    return np.array(sizes, dtype=np.int64)[codes]


class _Reversals:
    """Builds the table with the columns and rows that reversals need."""

    def __init__(self, mapped: MappedFile) -> None:
        self._mapped = mapped

    def add(self, positions: NDArray[np.intp], suffix: str, *, amount_of: str) -> None:
        """Append a reversal of part of the gift at each position."""
        if not len(positions):
            return
        mapped, table = self._mapped, self._mapped.table
        rows = np.concatenate([np.arange(table.height), positions])
        numbers = np.concatenate([table.rows, table.rows[positions] + COPY * _COPY])
        is_new = np.arange(len(rows)) >= table.height
        only = None if mapped.only is None else mapped.only[rows]
        table = replace(table.take(rows), rows=numbers)
        self._mapped = replace(mapped, table=table, only=only)
        self._set("amount", _column(self._mapped, amount_of), is_new)
        self._set("fee", "", is_new)
        self._reverse(is_new, suffix)

    def replace(self, mask: NDArray[np.bool_]) -> None:
        """Turn the rows of gifts that came back as a whole into reversals."""
        if mask.any():
            extra = self._mapped.table.height - len(mask)
            self._reverse(np.concatenate([mask, np.zeros(extra, dtype=bool)]), WHOLE_SUFFIX)

    def _reverse(self, mask: NDArray[np.bool_], suffix: str) -> None:
        own_id = _column(self._mapped, "external_id")
        renamed = (missing_if_blank(own_id) + suffix).fillna("")
        self._set("reverses_external_id", own_id, mask)
        self._set("external_id", renamed, mask)
        self._set("gift_kind", "reversal", mask)

    def _set(self, field: str, value: pd.Series | str, mask: NDArray[np.bool_]) -> None:
        """Give a field new cells in some rows, in a column of its own."""
        mapped, table = self._mapped, self._mapped.table
        if field == "fee" and field not in mapped.columns:
            return
        column = where(mask, value, _column(mapped, field))
        index = len(table.columns)
        title = table.columns[mapped.columns[field]] if field in mapped.columns else ""
        columns = {**mapped.columns, field: index}
        self._mapped = replace(mapped, table=table.with_column(column, title), columns=columns)

    def result(self) -> MappedFile:
        """Return the file with its reversals."""
        return self._mapped


def _without(mapped: MappedFile, statuses: NDArray[np.object_]) -> MappedFile:
    """Leave out the rows whose status says that they are no gifts, with the reason."""
    table = mapped.table
    keep = np.ones(table.height, dtype=bool)
    keep[: len(statuses)] = statuses == "received"
    if keep.all():
        return mapped
    left_out = [
        LeftOut(file_row(int(table.rows[position])), _REASONS[str(statuses[position])])
        for position in np.flatnonzero(~keep).tolist()
    ]
    return replace(
        mapped,
        table=table.only(keep, left_out),
        only=None if mapped.only is None else mapped.only[keep],
        evidence={name: _counts(mapped, name, ~keep) for name in ("gift_date", "amount")},
    )


def _counts(
    mapped: MappedFile, field: str, mask: NDArray[np.bool_]
) -> tuple[tuple[str, int], ...]:
    """Return the distinct cells of a field in some rows, each with its number of rows."""
    codes, words = coded(_column(mapped, field)[mask])
    rows = np.bincount(codes, minlength=len(words)).tolist()
    return tuple(zip(words, rows, strict=True))
