"""Presets: file formats recognised by their headers, one module each, found automatically."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from app.file_reader.header import normal
from app.file_reader.presets.preset import Match, Part, Preset
from app.file_reader.table import Table

__all__ = ["ALL", "Match", "Part", "Preset", "by_name", "named", "recognise"]

# sample rows whose cells must match the format, where there is no header
LOOKED_AT = 20


def _shipped() -> tuple[Preset, ...]:
    modules = [import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)]
    return tuple(one.PRESET for one in modules if hasattr(one, "PRESET"))


ALL = _shipped()


def recognise(
    columns: Sequence[str], *, preset: str | None = None, kind: str | None = None
) -> Match | None:
    """Return the preset that these headers belong to, in any order, or None."""
    names = [normal(column) for column in columns]
    best: Match | None = None
    for each in ALL:
        if preset not in {None, each.name}:
            continue
        for part in each.parts:
            if kind not in {None, part.kind} or not part.fits(names):
                continue
            found = Match(each, part, part.place(names), len(part.known() & set(names)))
            if best is None or found.known > best.known:
                best = found
    return best


def named(table: Table) -> Table:
    """Return a table without a header row under the headers of the format its cells match."""
    if table.header_row:
        return table
    for each in ALL:
        for part in each.parts:
            if part.cells and len(part.cells) == len(table.columns) and _alike(table, part):
                return replace(table, columns=tuple(part.cells))
    return table


def _alike(table: Table, part: Part) -> bool:
    shown = zip(part.cells.values(), table.samples(LOOKED_AT), strict=True)
    return all(all(re.fullmatch(how, cell.strip()) for cell in cells) for how, cells in shown)


def by_name(name: str) -> Preset | None:
    """Return a preset by its name."""
    return next((each for each in ALL if each.name == name), None)
