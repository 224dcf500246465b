"""Short message authentication codes, with a derived key for each purpose."""

import base64
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
# 80 bits: too many to guess, and short enough to read out
CODE_BYTES = 10


def code(key: str, purpose: str, message: bytes) -> str:
    """Return 16 lower-case letters and digits that cannot be computed without the key."""
    derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key.encode())
    digest = hmac.digest(derived, message, "sha256")[:CODE_BYTES]
    return base64.b32encode(digest).decode("ascii").lower()


def matches(key: str, purpose: str, message: bytes, mac: str) -> bool:
    """Return whether a code is valid for the message, comparing in constant time."""
    return hmac.compare_digest(code(key, purpose, message).encode(), mac.encode())
