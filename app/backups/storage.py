"""Storage of backups: a folder, or a bucket with the S3 API."""

import errno
import filecmp
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from re import compile as pattern
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from app.kit.errors import ConfigurationError

S3 = "s3://"
# the result of the nightly job when no storage is configured
NO_PLACE = "No place for backups is set (BACKUP_TO)."
NO_S3 = (
    "Backups in a bucket need more packages. Install them: "
    "python -m pip install -r requirements-s3.txt"
)
NAME = pattern(r"donorcrm-(\d{8}-\d{4})(?:-\d+-[a-z2-7]+)?\.zip(?:\.age)?")


def in_a_bucket(target: str) -> bool:
    """Return whether a place is an S3 bucket."""
    return target.startswith(S3)


def put(path: Path, target: str) -> str:
    """Store a backup at `target` ("s3://bucket/folder" or a folder) and return its address.

    In a folder the file is moved, in a bucket it is uploaded.

    Raises:
        ConfigurationError: it could not be stored.
    """
    if not target.startswith(S3):
        return str(_into_folder(path, Path(target).expanduser()))
    bucket, prefix = _split(target)
    key = f"{prefix}{path.name}"
    with _bucket(target) as client:
        client.upload_file(str(path), bucket, key)
        size = client.head_object(Bucket=bucket, Key=key)["ContentLength"]
    if size != path.stat().st_size:
        msg = f"The backup did not arrive whole at {target}."
        raise ConfigurationError(msg)
    return f"{S3}{bucket}/{key}"


def try_out(target: str) -> None:
    """Test a place by writing a small file and deleting it.

    Raises:
        ConfigurationError: the bucket cannot be used.
        OSError: the folder cannot be written to.
    """
    name = f".donorcrm-{secrets.token_hex(4)}"
    if not target.startswith(S3):
        folder = Path(target).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"DonorCRM")
        (folder / name).unlink()
        return
    bucket, prefix = _split(target)
    with _bucket(target) as client:
        client.put_object(Bucket=bucket, Key=f"{prefix}{name}", Body=b"DonorCRM")
        client.delete_object(Bucket=bucket, Key=f"{prefix}{name}")


@contextmanager
def local_copy(address: str) -> Iterator[Path]:
    """Yield the local path of a backup; one in a bucket is downloaded to a temporary folder.

    Raises:
        ConfigurationError: it cannot be downloaded.
    """
    if not address.startswith(S3):
        yield Path(address).expanduser()
        return
    bucket, key = _split(address, folder=False)
    with TemporaryDirectory(prefix="donorcrm-") as folder:
        path = Path(folder) / Path(key).name
        with _bucket(address) as client:
            client.download_file(bucket, key, str(path))
        yield path


def newest(target: str) -> str | None:
    """Return the address of the newest backup in a place, or None.

    Raises:
        ConfigurationError: the bucket cannot be read.
    """
    latest = max(_list_backups(target), default=None)
    if latest is None:
        return None
    if not target.startswith(S3):
        return str(Path(target).expanduser() / latest[1])
    bucket, prefix = _split(target)
    return f"{S3}{bucket}/{prefix}{latest[1]}"


def remove_old(target: str, *, now: datetime, keep_days: int) -> int:
    """Delete backups older than `keep_days` days, but never the newest; return their number.

    Only files with the name pattern of backups are considered.
    """
    backups = sorted(_list_backups(target))
    before = f"{now.astimezone(UTC) - timedelta(days=keep_days):%Y%m%d-%H%M}"
    old = [name for when, name in backups[:-1] if when < before]
    for name in old:
        _remove(target, name)
    return len(old)


def _into_folder(path: Path, folder: Path) -> Path:
    target = folder / path.name
    if target == path:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # another file system: copy to a temporary file and rename it when it is complete
        part = folder / f".{path.name}.part"
        try:
            # create the temporary copy with mode 0600
            part.touch(mode=0o600)
            shutil.copyfile(path, part)
            if not filecmp.cmp(path, part, shallow=False):
                msg = f"The backup did not arrive whole at {folder}."
                raise ConfigurationError(msg) from None
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        path.unlink()
    return target


def _list_backups(target: str) -> list[tuple[str, str]]:
    if target.startswith(S3):
        bucket, prefix = _split(target)
        with _bucket(target) as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            names = [
                entry["Key"].removeprefix(prefix)
                for page in pages
                for entry in page.get("Contents", ())
            ]
    else:
        names = [path.name for path in Path(target).expanduser().glob("donorcrm-*.zip*")]
    matches = ((NAME.fullmatch(name), name) for name in names)
    return [(match.group(1), name) for match, name in matches if match]


def _remove(target: str, name: str) -> None:
    if target.startswith(S3):
        bucket, prefix = _split(target)
        with _bucket(target) as client:
            client.delete_object(Bucket=bucket, Key=f"{prefix}{name}")
    else:
        (Path(target).expanduser() / name).unlink(missing_ok=True)


def _split(address: str, *, folder: bool = True) -> tuple[str, str]:
    parts = urlsplit(address)
    key = parts.path.strip("/")
    return parts.netloc, f"{key}/" if folder and key else key


@contextmanager
def _bucket(address: str) -> Iterator[Any]:
    """Yield the S3 client; its packages are installed only where backups go to a bucket."""
    try:
        from app.backups.s3_client import s3_client  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError as error:
        raise ConfigurationError(NO_S3) from error
    with s3_client(address) as client:
        yield client
