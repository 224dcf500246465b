"""Encryption of backups in the age format, for one or more public keys.

The server that writes a backup needs no private key. To verify what it wrote, it also encrypts
for one more key, which is generated for this file and kept in memory only.
"""

import hashlib
import io
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pyrage import DecryptError, IdentityError, decrypt_io, encrypt_io, x25519

from app.kit.errors import ConfigurationError, InvalidError
from app.settings import settings

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MARK = b"age-encryption.org/v1\n"
NO_KEY = "No matching keys found"


class AuthenticationError(Exception):
    """An encrypted file was changed or truncated."""


class WrongKeyError(InvalidError):
    """No available private key decrypts the backup."""


def recipients() -> list[x25519.Recipient]:
    """Return the public keys to encrypt backups for; without keys they are not encrypted."""
    return [x25519.Recipient.from_str(recipient) for recipient in settings().backup_recipients]


def identities(file: str = "") -> list[x25519.Identity]:
    """Return the private keys in a file, by default BACKUP_IDENTITY_FILE; [] when none is set.

    Raises:
        ConfigurationError: the file cannot be read, or contains no key.
    """
    name = file or settings().backup_identity_file
    if not name:
        return []
    try:
        lines = Path(name).expanduser().read_text("utf-8").splitlines()
        keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        parsed = [x25519.Identity.from_str(key) for key in keys]
    except OSError as error:
        msg = f"The identity file {name} cannot be read: {error.strerror}."
        raise ConfigurationError(msg) from error
    except (IdentityError, ValueError):
        parsed = []
    if not parsed:
        msg = f"The file {name} holds no age identity (a line that begins with AGE-SECRET-KEY-1)."
        raise ConfigurationError(msg)
    return parsed


def new_key(file: Path, *, now: datetime) -> str:
    """Write a new key pair to a file with mode 0600 and return the public key.

    Raises:
        ConfigurationError: the file exists already, or cannot be written.
    """
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    text = f"# created: {now.isoformat(timespec='seconds')}\n# public key: {public}\n{identity}\n"
    try:
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as key_file:
            key_file.write(text)
    except OSError as error:
        msg = f"The key could not be written to {file}: {error.strerror}. Name a new file."
        raise ConfigurationError(msg) from error
    return public


def is_encrypted(path: Path) -> bool:
    """Return whether a file is in the age format."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def has_readable_header(path: Path) -> bool:
    """Return whether the header of an encrypted file can be parsed; its contents are not read."""
    with path.open("rb") as source:
        try:
            decrypt_io(source, io.BytesIO(), [x25519.Identity.generate()])
        except DecryptError as error:
            return str(error) == NO_KEY
        except OSError:
            return False
    return True


class _Checked(io.RawIOBase):
    """A writer that hashes bytes, passes them on, and stores the first write error."""

    def __init__(self, target: IO[bytes] | None = None) -> None:
        self._target = target
        self.hash = hashlib.sha256()
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        self.hash.update(data)
        try:
            if self._target is not None:
                self._target.write(data)
        except OSError as error:
            self.error = error
            raise
        return memoryview(data).nbytes


@contextmanager
def encrypting(file: IO[bytes], keys: Sequence[x25519.Recipient]) -> Iterator[io.RawIOBase]:
    """Yield a stream whose bytes are encrypted into `file`; at the end read `file` and verify it.

    Raises:
        OSError: `file` could not be written, or its contents differ from what was written.
    """
    own = x25519.Identity.generate()
    source, sink = os.pipe()
    written, target = os.fdopen(sink, "wb"), _Checked(file)
    plain = _Checked(written)
    failed: list[BaseException] = []

    def work() -> None:
        with os.fdopen(source, "rb") as reader:
            try:
                encrypt_io(reader, target, [*keys, own.to_public()])
            except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
                failed.append(target.error or error)

    thread = threading.Thread(target=work, name="encryption", daemon=True)
    thread.start()
    try:
        try:
            yield plain
        finally:
            with suppress(BrokenPipeError):
                written.close()
            thread.join()
    except BrokenPipeError:
        if not failed:
            raise
    if failed:
        raise failed[0]
    _read_back(file, own, plain.hash.digest())


def _read_back(file: IO[bytes], own: x25519.Identity, expected: bytes) -> None:
    file.flush()
    file.seek(0)
    checked = _Checked()
    decrypt_io(file, checked, [own])
    if checked.hash.digest() != expected:
        raise OSError(None, "it could not be read back as it was written")


def decrypt(path: Path, keys: Sequence[x25519.Identity], target: IO[bytes]) -> None:
    """Decrypt a file into `target`; when this returns, all of it has been authenticated.

    Raises:
        WrongKeyError: none of the keys decrypts it, or there are no keys.
        AuthenticationError: it was changed or truncated.
        OSError: it cannot be read, or `target` cannot be written.
    """
    if not keys:
        msg = (
            f"{path.name} is encrypted. Name the file with its private key: --identity FILE, or "
            "BACKUP_IDENTITY_FILE."
        )
        raise WrongKeyError(msg)
    checked = _Checked(target)
    with path.open("rb") as source:
        try:
            decrypt_io(source, checked, keys)
        except DecryptError as error:
            if str(error) == NO_KEY:
                msg = (
                    f"No private key that is at hand opens {path.name}: it was encrypted for "
                    "another one, or its beginning is damaged."
                )
                raise WrongKeyError(msg) from error
            raise AuthenticationError from error
        except OSError as error:
            if checked.error is not None:
                raise checked.error from error
            raise AuthenticationError from error
