"""Rows that look like data and are not: totals, help lines, trailers, repeated headers."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.file_reader.header import normal
from app.file_reader.header_words import header_words
from app.kit.errors import InvalidError

# the word for a total in English, German, French, Spanish, Dutch, Hungarian and Portuguese
_TOTAL = (
    r"(?i)^\s*((grand|net|report|gross)\s+|sub-?\s?)?totals?\b|^\s*sum\s*:?\s*$|^\s*check fee\b"
    r"|^\s*((gesamt|end|zwischen|teil)?summen?|gesamt|insgesamt|gesamtbetrag)\s*:?(\s|$)"
    r"|^\s*(sous-?\s?total|(montant\s+)?total|somme)\b|^\s*(suma|(monto|importe)\s+total)\b"
    r"|^\s*((eind|sub)?totaal|totaalbedrag|som)\b|^\s*(mind)?(rész|vég)?összesen\b|^\s*összesítés"
    r"|^\s*végösszeg|^\s*(soma|valor total|totais|subtotais)\b"
)
_TOTAL_WORD = re.compile(_TOTAL)
_TRAILER = re.compile(
    r"(?i)^\s*(#|-{3,}|={3,}|end of (file|report|export)|(report|export(ed)?|generated|printed|"
    r"created|downloaded)\b.*(\b(on|by|at|date)\b|:)|page \d|copyright|©|confidential|"
    r"\d[\d,.]* (rows?|records?|results?)|(rows?|records?|record count|row count)\s*:|"
    r"(erstellt|gedruckt|exportiert|erzeugt|druckdatum) (am|von|:)|seite \d|ende (der|des) |"
    r"vertraulich\b|anzahl (der )?(datensätze|zeilen|buchungen)|"
    r"(généré|imprimé|exporté|édité) (le|par)\b|fin (du|de) |confidentiel\b|nombre de lignes|"
    r"(generado|impreso|exportado) (el|por)\b|página \d|fin del? |número de (filas|registros)|"
    r"(gemaakt|afgedrukt|geëxporteerd) (op|door)\b|pagina \d|einde |vertrouwelijk\b|aantal |"
    r"(készült|nyomtatva|exportálva)\b|\d+\. ?oldal|bizalmas\b|(sorok|tételek) száma|"
    r"(gerado|impresso|exportado) (em|por)\b|fim d[oe] )"
)
_HELP = re.compile(
    r"(?i)^\s*[(\[]?(required|optional|mandatory|example|e\.?g\.?|cell options|can leave blank|"
    r"leave blank|instructions?|format\s*:|text|date \(|number \()[\w ,.:/()\]-]*$"
)
_DATE = re.compile(
    r"^\s*(\d{1,4}\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{1,4}|\d{4}\s?[年년.]|\d{8}\s*$|"
    r"\d{1,2}\.?\s+(de\s+)?[^\W\d]{3,}\.?,?\s+(de\s+)?\d{4}|[^\W\d]{3,}\.?\s+\d{1,2},?\s+\d{4})"
)
_AMOUNT = re.compile(
    r"^\s*[-−+(]?\s*([^\W\d]{1,4}\.?|[$€£¥₹])?\s*[-−]?\d[\d.,'’\s]*[-−)]?\D{0,6}$"
)
_FIRST_ROWS = 4
# cells that are looked at one by one, at a time
_SLICE_CELLS = 2_000_000
MOST_LEFT_OUT = 20_000
# rows after a blank line that may be the header of another table, and how many are looked at
_NEAR, _MOST_BEGINNINGS = 3, 5_000


def separate_rows(
    cells: pa.Table, rows: NDArray[np.int64], columns: Sequence[str]
) -> tuple[NDArray[np.bool_] | None, list[tuple[int, str]]]:
    """Return a mask of the data rows (None = all rows) and the reasons for the others."""
    if not len(rows):
        return None, []
    filled = np.zeros(len(rows), dtype=np.int16)
    for column in cells.columns:
        filled += _mask(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    keep = filled > 0
    end, reasons = _second_table(cells, rows, filled, columns)
    keep[end:] = False
    suspects = filled <= max(1, len(columns) // 4)
    suspects[:_FIRST_ROWS] = True
    for column in cells.columns[:2]:
        suspects |= _mask(pc.match_substring_regex(column, _TOTAL))
    if columns[0]:
        suspects |= _mask(pc.equal(cells.column(0), columns[0]))
    positions = np.flatnonzero(suspects & keep)
    size = max(100, min(10_000, _SLICE_CELLS // len(columns)))
    for start in range(0, len(positions), size):
        indexes = positions[start : start + size]
        for index, row in zip(indexes, _rows(cells, indexes), strict=True):
            reason = _reason(row, columns, early=int(index) < _FIRST_ROWS)
            if reason is not None:
                keep[index] = False
                if reason:
                    reasons.append((int(rows[index]), reason))
        _refuse_too_many(reasons)
    return (None if keep.all() else keep), sorted(reasons)


def _second_table(
    cells: pa.Table, rows: NDArray[np.int64], filled: NDArray[np.int16], columns: Sequence[str]
) -> tuple[int, list[tuple[int, str]]]:
    """Return where another table begins below the first one, and the reasons for its rows.

    It begins after a blank line, with a header of other names.
    """
    blank_before = np.zeros(len(rows), dtype=bool)
    blank_before[1:] = (np.diff(rows) > 1) | (filled[:-1] == 0)
    beginnings = np.flatnonzero(blank_before & (filled > 0))[:_MOST_BEGINNINGS]
    near = [
        (int(begin), index)
        for begin in beginnings
        for index in range(int(begin), min(int(begin) + _NEAR, len(rows)))
    ]
    if not near:
        return len(rows), []
    candidates = _rows(cells, np.array([index for _, index in near]))
    names = {normal(column) for column in columns}
    for (begin, _), row in zip(near, candidates, strict=True):
        if header_words(row) and not _has_figures(row) and _differs(row, names):
            title = ", ".join(cell.strip() for cell in row if cell.strip())
            reason = f"A second table begins here: {title[:120]}"
            left = [int(number) for number in rows[begin:][filled[begin:] > 0]]
            reasons = [
                (left[0], reason),
                *((number, "In the second table") for number in left[1:]),
            ]
            _refuse_too_many(reasons)
            return begin, reasons
    return len(rows), []


def _differs(row: Sequence[str], names: set[str]) -> bool:
    """Return whether most cells are none of the header's names."""
    filled = [normal(cell) for cell in row if cell.strip()]
    return sum(name in names for name in filled) * 2 <= len(filled)


