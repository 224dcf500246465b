"""Answer of the child process that reads a file: facts, and the cells as an Arrow stream."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.file_reader import presets
from app.file_reader.encoding import Text, UnsureEncodingError, decode
from app.file_reader.header import first_rows
from app.file_reader.read_options import Reading
from app.file_reader.table import read_text
from app.kit.errors import InvalidError

# limits of each of the first rows, which are shown for choosing the header row
MOST_SHOWN, MOST_LETTERS = 40, 80
TOO_LARGE = "The file is too large to read here. Split it by year."


def answer(question: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the facts, and the cells with their row numbers as an Arrow stream.

    The file is decoded once; its first rows are among the facts even where no table is found.
    """
    rows: list[list[str]] = []
    sheets: tuple[str, ...] = ()
    try:
        options = Reading(**question["options"])
        text = decode(data, options.encoding, options.sheet)
        sheets = text.sheets
        rows = [
            [cell[:MOST_LETTERS] for cell in row[:MOST_SHOWN]]
            for row in first_rows(text.data, options)
        ]
        facts, cells = _table(text, options)
        return facts | {"first_rows": rows}, cells
    except UnsureEncodingError as error:
        return {"refused": str(error), "readings": error.readings}, b""
    except InvalidError as error:
        return {"refused": str(error), "first_rows": rows, "sheets": sheets}, b""
    except (MemoryError, pa.ArrowMemoryError):
        return {"refused": TOO_LARGE}, b""
    except Exception as error:  # noqa: BLE001
        # report where it happened, and no content of the file
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        position = (
            f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else ""
        )
        return {"broken": f"{type(error).__name__} at {position}"}, b""


def _table(text: Text, options: Reading) -> tuple[dict[str, Any], bytes]:
    table = presets.with_headers(read_text(text, is_header=_is_header, options=options))
    facts = {
        "columns": table.columns,
        "left_out": [(row.row, row.reason) for row in table.left_out],
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "header_row": table.header_row,
        "ragged": table.ragged,
        "sheet": table.sheet,
        "sheets": table.sheets,
        "notes": [(note.code, dict(note.values)) for note in table.notes],
    }
    numbered = table.cells.append_column("row", pa.array(table.rows, pa.int64()))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, numbered.schema) as stream:
        stream.write_table(numbered)
    return facts, sink.getvalue()


def _is_header(row: Sequence[str]) -> bool:
    return presets.recognise(row) is not None
