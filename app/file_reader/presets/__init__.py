"""Presets: file formats recognised by their headers, one module each, found automatically."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pkgutil import walk_packages

from app.file_reader.header import normal
from app.file_reader.presets.preset import Match, Part, Preset
from app.file_reader.table import Table

__all__ = ["ALL", "Match", "Part", "Preset", "by_name", "recognise", "with_headers"]

# sample rows whose cells must match the format, where there is no header
SAMPLE_ROWS = 20


def _all_presets() -> tuple[Preset, ...]:
    names = [module.name for module in walk_packages(__path__, f"{__name__}.")]
    # of presets that fit a file equally well the first is chosen, whatever package it is in
    modules = map(import_module, sorted(names, key=lambda name: name.rpartition(".")[2]))
    return tuple(module.PRESET for module in modules if hasattr(module, "PRESET"))


ALL = _all_presets()


def recognise(
    columns: Sequence[str], *, preset: str | None = None, kind: str | None = None
) -> Match | None:
    """Return the preset that these headers belong to, in any order, or None."""
    names = [normal(column) for column in columns]
    best: Match | None = None
    for candidate in ALL:
        if preset not in {None, candidate.name}:
            continue
        for part in candidate.parts:
            if kind not in {None, part.kind} or not part.fits(names):
                continue
            match = Match(
                candidate, part, part.place(names), len(part.headers_read() & set(names))
            )
            if best is None or match.recognised > best.recognised:
                best = match
    return best


def with_headers(table: Table) -> Table:
    """Return a table without a header row under the headers of the format its cells match."""
    if table.header_row:
        return table
    for preset in ALL:
        for part in preset.parts:
            if part.cells and len(part.cells) == len(table.columns) and _cells_match(table, part):
                return replace(table, columns=tuple(part.cells))
    return table


def _cells_match(table: Table, part: Part) -> bool:
    columns = zip(part.cells.values(), table.samples(SAMPLE_ROWS), strict=True)
    return all(
        all(re.fullmatch(pattern, cell.strip()) for cell in cells) for pattern, cells in columns
    )


def by_name(name: str) -> Preset | None:
    """Return a preset by its name."""
    return next((preset for preset in ALL if preset.name == name), None)
