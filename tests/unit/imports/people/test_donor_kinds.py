"""The kind of a donor, from the header or the name; the quick way agrees with the slow one."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.imports.values.arrays import listed, text
from app.imports.values.people.donor_kinds import (
    describe,
    guess_kind,
    is_plain,
    names_organisations,
    split_name,
    split_plain,
)
from app.imports.values.people.person_names import Name

WORDS = st.sampled_from(
    """
    Ann Zoë Jean-Luc O'Neill P. van Müller Church & and Jr. Dr. GmbH e.V. Verein Stone of y MD
    Grace Kft Foundation Family Ma 李 😀 , -
    """.split()  # noqa: SIM905
)


@given(st.lists(st.lists(WORDS, max_size=5).map(" ".join) | st.text(max_size=30), max_size=8))
def test_the_quick_way_agrees_with_the_slow_one(names: list[str]) -> None:
    column = text(names)
    first, last = split_plain(column)
    found = zip(names, is_plain(column).tolist(), listed(first), listed(last), strict=True)
    for name, plain, given_name, family in found:
        if plain:
            assert describe(name, None) == ("person", Name(name, str(given_name), str(family)))


def test_most_names_are_plain() -> None:
    names = [
        "Ann Lee",
        "Plato",
        "Mary Ann O'Hara",
        "J. P. Stone",
        "Ann Church",
        "Jan van Dyk",
        "Zoë Lee",
    ]
    assert is_plain(text(names)).tolist() == [True] * 4 + [False] * 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Grace Baptist Church", "organisation"),
        ("United Way", "organisation"),
        ("American Red Cross", "organisation"),
        ("Croix-Rouge", "organisation"),
        ("Magyar Vöröskereszt", "organisation"),
        ("Freunde der Oper", "organisation"),
        ("Hill Charitable", "organisation"),
        ("Anna Red", "person"),
        ("Cruz Cross", "person"),
        ("Tom Way", "person"),
        ("Tom & Ana Whitfield", "household"),
        ("The Oak Family", "household"),
        ("Hanna Vogel", "person"),
    ],
)
def test_kind_guessed_from_the_name(name: str, kind: str) -> None:
    assert guess_kind(name) == kind


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("Vogel, Hanna", "person", ("Hanna Vogel", "Hanna", "Vogel")),
        ("Hanna Maria Vogel", "person", ("Hanna Maria Vogel", "Hanna Maria", "Vogel")),
        ("Plato", "person", ("Plato", "", "Plato")),
        ("Oak, Elm and Sons", "organisation", ("Oak, Elm and Sons", "", "")),
    ],
)
def test_names_are_split_but_never_an_organisations(
    name: str, kind: str, parts: tuple[str, str, str]
) -> None:
    assert split_name(name, kind)[:3] == parts


def test_a_stated_kind_is_not_guessed() -> None:
    assert describe("Mary Stone", "organisation")[0] == "organisation"
    assert describe("Hope Church", "person") == (
        "person",
        ("Hope Church", "Hope", "Church", "", ""),
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("organization_name", True),
        ("Company", True),
        ("Firma", True),
        ("Cégnév", True),
        ("Name", False),
        ("Company phone", False),
    ],
)
def test_headers_of_organisations(header: str, expected: bool) -> None:
    assert names_organisations(header) is expected
