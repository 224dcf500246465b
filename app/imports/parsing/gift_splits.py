"""Splits of a gift's row over funds, and its soft credits."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.mapping.additional_gifts import Credited
from app.imports.parsing.columns import Sheet
from app.imports.values import amounts
from app.kit.money import Money, exponent

# "General fund 60.00; Roof, phase 2 40.00": finds the end of a fund's name and its amount
_AMOUNT = re.compile(r"\s(?P<amount>-?[^\s;]*\d[^\s;]*)\s*(?:;|$)")
# a name may itself contain "5; ": limit of the interpretations tried per cell
_WAYS = 200
Shares = list[tuple[str, int]]
UNREAD = "Write the split as “Fund 60.00; Other fund 40.00”."
SPLITS = {"row": pa.int64(), "place": pa.int64(), "fund": pa.string(), "minor": pa.int64()}
CREDITS = {"row": pa.int64(), "kind": pa.string(), "who": pa.string(), "donor_row": pa.int64()}


def splits(sheet: Sheet, minor: Any, currency: Any, mark: str) -> Any:
    """Return (row, place, fund, minor units) of every split; a wrong one refuses its row.

    A gift to one fund has a single split, with the whole amount.
    """
    found: dict[str, list[Any]] = {name: [] for name in SPLITS}
    cells = sheet.raw("split")
    for at in np.flatnonzero(pc.not_equal(cells, "").to_numpy(zero_copy_only=False)):
        if sheet.bad[at]:
            continue
        whole, mark_of = int(minor[at]), (currency[at].as_py(), mark)
        ways = list(islice(_ways(cells[at].as_py(), 0, mark_of), _WAYS))
        fitting = [one for one in ways if _sum(one) in {whole, abs(whole)}]
        shares = next(iter(fitting or ways), None)
        if shares is None:
            sheet.refuse([at], "split", UNREAD)
        elif not fitting or not all(share for _, share in shares):
            come, of = (Money(one, currency[at].as_py()) for one in (_sum(shares), whole))
            sheet.refuse([at], "split", f"The shares come to {come}, the amount is {of}.")
        else:
            sign = -1 if whole < 0 < _sum(shares) else 1
            for place, (fund, share) in enumerate(shares):
                row = (int(sheet.table.rows[at]), place, fund, share * sign)
                for name, value in zip(SPLITS, row, strict=True):
                    found[name].append(value)
    return pa.table({name: pa.array(found[name], type_) for name, type_ in SPLITS.items()})


def _ways(cell: str, start: int, mark_of: tuple[str, str]) -> Iterator[Shares]:
    """Yield the possible interpretations of the cell from `start` on, short names first."""
    if start and not cell[start:].strip():
        yield []
        return
    for found in _AMOUNT.finditer(cell, start):
        fund = cell[start : found.start()].strip()
        minor = _minor(found["amount"], *mark_of)
        if fund and minor is not None:
            for rest in _ways(cell, found.end(), mark_of):
                yield [(fund, minor), *rest]


def _minor(amount: str, currency: str, mark: str) -> int | None:
    read = amounts.read_amount(amount, mark)
    minor = Decimal(read.milli) * 10 ** exponent(currency) / 1000
    return None if read.problem or minor != int(minor) else int(minor)


def _sum(shares: Shares) -> int:
    return sum(share for _, share in shares)


def soft_credits(sheet: Sheet) -> Any:
    """Return (row, kind, who) of every soft credit that a cell names."""
    who, kind = sheet.text("credit_to"), sheet.choice("credit_type", "soft_credit")
    there = pc.is_valid(who)
    rows = pa.array(sheet.table.rows).filter(there)
    kinds = pc.fill_null(kind, "solicitor").filter(there)
    blank = pa.nulls(len(rows), pa.int64())
    return pa.table([rows, kinds, who.filter(there), blank], names=list(CREDITS))


def with_people(given: Any, credited: Sequence[Credited], donor_row: Any) -> Any:
    """Append the soft credits for the donors of other rows."""
    people = donor_row(pa.array([one.person_row for one in credited], pa.int64()))
    more = pa.table(
        {
            "row": pa.array([one.row for one in credited], pa.int64()),
            "kind": pa.array([one.kind for one in credited], pa.string()),
            "who": pa.nulls(len(credited), pa.string()),
            "donor_row": people,
        }
    )
    return pa.concat_tables([given, more])
