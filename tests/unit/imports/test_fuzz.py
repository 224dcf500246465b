"""Damaged files: read, or refused with a sentence; never an error, never a row without a result.

`EXAMPLES=20000` damages more files than a usual run does.
"""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

from app.imports.mapping.mapped_file import map_columns, open_table
from app.imports.parsing.mixed_files import typed_parts
from app.imports.parsing.options import Options
from app.imports.values.questions import UndecidedError
from app.imports.values.row_numbers import file_row
from app.kit.errors import InvalidError

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
FILES = sorted((Path(__file__).parents[2] / "fixtures" / "csv").rglob("*.csv"))
OPTIONS = Options(today=date(2026, 11, 23), currency="USD", instance_id="dcrm")
# what breaks readers: quotes, delimiters, line ends, NUL, marks, halves of characters, figures
PIECES = st.one_of(
    st.sampled_from(
        [
            b'"',
            b"'",
            b",",
            b";",
            b"\t",
            b"|",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\xff",
            b"\xfe\xff",
            b"\xef\xbb\xbf",
            b"\xc3",
            b"=1+1",
            b"1e999999",
            b"-",
            b"(",
            b"$",
            "−５".encode(),
            "\u202e".encode(),
            "\u2028".encode(),
            b"\x1a",
            b'""',
            b'","',
            b"Total,",
            b"#",
            b"\xa0",
        ]
    ),
    st.binary(max_size=6),
)
DAMAGE = st.lists(
    st.tuples(st.sampled_from(["put", "cut", "twice", "swap"]), st.floats(0, 1), PIECES),
    min_size=1,
    max_size=8,
)


def damaged(data: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    for operation, share, piece in damage:
        offset = int(share * len(data))
        if operation == "put":
            data = data[:offset] + piece + data[offset:]
        elif operation == "cut":
            data = data[:offset] + data[offset + 1 + len(piece) * 5 :]
        elif operation == "twice":
            data = data[:offset] + data[offset : offset + 40] + data[offset:]
        else:
            data = data[:offset] + piece + data[offset + len(piece) :]
    return data


def test_a_damaged_file_is_read_or_refused() -> None:
    outcomes: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(file=st.sampled_from(FILES), damage=DAMAGE)
    def check(file: Path, damage: list[tuple[str, float, bytes]]) -> None:
        outcomes[outcome(damaged(file.read_bytes(), damage))] += 1

    check()
    # a reader that refuses everything proves nothing
    assert outcomes["read"] > EXAMPLES // 10


def outcome(data: bytes) -> str:
    try:
        table = open_table(data)
        source = map_columns(table, preset=None, kind=None, mapping=None, source="file")
        parts = typed_parts(source, OPTIONS)
    except UndecidedError:
        return "asked"
    except InvalidError as error:
        message = str(error)
        assert message[:1].isupper() or not message[:1].isalpha(), message
        return "refused"
    height = source.table.height
    for part in parts:
        problems = [problem for problem in part.problems if not problem.is_note]
        refused = {problem.row for problem in (*problems, *part.skipped)}
        staged = set(part.rows["row"])
        assert len(staged) == len(part.rows)
        assert not staged & refused
        assert len(staged) + len(refused) == part.total
    assert parts[-1].total <= height
    # a row with two gifts appears twice
    rows = len(set(map(file_row, source.table.rows.tolist())))
    assert (
        table.height == rows + len(source.table.left_out) - len(table.left_out)
        or source.only is not None
    )
    return "read"
