"""Validation of texts from users and API clients: refused, normalised and kept characters."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kit import text
from app.kit.errors import DonorCrmError, InvalidError


@pytest.mark.parametrize("check", [text.name, text.line, text.note, text.storable, text.search])
@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_unstorable_characters_are_refused(check: Callable[..., object], character: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check(f"Mara{character}Vogel")
    assert "cannot be saved" in str(refused.value)


@pytest.mark.parametrize("check", [text.name, text.line, text.note])
@pytest.mark.parametrize(
    "character", ["\x01", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u206a", "\ufff9", "\uffff"]
)
def test_invisible_control_characters_are_refused(
    check: Callable[..., object], character: str
) -> None:
    with pytest.raises(InvalidError, match="invisible"):
        check(f"Mara{character}Vogel")


def test_a_name_is_one_line_of_120_characters_at_most() -> None:
    assert text.name("  Mara\n\tVogel ") == "Mara Vogel"
    assert text.name("é" * 120) == "é" * 120
    with pytest.raises(InvalidError, match="120 characters"):
        text.name("x" * 121)
    assert text.name("") == ""


def test_direction_marks_of_a_name_are_removed() -> None:
    assert text.name("\u200fמרה\u200e") == "מרה"


@pytest.mark.parametrize("hidden", ["\u200b", "\xad", "\u2060", "\ufeff", "\u3164", "\U000e0041"])
def test_two_names_that_look_alike_are_the_same_name(hidden: str) -> None:
    assert text.name(f"Ada{hidden} Stone{hidden}{hidden}") == "Ada Stone"


@pytest.mark.parametrize(
    "nothing",
    ["\u200b\ufeff", "\u200d", "\u3164", "\u115f\u1160", "\u2800 \u2800", "\ufe0f", "\xad"],
)
def test_a_name_of_which_nothing_is_visible_is_no_name(nothing: str) -> None:
    assert text.name(nothing) == ""
    assert text.name(f" {nothing}\u200e ") == ""


@given(st.text(st.sampled_from("ab \u200b\u200e\u202e\u2066\u2069\xad\ufeff\u200c"), max_size=12))
def test_a_text_without_marks_is_what_a_form_stores(value: str) -> None:
    shown = text.without_marks(value)
    assert text.line(shown) in {" ".join(shown.split()), ""}
    assert shown == text.without_marks(shown)
    assert set(shown) <= set("ab \u200c")


def test_joining_characters_are_kept() -> None:
    for name in (
        "👩\u200d👧",
        "🏴\U000e0067\U000e0062\U000e0065\U000e007f",
        "می\u200cخواهم",
        "O’Brien-Ŝmit",
        "林 さくら",
    ):
        assert text.name(name) == name


def test_a_note_keeps_its_lines_and_tabs() -> None:
    assert text.note("  One\n\n\ttwo\r\nthree\x0bfour ") == "One\n\n\ttwo\nthree\nfour"
    assert text.note(" \n ") is None
    assert text.note(None) is None
    with pytest.raises(InvalidError, match="4,000 characters"):
        text.note("x" * 4_001)


def test_a_phone_number_loses_its_direction_marks() -> None:
    assert text.phone("\u202a+1 555 0100\u202c") == "+1 555 0100"


@given(st.text())
@example("\0")
@example("a\ud800")
def test_storable_texts_are_those_utf_8_and_postgresql_accept(value: str) -> None:
    try:
        encodable = b"\0" not in value.encode()
    except UnicodeEncodeError:
        encodable = False
    assert text.is_storable(value) == encodable


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_name_and_note_are_idempotent(value: str) -> None:
    for check in (text.name, text.note):
        try:
            tidy = check(value)
        except InvalidError:
            continue
        assert check(tidy or "") == tidy


def test_an_error_message_can_always_be_encoded() -> None:
    str(DonorCrmError("“\ud800” is not a kind.")).encode()
