"""A backup's file: a zip of one stream a table, and a manifest that says what must be in it."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol, Self

from app.kit.errors import InvalidError

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
class Manifest:
    """What a backup holds: when it was made, of which schema, every table, every counter."""

    made_at: str
    revision: str
    organisation: str
    tables: Mapping[str, TableFacts]
    counters: Mapping[str, int]
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
def writing(path: Path) -> Iterator[Writer]:
    """Write a backup beside its name, for its owner's eyes alone, and name it when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        with Reader(part) as made:
            made.check()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Reader:
    """A backup being read.

    Raises:
        DamagedError: it is none, or not whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
            self.manifest = _manifest(json.loads(self._archive.read(MANIFEST)))
        except FileNotFoundError as error:
            msg = f"There is no file {path}."
            raise InvalidError(msg) from error
        except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError) as error:
            raise _damaged(path) from error

    def __enter__(self) -> Self:
        """Lend the reader."""
        return self

    def __exit__(self, *_how: object) -> None:
        """Close the file."""
        self._archive.close()

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
    made = Manifest(tables=tables, **told)
    if made.format != FORMAT:
        raise ValueError(made.format)
    return made


def _damaged(path: Path) -> DamagedError:
    return DamagedError(
        f"{path.name} is no whole backup of DonorCRM. Take another one, or copy it again from "
        "where it is kept."
    )


def _place(table: str) -> str:
    return f"tables/{table}.copy"
