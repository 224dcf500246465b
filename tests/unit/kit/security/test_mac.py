"""Codes of messages: the same under one key and purpose, another under any other."""

from app.kit.security import mac

KEY = "a key of the tests, long enough to be one 0123456789"


def test_a_code_is_of_one_key_purpose_and_message() -> None:
    code = mac.code(KEY, "heads", b"message")
    assert mac.code(KEY, "heads", b"message") == code
    others = {
        mac.code(KEY + "x", "heads", b"message"),
        mac.code(KEY, "tails", b"message"),
        mac.code(KEY, "heads", b"messages"),
    }
    assert len(others | {code}) == 4
    assert mac.matches(KEY, "heads", b"message", code)
    assert not any(mac.matches(KEY, "heads", b"message", one) for one in others)
    assert not mac.matches(KEY, "heads", b"message", "")


def test_a_code_is_short_and_readable() -> None:
    code = mac.code(KEY, "heads", b"message")
    assert len(code) == 16
    assert set(code) <= set("abcdefghijklmnopqrstuvwxyz234567")
