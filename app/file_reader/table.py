"""Read the bytes of a file as a table of text cells, without the rows that are not data."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from app.file_reader import non_data_rows, quotes
from app.file_reader.encoding import MAX_FIELD, Text, UnsureEncodingError, decode
from app.file_reader.header import Layout, find_layout
from app.file_reader.notes import Note
from app.file_reader.read_options import AS_FOUND, Reading
from app.kit.errors import InvalidError

SLICE = 25_000
MOST_CELLS = 50_000_000
MOST_RAGGED = 50_000
# the cells, the number of each row, and the widths of rows wider than the header
_Cells: TypeAlias = tuple[pa.Table, NDArray[np.int64], dict[int, int]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not data: its row number as in a spreadsheet, and the reason."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text cells: no types are inferred, so 007 stays 007.

    `cells` has one text column per header, named by position ("0", "1", …); `rows` holds the
    spreadsheet row number of each row; `ragged` maps the numbers of rows that have more cells than
    the header to their number of cells.
    """

    columns: tuple[str, ...]
    cells: pa.Table
    rows: NDArray[np.int64]
    left_out: tuple[LeftOut, ...]
    encoding: str
    delimiter: str
    header_row: int
    ragged: dict[int, int] = field(default_factory=dict)
    # the first rows of the file, shortened, for choosing the header row
    first_rows: tuple[tuple[str, ...], ...] = ()
    # what was assumed while reading
    notes: tuple[Note, ...] = ()
    # of a workbook: the sheet that was read, and all sheets with rows
    sheet: str | None = None
    sheets: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """The number of data rows."""
        return len(self.rows)

    def samples(self, rows: int = 3) -> tuple[tuple[str, ...], ...]:
        """Return the first cells of each column."""
        columns = (column.slice(0, rows).to_pylist() for column in self.cells.columns)
        return tuple(tuple(map(str, cells)) for cells in columns)


def read(
    data: bytes, *, is_header: Callable[[Sequence[str]], bool], options: Reading = AS_FOUND
) -> Table:
    """Split the file into cells; `is_header` tells whether a row is the header of a preset.

    Raises:
        InvalidError: the file is not a table of text, or is built to overload a parser.
    """
    return read_text(
        decode(data, options.encoding, options.sheet), is_header=is_header, options=options
    )


def read_text(
    text: Text, *, is_header: Callable[[Sequence[str]], bool], options: Reading = AS_FOUND
) -> Table:
    """Split a decoded file into cells.

    Raises:
        InvalidError: as in `read`.
    """
    layout = find_layout(text.data, is_header, options)
    _refuse_too_many_cells(text.data, layout)
    (cells, rows, ragged), notes = _read_cells(text.data, layout)
    _refuse_giant_cells(cells)
    keep, reasons = non_data_rows.separate_rows(cells, rows, layout.columns)
    left_out = [LeftOut(number + 1, "Above the header") for number in range(layout.header_row)]
    left_out += [LeftOut(int(row), reason) for row, reason in reasons]
    if keep is not None:
        cells, rows = cells.filter(pa.array(keep)), rows[keep]
    if not len(rows):
        msg = "The file has a header but no rows under it."
        raise InvalidError(msg)
    return Table(
        layout.columns,
        cells,
        rows,
        tuple(left_out),
        text.encoding,
        layout.delimiter,
        layout.header_row + 1,
        ragged,
        notes=(*text.notes, *_sheet_notes(text, options), *_layout_notes(layout), *notes),
        sheet=text.sheet,
        sheets=text.sheets,
    )


def _sheet_notes(text: Text, options: Reading) -> tuple[Note, ...]:
    others = ", ".join(f"“{name}”" for name in text.sheets if name != text.sheet)
    if not others or options.sheet is not None:
        return ()
    return (Note("sheet", {"sheet": f"{text.sheet}", "others": others}),)


def _layout_notes(layout: Layout) -> tuple[Note, ...]:
    if not layout.unnamed:
        return ()
    first = layout.columns[-layout.unnamed]
    return (Note("unnamed_columns", {"columns": f"{layout.unnamed}", "first": first}),)


def original_rows(
    data: bytes,
    numbers: set[int],
    *,
    is_header: Callable[[Sequence[str]], bool],
    options: Reading = AS_FOUND,
) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """Return the header and (row number, unchanged cells) of the rows with these numbers."""
    try:
        text = decode(data, options.encoding, options.sheet)
    except UnsureEncodingError as error:
        # an import from before the encoding was asked about
        text = decode(data, error.encoding)
    layout = find_layout(text.data, is_header, options)
    data = text.data
    if b'"' in data:
        data = quotes.repaired(data, layout).data
    rows = _numbered(data, layout.delimiter)
    return layout.columns, ((number, row) for number, row in rows if number in numbers)


