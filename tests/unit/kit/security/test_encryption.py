"""Secrets that must be read again."""

from hypothesis import given
from hypothesis import strategies as st

from app.kit.security.encryption import KeyUse, fingerprint, key_of, seal, unseal, use_of

KEY = "a key of thirty-two letters or so"


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again(secret: bytes) -> None:
    box = seal(KEY, "one", secret)
    assert unseal((KEY,), "one", box) == secret
    # the same secret is another box each time
    assert seal(KEY, "one", secret) != box


def test_only_the_same_key_and_purpose_open_it() -> None:
    box = seal(KEY, "one", b"secret")
    assert b"secret" not in box
    assert unseal((KEY,), "two", box) is None
    assert unseal((f"{KEY}.",), "one", box) is None
    assert unseal((KEY,), "one", b"") is None


@given(st.integers(0, 130))
def test_a_damaged_box_does_not_open(place: int) -> None:
    box = bytearray(seal(KEY, "one", b"secret"))
    place %= len(box)
    box[place] ^= 1
    opened = unseal((KEY,), "one", bytes(box))
    # a bit that base64 does not use may change nothing
    assert opened in (None, b"secret")
    assert opened is None or place >= len(box) - 3


def test_an_older_key_opens_and_is_known_as_older() -> None:
    box = seal("old" + KEY, "one", b"secret")
    keys = (KEY, "old" + KEY)
    assert unseal(keys, "one", box) == b"secret"
    assert unseal((KEY,), "one", box) is None
    assert [use_of(key_of(some, "one", box), some) for some in (keys, keys[::-1], (KEY,))] == [
        KeyUse(older=1),
        KeyUse(current=1),
        KeyUse(lost=1),
    ]


def test_a_fingerprint_names_a_key_and_does_not_hold_it() -> None:
    assert fingerprint(KEY) == fingerprint(KEY) != fingerprint(f"{KEY}.")
    assert len(fingerprint(KEY)) == 16


def test_the_uses_of_keys_add_up() -> None:
    keys = (KEY, "old" + KEY)
    found = sum((use_of(one, keys) for one in (*keys, None, KEY)), KeyUse())
    assert found == KeyUse(current=2, older=1, lost=1)
