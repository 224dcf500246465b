"""Secrets that must be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import sealed
from app.kit.sealed import PIECE, seal, seal_whole, unseal, unseal_whole

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


SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE)


@pytest.mark.parametrize("size", SIZES)
def test_a_large_secret_opens_again_and_shows_nothing(size):
    data = (b"Mara Vogel;50.00;" * (size // 17 + 1))[:size]
    box = b"".join(seal_whole(KEY, "one", data))
    assert unseal_whole(KEY, "one", box) == data
    assert b"Mara" not in box
    assert unseal_whole(KEY, "two", box) is None
    assert unseal_whole(f"{KEY}.", "one", box) is None
    assert b"".join(seal_whole(KEY, "one", data)) != box


def test_no_piece_is_moved_cut_off_left_out_or_changed():
    data = bytes(range(256)) * (3 * PIECE // 256)
    head, *pieces = seal_whole(KEY, "one", data)
    assert len(pieces) == 3
    wrong = [
        b"", head, head[:5], pieces[0], b"x" + head[1:] + b"".join(pieces),
        head + pieces[1] + pieces[0] + pieces[2], head + pieces[0] + pieces[1],
        head + pieces[0] + pieces[2], head + b"".join(pieces)[:-1],
        head + b"".join(pieces) + pieces[2],
    ]  # fmt: skip
    assert [unseal_whole(KEY, "one", one) for one in wrong] == [None] * len(wrong)
    for place in (len(sealed.MARK), len(head) + 5, len(head) + PIECE + 20):
        box = bytearray(head + b"".join(pieces))
        box[place] ^= 1
        assert unseal_whole(KEY, "one", bytes(box)) is None