def _read_cells(data: bytes, layout: Layout) -> tuple[_Cells, tuple[Note, ...]]:
    """Read the cells; where quotation marks swallowed rows, read them again without these marks.

    Raises:
        InvalidError: a cell is too long, or too many rows do not fit the header.
    """
    try:
        cells = _read_once(data, layout)
    except InvalidError:
        mended = quotes.repaired(data, layout) if b'"' in data else None
        if mended is None or not mended.strays:
            raise
    else:
        if not _may_swallow_rows(data, layout, cells):
            return cells, ()
        mended = quotes.repaired(data, layout)
        if not mended.strays:
            return cells, mended.notes
    return _read_once(mended.data, layout), mended.notes


def _read_once(data: bytes, layout: Layout) -> _Cells:
    fast = _read_with_arrow(data, layout)
    return fast if fast is not None else _read_row_by_row(data, layout)


def _may_swallow_rows(data: bytes, layout: Layout, read: _Cells) -> bool:
    """Return whether a cell holds several lines; False without a look at the cells if possible."""
    if b'"' not in data:
        return False
    cells, rows, ragged = read
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    header = layout.header_lines + (layout.header_row >= 0)
    if not ragged and cells.num_rows + header == lines and data.count(b'"') % 2 == 0:
        return False
    return any(
        pc.any(pc.match_substring(column, "\n")).as_py() for column in cells.columns if len(rows)
    )


def _read_with_arrow(data: bytes, layout: Layout) -> _Cells | None:
    """Read a regular file with one Arrow call; None when any row does not fit the header."""
    names = [str(index) for index in range(len(layout.columns))]
    skip = layout.header_lines + 1 if layout.header_row >= 0 else 0
    if layout.header_lines != max(layout.header_row, 0) or b"\n\n" in data:
        return None
    try:
        cells = pacsv.read_csv(
            pa.BufferReader(data),
            pacsv.ReadOptions(
                column_names=names, skip_rows=skip, block_size=4 * 2**20, use_threads=True
            ),
            pacsv.ParseOptions(
                delimiter=layout.delimiter,
                newlines_in_values=b'"' in data,
                ignore_empty_lines=False,
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                null_values=[],
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowException):
        return None
    first = layout.header_row + 2
    return cells, np.arange(first, first + cells.num_rows, dtype=np.int64), {}


def _numbered(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), delimiter=delimiter
    )
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            yield number, row
    except csv.Error as error:
        msg = (
            f"Row {number + 1} holds a cell longer than {MAX_FIELD // 1024} KB. Look for a "
            "quotation mark that is never closed."
        )
        raise InvalidError(msg) from error


def _read_row_by_row(data: bytes, layout: Layout) -> _Cells:
    """Read row by row a file with short, long or blank rows, which the fast reader refuses."""
    width = len(layout.columns)
    names = [str(index) for index in range(width)]
    numbered = islice(_numbered(data, layout.delimiter), layout.header_row + 1, None)
    tables: list[pa.Table] = []
    numbers: list[int] = []
    ragged: dict[int, int] = {}
    while piece := list(islice(numbered, SLICE)):
        piece = [(number, row) for number, row in piece if any(cell.strip() for cell in row)]
        for number, row in piece:
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                ragged[number] = len(row)
        _refuse_too_ragged(ragged)
        square = [(row + [""] * (width - len(row)))[:width] for _, row in piece]
        columns = zip(*square, strict=True) if square else ([] for _ in names)
        tables.append(
            pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns)})  # noqa: B905
        )
        numbers.extend(number for number, _ in piece)
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    cells = pa.concat_tables(tables) if tables else empty
    return cells, np.array(numbers, dtype=np.int64), ragged


def _refuse_too_many_cells(data: bytes, layout: Layout) -> None:
    """Check before loading: each line will get as many cells as the header has."""
    lines = data.count(b"\n")
    if lines * len(layout.columns) > MOST_CELLS:
        msg = (
            f"The file has {lines:,} lines of {len(layout.columns)} columns; "
            f"{MOST_CELLS:,} cells is the most. Split it by year."
        )
        raise InvalidError(msg)


def _refuse_too_ragged(ragged: dict[int, int]) -> None:
    if len(ragged) > MOST_RAGGED:
        msg = (
            f"More than {MOST_RAGGED:,} rows have more cells than the header has names. Choose "
            "what is between columns, or name every column in the header."
        )
        raise InvalidError(msg)


def _refuse_giant_cells(cells: pa.Table) -> None:
    for column in cells.columns:
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > MAX_FIELD:
            msg = (
                f"A cell is longer than {MAX_FIELD // 1024} KB. Look for a quotation mark that "
                "is never closed."
            )
            raise InvalidError(msg)
