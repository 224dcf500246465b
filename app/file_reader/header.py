"""Find the delimiter and the header row of a file."""

import csv
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.file_reader.encoding import MAX_COLUMNS, MAX_FIELD
from app.file_reader.read_options import AS_FOUND, Reading
from app.kit.errors import InvalidError
from app.kit.security.csv_injection import plain

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


def normal(header: str) -> str:
    """Normalise a header as presets do: "Gift Amount ($)" and "giftAmount" → "gift_amount"."""
    text = unicodedata.normalize("NFKD", header.strip().lstrip("\ufeff").replace("ß", "ss"))
    text = "".join(character for character in text if not unicodedata.combining(character))
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("'", "")).strip("_")


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
    """Return the first row that is nearly as wide as the widest and holds words, not figures."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    widest = max(filled, default=0)
    for index, row in enumerate(rows):
        if filled[index] * 2 > widest and filled[index] >= min(2, widest):
            figures = sum(1 for cell in row if DATA_CELL.match(cell.strip()))
            return -1 if figures * 3 > filled[index] else index
    return 0


def _layout(mark: str, index: int, rows: list[list[str]]) -> Layout:
    width = max(len(row) for row in rows)
    if index < 0:
        columns = [f"Column {number + 1}" for number in range(width)]
        lines = 0
    else:
        columns = [plain(cell.strip().lstrip("\ufeff")) for cell in rows[index]]
        lines = sum(1 + sum(cell.count("\n") for cell in row) for row in rows[:index])
    if len(columns) > MAX_COLUMNS:
        msg = f"The file has {len(columns)} columns; {MAX_COLUMNS} is the most we read."
        raise InvalidError(msg)
    return Layout(mark, index, tuple(columns), lines)
