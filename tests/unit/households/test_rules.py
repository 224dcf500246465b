"""Names of households, and the words of relations."""

import pytest

from app.households.rules import (
    CREDITS,
    INVERSE,
    Person,
    envelope_name,
    household_name,
    salutation,
)

TOM, ANA = Person("Tom Reed", "Tom", "Reed"), Person("Ana Reed", "Ana", "Reed")
SOL, KIM = Person("Ana Sol", "Ana", "Sol"), Person("Kim Reed", "Kim", "Reed")
CHER = Person("Cher")


@pytest.mark.parametrize(
    ("members", "names"),
    [
        pytest.param([TOM], ("Tom Reed", "Tom", "Tom Reed"), id="one"),
        pytest.param(
            [TOM, ANA],
            ("Tom and Ana Reed", "Tom and Ana", "Tom and Ana Reed"),
            id="one family name",
        ),
        pytest.param(
            [TOM, SOL],
            ("Tom Reed and Ana Sol", "Tom and Ana", "Tom Reed and Ana Sol"),
            id="two family names",
        ),
        pytest.param(
            [TOM, ANA, KIM],
            ("The Reed household", "Tom, Ana and Kim", "Tom, Ana and Kim Reed"),
            id="three",
        ),
        pytest.param(
            [TOM, SOL, KIM],
            ("The Reed household", "Tom, Ana and Kim", "Tom Reed, Ana Sol and Kim Reed"),
            id="three, another family name",
        ),
        pytest.param(
            [CHER, TOM], ("Cher and Tom Reed", "Cher and Tom", "Cher and Tom Reed"), id="one name"
        ),
        pytest.param(
            [CHER, TOM, ANA],
            ("Cher, Tom Reed and Ana Reed", "Cher, Tom and Ana", "Cher, Tom Reed and Ana Reed"),
            id="the head has one name",
        ),
    ],
)
def test_names_of_a_household(members: list[Person], names: tuple[str, str, str]) -> None:
    assert (household_name(members), salutation(members), envelope_name(members)) == names


def test_every_suggested_credit_belongs_to_a_relation() -> None:
    assert set(CREDITS) < set(INVERSE)
