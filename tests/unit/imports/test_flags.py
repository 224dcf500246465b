"""Yes-or-no columns: words, dates for yes, and cells left empty."""

from datetime import date

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.imports.values.flags import is_day, read_flag
from tests.unit.imports.test_contacts import notes, sheet_of


@given(st.dates(date(1950, 1, 1), date(2025, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y"]))
def test_a_date_means_yes(day: date, notation: str) -> None:
    assert read_flag(f"{day:{notation}}", "deceased") is True


@pytest.mark.parametrize(
    ("word", "name", "flag"),
    [
        ("yes", "deceased", True),
        ("0", "deceased", False),
        ("Deceased", "deceased", True),
        ("verstorben.", "deceased", True),
        ("Deceased", "no_email", None),
        ("maybe", "deceased", None),
        ("2020", "deceased", None),
    ],
)
def test_words(word: str, name: str, flag: bool | None) -> None:
    assert read_flag(word, name) is flag


def test_numbers_are_no_days() -> None:
    assert not is_day("45123")
    assert is_day("20200105")


def test_a_column_of_flags() -> None:
    sheet = sheet_of(deceased=["2020-01-05", "", "no", "perhaps", "yes"])
    flags = sheet.flag("deceased").array.to_numpy(na_value=None)
    assert flags.tolist() == [True, None, False, None, True]
    assert notes(sheet) == [
        (4, "deceased", "value_unknown", "empty"),
        (1, "deceased", "day_not_kept", "note"),
    ]
