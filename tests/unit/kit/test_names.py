"""Names and salutations of people and organisations, and search text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import names


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        pytest.param(("Tom", "Whitfield", None, None), "Tom Whitfield", id="alone"),
        pytest.param(("Tom", "Whitfield", "Ana", None), "Tom and Ana Whitfield", id="a couple"),
        pytest.param(("Tom", "Reed", "Ana", "Reed "), "Tom and Ana Reed", id="one name twice"),
        pytest.param(("Tom", "Reed", "Ana", "Sol"), "Tom Reed and Ana Sol", id="two names"),
        pytest.param((None, "Reed", "  ", "Sol"), "Reed", id="no first names"),
        pytest.param((None, None, None, None), "", id="nothing"),
    ],
)
def test_couple(parts: tuple[str | None, str | None, str | None, str | None], name: str) -> None:
    assert names.couple(*parts) == name


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        pytest.param(("person", "Tom Reed", "Tom"), "Tom", id="a person"),
        pytest.param(("household", "Tom and Ana Reed", "Tom", "Ana"), "Tom and Ana", id="two"),
        pytest.param(("organisation", "Hope Church", "Hope"), "Hope Church", id="never split"),
        pytest.param(("person", "T. Reed"), "T. Reed", id="no first name"),
    ],
)
def test_salutation(given_name: tuple[str, ...], expected: str) -> None:
    assert names.salutation(*given_name) == expected


@given(st.text(max_size=40))
def test_fold_is_idempotent(text: str) -> None:
    folded = names.fold(text)
    assert names.fold(folded) == folded
    assert not folded.startswith(" ")
    assert "  " not in folded


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("José", None, "Núñez "), "jose nunez"),
        (("Zoë\tÅström",), "zoe astrom"),
        ((None, ""), ""),
    ],
)
def test_search_text(parts: tuple[str | None, ...], expected: str) -> None:
    assert names.search_text(*parts) == expected
