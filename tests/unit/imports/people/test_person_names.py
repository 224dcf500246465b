"""Names of persons and couples: titles, particles, suffixes and degrees; nothing is lost."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.imports.values.people.person_names import Name, is_household, split_couple, split_person
from app.kit.names import fold

GIVEN = st.sampled_from(["Ruth", "Zoë", "Jean-Luc", "Mary Ann", "J.", "İpek", "Nil", "李"])
FAMILY = st.sampled_from(
    [
        "Vogel",
        "van der Linden",
        "de la Torre",
        "von Ahn",
        "O'Hara",
        "al-Masri",
        "bin Said",
        "St. Clair",
        "dos Reis",
        "Ma",
        "Église",
    ]
)
TITLE = st.sampled_from(["", "Dr. ", "Rev. ", "Prof. Dr. ", "Mrs ", "Frau ", "Sra. ", "Mme "])
SUFFIX = st.sampled_from(["", " Jr.", " Sr", " III", " IV", " Filho"])
DEGREE = st.sampled_from(["", ", PhD", ", M.D.", ", RN, BSN", ", Esq."])


@given(TITLE, GIVEN, FAMILY, SUFFIX, DEGREE)
def test_a_name_in_its_order_is_split_and_kept_as_written(
    title: str, first: str, last: str, suffix: str, degree: str
) -> None:
    written = f"{title}{first} {last}{suffix}{degree}"
    assert split_person(written) == Name(written, first, f"{last}{suffix}")


@given(TITLE, GIVEN, FAMILY, SUFFIX, DEGREE, st.sampled_from(["family", "given", "end"]))
def test_a_name_with_the_family_first_is_turned_round(
    title: str, first: str, last: str, suffix: str, degree: str, place: str
) -> None:
    written = {
        "family": f"{last}{suffix}, {title}{first}{degree}",
        "given": f"{last}, {title}{first}{suffix}{degree}",
        "end": f"{last}, {title}{first}{',' if suffix else ''}{suffix}{degree}",
    }[place]
    assert split_person(written) == Name(
        f"{title}{first} {last}{suffix}{degree}", first, f"{last}{suffix}"
    )


@given(st.text(max_size=60))
def test_no_letter_of_any_text_is_lost(text: str) -> None:
    for parts in (split_person(text), split_couple(text)):
        assert sorted(parts.name.replace(" ", "").replace(",", "")) == sorted(
            "".join(text.split()).replace(",", "")
        )
        assert parts.name == fold(parts.name)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Vogel, Hanna", "Hanna", "Vogel"),
        ("Hanna Maria Vogel", "Hanna Maria", "Vogel"),
        ("Plato", "", "Plato"),
        ("Mr. Stone", "", "Stone"),
        ("Yo Yo Ma", "Yo Yo", "Ma"),
        ("YO YO MA", "YO YO", "MA"),
        ("Ma, Jack", "Jack", "Ma"),
        ("Ben Wood MA", "Ben", "Wood"),
        ("Jack Ma", "Jack", "Ma"),
        ("John V", "John", "V"),
        ("John Stone V", "John", "Stone V"),
        ("Stone, John V", "John V", "Stone"),
        ("Mary Senior", "Mary", "Senior"),
        ("Van Morrison", "Van", "Morrison"),
        ("Berg, Jan van der", "Jan", "van der Berg"),
        ("Jan Van Der Berg", "Jan", "Van Der Berg"),
        ("María del Carmen López", "María del Carmen", "López"),
        ("José Ortega y Gasset", "José", "Ortega y Gasset"),
        ('Robert "Bob" Stone', "Robert", "Stone"),
        ("Robert (Bob) Stone", "Robert", "Stone"),
        ("Stone, Jr., John", "John", "Stone Jr."),
        ("Lee, Ann, Bo", "", "Lee, Ann, Bo"),
        ("Dr.", "", "Dr."),
        (",", "", ","),
    ],
)
def test_parts_of_a_name(text: str, first: str, last: str) -> None:
    assert split_person(text)[1:3] == (first, last)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Stone, John & Mary", ("John & Mary Stone", "John", "Stone", "Mary", "")),
        ("John and Mary Stone", ("John and Mary Stone", "John", "Stone", "Mary", "")),
        ("John Stone and Mary", ("John Stone and Mary", "John", "Stone", "Mary", "")),
        ("Mr. & Mrs. John Stone", ("Mr. & Mrs. John Stone", "", "Stone", "", "")),
        ("Stone, Mr. & Mrs. John", ("Mr. & Mrs. John Stone", "", "Stone", "", "")),
        ("Dr. and Mrs. Tom Reed", ("Dr. and Mrs. Tom Reed", "", "Reed", "", "")),
        ("Herr und Frau Müller", ("Herr und Frau Müller", "", "Müller", "", "")),
        ("M. et Mme Dupont", ("M. et Mme Dupont", "", "Dupont", "", "")),
        ("Mr. and Mrs.", ("Mr. and Mrs.", "", "", "", "")),
        ("Tom Reed and Ana Sol", ("Tom Reed and Ana Sol", "Tom", "Reed", "Ana", "Sol")),
        ("Tom Reed and Ana Reed", ("Tom Reed and Ana Reed", "Tom", "Reed", "Ana", "")),
        ("Mary Ann and Tom Stone", ("Mary Ann and Tom Stone", "Mary Ann", "Stone", "Tom", "")),
        ("Jan en Marie de Vries", ("Jan en Marie de Vries", "Jan", "de Vries", "Marie", "")),
        ("Juan y María López", ("Juan y María López", "Juan", "López", "María", "")),
        ("John and Mary", ("John and Mary", "John", "", "Mary", "")),
        ("Smith & Wesson", ("Smith & Wesson", "", "", "", "")),
        ("Baker, Hill & Wood", ("Baker, Hill & Wood", "", "", "", "")),
        ("Tom, Ana and Bo Reed", ("Tom, Ana and Bo Reed", "", "", "", "")),
        ("Tom and Ana and Bo Reed", ("Tom and Ana and Bo Reed", "", "", "", "")),
        ("Oak & Elm, Troy", ("Oak & Elm, Troy", "", "", "", "")),
        ("The Oak Family", ("The Oak Family", "", "", "", "")),
    ],
)
def test_couples(text: str, parts: tuple[str, ...]) -> None:
    assert split_couple(text) == parts


@pytest.mark.parametrize(
    ("name", "household"),
    [
        ("Tom & Ana Whitfield", True),
        ("The Oak Family", True),
        ("Familie Müller", True),
        ("Kovács család", True),
        ("Sr. y Sra. García", True),
        ("János és Mária Kovács", True),
        ("João e Maria Silva", True),
        ("Juan Pérez y María", True),
        ("José Ortega y Gasset", False),
        ("Ann E Stone", False),
        ("Hanna Vogel", False),
    ],
)
def test_households(name: str, household: bool) -> None:
    assert is_household(name) is household
