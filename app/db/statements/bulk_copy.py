"""Bulk import and export of rows with COPY, inside the transaction of the session."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SLICE = 100_000


class SupportsWrite(Protocol):
    """A binary file or another target of written bytes."""

    def write(self, data: bytes, /) -> object:
        """Write some bytes."""


class _Pieces:
    """A readable file over chunks, so that a large table is never one block of memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; nothing at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        chunk, self._rest = (
            (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return chunk


def copy_in(
    db: Session, table: str, columns: Sequence[str], rows: "pa.Table | pd.DataFrame"
) -> int:
    """Copy a table or DataFrame into `table`; return the number of rows; nulls stay null."""
    # slow to import, and who calls this has made a table with them; a backup needs neither
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.csv as pacsv  # noqa: PLC0415

    if isinstance(rows, pd.DataFrame):
        rows = pa.Table.from_pandas(rows[list(columns)], preserve_index=False)
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")

    def pieces() -> Iterator[bytes]:
        for start in range(0, rows.num_rows, SLICE):
            sink = pa.BufferOutputStream()
            pacsv.write_csv(rows.slice(start, SLICE).select(list(columns)), sink, options)
            yield sink.getvalue().to_pybytes()

    names = ", ".join(f'"{column}"' for column in columns)
    statement = f"copy {table} ({names}) from stdin (format csv)"
    with cursor_of(db) as cursor:
        cursor.copy_expert(statement, _Pieces(pieces()), 1 << 20)
        return int(cursor.rowcount)


def copy_out(db: Session, query: str, file: SupportsWrite) -> int:
    """Write a query's rows as CSV with a header row to a binary file; return their number."""
    with cursor_of(db) as cursor:
        cursor.copy_expert(f"copy ({query}) to stdout (format csv, header)", file, 1 << 16)
        return int(cursor.rowcount)


@contextmanager
def cursor_of(db: Session) -> Iterator[Any]:
    """Yield a psycopg2 cursor of the session's connection; errors become SQLAlchemy errors."""
    db.flush()
    raw: psycopg2.extensions.connection = db.connection().connection.dbapi_connection  # type: ignore[assignment]
    try:
        with raw.cursor() as cursor:
            yield cursor
    except psycopg2.Error as error:
        # without the statement: it may contain user input
        raise DBAPIError.instance(None, None, error, psycopg2.Error) from error
