"""Find quotation marks that are not closed and swallow the rows after them."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.file_reader.encoding import MAX_FIELD
from app.file_reader.header import DATA_CELL, Layout
from app.file_reader.notes import Note, rows_named
from app.kit.errors import InvalidError

MOST_REPAIRED, MOST_HEADERS = 1_000, 20_000
_SAMPLE_ROWS, _FIGURES = 200, 0.8
# the rest of a quoted cell, to its closing mark
_TO_CLOSING = re.compile(rb'(?:[^"]++|"")*+"')
_OUTSIDE, _INSIDE = -1, -2


@dataclass(slots=True)
class Repaired:
    """The file with stray quotation marks as plain characters, and the notes on them."""

    data: bytes
    strays: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes for the user."""
        rows_by_code = {"stray_quotes": self.strays, "rows_in_a_cell": self.doubtful}
        return tuple(
            Note(code, {"rows": rows_named(rows)}) for code, rows in rows_by_code.items() if rows
        )


def repaired(data: bytes, layout: Layout) -> Repaired:
    """Return the file with each stray quotation mark doubled, so that it is read as a character.

    A mark is a stray one if its cell reaches the end of the file and holds lines as wide as the
    header, or is closed and holds lines that look like the other rows.

    Raises:
        InvalidError: too many rows have one.
    """
    lines = data.split(b"\n")
    _refuse_repeated_header(data, lines[max(layout.header_lines, 0)])
    mark = layout.delimiter.encode()
    typical = _Typical(_rows_of_one_line(lines, layout.header_lines + 1, mark), layout)
    repair = Repaired(data)
    index, row = layout.header_lines, max(layout.header_row, 0) + 1
    while index < len(lines):
        position = _open_at(lines[index], mark)
        if position == _OUTSIDE:
            index, row = index + 1, row + 1
            continue
        end, closed = _end_of_record(lines, index, mark)
        inner = lines[index + 1 : end + 1]
        if typical.swallowed(inner, closed=closed):
            lines[index] = _as_character(lines[index], position, mark)
            if row not in repair.strays:
                repair.strays.append(row)
            _refuse_too_many(repair.strays)
            # the same line may have another one
            continue
        if any(typical.as_wide(line) for line in inner) and not typical.figures:
            repair.doubtful.append(row)
        index, row = end + 1, row + 1
    if repair.strays:
        repair.data = b"\n".join(lines)
    return repair


class _Typical:
    """What the rows of a file have in common: their width, and the columns of figures."""

    def __init__(self, lines: Sequence[bytes], layout: Layout) -> None:
        self._delimiter, self._width = layout.delimiter, len(layout.columns)
        rows = [cells for cells in map(self._cells, lines) if len(cells) == self._width]
        self.figures = [
            column
            for column in range(self._width)
            if _share([row[column] for row in rows if row[column].strip()]) >= _FIGURES
        ]

    def swallowed(self, lines: Sequence[bytes], *, closed: bool) -> bool:
        """Return whether the lines inside a quoted cell are rows of the file."""
        if not closed:
            return not any(map(bytes.strip, lines)) or any(map(self.as_wide, lines))
        return any(map(self._looks_like_row, lines))

    def as_wide(self, line: bytes) -> bool:
        """Return whether a line has as many cells as the header."""
        return self._width > 1 and len(self._cells(line)) == self._width

    def _looks_like_row(self, line: bytes) -> bool:
        cells = self._cells(line) if self.as_wide(line) else []
        filled = [cells[column].strip() for column in self.figures if cells]
        return any(filled) and all(_is_figure(cell) for cell in filled if cell)

    def _cells(self, line: bytes) -> list[str]:
        text = line[:MAX_FIELD].decode("utf-8", "replace")
        try:
            return next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            return []


def _rows_of_one_line(lines: Sequence[bytes], start: int, mark: bytes) -> list[bytes]:
    """Return the first lines that are a row by themselves."""
    rows: list[bytes] = []
    index = start
    while index < len(lines) and len(rows) < _SAMPLE_ROWS:
        if _open_at(lines[index], mark) == _OUTSIDE:
            rows.append(lines[index])
        else:
            end, closed = _end_of_record(lines, index, mark)
            index = end if closed else index
        index += 1
    # a mark in the first row may swallow all others
    return rows or [line for line in lines[start : start + _SAMPLE_ROWS] if b'"' not in line]


def _share(cells: Sequence[str]) -> float:
    return sum(map(_is_figure, cells)) / len(cells) if cells else 0.0


def _is_figure(cell: str) -> bool:
    return bool(DATA_CELL.match(cell.strip())) or "@" in cell


def _open_at(line: bytes, mark: bytes, *, inside: bool = False) -> int:
    """Return where the quotation mark that a line leaves open is.

    _OUTSIDE: it leaves none open; _INSIDE: it begins inside quotation marks and does not close
    them.
    """
    position = 0
    if inside:
        closing = _TO_CLOSING.match(line)
        if closing is None:
            return _INSIDE
        position = line.find(mark, closing.end()) + 1
        if not position:
            return _OUTSIDE
    elif b'"' not in line:
        return _OUTSIDE
    while True:
        if line[position : position + 1] == b'"':
            closing = _TO_CLOSING.match(line, position + 1)
            if closing is None:
                return position
            position = closing.end()
        position = line.find(mark, position) + 1
        if not position:
            return _OUTSIDE


def _end_of_record(lines: Sequence[bytes], start: int, mark: bytes) -> tuple[int, bool]:
    """Return the last line of the record that begins at `start`, and whether it is closed."""
    size = 0
    for index in range(start + 1, len(lines)):
        if _open_at(lines[index], mark, inside=True) == _OUTSIDE:
            return index, True
        size += len(lines[index]) + 1
        if size > MAX_FIELD:
            return index, False
    return len(lines) - 1, False


def _as_character(line: bytes, position: int, mark: bytes) -> bytes:
    """Return a line in which the quotation mark that begins a cell is a character of the cell."""
    end = line.find(mark, position)
    end = len(line) if end < 0 else end
    cell = line[position:end].replace(b'"', b'""')
    return line[:position] + b'"' + cell + b'"' + line[end:]


def _refuse_repeated_header(data: bytes, header: bytes) -> None:
    """Refuse before the file is read row by row what would be refused after it."""
    repeats = data.count(b"\n" + header + b"\n")
    if header and repeats > MOST_HEADERS:
        msg = f"The header is repeated in {repeats:,} rows. Remove them, then upload it again."
        raise InvalidError(msg)


def _refuse_too_many(rows: Sequence[int]) -> None:
    if len(rows) > MOST_REPAIRED:
        msg = (
            f"More than {MOST_REPAIRED:,} rows have a quotation mark that is never closed, as row "
            f"{rows[0]:,}. Remove the quotation marks, then upload the file again."
        )
        raise InvalidError(msg)
