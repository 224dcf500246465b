"""What the process that cuts files answers: facts, and cells as a stream of Arrow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.imports import presets
from app.imports.decode import decode
from app.imports.header import first_rows
from app.imports.read import read
from app.imports.reading import Reading
from app.kit.errors import InvalidError

TOO_LARGE = "The file is too large to read here. Split it by year."


def answer(question: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the facts and, for a table, its cells and row numbers as a stream of Arrow."""
    try:
        said = Reading(**question["said"])
        if question["what"] == "first_rows":
            return {"rows": first_rows(decode(data, said.encoding).data, said)}, b""
        return _table(data, said)
    except InvalidError as error:
        return {"refused": str(error)}, b""
    except (MemoryError, pa.ArrowMemoryError):
        return {"refused": TOO_LARGE}, b""
    except Exception as error:  # noqa: BLE001
        # where it happened, and nothing of the file
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else ""
        return {"broken": f"{type(error).__name__} at {place}"}, b""


def _table(data: bytes, said: Reading) -> tuple[dict[str, Any], bytes]:
    table = presets.named(read(data, known=_known, said=said))
    facts = {
        "columns": table.columns,
        "left_out": [(each.row, each.reason) for each in table.left_out],
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "header_row": table.header_row,
        "ragged": table.ragged,
    }
    whole = table.cells.append_column("row", pa.array(table.rows, pa.int64()))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return facts, sink.getvalue()


def _known(row: Sequence[str]) -> bool:
    return presets.recognise(row) is not None
