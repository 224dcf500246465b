"""File format of backups: a zip with one stream per table and a manifest of their contents."""

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol, Self

from pyrage import x25519

from app.backups import encryption
from app.kit.errors import ConfigurationError, InvalidError
from app.settings import settings

MANIFEST = "manifest.json"
FORMAT = 1
PIECE = 1 << 20
# fast, and compresses to a third of the size
LEVEL = 1


class DamagedError(InvalidError):
    """A backup is damaged; nothing was restored."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Contents of a table's stream; `sums` of the money columns: "column currency" → minor."""

    columns: tuple[str, ...]
    rows: int
    sha256: str
    sums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """State of the audit log: lines sealed, its head, the number of broken lines, the first."""

    sealed: int = 0
    head: str = ""
    broken_lines: int = 0
    first_broken: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Contents of a backup: time, schema revision, facts of every table, value of every sequence.

    `audit` is None in backups of earlier versions.
    """

    made_at: str
    revision: str
    organisation: str
    tables: Mapping[str, TableFacts]
    counters: Mapping[str, int]
    audit: AuditFacts | None = None
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(table.rows for table in self.tables.values())


class Sink(Protocol):
    """An object that bytes can be written to."""

    def write(self, data: bytes, /) -> int:
        """Write bytes."""


class Hashing:
    """A writer that hashes bytes and passes them on to a sink, if any."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Hash bytes and write them to the sink."""
        self._hash.update(data)
        if self._sink is not None:
            self._sink.write(data)
        return len(data)

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far, in hexadecimal."""
        return self._hash.hexdigest()


class Writer:
    """A backup being written; the file gets its final name when it is complete."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def table(self, name: str) -> Iterator[Hashing]:
        """Open a table's stream."""
        with self._archive.open(_data_path(name), "w", force_zip64=True) as stream:
            yield Hashing(stream)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest."""
        content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        self._archive.writestr(MANIFEST, content)


@contextmanager
def writing(path: Path, keys: Sequence[x25519.Recipient] = ()) -> Iterator[Writer]:
    """Write a backup to a temporary file with mode 0600 and rename it when it is complete.

    With public keys it is encrypted while it is written: no plain text is written to the disk.
    Without, it is read again and checked before it is renamed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            if keys:
                with encryption.encrypting(file, keys) as stream, _zip(stream) as archive:
                    yield Writer(archive)
            else:
                with _zip(file) as archive:
                    yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        if not keys:
            with Reader(part) as reader:
                reader.check()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _zip(file: IO[bytes] | io.RawIOBase) -> zipfile.ZipFile:
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)


class Reader:
    """A backup being read; an encrypted one is first decrypted into an unnamed temporary file.

    `identity` is the file with the private key, by default BACKUP_IDENTITY_FILE.

    Raises:
        DamagedError: the file is not a backup, or not complete.
        InvalidError: the file does not exist, or no key decrypts it.
        ConfigurationError: the file or the identity file cannot be read.
    """

    def __init__(self, path: Path, identity: str = "") -> None:
        self.path = path
        try:
            self._file = (
                _plain(path, identity) if encryption.is_encrypted(path) else path.open("rb")
            )
        except FileNotFoundError as error:
            msg = f"There is no file {path}."
            raise InvalidError(msg) from error
        except OSError as error:
            msg = f"{path.name} cannot be opened: {error.strerror}."
            raise ConfigurationError(msg) from error
        try:
            self._archive = zipfile.ZipFile(self._file)
            self.manifest = _manifest(json.loads(self._archive.read(MANIFEST)))
        except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError) as error:
            self._file.close()
            raise _damaged(path) from error

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file; this deletes a decrypted copy."""
        self._archive.close()
        self._file.close()

    def check(self) -> None:
        """Read every stream and compare its hash with the manifest.

        Raises:
            DamagedError: a stream differs.
        """
        for name, facts in self.manifest.tables.items():
            hashing = Hashing()
            with self.table(name) as stream:
                for piece in _pieces(stream, self.path):
                    hashing.write(piece)
            if hashing.sha256 != facts.sha256:
                raise _damaged(self.path)

    @contextmanager
    def table(self, name: str) -> Iterator[IO[bytes]]:
        """Open a table's stream."""
        try:
            stream = self._archive.open(_data_path(name))
        except (KeyError, zipfile.BadZipFile, OSError) as error:
            raise _damaged(self.path) from error
        with stream:
            yield stream


def _plain(path: Path, identity: str) -> IO[bytes]:
    """Decrypt a backup into an unnamed file, so that nothing is left if the process is killed."""
    keys = encryption.identities(identity)
    folder = settings().data_dir / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as failed:
        file = failed.enter_context(tempfile.TemporaryFile(dir=folder))
        try:
            encryption.decrypt(path, keys, file)
        except encryption.AuthenticationError as error:
            raise _damaged(path) from error
        file.seek(0)
        # from here on the reader closes it
        failed.pop_all()
    return file


def _pieces(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        while piece := stream.read(PIECE):
            yield piece
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise _damaged(path) from error
    except Exception as error:
        # zlib.error is a direct subclass of Exception
        raise _damaged(path) from error


def _manifest(content: dict[str, Any]) -> Manifest:
    tables = {
        name: TableFacts(tuple(table["columns"]), table["rows"], table["sha256"], table["sums"])
        for name, table in content.pop("tables").items()
    }
    facts = content.pop("audit", None)
    manifest = Manifest(tables=tables, audit=AuditFacts(**facts) if facts else None, **content)
    if manifest.format != FORMAT:
        raise ValueError(manifest.format)
    return manifest


def _damaged(path: Path) -> DamagedError:
    return DamagedError(
        f"{path.name} is no whole backup of DonorCRM. Nothing was restored. Take another one, or "
        "copy it again from where it is kept."
    )


def _data_path(table: str) -> str:
    return f"tables/{table}.copy"
