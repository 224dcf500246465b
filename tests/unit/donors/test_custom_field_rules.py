"""Names, choices and values of defined custom fields."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.donors import CustomField
from app.donors.custom_fields import rules
from app.kit.dates.days import EARLIEST, LATEST
from app.kit.errors import InvalidError

CHOICES = ("Choir", "Bible study", "Ältere")


def field(kind: str = "text") -> CustomField:
    return CustomField(1, 1, "Group", kind, CHOICES if kind == "choice" else ())


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        ("text", "  St  Ann ", "St Ann"),
        ("number", "007", "7"),
        ("number", "12.50", "12.5"),
        ("number", "1.234", "1.234"),
        ("number", "12,5", "12.5"),
        ("number", "1,234,567", "1234567"),
        ("number", "1,234.50", "1234.5"),
        ("number", "1.234,50", "1234.5"),
        ("number", "1 234.5", "1234.5"),
        ("number", "-0.0", "0"),
        ("number", "−12", "-12"),
        ("number", "+3", "3"),
        ("date", "2026-11-23", "2026-11-23"),
        ("yes-no", "Yes", "true"),
        ("yes-no", "TRUE", "true"),
        ("yes-no", "n", "false"),
        ("yes-no", "0", "false"),
        ("choice", "bible  STUDY", "Bible study"),
        ("choice", "ältere", "Ältere"),
    ],
)
def test_a_value_is_stored_in_one_form(kind: str, written: str, stored: str) -> None:
    assert rules.canonical_value(field(kind), written) == stored
    assert rules.canonical_value(field(kind), stored) == stored
    assert rules.fits_field(field(kind), stored)


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        ("text", "x" * 2_001, "is not a text of 1 to 2,000 characters"),
        ("number", "soon", "Group: “soon” is not a number such as 1234.5."),
        ("number", "1,234", "is not a number"),
        ("number", "--1", "is not a number"),
        ("number", "1.", "is not a number"),
        ("number", "", "is not a number"),
        ("number", "1" * 31, "is not a number"),
        ("number", "١٢", "is not a number"),
        ("date", "23.11.2026", "is not a date such as 2026-11-23"),
        ("date", "2026-02-30", "is not a date"),
        ("date", "20261123", "is not a date"),
        ("date", "1899-12-31", "is not a date"),
        ("yes-no", "maybe", "is not yes or no"),
        ("choice", "Tennis", "is not one of Choir, Bible study, Ältere"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, written: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=re.escape(sentence)):
        rules.canonical_value(field(kind), written)
    assert not rules.fits_field(field(kind), written)


@pytest.mark.parametrize(
    ("written", "mark", "stored"), [("1,234", ",", "1.234"), ("1,234", ".", "1234")]
)
def test_a_known_decimal_mark_decides(written: str, mark: str, stored: str) -> None:
    assert rules.canonical_value(field("number"), written, mark=mark) == stored


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_numbers_round_trip(number: Decimal) -> None:
    stored = rules.canonical_value(field("number"), f"{number:f}")
    assert Decimal(stored) == number
    assert rules.canonical_value(
        field("number"), rules.display_value(field("number"), stored)
    ) == (stored)


@given(st.dates(EARLIEST, LATEST))
def test_dates_round_trip(day: date) -> None:
    stored = rules.canonical_value(field("date"), day.isoformat())
    assert date.fromisoformat(stored) == day


@given(st.sampled_from(rules.FIELD_TYPES), st.text(max_size=40))
def test_what_is_stored_stays_as_it_is(kind: str, written: str) -> None:
    try:
        stored = rules.canonical_value(field(kind), written)
    except InvalidError:
        return
    assert rules.canonical_value(field(kind), stored) == stored
    shown = rules.display_value(field(kind), stored)
    assert rules.canonical_value(field(kind), shown) == stored


def test_yes_and_no_are_shown_as_words() -> None:
    assert [rules.display_value(field("yes-no"), value) for value in ("true", "false", "?")] == [
        "Yes",
        "No",
        "?",
    ]
    assert rules.display_value(field(), "true") == "true"


def test_existing_values_take_the_form_of_the_type() -> None:
    assert rules.refitted(field("yes-no"), {"Yes": 2, "no": 1}) == {"Yes": "true", "no": "false"}
    with pytest.raises(InvalidError, match=r"^1 donor has a value in the field Group that is not"):
        rules.refitted(field("date"), {"soon": 1, "2026-01-01": 4})
    with pytest.raises(InvalidError, match=r"^5 donors have a value .* such as “later”. Correct"):
        rules.refitted(field("number"), {"soon": 1, "later": 4, "12": 9})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (" ", "Please give the field a name"),
        ("x" * 61, "60 characters at most"),
        ("Ж" * 40, "is too long"),
        ("a: b", "has no colon"),
        ("=1+1", "starts with a letter or digit"),
        ("{scope}", "starts with a letter or digit"),
        ('Say "x"', "has no colon"),
        ("E-Mail", "Every donor has the field “E-Mail” already"),
        ("first name", "Every donor has the field “first name” already"),
    ],
)
def test_a_wrong_name_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=re.escape(sentence)):
        rules.checked_name(name)


def test_a_name_is_collapsed() -> None:
    assert rules.checked_name(" Shirt   size (cm) ") == "Shirt size (cm)"


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ((), "at least one choice"),
        ((" ", ""), "at least one choice"),
        (("A", "a"), "The choice a is there twice"),
        (("x" * 101,), "100 characters at most"),
        (tuple(str(number) for number in range(101)), "100 choices at most"),
    ],
)
def test_wrong_choices_are_refused(choices: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(InvalidError, match=re.escape(sentence)):
        rules.checked_choices("choice", choices)


def test_only_a_field_with_choices_has_some() -> None:
    assert rules.checked_choices("choice", (" A ", "", "B  C")) == ("A", "B C")
    assert rules.checked_choices("text", ("A",)) == ()
    with pytest.raises(InvalidError, match=r"The type of a field is one of text, number"):
        rules.checked_choices("colour", ())
