"""How files were read before: found again by their headers, also when some of them changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.imports.reading.header import normal

# so many of the headers of both files together must be the same
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Known:
    """One version of a reading: who made it, from which file, and what each header meant."""

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
    """The reading a file is like, its versions newest first, and how the headers moved since."""

    versions: tuple[Known, ...]
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    turned: bool = False

    @property
    def latest(self) -> Known:
        """The newest version."""
        return self.versions[0]

    def only(self, layout_id: int) -> "Earlier | None":
        """Return one of the versions as if it were the newest."""
        found = tuple(one for one in self.versions if one.layout_id == layout_id)
        return replace(self, versions=found) if found else None


@dataclass(frozen=True, slots=True)
class _Names:
    """Headers as they are compared: spelling and place do not count."""

    headers: Sequence[str]
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(normal(one) for one in self.headers))

    def shares(self, other: "_Names") -> float:
        """Return what share of the headers of both is the same."""
        mine, theirs = set(self.names), set(other.names)
        return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0

    def beside(self, other: "_Names") -> tuple[str, ...]:
        """Return the headers that the other lacks."""
        return tuple(
            shown or "a column without a name"
            for shown, name in zip(self.headers, self.names, strict=True)
            if name not in other.names
        )


def find(known: Sequence[Known], columns: Sequence[str]) -> Earlier | None:
    """Return the reading a file is most like, or None when it is like none.

    Of readings equally alike the newest counts; `known` holds every version.
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


def carried_over(one: Known, columns: Sequence[str]) -> dict[str, str]:
    """Return header → field for the columns that the reading knows."""
    by_name = {normal(header): meant for header, meant in one.mapping.items()}
    return {column: by_name[normal(column)] for column in columns if normal(column) in by_name}
