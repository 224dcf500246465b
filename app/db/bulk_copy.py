"""Bulk rows in and out of PostgreSQL by COPY, inside the session's own transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

SLICE = 100_000


class _Pieces:
    """A readable file made of pieces, so that a big table is never one block of memory."""

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
        taken, self._rest = (
            (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return taken


def copy_in(db: Session, table: str, columns: Sequence[str], rows: Any) -> int:
    """Copy a pyarrow table into `table` and return the number of rows; null stays null."""
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


def copy_out(db: Session, query: str, out: Any) -> int:
    """Stream a query's rows as CSV with a header into a binary file; return how many."""
    with cursor_of(db) as cursor:
        cursor.copy_expert(f"copy ({query}) to stdout (format csv, header)", out, 1 << 16)
        return int(cursor.rowcount)


@contextmanager
def cursor_of(db: Session) -> Iterator[Any]:
    """Open the session's own cursor; what goes wrong sounds as it does for any statement."""
    db.flush()
    raw: psycopg2.extensions.connection = db.connection().connection.dbapi_connection  # type: ignore[assignment]
    try:
        with raw.cursor() as cursor:
            yield cursor
    except psycopg2.Error as error:
        # without the statement: it may carry what somebody typed
        raise DBAPIError.instance(None, None, error, psycopg2.Error) from error
