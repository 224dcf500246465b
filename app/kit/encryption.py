"""Authenticated encryption of small secrets, under a key derived for each purpose.

Reading takes several keys, the current one first, so that a key can be replaced: what was sealed
under an older one stays readable while that one is named.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How many stored secrets open with the current key, an older one, or none that is named."""

    current: int = 0
    older: int = 0
    lost: int = 0

    def __add__(self, other: "KeyUse") -> "KeyUse":
        """Return the two together."""
        return KeyUse(
            self.current + other.current, self.older + other.older, self.lost + other.lost
        )


def use_of(key: str | None, keys: tuple[str, ...]) -> KeyUse:
    """Count one secret by the key that opens it; `keys` has the current key first."""
    if key is None:
        return KeyUse(lost=1)
    return KeyUse(current=1) if key == keys[0] else KeyUse(older=1)


def key_of(keys: tuple[str, ...], purpose: str, sealed: bytes) -> str | None:
    """Return the first of the keys that opens a secret; None when none does."""
    return next((key for key in keys if unseal((key,), purpose, sealed) is not None), None)


def seal(key: str, purpose: str, secret: bytes) -> bytes:
    """Return the secret encrypted and signed; another purpose cannot open it."""
    return _box(key, purpose).encrypt(secret)


def unseal(keys: tuple[str, ...], purpose: str, sealed: bytes) -> bytes | None:
    """Return the secret; None when it was damaged, or sealed under none of the keys."""
    try:
        return MultiFernet([_box(key, purpose) for key in keys]).decrypt(sealed)
    except InvalidToken:
        return None


def fingerprint(key: str) -> str:
    """Return a short name of a key that says nothing about it."""
    return hmac.new(key.encode(), b"fingerprint", hashlib.sha256).hexdigest()[:16]


def _box(key: str, purpose: str) -> Fernet:
    # the key is random and long, so that one pass of HMAC derives a good one (RFC 5869)
    derived = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))
