"""Files that must be read again: encrypted piece by piece, so that a large one needs no room.

After a mark and a random salt come pieces under AES-256-GCM. A piece's number, and whether it is
the last, are its nonce: none can be changed, moved, or cut off unnoticed. The salt makes each
file's key its own, so that no nonce is used twice under a key.
"""

import hashlib
import hmac
import io
import secrets
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"DonorCRM sealed file 1\n"
SALT, TAG = 32, 16
PIECE = 2**20


def write(key: str, purpose: str, data: bytes, out: IO[bytes]) -> None:
    """Write the data sealed; another key or purpose cannot open it."""
    salt = secrets.token_bytes(SALT)
    box = _box(key, purpose, salt)
    out.write(MARK + salt)
    view, last = memoryview(data), max(0, (len(data) - 1) // PIECE)
    for number in range(last + 1):
        piece = view[number * PIECE : (number + 1) * PIECE]
        out.write(box.encrypt(_nonce(number, ends=number == last), piece, MARK))


def key_of(keys: tuple[str, ...], purpose: str, source: IO[bytes]) -> str | None:
    """Return the first of the keys that opens the file's first piece; None when none does.

    The source stays where it was.
    """
    begin = source.tell()
    head, salt = source.read(len(MARK)), source.read(SALT)
    number, (piece, ends) = 0, next(_pieces(source))
    source.seek(begin)
    for key in keys if head == MARK else ():
        try:
            _box(key, purpose, salt).decrypt(_nonce(number, ends=ends), piece, MARK)
        except InvalidTag:
            continue
        return key
    return None


def read(keys: tuple[str, ...], purpose: str, source: IO[bytes]) -> bytes | None:
    """Return what was sealed; None when it is damaged, or was sealed under none of the keys."""
    key = key_of(keys, purpose, source)
    if key is None:
        return None
    source.seek(len(MARK), io.SEEK_CUR)
    box = _box(key, purpose, source.read(SALT))
    # a buffer that gives its bytes away uncopied
    opened = io.BytesIO()
    try:
        for number, (piece, ends) in enumerate(_pieces(source)):
            opened.write(box.decrypt(_nonce(number, ends=ends), piece, MARK))
    except InvalidTag:
        return None
    return opened.getvalue()


def _pieces(source: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    piece = source.read(PIECE + TAG)
    while following := source.read(PIECE + TAG):
        yield piece, False
        piece = following
    yield piece, True


def _nonce(number: int, *, ends: bool) -> bytes:
    return number.to_bytes(11) + bytes([ends])


def _box(key: str, purpose: str, salt: bytes) -> AESGCM:
    # our key is random and long, so that one pass of HMAC makes a good key of it (RFC 5869)
    made = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return AESGCM(hmac.new(made, salt, hashlib.sha256).digest())
