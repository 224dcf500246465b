"""SECRET_KEY for all signatures and encrypted values: check its strength, or generate one."""

import base64
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kit.errors import ConfigurationError

MIN_KEY_BYTES = 32
MIN_DISTINCT_CHARACTERS = 8
GENERATE_COMMAND = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def require_strong(name: str, key: str) -> None:
    """Reject a key that could be guessed; `name` is the name of its setting.

    Raises:
        ConfigurationError: the key is too short or has too few different characters.
    """
    if len(key.encode()) < MIN_KEY_BYTES or len(set(key)) < MIN_DISTINCT_CHARACTERS:
        msg = (
            f"{name} must be random and at least {MIN_KEY_BYTES} bytes. "
            f"Make one: {GENERATE_COMMAND}"
        )
        raise ConfigurationError(msg)


def effective(key: str, generated: Path | None) -> str:
    """Return the configured key, or else the one in the file `generated`.

    Raises:
        ConfigurationError: the key is weak, or there is none and `generated` is None.
    """
    if key:
        require_strong("SECRET_KEY", key)
        return key
    if generated is None:
        msg = f"SECRET_KEY is needed when a database server is named. Make one: {GENERATE_COMMAND}"
        raise ConfigurationError(msg)
    return load_or_create(generated)


def derive(key: str, purpose: str) -> str:
    """Return a key for one purpose, from which `key` cannot be computed (HKDF, RFC 5869)."""
    derivation = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=f"donorcrm {purpose}".encode()
    )
    return base64.urlsafe_b64encode(derivation.derive(key.encode())).decode()


def load_or_create(path: Path) -> str:
    """Return the key stored in a file; generate it on the first start.

    Raises:
        ConfigurationError: the file cannot be read or written.
    """
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        msg = (
            f"The file {path} cannot be used: {error.strerror}. "
            "Make it readable for this user, or set DATA_DIR to a folder of your own."
        )
        raise ConfigurationError(msg) from error


def _write_once(path: Path, key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(key)
        # os.link never overwrites: two processes that start at once both use the first key
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()
