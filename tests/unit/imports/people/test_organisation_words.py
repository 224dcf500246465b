"""Organisations by word, legal form and estate; people with a surname like Church stay people."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.imports.values.people.given_names import GIVEN_NAMES
from app.imports.values.people.organisation_words import (
    LEGAL_WORDS,
    SURNAMES,
    WORDS,
    is_compound,
    is_organisation,
)
from app.kit.names import search_text

LEGAL = st.sampled_from(
    [
        "GmbH",
        "Inc",
        "Inc.",
        "LLC",
        "Ltd.",
        "e.V.",
        "e. V.",
        "s.r.o.",
        "s. r. o.",
        "Kft.",
        "Zrt.",
        "Ltda",
        "B.V.",
        "SARL",
        "S.à r.l.",
        "Oy",
        "AB",
        "S.p.A.",
        "& Co.",
        "AG",
        "a.s.",
        "A/S",
        "Sp. z o.o.",
    ]
)
FIRST = st.sampled_from(["Kolo", "Nordvik", "Zöld", "Pão Quente", "Brno Tech", "Weisman Wood"])


@given(FIRST, LEGAL)
def test_a_legal_form_makes_an_organisation(name: str, form: str) -> None:
    assert is_organisation(f"{name} {form}")


@given(st.sampled_from(sorted(GIVEN_NAMES)), st.sampled_from(sorted(SURNAMES)))
def test_a_given_name_before_a_single_such_word_is_a_person(first: str, word: str) -> None:
    for name in (
        f"{first} {word}",
        f"{first} P. {word}",
        f"Dr. {first} {word}",
        f"{word}, {first}",
    ):
        assert not is_organisation(name.title()), name


@given(st.sampled_from(sorted(WORDS - SURNAMES)), st.sampled_from(["Hope", "Kolo", "Mary"]))
def test_any_other_word_makes_an_organisation(word: str, before: str) -> None:
    assert is_organisation(f"{before} {word.title()}")


def test_the_word_lists_are_in_the_form_in_which_names_are_compared() -> None:
    for words in (WORDS, SURNAMES, GIVEN_NAMES, LEGAL_WORDS):
        assert {search_text(word) for word in words} == words
    assert SURNAMES <= WORDS
    assert not GIVEN_NAMES & WORDS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Grace Community Church", True),
        ("Grace Baptist Church", True),
        ("First Baptist Church", True),
        ("First Baptist, Springfield", True),
        ("St. Mary Church", True),
        ("Hope Church", True),
        ("Mary Church Foundation", True),
        ("Müller GmbH", True),
        ("ACME FOUNDATION", True),
        ("Bürgerstiftung Dresden", True),
        ("Förderverein Wald", True),
        ("Fundación Sol", True),
        ("Église du Pont", True),
        ("Stichting Zon", True),
        ("Pál Alapítványa", True),
        ("Igreja Batista", True),
        ("The Estate of John Stone", True),
        ("Estate of Ada Wood", True),
        ("Ada Wood Estate", True),
        ("Nachlass Ada Wood", True),
        ("Bank of Troy", True),
        ("Friends of the Park", True),
        ("Oak, Elm and Sons", True),
        ("Mary Church", False),
        ("Church, Mary", False),
        ("John Temple", False),
        ("Peter Bank", False),
        ("Anna Kirche", False),
        ("John and Mary Church", False),
        ("Mary of Guise", False),
        ("Ruth Churchill", False),
        ("Matthijs van Nieuwkerk", False),
        ("Maria SA", False),
        ("Ann Co", False),
        ("Mary Ong", False),
        ("Tom and Ana Whitfield", False),
        ("", False),
    ],
)
def test_looks_like_organisation(name: str, expected: bool) -> None:
    assert is_organisation(name) is expected


def test_compounds() -> None:
    assert is_compound("nahverein")
    assert not is_compound("verein")
