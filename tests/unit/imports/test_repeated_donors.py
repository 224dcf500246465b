"""Later rows of a donor fill what the first lacks; what differs is noted."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from app.imports.parsing import repeated_donors
from app.imports.parsing.columns import Sheet
from tests.unit.imports.test_contacts import sheet_of

ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["", "555-0100", "555-0199"]),
        st.sampled_from(["", "Troy", "TROY", "Rome"]),
        st.sampled_from(["", "12180"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def filled(rows: list[tuple[int, str, str, str, bool]]) -> tuple[Sheet, list[int]]:
    """Fill the donors of rows of (donor, phone, city, postcode, whether the gift is imported)."""
    donors, phones, cities, codes, valid = zip(*rows, strict=True)
    people = sheet_of(
        external_id=[str(donor) for donor in donors],
        phone=list(phones),
        city=list(cities),
        postal_code=list(codes),
    )
    first = np.array([donors.index(donor) for donor in donors])
    chosen = np.flatnonzero(valid)
    kept = np.unique(first[chosen])
    sheet = Sheet(people.table, people.columns, people.options)
    repeated_donors.fill(sheet, people, first, kept, chosen)
    return sheet, kept.tolist()


@given(ROWS)
def test_the_first_row_that_says_something_counts(
    rows: list[tuple[int, str, str, str, bool]],
) -> None:
    sheet, kept = filled(rows)
    for place, first in enumerate(kept):
        later = [row for row in rows if row[0] == rows[first][0] and row[4]]
        phone = next((row[1] for row in [rows[first], *later] if row[1]), "")
        address = next((row[2:4] for row in [rows[first], *later] if row[2] or row[3]), ("", ""))
        cells = {
            name: sheet.filled[name][place] if name in sheet.filled else rows[first][index]
            for index, name in ((1, "phone"), (2, "city"), (3, "postal_code"))
        }
        assert cells == {"phone": phone, "city": address[0], "postal_code": address[1]}


def test_notes_name_the_columns() -> None:
    sheet, _ = filled(
        [
            (1, "", "Troy", "", True),
            (1, "555-0100", "TROY", "", True),
            (1, "555-0199", "Rome", "", True),
            (2, "", "", "", True),
        ]
    )
    assert [(note.row, note.reason) for note in sheet.problems] == [
        (2, "The same person as row 1. Added from this row: phone."),
        (
            3,
            "The same person as row 1, which has other values. Left out of this row: city, phone.",
        ),
    ]
    assert not sheet.bad.any()
