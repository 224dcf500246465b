"""Splits of a gift's row over funds, and its soft credits."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.imports.mapping.additional_gifts import Credited
from app.imports.parsing.columns import Sheet
from app.imports.values import amounts
from app.imports.values.problems import Problem
from app.kit.money import Money, exponent

# "General fund 60.00; Roof, phase 2 40.00": finds the end of a fund's name and its amount
_AMOUNT = re.compile(r"\s(?P<amount>-?[^\s;]*\d[^\s;]*)\s*(?:;|$)")
# a name may itself contain "5; ": limit of the interpretations tried per cell
_WAYS = 200
Shares = list[tuple[str, int]]
SPLITS = {"row": pa.int64(), "place": pa.int64(), "fund": pa.string(), "minor": pa.int64()}
CREDITS = {"row": pa.int64(), "kind": pa.string(), "who": pa.string(), "donor_row": pa.int64()}


def splits(sheet: Sheet, minor: NDArray[np.int64], currency: pa.Array, mark: str) -> pa.Table:
    """Return (row, place, fund, minor units) of every split; a wrong one refuses its row.

    A gift to one fund has a single split, with the whole amount.
    """
    columns: dict[str, list[object]] = {name: [] for name in SPLITS}
    cells = sheet.raw("split")
    filled = pc.not_equal(cells, "").to_numpy(zero_copy_only=False)
    for position in np.flatnonzero(filled).tolist():
        if sheet.bad[position]:
            continue
        amount, unit = int(minor[position]), currency[position].as_py()
        shares = _shares(sheet, position, cells[position].as_py(), Money(amount, unit), mark)
        sign = -1 if amount < 0 < _sum(shares) else 1
        for place, (fund, share) in enumerate(shares):
            row = (int(sheet.table.rows[position]), place, fund, share * sign)
            for name, value in zip(SPLITS, row, strict=True):
                columns[name].append(value)
    return pa.table({name: pa.array(columns[name], type_) for name, type_ in SPLITS.items()})


def _shares(sheet: Sheet, position: int, cell: str, amount: Money, mark: str) -> Shares:
    """Return the shares of a cell; a cell that cannot be read, or another sum, refuses the row."""
    ways = list(islice(_ways(cell, 0, (amount.currency, mark)), _WAYS))
    fitting = [shares for shares in ways if _sum(shares) in {amount.minor, abs(amount.minor)}]
    shares = next(iter(fitting or ways), None)
    if shares is None:
        sheet.refuse([position], "split", Problem("split_unreadable"))
        return []
    if not fitting or not all(share for _, share in shares):
        total = Money(_sum(shares), amount.currency)
        differs = Problem("split_sum_differs", {"shares": str(total), "amount": str(amount)})
        sheet.refuse([position], "split", differs)
        return []
    return shares


def _ways(cell: str, start: int, mark_of: tuple[str, str]) -> Iterator[Shares]:
    """Yield the possible interpretations of the cell from `start` on, short names first."""
    if start and not cell[start:].strip():
        yield []
        return
    for match in _AMOUNT.finditer(cell, start):
        fund = cell[start : match.start()].strip()
        minor = _minor(match["amount"], *mark_of)
        if fund and minor is not None:
            for rest in _ways(cell, match.end(), mark_of):
                yield [(fund, minor), *rest]


def _minor(text: str, currency: str, mark: str) -> int | None:
    amount = amounts.read_amount(text, mark)
    minor = Decimal(amount.milli) * 10 ** exponent(currency) / 1000
    return None if amount.problem or minor != int(minor) else int(minor)


def _sum(shares: Shares) -> int:
    return sum(share for _, share in shares)


def soft_credits(sheet: Sheet) -> pa.Table:
    """Return (row, kind, who) of every soft credit that a cell names."""
    credited, kind = sheet.text("credit_to"), sheet.choice("credit_type", "soft_credit")
    filled = pc.is_valid(credited)
    rows = pa.array(sheet.table.rows).filter(filled)
    kinds = pc.fill_null(kind, "solicitor").filter(filled)
    blank = pa.nulls(len(rows), pa.int64())
    return pa.table([rows, kinds, credited.filter(filled), blank], names=list(CREDITS))


def with_donor_credits(
    stated: pa.Table, credited: Sequence[Credited], donor_row: Callable[[pa.Array], pa.Array]
) -> pa.Table:
    """Append the soft credits for the donors of other rows."""
    people = donor_row(pa.array([credit.person_row for credit in credited], pa.int64()))
    added = pa.table(
        {
            "row": pa.array([credit.row for credit in credited], pa.int64()),
            "kind": pa.array([credit.kind for credit in credited], pa.string()),
            "who": pa.nulls(len(credited), pa.string()),
            "donor_row": people,
        }
    )
    return pa.concat_tables([stated, added])
