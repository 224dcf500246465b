"""Short signed words: nobody else makes or changes one."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.security.signed_tokens import LONGEST, sign, verify

KEY = "a key of thirty-two letters or so"
PARTS = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True), min_size=1, max_size=6)


@given(PARTS)
def test_what_is_signed_is_read_by_the_same_key_and_purpose_only(parts: list[str]) -> None:
    text = sign(KEY, "one", *parts)
    assert verify((KEY,), "one", text) == tuple(parts)
    assert verify((KEY,), "two", text) is None
    assert verify((f"{KEY}.",), "one", text) is None


@given(PARTS, st.integers(0, 400), st.sampled_from("aA0_-.é"))
def test_a_changed_one_is_none(parts: list[str], place: int, other: str) -> None:
    text = sign(KEY, "one", *parts)
    place %= len(text)
    changed = text[:place] + other + text[place + 1 :]
    if changed != text:
        assert verify((KEY,), "one", changed) is None


@pytest.mark.parametrize("number", range(40))
def test_only_the_issued_spelling_of_a_signature_is_valid(number: int) -> None:
    text = sign(KEY, "one", number)
    letters = string.ascii_letters + string.digits + "-_"
    valid = [last for last in letters if verify((KEY,), "one", text[:-1] + last)]
    assert valid == [text[-1]]


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é.b", "x" * (LONGEST + 1), "a\n.b"])
def test_what_is_none_of_ours_is_none(text: str) -> None:
    assert verify((KEY,), "one", text) is None


@pytest.mark.parametrize("part", ["", "a.b", "a b", "é", "a/b", "a\n"])
def test_only_plain_parts_are_signed(part: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        sign(KEY, "one", part)


def test_a_word_of_an_older_key_is_read_and_the_first_key_signs() -> None:
    text = sign("old" + KEY, "one", 7)
    assert verify((KEY, "old" + KEY), "one", text) == ("7",)
    assert verify((KEY,), "one", text) is None
    assert sign(KEY, "one", 7) != text
