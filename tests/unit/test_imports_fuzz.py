"""Damaged files: read, or refused with a sentence; never an error, never a row without a fate.

`EXAMPLES=20000` damages more files than a usual run does.
"""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

from app.imports.mapping.mapped_file import open_table, place
from app.imports.parsing.mixed_files import typed_parts
from app.imports.parsing.options import Options, UndecidedError
from app.imports.values.row_numbers import file_row
from app.kit.errors import InvalidError

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
FILES = sorted((Path(__file__).parents[1] / "fixtures" / "csv").rglob("*.csv"))
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
    for what, where, piece in damage:
        at = int(where * len(data))
        if what == "put":
            data = data[:at] + piece + data[at:]
        elif what == "cut":
            data = data[:at] + data[at + 1 + len(piece) * 5 :]
        elif what == "twice":
            data = data[:at] + data[at : at + 40] + data[at:]
        else:
            data = data[:at] + piece + data[at + len(piece) :]
    return data


def test_a_damaged_file_is_read_or_refused():
    fate: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(file=st.sampled_from(FILES), damage=DAMAGE)
    def whatever_happened_to_it(file, damage):
        fate[outcome(damaged(file.read_bytes(), damage))] += 1

    whatever_happened_to_it()
    # a reader that refuses everything proves nothing
    assert fate["read"] > EXAMPLES // 10


def outcome(data: bytes) -> str:
    try:
        table = open_table(data)
        made = place(table, preset=None, kind=None, mapping=None, source="file")
        parts = typed_parts(made, OPTIONS)
    except UndecidedError:
        return "asked"
    except InvalidError as error:
        said = str(error)
        assert said[:1].isupper() or not said[:1].isalpha(), said
        return "refused"
    kept = made.table.height
    for part in parts:
        refused = {one.row for one in (*part.problems, *part.skipped)}
        staged = set(part.rows.column("row").to_pylist())
        assert len(staged) == part.rows.num_rows
        assert not staged & refused
        assert len(staged) + len(refused) == part.total
    assert parts[-1].total <= kept
    # a row that tells of two gifts stands there twice
    rows = len(set(map(file_row, made.table.rows.tolist())))
    assert (
        table.height == rows + len(made.table.left_out) - len(table.left_out)
        or made.only is not None
    )
    return "read"
