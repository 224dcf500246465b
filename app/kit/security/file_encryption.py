"""Encryption of stored files in chunks, so that a large file needs little extra memory.

A file is a mark, a random salt, and chunks encrypted with AES-256-GCM. The nonce of a chunk is
its number and whether it is the last one, so that a changed, moved or missing chunk is detected.
The salt gives each file its own key, so that no nonce is used twice with one key.
"""

import hashlib
import hmac
import io
import secrets
from collections.abc import Iterator
from mmap import mmap
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"DonorCRM sealed file 1\n"
SALT, TAG = 32, 16
PIECE = 2**20


def write(key: str, purpose: str, data: bytes | mmap, file: IO[bytes]) -> None:
    """Write the data encrypted; only the same key and purpose can decrypt it."""
    salt = secrets.token_bytes(SALT)
    box = _box(key, purpose, salt)
    file.write(MARK + salt)
    last = max(0, (len(data) - 1) // PIECE)
    for number in range(last + 1):
        piece = data[number * PIECE : (number + 1) * PIECE]
        file.write(box.encrypt(_nonce(number, ends=number == last), piece, MARK))


def key_of(keys: tuple[str, ...], purpose: str, source: IO[bytes]) -> str | None:
    """Return the first key that decrypts the file's first chunk; None when none does.

    The position of `source` is restored.
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
    """Decrypt a file; return None when it is damaged or encrypted with none of the keys."""
    key = key_of(keys, purpose, source)
    if key is None:
        return None
    source.seek(len(MARK), io.SEEK_CUR)
    box = _box(key, purpose, source.read(SALT))
    # BytesIO.getvalue returns the buffer without copying it
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
    # the key is random and long, so one pass of HMAC is a sufficient derivation (RFC 5869)
    derived = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return AESGCM(hmac.new(derived, salt, hashlib.sha256).digest())
