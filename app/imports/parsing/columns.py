"""Convert columns of text cells to typed columns; unreadable cells become problems."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.file_reader.table import Table
from app.imports.parsing.options import Options
from app.imports.values import amounts, choices, dates
from app.imports.values.arrays import coded, hashes
from app.imports.values.currencies import CURRENCIES, DOLLARS
from app.kit.csv_injection import BREAKS, FIRST, INNER
from app.kit.money import exponent

PLAIN = r"^\d{1,12}(\.\d{1,2})?$"
_WHOLE = r"^\d{1,12}$"
_FLAGS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that will not be imported, and why; `action` is "error" or "conflict"."""

    row: int
    field: str
    reason: str
    action: str = "error"


class Sheet:
    """A table accessed through a mapping (field → column), which collects its problems."""

    def __init__(self, table: Table, columns: Mapping[str, int], options: Options) -> None:
        self.table = table
        self.columns = columns
        self.options = options
        self.bad = np.zeros(table.height, dtype=bool)
        self.problems: list[Problem] = []
        for row, width in table.ragged.items():
            at = np.flatnonzero(table.rows == row)
            self.refuse(at, "", f"The row has {width} cells, the header {len(table.columns)}.")

    def __contains__(self, name: str) -> bool:
        """Return whether the file has a column for the field."""
        return name in self.columns

    def header(self, name: str) -> str:
        """Return the field's header as written in the file."""
        return self.table.columns[self.columns[name]] if name in self.columns else name

    def refuse(
        self, at: Any, field: str, reason: str | Callable[[int], str], action: str = "error"
    ) -> None:
        """Add a problem to the rows at these positions."""
        for index in np.asarray(at).tolist():
            said = reason if isinstance(reason, str) else reason(index)
            self.problems.append(
                Problem(int(self.table.rows[index]), self.header(field), said, action)
            )
        self.bad[at] = True

    def content(self) -> Any:
        """Return a hash of all cells of each row, to find identical rows."""
        return hashes(list(self.table.cells.columns))

    def raw(self, name: str) -> Any:
        """Return the trimmed cells of a field, "" where it has no column."""
        if name not in self.columns:
            return pa.repeat("", self.table.height)
        column = self.table.cells.column(str(self.columns[name])).combine_chunks()
        column = pc.utf8_trim_whitespace(column)
        if pc.any(pc.starts_with(column, '="')).as_py():
            column = pc.replace_substring_regex(column, r'^="(.*)"$', r"\1")
        if pc.any(pc.match_substring(column, "'")).as_py():
            # our own exports write '=… against CSV injection, as `kit.csv_injection.safe` does
            column = pc.replace_substring_regex(column, f"({BREAKS})'({INNER})", r"\1\2")
            column = pc.replace_substring_regex(column, f"^'({FIRST})", r"\1")
            column = pc.utf8_trim_whitespace(column)
        return column

    def text(self, name: str) -> Any:
        """Return the cells of a field, null where blank."""
        column = self.raw(name)
        return pc.if_else(pc.equal(column, ""), None, column)

    def ident(self, name: str) -> Any:
        """Return ids; an id that a spreadsheet has rounded is a problem."""
        column = self.text(name)
        broken = pc.fill_null(pc.match_substring_regex(column, r"^\d\.\d+[eE]\+\d+$"), False)
        self.refuse(
            np.flatnonzero(broken.to_numpy(zero_copy_only=False)),
            name,
            lambda i: f"A spreadsheet has shortened this id to {column[i]}. Export it again.",
        )
        return column

    def require(self, name: str, column: Any, reason: str) -> None:
        """Refuse the rows whose cell is blank."""
        empty = pc.is_null(column).to_numpy(zero_copy_only=False) & ~self.bad
        self.refuse(np.flatnonzero(empty), name, reason)

    def choice(self, name: str, vocabulary: str) -> Any:
        """Return the application's value for each cell, null where blank."""
        codes, words = coded(self.raw(name))
        known = [choices.choose(vocabulary, word) if word else None for word in words]
        self._refuse_words(
            name,
            codes,
            words,
            known,
            lambda word: f"“{word}” is not one of: {choices.allowed(vocabulary)}.",
        )
        return pa.array(known, pa.string()).take(pa.array(codes))

    def flag(self, name: str) -> Any:
        """Return true, false or null."""
        words = self.choice(name, "flag").dictionary_encode()
        known = [_FLAGS[str(word)] for word in words.dictionary.to_pylist()]
        return pa.array(known, pa.bool_()).take(words.indices)

    def number(self, name: str) -> Any:
        """Return whole numbers from 0 to 99999, null where blank."""
        codes, words = coded(self.raw(name))
        known = [int(w) if w.isdecimal() and len(w) < 6 else None for w in words]  # noqa: PLR2004
        self._refuse_words(
            name, codes, words, known, lambda word: f"“{word}” is not a whole number."
        )
        return pa.array(known, pa.int64()).take(pa.array(codes))

    def day(self, name: str, *, future: bool, order: str) -> Any:
        """Return days, null where blank; a future day is a problem unless allowed."""
        codes, words = coded(self.raw(name))
        this_year = self.options.today.year
        read = [
            dates.read_day(w, order, this_year=this_year) if w else dates.ReadDay() for w in words
        ]
        if not future:
            late = self.options.today
            read = [
                dates.ReadDay(problem=f"“{word}” lies in the future.")
                if each.day and each.day > late
                else each
                for word, each in zip(words, read, strict=True)
            ]
        self._refuse_read(name, codes, read)
        return pa.array([each.day for each in read], pa.date32()).take(pa.array(codes))

    def currency(self, name: str) -> Any:
        """Return ISO currency codes, null where blank."""
        codes, words = coded(self.raw(name))
        known = [w.upper() if w.upper() in CURRENCIES else None for w in words]
        self._refuse_words(
            name, codes, words, known, lambda word: f"“{word}” is not a currency we know."
        )
        return pa.array(known, pa.string()).take(pa.array(codes))

    def amount(self, name: str, currency: Any, mark: str) -> tuple[Any, Any]:
        """Return (minor units, ISO currency).

        The currency is that of the currency column, else of the symbol, else the default.
        """
        codes, words = coded(self.raw(name))
        read = _read_amounts(words, mark)
        self._refuse_read(name, codes, read)
        milli = np.array([each.milli for each in read], dtype=np.int64)[codes]
        said = [self._currency_of(each.symbol) for each in read]
        if any(said):
            shown = pa.array(said, pa.string()).take(pa.array(codes))
            clash = pc.fill_null(pc.not_equal(shown, currency), False)
            self.refuse(
                np.flatnonzero(clash.to_numpy(zero_copy_only=False)),
                name,
                lambda i: f"The amount is in {shown[i]}, the row in {currency[i]}.",
            )
            currency = pc.coalesce(currency, shown)
        currency = pc.fill_null(currency, self.options.currency)
        return self._minor(name, milli, currency), currency

    def _minor(self, name: str, milli: Any, currency: Any) -> Any:
        codes, words = coded(currency)
        unit = np.array([10 ** (3 - exponent(word)) for word in words], dtype=np.int64)[codes]
        parts = (milli % unit != 0) & ~self.bad
        cells = self.raw(name)
        self.refuse(
            np.flatnonzero(parts),
            name,
            lambda i: f"“{cells[i]}” has more decimals than {currency[i]} has.",
        )
        return milli // unit

    def _currency_of(self, symbol: str | None) -> str | None:
        home = self.options.currency
        if symbol == "$":
            return home if home in DOLLARS else "USD"
        if symbol == "¥":
            return home if home in {"JPY", "CNY"} else "JPY"
        if symbol == "kr":
            return home if home in {"SEK", "NOK", "DKK", "ISK"} else "SEK"
        return symbol

    def _refuse_read(self, name: str, codes: Any, read: list[Any]) -> None:
        wrong = np.array([each.problem is not None for each in read], dtype=bool)
        if wrong.any():
            self.refuse(
                np.flatnonzero(wrong[codes]), name, lambda i: str(read[int(codes[i])].problem)
            )

    def _refuse_words(
        self,
        name: str,
        codes: Any,
        words: list[str],
        known: list[Any],
        say: Callable[[str], str],
    ) -> None:
        pairs = zip(words, known, strict=True)
        wrong = np.array([bool(word) and each is None for word, each in pairs], dtype=bool)
        if wrong.any():
            self.refuse(np.flatnonzero(wrong[codes]), name, lambda i: say(words[int(codes[i])]))


def _read_amounts(words: list[str], mark: str) -> list[amounts.ParsedAmount]:
    """Parse distinct values: plain numbers as one array, any other notation one by one."""
    column = pa.array(words, pa.string())
    plain = pc.match_substring_regex(column, PLAIN if mark == "." else _WHOLE)
    figures = pc.cast(pc.if_else(plain, column, "0"), pa.float64()).to_numpy()
    # exact: at most 15 digits before rounding
    milli = np.rint(figures * 1000).astype(np.int64).tolist()
    return [
        amounts.ParsedAmount(value)
        if simple
        else (amounts.read_amount(word, mark) if word else amounts.ParsedAmount())
        for word, value, simple in zip(words, milli, plain.to_pylist(), strict=True)
    ]
