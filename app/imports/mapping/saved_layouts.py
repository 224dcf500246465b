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
        found = tuple(one for one in self.versions if one.layout_id == layout_id)
        return replace(self, versions=found) if found else None


@dataclass(frozen=True, slots=True)
class _Names:
    """Headers normalised for comparison: spelling variants and order are ignored."""

    headers: Sequence[str]
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(normal(one) for one in self.headers))

    def shares(self, other: "_Names") -> float:
        """Return the share of equal headers among all headers of both."""
        mine, theirs = set(self.names), set(other.names)
        return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0

    def beside(self, other: "_Names") -> tuple[str, ...]:
        """Return the headers that the other lacks."""
        return tuple(
            shown or "a column without a name"
            for shown, name in zip(self.headers, self.names, strict=True)
            if name not in other.names
        )


def find(known: Sequence[KnownLayout], columns: Sequence[str]) -> Earlier | None:
    """Return the layout most similar to a file, or None when none is similar enough.

    Of equally similar layouts the newest counts; `known` holds every version.
    """
    mine = _Names(columns)
    ranked = [(mine.shares(_Names(one.headers)), one.made_at, one) for one in known]
    ranked = [one for one in ranked if one[0] >= ALIKE]
    if not ranked:
        return None
    best = max(ranked, key=lambda one: one[:2])[2]
    versions = sorted(
        (one for one in known if one.origin == best.origin), key=lambda one: -one.version
    )
    latest = _Names(versions[0].headers)
    turned = [one for one in mine.names if one in latest.names] != [
        one for one in latest.names if one in mine.names
    ]
    return Earlier(tuple(versions), mine.beside(latest), latest.beside(mine), turned)


def carried_over(one: KnownLayout, columns: Sequence[str]) -> dict[str, str]:
    """Return header → field for the columns that the layout knows."""
    by_name = {normal(header): meant for header, meant in one.mapping.items()}
    return {column: by_name[normal(column)] for column in columns if normal(column) in by_name}
