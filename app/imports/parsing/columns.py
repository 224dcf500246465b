"""Convert columns of text cells to typed columns; unreadable cells become problems."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from app.imports.mapping.data_table import DataTable
from app.imports.parsing.options import Options
from app.imports.parsing.problem_log import ProblemLog
from app.imports.values import arrays, cells, choices, dates
from app.imports.values.arrays import Codes, coded, positions
from app.imports.values.assumptions import Assumption
from app.imports.values.cells import decimals_removed
from app.imports.values.currencies import SHARED, USUAL, of_unit
from app.imports.values.flags import is_day, read_flag
from app.imports.values.problems import Problem
from app.imports.values.time_zones import DayZone, zone_of_header
from app.kit.security.csv_injection import BREAKS, FIRST, INNER

PLAIN = r"^\d{1,12}(?:\.\d{1,2})?$"
_WHOLE = r"^\d{1,12}$"
Evidence = Sequence[tuple[str, int]]
Log = Callable[[ArrayLike, str, Callable[[int], Problem]], None]


class Sheet(ProblemLog):
    """A table accessed through a mapping (field → column), which collects its problems."""

    def __init__(
        self,
        table: DataTable,
        columns: Mapping[str, int],
        options: Options,
        evidence: Mapping[str, Evidence] = MappingProxyType({}),
    ) -> None:
        super().__init__(table, columns)
        self.options = options
        # (cell, rows) of rows that are not imported, by field
        self.evidence = evidence
        # cells that replace those of the file, and those that lost invisible characters
        self.filled: dict[str, pd.Series] = {}
        # a donor without a name is known by the e-mail: beside a gift, which is worth more
        self.named_by_email = False
        self.cleaned: dict[str, NDArray[np.intp]] = {}
        self._cells: dict[str, pd.Series] = {}
        self._own: NDArray[np.bool_] | None = None
        self.assumed: list[Assumption] = []
        self._raw: dict[str, pd.Series] = {}
        for row, width in table.ragged.items():
            counts = {"cells": width, "columns": len(table.columns)}
            self.refuse(positions(table.rows == row), "", Problem("row_width", counts))

    def __contains__(self, name: str) -> bool:
        """Return whether the file has a column for the field."""
        return name in self.columns

    def content(self) -> NDArray[np.uint64]:
        """Return a hash of all cells of each row, to find identical rows."""
        return arrays.hashes([column for _, column in self.table.cells.items()])

    def raw(self, name: str) -> pd.Series:
        """Return the trimmed cells of a field, "" where it has no column."""
        if name not in self._raw:
            self._raw[name] = self._trimmed(name)
        return self._raw[name]

    def _trimmed(self, name: str) -> pd.Series:
        column = self.table.trimmed(self.columns.get(name))
        if column.str.startswith('="').any():
            column = column.str.replace(r'^="(.*)"$', r"\1", regex=True)
        if column.str.contains("'", regex=False).any():
            # our own exports write '=… against CSV injection, as
            # `kit.security.csv_injection.safe` does
            column = column.str.replace(f"({BREAKS})'({INNER})", r"\1\2", regex=True)
            column = column.str.replace(f"^'({FIRST})", r"\1", regex=True).str.strip()
        return column

    def cells(self, name: str) -> pd.Series:
        """Return the cells of a field without placeholders and invisible characters.

        Rows of DonorCRM's own export keep what is stored, whatever forms accept today.
        """
        if name not in self._cells:
            stated = self.filled[name] if name in self.filled else self.raw(name)
            column, changed = cells.visible(stated, name)
            column = cells.without_placeholders(column, name)
            exported = self.exported()
            if exported is not None:
                column = arrays.where(exported, stated, column)
                changed = changed[~exported[changed]]
            self._cells[name], self.cleaned[name] = column, changed
        return self._cells[name]

    def exported(self) -> NDArray[np.bool_] | None:
        """Return which rows come from an export of this instance; None if none does."""
        if self._own is None:
            prefix = f"{self.options.instance_id}-"
            self._own = arrays.is_true(self.raw("external_id").str.startswith(prefix))
        return self._own if self._own.any() else None

    def replace(self, name: str, column: pd.Series) -> None:
        """Use other cells for a field from now on."""
        self._cells[name] = column

    def text(self, name: str) -> pd.Series:
        """Return the cells of a field, missing where blank."""
        return arrays.missing_if_blank(self.cells(name))

    def text_or(self, name: str, default: str | None) -> pd.Series:
        """Return the cells of a field, the user's choice for the file where they are blank."""
        return self.or_default(name, self.text(name), default)

    def or_default(self, name: str, column: pd.Series, default: str | None) -> pd.Series:
        """Return a column with the user's choice for the file where it is missing."""
        if not default or not column.hasnans:
            return column
        self.assumed.append(Assumption(f"{name}_of_choice", {name: default}))
        return column.fillna(default)

    def ident(self, name: str) -> pd.Series:
        """Return ids; an id that a spreadsheet has rounded is a problem."""
        column = self._whole_numbers(name, self.text(name))
        self.refuse(
            positions(column.str.contains(r"^\d\.\d+[eE]\+\d+$")),
            name,
            lambda index: Problem("id_shortened", {"id": column[index]}),
        )
        return column

    def _whole_numbers(self, name: str, column: pd.Series) -> pd.Series:
        """Return ids without the ".0" of a spreadsheet, where it has added that to all of them."""
        if not len(column) or not column.str.contains(r"^\d+\.0$").all():
            return column
        first = positions(column.notna())[:1]
        self.note(first, name, lambda index: decimals_removed(column[index]))
        return column.str.replace(r"\.0$", "", regex=True)

    def require(self, name: str, column: pd.Series, problem: Problem) -> None:
        """Refuse the rows whose cell is blank."""
        self.refuse(positions(column.isna().to_numpy() & ~self.bad), name, problem)

    def choice(self, name: str, vocabulary: str) -> pd.Series:
        """Return the application's value for each cell, missing where blank.

        An unknown word refuses its row, except where the row means the same without it.
        """
        codes, words = coded(self.cells(name))
        values = [choices.choose(vocabulary, word) if word else None for word in words]
        allowed = choices.allowed(vocabulary)
        self._refuse_unread(
            name,
            codes,
            words,
            values,
            lambda word: Problem("value_unknown", {"text": word, "allowed": allowed}),
            log=self.leave_empty if self._is_side(vocabulary) else self.refuse,
        )
        return arrays.taken(arrays.text(values), codes)

    def _is_side(self, vocabulary: str) -> bool:
        """Return whether a cell stands beside what the row is about."""
        return vocabulary in {"method", "tribute"} or (
            self.options.beside_records and vocabulary in {"donor_kind", "donor_status"}
        )

    def flag(self, name: str) -> pd.Series:
        """Return true, false or missing; a cell that cannot be read is left empty."""
        codes, words = coded(self.cells(name))
        values = [read_flag(word, name) if word else None for word in words]
        unread = {i for i, word in enumerate(words) if word and values[i] is None}
        days = {i for i, value in enumerate(values) if value and is_day(words[i])}
        self.leave_empty(
            positions(np.isin(codes, list(unread))),
            name,
            lambda index: Problem(
                "value_unknown", {"text": words[codes[index]], "allowed": "yes, no"}
            ),
        )
        self.note(
            positions(np.isin(codes, list(days))),
            name,
            lambda index: _problem("day_not_kept", words[codes[index]]),
        )
        return arrays.taken(pd.Series(values, dtype=arrays.FLAG), codes)

    def number(self, name: str) -> pd.Series:
        """Return whole numbers from 0 to 99999, missing where blank."""
        codes, words = coded(self.raw(name))
        numbers = [
            int(word) if word.isdecimal() and len(word) < 6 else None  # noqa: PLR2004
            for word in words
        ]
        self._refuse_unread(name, codes, words, numbers, partial(_problem, "not_a_whole_number"))
        return arrays.taken(pd.Series(numbers, dtype=arrays.WHOLE), codes)

    def day(self, name: str, *, future: bool, order: str, log: Log | None = None) -> pd.Series:
        """Return days, missing where blank; a future day is a problem unless allowed.

        A problem refuses the row, or is handled by `log`.
        """
        codes, words = coded(self.raw(name))
        this_year = self.options.today.year
        zone = DayZone(self.options.time_zone, zone_of_header(self.header(name)))
        cells = [
            dates.read_day(word, order, this_year=this_year, zone=zone)
            if word
            else dates.DateCell()
            for word in words
        ]
        if not future:
            today = self.options.today
            cells = [
                dates.DateCell(problem=_problem("date_in_future", word))
                if cell.day and cell.day > today
                else cell
                for word, cell in zip(words, cells, strict=True)
            ]
        self.refuse_codes(name, codes, [cell.problem for cell in cells], log)
        return arrays.taken(pd.Series([cell.day for cell in cells], dtype=arrays.DAY), codes)

    def currency(self, name: str) -> pd.Series:
        """Return ISO currency codes, missing where blank."""
        codes, words = coded(self.raw(name))
        currencies = [self.own_or_usual(of_unit(word)) if word else None for word in words]
        self._refuse_unread(name, codes, words, currencies, partial(_problem, "currency_unknown"))
        return arrays.taken(arrays.text(currencies), codes)

    def own_or_usual(self, symbol: str | None) -> str | None:
        """Return the currency of a sign that several share: the organisation's, or the usual."""
        home = self.options.currency
        if symbol not in SHARED:
            return symbol
        return home if home in SHARED[symbol] else USUAL[symbol]

    def _refuse_unread(
        self,
        name: str,
        codes: Codes,
        words: Sequence[str],
        values: Sequence[object],
        problem: Callable[[str], Problem],
        log: Log | None = None,
    ) -> None:
        """Refuse the rows whose word is not blank and has no value, or `log` them otherwise."""
        pairs = zip(words, values, strict=True)
        problems = [problem(word) if word and value is None else None for word, value in pairs]
        self.refuse_codes(name, codes, problems, log)

    def refuse_codes(
        self,
        name: str,
        codes: Codes,
        problems: Sequence[Problem | None],
        log: Log | None = None,
    ) -> None:
        """Refuse the rows whose distinct value has a problem, or `log` them otherwise.

        `codes` holds the index of each row's distinct value, `problems` the problem of each.
        """
        refused = {code: problem for code, problem in enumerate(problems) if problem is not None}
        if refused:
            log = log or self.refuse
            at = positions(np.isin(codes, list(refused)))
            log(at, name, lambda index: refused[int(codes[index])])


def _problem(code: str, text: str) -> Problem:
    return Problem(code, {"text": text})
