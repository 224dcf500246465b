"""Custom fields: formatting and parsing, one field per line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import custom_fields, text
from app.kit.errors import InvalidError
from app.kit.names import fold

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda written: not re.search(text.REFUSED, written)
)


@given(
    st.dictionaries(
        TEXT.map(custom_fields.name_of).filter(bool), TEXT.map(fold).filter(bool), max_size=5
    )
)
def test_formatting_and_parsing_round_trip(values: dict[str, str]) -> None:
    one_of_a_name = {name.lower(): (name, value) for name, value in values.items()}
    fields = dict(one_of_a_name.values())
    assert custom_fields.from_lines(custom_fields.as_lines(fields)) == fields


def test_white_space_in_lines_is_collapsed() -> None:
    assert custom_fields.from_lines(" Birthday :  1  May \n\n Site: https://a.example ") == {
        "Birthday": "1 May",
        "Site": "https://a.example",
    }
    assert custom_fields.as_lines({"b": "2", "A": "1"}) == "A: 1\nb: 2"
    assert custom_fields.as_lines({}) is None
    assert custom_fields.from_lines(None) == {}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("Birthday", "“Birthday” is not a field"),
        (": x", "is not a field"),
        ("x:", "is not a field"),
        ("A: 1\na: 2", "The field a is there twice"),
        ("\n".join(f"f{n}: x" for n in range(51)), "50 fields of your own at most"),
        (f"{'n' * 61}: x", "is too long"),
        (f"n: {'x' * 2001}", "is too long"),
    ],
)
def test_invalid_lines_are_refused(lines: str, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        custom_fields.from_lines(lines)


def test_field_name_of_a_header() -> None:
    assert custom_fields.name_of(" Shirt: size ") == "Shirt size"
    assert len(custom_fields.name_of("x" * 99)) == custom_fields.LONGEST_NAME


def test_some_fields_are_changed_and_the_others_stay() -> None:
    lines = "Birthday: 1 May\nChurch: St Ann"
    changes = {"birthday": " 2  May ", "Church": None, "Shirt": "M", "Site": " "}
    assert custom_fields.changed_lines(lines, changes) == "birthday: 2 May\nShirt: M"
    assert custom_fields.changed_lines(lines, {"Birthday": "", "Church": None}) is None
    for name in ("a: b", " "):
        with pytest.raises(InvalidError, match="is not the name of a field"):
            custom_fields.changed_lines(lines, {name: "x"})
