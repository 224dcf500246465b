"""Find the delimiter and the header row of a file."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.file_reader.encoding import MAX_COLUMNS, MAX_FIELD
from app.file_reader.header_names import distinct, normal
from app.file_reader.header_words import header_words
from app.file_reader.read_options import AS_FOUND, Reading
from app.kit.errors import InvalidError
from app.kit.security.csv_injection import plain

__all__ = ["DATA_CELL", "Layout", "find_layout", "first_rows", "normal"]

SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 40
_DELIMITERS = ",;\t|"
# a cell with a number, an amount or a date
DATA_CELL = re.compile(r"^[-+(]?[$€£¥]?\s?[\d.,:/ -]+\)?[€%]?$")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is split, and the index of its header row (0 = the first row; -1 = none)."""

    delimiter: str
    header_row: int
    columns: tuple[str, ...]
    # lines above the header row, counting line ends inside cells
    header_lines: int
    # columns right of the header's last one
    unnamed: int = 0


def find_layout(
    data: bytes, is_header: Callable[[Sequence[str]], bool], options: Reading = AS_FOUND
) -> Layout:
    """Find the delimiter and the header row; `is_header` tells whether a row fits a preset.

    The user's overrides in `options` take precedence over detection.

    Raises:
        InvalidError: nothing in the file looks like a table, or it lacks the chosen header row.
    """
    samples = _samples(data, options)
    if options.header is not None:
        return _chosen_layout(samples, options.header)
    for mark, rows in samples.items():
        for index, row in enumerate(rows):
            # the longest line may hold more cells than can be compared in reasonable time
            if len(row) <= MAX_COLUMNS and is_header(row):
                return _layout(mark, index, rows)
    mark = max(samples, key=lambda sign: _regular(samples[sign]))
    rows = samples[mark]
    if not rows:
        msg = "The file is empty."
        raise InvalidError(msg)
    return _layout(mark, _header_row(rows), rows)


def first_rows(data: bytes, options: Reading = AS_FOUND) -> list[list[str]]:
    """Return the first rows of a file in UTF-8, split as it would be read."""
    samples = _samples(data, options)
    return samples[max(samples, key=lambda sign: _regular(samples[sign]))]


def _samples(data: bytes, options: Reading) -> dict[str, list[list[str]]]:
    head = data[:SAMPLE_BYTES].decode("utf-8", "ignore")
    return {mark: _sample(head, mark) for mark in (options.separator or _DELIMITERS)}


def _chosen_layout(samples: dict[str, list[list[str]]], header: int) -> Layout:
    mark = max(samples, key=lambda sign: _regular(samples[sign]))
    rows = samples[mark]
    if header > len(rows) or not rows:
        msg = f"The file has no row {header} to take the names of the columns from."
        raise InvalidError(msg)
    return _layout(mark, header - 1, rows)


def _sample(head: str, mark: str) -> list[list[str]]:
    csv.field_size_limit(MAX_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(head.splitlines(keepends=True), delimiter=mark):
            rows.append(row)
            if len(rows) >= SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _regular(rows: list[list[str]]) -> int:
    widths = [len(row) for row in rows if len(row) > 1]
    if not widths:
        return 0
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    return widths.count(usual) * min(usual, 60)


def _header_row(rows: list[list[str]]) -> int:
    """Return the first row of header words; else the first wide one of words, not figures."""
    words = [
        0 if len(row) > MAX_COLUMNS or _has_figures(row) else header_words(row) for row in rows
    ]
    if any(words):
        return next(index for index, number in enumerate(words) if number * 2 > max(words))
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    widest = max(filled, default=0)
    for index, row in enumerate(rows):
        if filled[index] * 2 > widest and filled[index] >= min(2, widest):
            figures = sum(1 for cell in row if DATA_CELL.match(cell.strip()))
            return -1 if figures * 3 > filled[index] else index
    return 0


def _has_figures(row: list[str]) -> bool:
    return any(DATA_CELL.match(cell.strip()) for cell in row if cell.strip())


def _layout(mark: str, index: int, rows: list[list[str]]) -> Layout:
    width = max(len(row) for row in rows) if index < 0 else len(rows[index])
    usual = 0 if index < 0 else _usual_width(rows[index + 1 :])
    if max(width, usual) > MAX_COLUMNS:
        msg = f"The file has {max(width, usual):,} columns; {MAX_COLUMNS:,} is the most we read."
        raise InvalidError(msg)
    if index < 0:
        return Layout(mark, index, tuple(f"Column {number + 1}" for number in range(width)), 0)
    names = [plain(cell.strip().lstrip("\ufeff")) for cell in rows[index]]
    unnamed = [f"Column {number + 1}" for number in range(width, usual)]
    lines = sum(1 + sum(cell.count("\n") for cell in row) for row in rows[:index])
    return Layout(mark, index, tuple(distinct([*names, *unnamed])), lines, len(unnamed))


def _usual_width(rows: list[list[str]]) -> int:
    """Return the width of the rows if all have the same one and the last column is used, else 0.

    Rows with one cell are titles or trailers and do not count; a single row may have a comma in
    a cell.
    """
    data = [row for row in rows if sum(1 for cell in row if cell.strip()) > 1]
    widths = {len(row) for row in data}
    regular = len(data) > 1 and len(widths) == 1 and any(row[-1].strip() for row in data)
    return widths.pop() if regular else 0
