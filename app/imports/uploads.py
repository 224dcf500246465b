"""The uploaded files we keep, named by what is in them, encrypted, readable by nobody else."""

import hashlib
from datetime import datetime
from pathlib import Path

from app.kit import sealed
from app.kit.errors import NotFoundError
from app.settings import settings

PURPOSE = "uploaded files"


def keep(data: bytes) -> str:
    """Store the bytes below DATA_DIR/uploads and return their SHA-256."""
    name = digest(data)
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / name
    if not kept.exists():
        part = folder / f"{name}.part"
        part.touch(mode=0o600)
        part.chmod(0o600)
        with part.open("wb") as file:
            for piece in sealed.seal_whole(settings().secret_key, PURPOSE, data):
                file.write(piece)
        part.replace(kept)
    return name


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def load(name: str) -> bytes:
    """Return the bytes of a kept file.

    One kept before files were encrypted is read as it is.

    Raises:
        NotFoundError: the file is no longer there, or cannot be opened any more.
    """
    kept = _folder() / name
    if not kept.is_file():
        msg = "The uploaded file is no longer kept here. Upload it again."
        raise NotFoundError(msg)
    data = kept.read_bytes()
    if data.startswith(sealed.MARK):
        data = sealed.unseal_whole(settings().secret_key, PURPOSE, data) or b""
    if digest(data) != name:
        msg = "The uploaded file can no longer be opened here. Upload it again."
        raise NotFoundError(msg)
    return data


def forget(name: str) -> bool:
    """Delete a kept file; say whether there was one."""
    kept = _folder() / name
    there = kept.is_file()
    kept.unlink(missing_ok=True)
    return there


def names(*, older_than: datetime) -> list[str]:
    """List the kept files written before a moment, half-written ones included."""
    folder = _folder()
    if not folder.is_dir():
        return []
    moment = older_than.timestamp()
    return [one.name for one in folder.iterdir() if one.stat().st_mtime < moment]


def _folder() -> Path:
    return Path(settings().data_dir) / "uploads"
