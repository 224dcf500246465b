"""Authenticated encryption of small secrets with a key derived for each purpose.

Decryption accepts several keys, the current one first, so that a key can be rotated: data
encrypted with an older key stays readable while that key is configured.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


@dataclass(frozen=True, slots=True)
class KeyUse:
    """Numbers of stored secrets by the key that decrypts them: current, older, or none known."""

    current: int = 0
    older: int = 0
    lost: int = 0

    def __add__(self, other: "KeyUse") -> "KeyUse":
        """Return the sum of both counts."""
        return KeyUse(
            self.current + other.current, self.older + other.older, self.lost + other.lost
        )


def use_of(key: str | None, keys: tuple[str, ...]) -> KeyUse:
    """Count one secret by the key that decrypts it; `keys` has the current key first."""
    if key is None:
        return KeyUse(lost=1)
    return KeyUse(current=1) if key == keys[0] else KeyUse(older=1)


def key_of(keys: tuple[str, ...], purpose: str, sealed: bytes) -> str | None:
    """Return the first key that decrypts a secret; None when none does."""
    return next((key for key in keys if unseal((key,), purpose, sealed) is not None), None)


def seal(key: str, purpose: str, secret: bytes) -> bytes:
    """Encrypt and authenticate a secret; it can be decrypted only for the same purpose."""
    return _box(key, purpose).encrypt(secret)


def unseal(keys: tuple[str, ...], purpose: str, sealed: bytes) -> bytes | None:
    """Decrypt a secret; return None when it is damaged or encrypted with none of the keys."""
    try:
        return MultiFernet([_box(key, purpose) for key in keys]).decrypt(sealed)
    except InvalidToken:
        return None


def fingerprint(key: str) -> str:
    """Return a short identifier of a key that does not reveal the key."""
    return hmac.new(key.encode(), b"fingerprint", hashlib.sha256).hexdigest()[:16]


def _box(key: str, purpose: str) -> Fernet:
    # the key is random and long, so one pass of HMAC is a sufficient derivation (RFC 5869)
    derived = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))
