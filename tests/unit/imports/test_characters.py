"""Rows with texts that no form accepts are refused, each with its reason."""

import numpy as np
import pandas as pd

from app.imports.mapping.data_table import DataTable
from app.imports.parsing.characters import refuse_texts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.options import Options
from app.imports.values.arrays import listed, text
from tests.conftest import TODAY

INVISIBLE = "This cell contains invisible control characters. Type it again in the file."
REMOVED = "Invisible characters were removed from this cell."
TOO_LONG = "A name may have 120 characters at most."


def checked(**columns: list[str]) -> Sheet:
    height = len(next(iter(columns.values())))
    cells = pd.DataFrame({index: text(cells) for index, cells in enumerate(columns.values())})
    table = DataTable(tuple(columns), cells, np.arange(1, height + 1))
    fields = {name: index for index, name in enumerate(columns)}
    sheet = Sheet(table, fields, Options(TODAY, "USD", "key"))
    refuse_texts(sheet)
    return sheet


def refused(**columns: list[str]) -> list[tuple[int, str, str]]:
    problems = [problem for problem in checked(**columns).problems if not problem.is_note]
    return [(problem.row, problem.field, problem.reason) for problem in problems]


def noted(sheet: Sheet) -> list[tuple[int, str, str]]:
    notes = [problem for problem in sheet.problems if problem.is_note]
    return [(note.row, note.field, note.reason) for note in notes]


def test_control_characters_and_long_names_are_refused() -> None:
    names = ["Mara", "a\ufffeb", "x" * 121, "é" * 120, "a\x07b", "שלום\u200f"]
    assert refused(name=names) == [
        (2, "name", INVISIBLE),
        (5, "name", INVISIBLE),
        (3, "name", TOO_LONG),
    ]


def test_direction_marks_and_zero_width_characters_in_names_are_removed_with_a_note() -> None:
    sheet = checked(name=["Ma\u200bra", "a\u202eb\u202c", "\u2066Ann\u2069 Lee", "م\u200cر", "Bo"])
    assert listed(sheet.text("name")) == ["Mara", "ab", "Ann Lee", "م\u200cر", "Bo"]
    assert noted(sheet) == [(row, "name", REMOVED) for row in (1, 2, 3)]
    assert not sheet.bad.any()


def test_a_side_cell_loses_its_control_characters_and_keeps_its_row() -> None:
    sheet = checked(name=["Ann", "Bo"], notes=["a\u2066b\x07", "c\u200ed"], city=["Tr\x07oy", ""])
    assert listed(sheet.text("notes")) == ["ab", "c\u200ed"]
    assert listed(sheet.text("city")) == ["Troy", None]
    assert noted(sheet) == [(1, "notes", REMOVED), (1, "city", REMOVED)]
    assert not sheet.bad.any()


def test_a_greeting_that_is_too_long_is_left_empty() -> None:
    sheet = checked(name=["Ann", "Bo"], salutation=["x" * 121, "Dear Bo"])
    assert listed(sheet.text("salutation")) == [None, "Dear Bo"]
    assert noted(sheet) == [(1, "salutation", f"{TOO_LONG} The cell is left empty.")]
    assert not sheet.bad.any()


def test_the_flag_of_a_country_keeps_its_tags() -> None:
    england = "Ann \U0001f3f4\U000e0067\U000e0062\U000e007f"
    sheet = checked(name=[england])
    assert (listed(sheet.text("name")), noted(sheet)) == ([england], [])


def test_a_name_of_which_nothing_is_visible_is_refused() -> None:
    names = ["\u200b\u2060", "", "Ma\u200bra", "\u3164", "م\u200cر"]
    assert refused(name=names) == [(1, "name", INVISIBLE), (4, "name", INVISIBLE)]
    assert not refused(notes=["\u200b"])


def test_line_breaks_in_notes_and_marks_around_phones_are_accepted() -> None:
    assert not refused(notes=["a\n\tb\x0bc\x85d"], phone=["\u202a+1 555 0100\u202c"])
    assert refused(external_id=["a\u2066b"]) == [(1, "external_id", INVISIBLE)]


def test_a_row_of_our_own_export_keeps_a_long_name() -> None:
    long = "x" * 130
    assert refused(external_id=["key-7", "other-7"], name=[long, long]) == [(2, "name", TOO_LONG)]
