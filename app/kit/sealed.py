"""Secrets that must be read again: encrypted under a key made from ours, one for each purpose."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


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
    # our key is random and long, so that one pass of HMAC makes a good key of it (RFC 5869)
    made = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(made))
