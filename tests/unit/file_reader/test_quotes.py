"""Quotation marks that are not closed: the rows after them stay rows, and the plan says so."""

import csv
import io

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from app.file_reader import presets
from app.file_reader.table import Table, original_rows, read

HEADER = "Name,Amount,Date,Note"


def table(text: str) -> Table:
    return read(text.encode(), is_header=lambda row: presets.recognise(row) is not None)


def rows(text: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, row.values())) for row in table(text).cells.to_pylist()]


def codes(text: str) -> list[str]:
    return [note.code for note in table(text).notes]


LINES = ["Ulla Farn,50,2024-03-05,ok", "Per Lind,30,2024-03-07,ok", "Ida Moor,40,2024-03-08,ok"]


@pytest.mark.parametrize("where", range(4))
def test_a_mark_that_is_never_closed_swallows_no_rows(where: int) -> None:
    stray = 'Ken Reed,20,2024-03-06,"check 5'
    text = "\n".join([HEADER, *LINES[:where], stray, *LINES[where:]]) + "\n"
    found = rows(text)
    assert len(found) == 4
    assert found[where] == ("Ken Reed", "20", "2024-03-06", '"check 5')
    assert [note.sentence for note in table(text).notes] == [
        (
            f"A quotation mark is not closed in row {where + 2}. It was read as a character "
            "of the cell, and the lines after it as rows of their own."
        )
    ]


def test_a_mark_closed_by_that_of_a_later_row_swallows_no_rows() -> None:
    text = "\n".join(
        [HEADER, 'Ken Reed,20,2024-03-06,"check 5', *LINES, 'Bo Ash,5,2024-03-09,"x"']
    )
    assert [row[0] for row in rows(text)] == [
        "Ken Reed",
        *(n.split(",")[0] for n in LINES),
        "Bo Ash",
    ]
    assert codes(text) == ["stray_quotes"]


def test_a_mark_in_the_middle_of_a_row() -> None:
    text = 'Name,Note,Amount,Date\nKen Reed,"big,20,2024-03-06\nBo,ok,5,2024-03-07'
    assert rows(text) == [
        ("Ken Reed", '"big', "20", "2024-03-06"),
        ("Bo", "ok", "5", "2024-03-07"),
    ]


def test_a_note_of_several_lines_stays_one_cell() -> None:
    note = "Dear Ken,\nthanks, and see you, soon, then\nUlla"
    text = f'{HEADER}\nKen Reed,20,2024-03-06,"{note}"\n{LINES[0]}\n'
    assert rows(text)[0][3] == note
    assert codes(text) == []


def test_lines_in_a_cell_of_a_file_without_figures_are_named() -> None:
    text = 'Name,City\nKen,"Troy\nUlla,Rome"\nBo,Oslo\n'
    assert rows(text)[0] == ("Ken", "Troy\nUlla,Rome")
    assert codes(text) == ["rows_in_a_cell"]


def test_the_error_file_has_the_same_rows() -> None:
    text = "\n".join([HEADER, 'Ken Reed,20,2024-03-06,"check 5', *LINES])
    _, found = original_rows(
        text.encode(), {3, 4}, is_header=lambda row: presets.recognise(row) is not None
    )
    assert [(number, cells[0]) for number, cells in found] == [(3, "Ulla Farn"), (4, "Per Lind")]


CELL = st.text(st.sampled_from('ab ,;"\n'), max_size=8)


@settings(max_examples=200)
@given(st.lists(CELL, min_size=1, max_size=6))
def test_a_well_formed_file_reads_as_it_was_written(notes: list[str]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER.split(","))
    written = [[f"Donor {n}", str(n + 5), "2024-03-06", note] for n, note in enumerate(notes)]
    writer.writerows(written)
    assert rows(file.getvalue()) == [tuple(row) for row in written]
    separators = HEADER.count(",")
    if not any(line.count(",") == separators for note in notes for line in note.split("\n")):
        assert codes(file.getvalue()) == []


@settings(max_examples=200)
@given(st.lists(st.sampled_from("ab5 "), max_size=5), st.integers(0, 9), st.integers(1, 9))
def test_a_stray_mark_costs_no_row(note: list[str], before: int, after: int) -> None:
    def line(number: int) -> str:
        return f"Donor {number},{number + 5},2024-03-06,ok"

    stray = f'Stray,1,2024-03-06,"{"".join(note)}'
    lines = [*map(line, range(before)), stray, *map(line, range(after))]
    found = rows("\n".join([HEADER, *lines]))
    assert [row[:3] for row in found] == [tuple(each.split(",")[:3]) for each in lines]
