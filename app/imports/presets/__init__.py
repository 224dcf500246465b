"""Files we know by their headers, one format a file."""

from collections.abc import Sequence

from app.imports.header import normal
from app.imports.presets import contacts, ledger, own
from app.imports.presets.preset import Match, Part, Preset

__all__ = ["ALL", "Match", "Part", "Preset", "by_name", "recognise"]

ALL = (own.PRESET, ledger.PRESET, contacts.PRESET)


def recognise(
    columns: Sequence[str], *, preset: str | None = None, kind: str | None = None
) -> Match | None:
    """Return the preset these headers belong to, whatever their order, or None."""
    names = [normal(column) for column in columns]
    best: Match | None = None
    for each in ALL:
        if preset not in {None, each.name}:
            continue
        for part in each.parts:
            if kind not in {None, part.kind} or not part.fits(names):
                continue
            found = Match(each, part, part.place(names))
            if best is None or len(found.columns) > len(best.columns):
                best = found
    return best


def by_name(name: str) -> Preset | None:
    """Return a preset by its name."""
    return next((each for each in ALL if each.name == name), None)
