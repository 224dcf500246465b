"""Secrets that must be read again."""

from hypothesis import given
from hypothesis import strategies as st

from app.kit.sealed import seal, unseal

KEY = "a key of thirty-two letters or so"


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again(secret):
    box = seal(KEY, "one", secret)
    assert unseal(KEY, "one", box) == secret
    # the same secret is another box each time
    assert seal(KEY, "one", secret) != box


def test_only_the_same_key_and_purpose_open_it():
    box = seal(KEY, "one", b"secret")
    assert b"secret" not in box
    assert unseal(KEY, "two", box) is None
    assert unseal(f"{KEY}.", "one", box) is None
    assert unseal(KEY, "one", b"") is None


@given(st.integers(0, 130))
def test_a_damaged_box_does_not_open(place):
    box = bytearray(seal(KEY, "one", b"secret"))
    place %= len(box)
    box[place] ^= 1
    opened = unseal(KEY, "one", bytes(box))
    # a bit that base64 does not use may change nothing
    assert opened in (None, b"secret")
    assert opened is None or place >= len(box) - 3
