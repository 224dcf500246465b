"""Files sealed piece by piece."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.security import file_encryption
from app.kit.security.file_encryption import MARK, PIECE, SALT, TAG

KEY = "a key of thirty-two letters or so"
HEAD = len(MARK) + SALT


def sealed(data: bytes, *, key: str = KEY, purpose: str = "one") -> bytes:
    out = io.BytesIO()
    file_encryption.write(key, purpose, data, out)
    return out.getvalue()


def opened(box: bytes, *, key: str = KEY, purpose: str = "one") -> bytes | None:
    return file_encryption.read((key,), purpose, io.BytesIO(box))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE - 7])
def test_what_is_sealed_opens_again(size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    box = sealed(data)
    assert opened(box) == data
    # a few bytes may stand anywhere by chance
    assert size < 16 or data[:16] not in box
    assert sealed(data) != box


def test_only_the_same_key_and_purpose_open_it() -> None:
    box = sealed(b"secret")
    assert opened(box, purpose="two") is None
    assert opened(box, key=f"{KEY}.") is None
    assert opened(b"") is None
    assert opened(b"secret") is None


@given(st.integers(0, HEAD + 6 + TAG - 1))
def test_a_damaged_file_does_not_open(place: int) -> None:
    box = bytearray(sealed(b"secret"))
    box[place] ^= 1
    assert opened(bytes(box)) is None


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(slice(0, HEAD), id="nothing after the head"),
        pytest.param(slice(0, 10), id="part of the head"),
        pytest.param(slice(0, HEAD + PIECE + TAG), id="the last piece is missing"),
        pytest.param(slice(0, -1), id="the last byte is missing"),
    ],
)
def test_a_file_that_was_cut_off_does_not_open(cut: slice) -> None:
    assert opened(sealed(b"x" * (2 * PIECE))[cut]) is None


def test_pieces_cannot_change_places() -> None:
    box = sealed(b"a" * PIECE + b"b" * PIECE + b"c")
    first, second = HEAD, HEAD + PIECE + TAG
    third = second + PIECE + TAG
    assert opened(box[:first] + box[second:third] + box[first:second] + box[third:]) is None


def test_a_large_file_is_never_twice_in_memory() -> None:
    size = 48 * PIECE
    data = bytes(size)
    with io.BytesIO() as out:
        file_encryption.write(KEY, "one", data, out)
        box = out.getvalue()
    del data
    source = io.BytesIO(box)
    tracemalloc.start()
    try:
        assert len(file_encryption.read((KEY,), "one", source) or b"") == size
        assert tracemalloc.get_traced_memory()[1] < 1.3 * size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [0, 7, PIECE, 2 * PIECE + 5])
def test_a_file_of_an_older_key_opens_from_wherever_it_begins(size: int) -> None:
    box = b"before" + sealed(b"x" * size, key=f"old{KEY}")
    source = io.BytesIO(box)
    source.seek(6)
    keys = (KEY, f"old{KEY}")
    assert file_encryption.key_of(keys, "one", source) == f"old{KEY}"
    assert file_encryption.key_of((KEY,), "one", source) is None
    assert file_encryption.read(keys, "one", source) == b"x" * size
