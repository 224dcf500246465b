"""Convert columns of amounts to minor units and currencies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.imports.parsing.columns import PLAIN, Sheet
from app.imports.values import amounts, arrays
from app.imports.values.arrays import coded
from app.imports.values.assumptions import Assumption
from app.imports.values.currencies import of_header
from app.imports.values.problems import Problem
from app.kit.formatting import count
from app.kit.money import exponent

_WHOLE = r"^\d{1,12}$"


def amount(
    sheet: Sheet, name: str, currency: pd.Series, mark: str
) -> tuple[NDArray[np.int64], pd.Series]:
    """Return (minor units, ISO currency).

    The currency is that of the currency column, else of the symbol, else of the header
    ("Amount (EUR)"), else the user's choice for the file, else the organisation's.
    """
    codes, words = coded(sheet.raw(name))
    cells = _read_amounts(words, mark)
    sheet.refuse_codes(name, codes, [cell.problem for cell in cells])
    milli = np.array([cell.milli for cell in cells], dtype=np.int64)[codes]
    symbols = [sheet.own_or_usual(cell.symbol) for cell in cells]
    if any(symbols):
        stated, named = arrays.taken(arrays.text(symbols), codes), currency
        sheet.refuse(
            arrays.positions(stated != named),
            name,
            lambda index: Problem(
                "currency_differs", {"symbol": stated[index], "currency": named[index]}
            ),
        )
        currency = named.fillna(stated)
    stated_by_header = sheet.own_or_usual(of_header(sheet.header(name))[1])
    default = stated_by_header or sheet.options.file_currency or sheet.options.currency
    if name == "amount" and currency.hasnans:
        _assume_currency(sheet, name, default, int(currency.isna().sum()))
    currency = currency.fillna(default)
    return _minor(sheet, name, milli, currency), currency


def _assume_currency(sheet: Sheet, name: str, currency: str, rows: int) -> None:
    """Say which currency amounts are in that do not name theirs."""
    if of_header(sheet.header(name))[1]:
        values = {"currency": currency, "header": sheet.header(name)}
        sheet.assumed.append(Assumption("currency_of_header", values))
    elif sheet.options.file_currency:
        sheet.assumed.append(Assumption("currency_of_choice", {"currency": currency}))
    else:
        values = {"currency": currency, "rows": count(rows, "amount")}
        sheet.assumed.append(Assumption("currency_of_organisation", values))


def _minor(
    sheet: Sheet, name: str, milli: NDArray[np.int64], currency: pd.Series
) -> NDArray[np.int64]:
    codes, words = coded(currency)
    unit = np.array([10 ** (3 - exponent(word)) for word in words], dtype=np.int64)[codes]
    too_fine = (milli % unit != 0) & ~sheet.bad
    cells = sheet.raw(name)
    sheet.refuse(
        np.flatnonzero(too_fine),
        name,
        lambda index: Problem(
            "too_many_decimals",
            {"text": cells[index], "currency": currency[index]},
        ),
    )
    return milli // unit


def _read_amounts(words: Sequence[str], mark: str) -> list[amounts.AmountCell]:
    """Parse distinct values: plain numbers as one array, any other notation one by one."""
    column = arrays.text(words)
    plain = arrays.is_true(column.str.contains(PLAIN if mark == "." else _WHOLE))
    numbers = arrays.where(plain, column, "0").astype("float64[pyarrow]").to_numpy()
    # exact: at most 15 digits before rounding
    milli = np.rint(numbers * 1000).astype(np.int64).tolist()
    return [
        amounts.AmountCell(value)
        if simple
        else (amounts.read_amount(word, mark) if word else amounts.AmountCell())
        for word, value, simple in zip(words, milli, plain.tolist(), strict=True)
    ]
