"""A backup's file: a zip of one stream a table, and a manifest that says what must be in it."""

import hashlib
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
# fast, and a third of the size
LEVEL = 1


class DamagedError(InvalidError):
    """A backup is not what it was; nothing was restored."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a table's stream holds; `sums` are of its money columns, "column currency" → minor."""

    columns: tuple[str, ...]
    rows: int
    sha256: str
    sums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What the audit log was like: lines sealed, its head, how many are broken, the first."""

    sealed: int = 0
    head: str = ""
    broken_lines: int = 0
    first_broken: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made, of which schema, every table, every counter.

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
        """How many rows it holds in all."""
        return sum(one.rows for one in self.tables.values())


class Sink(Protocol):
    """Anything bytes can be written to."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""


class Hashing:
    """Passes bytes on to a sink, or nowhere, and remembers their hash."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        self._hash.update(data)
        if self._sink is not None:
            self._sink.write(data)
        return len(data)

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far, in hexadecimal."""
        return self._hash.hexdigest()


class Writer:
    """A backup being written; nothing stands under its name until it is whole."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def table(self, name: str) -> Iterator[Hashing]:
        """Open a table's stream."""
        with self._archive.open(_place(name), "w", force_zip64=True) as stream:
            yield Hashing(stream)

    def finish(self, manifest: Manifest) -> None:
        """Write what must be in it."""
        told = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        self._archive.writestr(MANIFEST, told)


@contextmanager
def writing(path: Path, keys: Sequence[x25519.Recipient] = ()) -> Iterator[Writer]:
    """Write a backup with mode 0600 beside its name, and name it when it is whole.

    With public keys it is encrypted for them as it is written: nothing else touches the disk.
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
            with Reader(part) as made:
                made.check()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _zip(file: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)


class Reader:
    """A backup being read; an encrypted one is decrypted first, into a file without a name.

    `identity` is the file with its private key, else BACKUP_IDENTITY_FILE.

    Raises:
        DamagedError: it is none, or not whole. InvalidError: there is none, or no key opens it.
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
        """Lend the reader."""
        return self

    def __exit__(self, *_how: object) -> None:
        """Close the file; a decrypted copy is gone with it."""
        self._archive.close()
        self._file.close()

    def check(self) -> None:
        """Read every stream and hold it to the manifest.

        Raises:
            DamagedError: one is not what it was.
        """
        for name, facts in self.manifest.tables.items():
            found = Hashing()
            with self.table(name) as stream:
                for piece in _pieces(stream, self.path):
                    found.write(piece)
            if found.sha256 != facts.sha256:
                raise _damaged(self.path)

    @contextmanager
    def table(self, name: str) -> Iterator[IO[bytes]]:
        """Open a table's stream."""
        try:
            stream = self._archive.open(_place(name))
        except (KeyError, zipfile.BadZipFile, OSError) as error:
            raise _damaged(self.path) from error
        with stream:
            yield stream


def _plain(path: Path, identity: str) -> IO[bytes]:
    """Decrypt a backup into a file that has no name, so that nothing of it stays after a kill."""
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
        # from here on it is closed by whoever reads it
        failed.pop_all()
    return file


def _pieces(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        while piece := stream.read(PIECE):
            yield piece
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise _damaged(path) from error
    except Exception as error:
        # zlib's own error has no other base
        raise _damaged(path) from error


def _manifest(told: dict[str, Any]) -> Manifest:
    tables = {
        name: TableFacts(tuple(one["columns"]), one["rows"], one["sha256"], one["sums"])
        for name, one in told.pop("tables").items()
    }
    facts = told.pop("audit", None)
    made = Manifest(tables=tables, audit=AuditFacts(**facts) if facts else None, **told)
    if made.format != FORMAT:
        raise ValueError(made.format)
    return made


def _damaged(path: Path) -> DamagedError:
    return DamagedError(
        f"{path.name} is no whole backup of DonorCRM. Nothing was restored. Take another one, or "
        "copy it again from where it is kept."
    )


def _place(table: str) -> str:
    return f"tables/{table}.copy"
