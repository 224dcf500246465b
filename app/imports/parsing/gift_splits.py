"""Splits of a gift's row over funds, and its soft credits."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.imports.mapping.additional_gifts import Credited
from app.imports.parsing.columns import Sheet
from app.imports.values import amounts, arrays
from app.imports.values.arrays import TEXT, WHOLE, positions
from app.imports.values.problems import Problem
from app.kit.money import Money, exponent

# "General fund 60.00; Roof, phase 2 40.00": finds the end of a fund's name and its amount
_AMOUNT = re.compile(r"\s(?P<amount>-?[^\s;]*\d[^\s;]*)\s*(?:;|$)")
# a name may itself contain "5; ": limit of the interpretations tried per cell
_WAYS = 200
Shares = list[tuple[str, int]]
SPLITS = {"row": WHOLE, "place": WHOLE, "fund": TEXT, "minor": WHOLE}
CREDITS = {"row": WHOLE, "kind": TEXT, "who": TEXT, "donor_row": WHOLE}


def splits(sheet: Sheet, minor: NDArray[np.int64], currency: pd.Series, mark: str) -> pd.DataFrame:
    """Return (row, place, fund, minor units) of every split; a wrong one refuses its row.

    A gift to one fund has a single split, with the whole amount.
    """
    columns: dict[str, list[object]] = {name: [] for name in SPLITS}
    cells = sheet.raw("split")
    for position in positions(cells != "").tolist():
        if sheet.bad[position]:
            continue
        amount, unit = int(minor[position]), currency[position]
        shares = _shares(sheet, position, cells[position], Money(amount, unit), mark)
        sign = -1 if amount < 0 < _sum(shares) else 1
        for place, (fund, share) in enumerate(shares):
            row = (int(sheet.table.rows[position]), place, fund, share * sign)
            for name, value in zip(SPLITS, row, strict=True):
                columns[name].append(value)
    return pd.DataFrame(columns).astype(SPLITS)


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


def soft_credits(sheet: Sheet) -> pd.DataFrame:
    """Return (row, kind, who) of every soft credit that a cell names."""
    credited, kind = sheet.text("credit_to"), sheet.choice("credit_type", "soft_credit")
    stated = pd.DataFrame(
        {"row": sheet.table.rows, "kind": kind.fillna("solicitor"), "who": credited}
    )
    return stated[credited.notna()].assign(donor_row=None).astype(CREDITS)


def with_donor_credits(
    stated: pd.DataFrame, credited: Sequence[Credited], donor_row: Callable[[pd.Series], pd.Series]
) -> pd.DataFrame:
    """Append the soft credits for the donors of other rows."""
    added = pd.DataFrame(
        {
            "row": [credit.row for credit in credited],
            "kind": [credit.kind for credit in credited],
            "who": None,
            "donor_row": donor_row(arrays.whole([credit.person_row for credit in credited])),
        }
    )
    return pd.concat([stated, added.astype(CREDITS)], ignore_index=True)
