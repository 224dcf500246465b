"""Limits on a workbook's zip archive, checked while it is inflated and before it is parsed.

Nothing that the archive declares about itself is trusted: neither the sizes in its directory nor
the dimensions in its sheets. The parser gets a new archive of the parts that were counted here.
"""

import io
import re
import zipfile
import zlib
from typing import IO

from app.kit.errors import InvalidError
from app.kit.formatting import count

MOST_UNZIPPED = 100 * 2**20
# limit of inflated bytes per byte of the file
MOST_RATIO = 100
MOST_PARTS = 5_000
MOST_CELLS = 5_000_000
MOST_COLUMNS = 2_000
DAMAGED = "The workbook is damaged. Open it, save it anew and upload that."
TOO_LARGE = "The workbook is too large to read. Open it and save it as CSV."
_PIECE = 2**20
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENTRY = b"PK\x01\x02"
# bytes of a local header besides the file name
_HEADER_BYTES = 30
_READ = (".xml", ".rels", ".bin", "mimetype")
# repeats the list of cells with formulas; not needed
_UNUSED = "calcChain.xml"
_CELLS = (b"<c ", b"<c>", b"<c/", b":c ", b"<table:table-cell")
# a cell right of column BXX, the 2,000th
_FAR_COLUMN = re.compile(rb'<c r="((?:[C-Z][A-Z]{2}|B(?:[YZ][A-Z]|X[YZ]))\d{1,7})"')
_ROW = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})"')
# the row limit of sheets with few cells; in bigger sheets the cells are not checked one by one
_FEW_CELLS, _MOST_SPARSE_ROWS = 100_000, 200_000


def checked(data: bytes) -> bytes:
    """Return the parts of a workbook as an uncompressed archive, each of them inflated once.

    Raises:
        InvalidError: damaged, not a workbook, or larger than what is read.
    """
    if data.count(_ENTRY) > MOST_PARTS:
        raise InvalidError(TOO_LARGE)
    archive, total = io.BytesIO(), _Total(min(MOST_UNZIPPED, MOST_RATIO * len(data)))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(archive, "w") as copy:
            for part in _parts(book):
                with book.open(part) as source:
                    copy.writestr(part.filename, total.inflated(source))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, zlib.error):
        raise InvalidError(DAMAGED) from None
    return archive.getvalue()


def _parts(book: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the parts that a parser needs; refuse archives that no spreadsheet program writes."""
    parts = sorted(book.infolist(), key=lambda part: part.header_offset)
    names = {part.filename for part in parts}
    if not any(name.startswith("xl/") for name in names) and "content.xml" not in names:
        msg = "This is a zip archive. Unpack it, then upload the file inside."
        raise InvalidError(msg)
    end = 0
    for part in parts:
        if part.header_offset < end or part.compress_type not in _METHODS:
            raise InvalidError(DAMAGED)
        end = part.header_offset + _HEADER_BYTES + part.compress_size
    if len(names) < len(parts):
        raise InvalidError(DAMAGED)
    return [
        part
        for part in parts
        if part.filename.endswith(_READ) and not part.filename.endswith(_UNUSED)
    ]


class _Total:
    """Running total of the inflated bytes and cells of all parts."""

    def __init__(self, most: int) -> None:
        self._left, self._cells = most, 0

    def inflated(self, source: IO[bytes]) -> bytes:
        """Return a part's bytes, read in pieces.

        Raises:
            InvalidError: the parts exceed a limit.
        """
        pieces, cells = [], 0
        while piece := source.read(_PIECE):
            self._left -= len(piece)
            if self._left < 0:
                raise InvalidError(TOO_LARGE)
            cells += sum(piece.count(mark) for mark in _CELLS)
            if self._cells + cells > MOST_CELLS:
                msg = f"The workbook has more than {MOST_CELLS:,} cells. Split it by year."
                raise InvalidError(msg)
            pieces.append(piece)
        self._cells += cells
        data = b"".join(pieces)
        _refuse_far_cells(data, cells)
        return data


def _refuse_far_cells(sheet: bytes, cells: int) -> None:
    """Refuse a cell far from the others: a parser allocates all cells between them."""
    far = _FAR_COLUMN.search(sheet)
    if far is not None:
        msg = (
            f"The sheet reaches to cell {far[1].decode()}; {MOST_COLUMNS:,} columns is the most. "
            "Delete what is outside the table, then upload it again."
        )
        raise InvalidError(msg)
    last = max(map(int, _ROW.findall(sheet)), default=0) if cells < _FEW_CELLS else 0
    if last > _MOST_SPARSE_ROWS:
        msg = (
            f"The sheet reaches to row {last:,} and has only {count(cells, 'cell')}. Delete what "
            "is below the table, then upload it again."
        )
        raise InvalidError(msg)
