"""What a preset is: a format described by data alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of file of a format: which header means which of our fields.

    `needs` are headers without which it is not this file; `clear` are headers that show it is
    another one. Other headers may be missing, or stand beside these unread.
    """

    kind: str
    headers: Mapping[str, str]
    needs: frozenset[str]
    clear: frozenset[str] = frozenset()
    least: int = 2

    def fits(self, names: Sequence[str]) -> bool:
        """Whether normalised headers are those of this file."""
        there = set(names)
        return (
            self.needs <= there
            and not self.clear & there
            and len(there & set(self.headers)) >= self.least
        )

    def place(self, names: Sequence[str]) -> dict[str, int]:
        """Return the column of each field; of two columns alike, the first counts."""
        return {
            self.headers[name]: index
            for index, name in reversed(list(enumerate(names)))
            if name in self.headers
        }


@dataclass(frozen=True, slots=True)
class Preset:
    """A format: `source` is the namespace of its ids; `policy` says what an update may do.

    Policy "overwrite" lets a filled cell replace what is kept; "fill" only fills what is empty.
    """

    name: str
    title: str
    source: str
    policy: str
    parts: tuple[Part, ...]
    # the answers when the file has no such column
    defaults: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A recognised file: its preset, its part, and the column of each field."""

    preset: Preset
    part: Part
    columns: dict[str, int]
