"""Saved mappings: how earlier files were mapped, found by their headers even if some changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.file_reader.header import normal

# minimum share of equal headers among all headers of both files, to suggest a saved mapping
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """One version of a saved mapping: its author, its file's headers, the field of each header.

    `words` maps field → value in the file → the application's value.
    """

    version_id: int
    version: int
    headers: tuple[str, ...]
    mapping: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    person: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A saved mapping with its versions, newest first.

    `person` is the name of the user who made it, None if the account is gone; `own` says whether
    that is the actor, and `changeable` whether the actor may change it.
    """

    mapping_id: int
    name: str
    kind: str
    person: str | None
    own: bool
    changeable: bool
    shared: bool
    used_at: datetime
    versions: tuple[MappingVersion, ...]

    @property
    def latest(self) -> MappingVersion:
        """The newest version."""
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class FittingMapping:
    """A saved mapping that shares headers with a file, and how the headers changed.

    `share` is that of equal headers among all headers of both, from 0 to 1. `new` and `gone` are
    headers added and removed since; `turned` means that the order changed.
    """

    saved: SavedMapping
    share: float
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    turned: bool = False

    @property
    def latest(self) -> MappingVersion:
        """The newest version."""
        return self.saved.latest

    @property
    def versions(self) -> tuple[MappingVersion, ...]:
        """The versions, newest first."""
        return self.saved.versions

    @property
    def alike(self) -> bool:
        """Whether the file is so similar that the mapping is suggested for it."""
        return self.share >= ALIKE

    def version(self, version_id: int) -> MappingVersion | None:
        """Return a version by its id, or None if the mapping has no such version."""
        return next((each for each in self.versions if each.version_id == version_id), None)


@dataclass(frozen=True, slots=True)
class _Names:
    """Headers normalised for comparison: spelling variants and order are ignored."""

    headers: Sequence[str]
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(normal(header) for header in self.headers))

    def share_with(self, other: "_Names") -> float:
        """Return the share of equal headers among all headers of both."""
        mine, theirs = set(self.names), set(other.names)
        return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0

    def missing_in(self, other: "_Names") -> tuple[str, ...]:
        """Return the headers that the other lacks."""
        return tuple(
            header or "a column without a name"
            for header, name in zip(self.headers, self.names, strict=True)
            if name not in other.names
        )


def fitting(saved: Sequence[SavedMapping], columns: Sequence[str]) -> tuple[FittingMapping, ...]:
    """Return the saved mappings that share a header with a file, the most similar first.

    Of equally similar ones the actor's own come first, then those used last.
    """
    mine = _Names(columns)
    fits = [fit for fit in (_compared(each, mine) for each in saved) if fit.share > 0]
    ranked = sorted(
        fits, key=lambda fit: (fit.share, fit.saved.own, fit.saved.used_at), reverse=True
    )
    return tuple(ranked)


def _compared(saved: SavedMapping, mine: _Names) -> FittingMapping:
    """Compare a file with the most similar version, and name what changed since the newest."""
    share = max(mine.share_with(_Names(version.headers)) for version in saved.versions)
    latest = _Names(saved.latest.headers)
    reordered = [name for name in mine.names if name in latest.names] != [
        name for name in latest.names if name in mine.names
    ]
    return FittingMapping(
        saved, share, mine.missing_in(latest), latest.missing_in(mine), reordered
    )


def carried_over(version: MappingVersion, columns: Sequence[str]) -> dict[str, str]:
    """Return header → field for the columns that the version knows."""
    by_name = {normal(header): field_name for header, field_name in version.mapping.items()}
    return {column: by_name[normal(column)] for column in columns if normal(column) in by_name}