def _has_figures(row: Sequence[str]) -> bool:
    return any(_AMOUNT.match(cell) or _DATE.match(cell) for cell in row)


def _rows(cells: pa.Table, indexes: NDArray[np.intp]) -> list[list[str]]:
    """Return the cells of some rows."""
    return [list(map(str, row.values())) for row in cells.take(pa.array(indexes)).to_pylist()]


def _refuse_too_many(reasons: Sequence[tuple[int, str]]) -> None:
    if len(reasons) > MOST_LEFT_OUT:
        msg = (
            f"More than {MOST_LEFT_OUT:,} rows are not data, as row {reasons[-1][0]:,} "
            f"({reasons[-1][1]}). Remove them, then upload the file again."
        )
        raise InvalidError(msg)


def _mask(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.combine_chunks().to_numpy(zero_copy_only=False)
    return mask


def _reason(row: list[str], columns: Sequence[str], *, early: bool) -> str | None:
    """Return why a row is not data; "" for a blank row, None for a data row."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled:
        return ""
    repeated = sum(
        1
        for cell, name in zip(row, columns, strict=False)
        if cell.strip() and normal(cell) == normal(name)
    )
    if repeated * 2 > len(filled) and len(filled) > 1:
        return "The header again"
    few = len(filled) * 2 <= len(columns) or len(filled) <= 1 < len(columns)
    total = _TOTAL_WORD.match(filled[0])
    only_total = total is not None and not filled[0][total.end() :].strip(" :.")
    if only_total and (few or _holes(row)):
        return "A totals row"
    # a donor may be called "Total Wine" or "Confidential Trust"
    return None if _is_record(filled) else _report_line(row, filled, few=few, early=early)


def _report_line(row: list[str], filled: Sequence[str], *, few: bool, early: bool) -> str | None:
    """Return what kind of line of a report a row is; None for a data row."""
    if _TOTAL_WORD.match(filled[0]) and (few or _holes(row)):
        return "A totals row"
    helpful = sum(1 for cell in filled if _HELP.match(cell))
    if helpful and (helpful * 2 >= len(filled) or (early and helpful > 1)):
        return "A help row, not data"
    if few and len(row) > 1 and _TRAILER.match(filled[0]):
        return "A line of the report, not data"
    return None


def _is_record(filled: Sequence[str]) -> bool:
    """Return whether a row has a date and an amount besides its first cell."""
    dates = [cell for cell in filled[1:] if _DATE.match(cell)]
    amounts = [cell for cell in filled[1:] if _AMOUNT.match(cell) and cell not in dates]
    return bool(dates and amounts)


def _holes(row: list[str]) -> bool:
    """Return whether the row lacks cells that a data row would fill."""
    return sum(1 for cell in row if not cell.strip()) >= max(1, len(row) // 3)
