"""Saved layouts: mappings of earlier files, found by their headers even if some changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.file_reader.header import normal

# minimum share of equal headers among all headers of both files
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class KnownLayout:
    """One version of a saved layout: its author, its file, and the field of each header."""

    layout_id: int
    origin: int
    version: int
    name: str
    kind: str
    headers: tuple[str, ...]
    mapping: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    person: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """The layout similar to a file, its versions newest first, and how the headers changed.

    `new` and `gone` are headers added and removed since; `turned` means that the order changed.
    """

    versions: tuple[KnownLayout, ...]
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    turned: bool = False

    @property
    def latest(self) -> KnownLayout:
        """The newest version."""
        return self.versions[0]

    def only(self, layout_id: int) -> "Earlier | None":
        """Return a copy with the given version as its only one, or None if it is missing."""
        versions = tuple(version for version in self.versions if version.layout_id == layout_id)
        return replace(self, versions=versions) if versions else None


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


def find(layouts: Sequence[KnownLayout], columns: Sequence[str]) -> Earlier | None:
    """Return the layout most similar to a file, or None when none is similar enough.

    Of equally similar layouts the newest counts; `layouts` holds every version.
    """
    mine = _Names(columns)
    ranked = [
        (mine.share_with(_Names(layout.headers)), layout.made_at, layout) for layout in layouts
    ]
    ranked = [rank for rank in ranked if rank[0] >= ALIKE]
    if not ranked:
        return None
    best = max(ranked, key=lambda rank: rank[:2])[2]
    versions = sorted(
        (layout for layout in layouts if layout.origin == best.origin),
        key=lambda layout: -layout.version,
    )
    latest = _Names(versions[0].headers)
    reordered = [name for name in mine.names if name in latest.names] != [
        name for name in latest.names if name in mine.names
    ]
    return Earlier(tuple(versions), mine.missing_in(latest), latest.missing_in(mine), reordered)


def carried_over(layout: KnownLayout, columns: Sequence[str]) -> dict[str, str]:
    """Return header → field for the columns that the layout knows."""
    by_name = {normal(header): field_name for header, field_name in layout.mapping.items()}
    return {column: by_name[normal(column)] for column in columns if normal(column) in by_name}
