"""Secrets that must be read again: encrypted under a key made from ours, one for each purpose."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# how a large secret begins
MARK = b"donorcrm sealed 1\n"
PIECE = 1 << 20
_START, _TAG = 8, 16


def seal(key: str, purpose: str, secret: bytes) -> bytes:
    """Return the secret encrypted and signed; another purpose cannot open it."""
    return _box(key, purpose).encrypt(secret)


def unseal(key: str, purpose: str, sealed: bytes) -> bytes | None:
    """Return the secret; None when it was damaged, or sealed under another key or purpose."""
    try:
        return _box(key, purpose).decrypt(sealed)
    except InvalidToken:
        return None


def _box(key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_made(key, purpose)))


def _made(key: str, purpose: str) -> bytes:
    # our key is random and long, so that one pass of HMAC makes a good key of it (RFC 5869)
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


def seal_whole(key: str, purpose: str, data: bytes) -> Iterator[bytes]:
    """Yield a large secret encrypted piece by piece, so that it is never there twice.

    AES-256-GCM; each piece is bound to its place and to whether it is the last, so that none can
    be moved, left out or cut off unnoticed.
    """
    box, start = AESGCM(_made(key, purpose)), secrets.token_bytes(_START)
    yield MARK + start
    pieces = range(0, max(len(data), 1), PIECE)
    for number, at in enumerate(pieces):
        yield box.encrypt(
            start + number.to_bytes(4), data[at : at + PIECE], _place(number, len(pieces))
        )


def unseal_whole(key: str, purpose: str, sealed: bytes) -> bytes | None:
    """Return the large secret; None when damaged, or sealed under another key or purpose."""
    box, start = AESGCM(_made(key, purpose)), sealed[len(MARK) : len(MARK) + _START]
    whole = memoryview(sealed)[len(MARK) + _START :]
    size = PIECE + _TAG
    pieces = range(0, len(whole), size)
    out = bytearray()
    try:
        for number, at in enumerate(pieces):
            out += box.decrypt(
                start + number.to_bytes(4), whole[at : at + size], _place(number, len(pieces))
            )
    except InvalidTag:
        return None
    return bytes(out) if sealed.startswith(MARK) and pieces else None


def _place(number: int, pieces: int) -> bytes:
    return b"last" if number + 1 == pieces else b"more"
