"""Encryption of stored files in chunks, so that a large file needs little extra memory.

A file is a mark, a random salt, and chunks encrypted with AES-256-GCM. The nonce of a chunk is
its number and whether it is the last one, so that a changed, moved or missing chunk is detected.
The salt gives each file its own key, so that no nonce is used twice with one key.
"""

import hashlib
import hmac
import io
import secrets
from collections.abc import Iterable, Iterator
from mmap import mmap
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"DonorCRM sealed file 1\n"
SALT, TAG = 32, 16
PIECE = 2**20


class DamagedError(ValueError):
    """A stored file was changed or cut, or none of the keys decrypts it."""


class Writable(Protocol):
    """A file to write to."""

    def write(self, data: bytes, /) -> object:
        """Write some bytes."""


def write(key: str, purpose: str, data: bytes | mmap, file: Writable) -> None:
    """Write the data encrypted; only the same key and purpose can decrypt it."""
    slices = (data[start : start + PIECE] for start in range(0, len(data), PIECE))
    write_stream(key, purpose, slices, file)


def write_stream(key: str, purpose: str, data: Iterable[bytes], file: Writable) -> None:
    """Write data of unknown length encrypted, given in pieces of any size."""
    salt = secrets.token_bytes(SALT)
    box = _box(key, purpose, salt)
    file.write(MARK + salt)
    for number, (piece, ends) in enumerate(_whole_pieces(data)):
        file.write(box.encrypt(_nonce(number, ends=ends), piece, MARK))


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
    # BytesIO.getvalue returns the buffer without copying it
    opened = io.BytesIO()
    try:
        for piece in read_stream(keys, purpose, source):
            opened.write(piece)
    except DamagedError:
        return None
    return opened.getvalue()


def read_stream(keys: tuple[str, ...], purpose: str, source: IO[bytes]) -> Iterator[bytes]:
    """Decrypt a file piece by piece.

    Raises:
        DamagedError: it is damaged or encrypted with none of the keys.
    """
    key = key_of(keys, purpose, source)
    if key is None:
        raise DamagedError
    source.seek(len(MARK), io.SEEK_CUR)
    box = _box(key, purpose, source.read(SALT))
    for number, (piece, ends) in enumerate(_pieces(source)):
        try:
            yield box.decrypt(_nonce(number, ends=ends), piece, MARK)
        except InvalidTag:
            raise DamagedError from None


def _whole_pieces(data: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces of PIECE bytes and whether each is the last, which may be shorter or empty."""
    waiting = bytearray()
    for part in data:
        waiting += part
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE]), False
            del waiting[:PIECE]
    yield bytes(waiting), True


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
