"""An uploaded file with a field for each column: from a preset, a guess or the user's mapping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.file_reader import presets
from app.file_reader.read_options import AS_FOUND, Reading
from app.file_reader.sandbox import pool
from app.file_reader.sandbox.cancellation import NEVER, Stop
from app.file_reader.table import Table
from app.imports.mapping import columns as maps
from app.imports.mapping.additional_gifts import Credited
from app.imports.mapping.preset_transform import apply_preset
from app.imports.values.fields import CUSTOM_PREFIX, DONOR_FIELDS, missing
from app.kit.errors import InvalidError
from app.kit.formatting import count


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A mapped file: columns of each field, preset, kind, namespace of its ids, update policy."""

    table: Table
    preset: str
    title: str
    kind: str
    source: str
    policy: str
    columns: dict[str, int]
    # a preset's separate columns for the donor that a row describes
    donor_columns: Mapping[str, int] = field(default_factory=dict)
    # mask of the rows that hold a record of `kind`; None: all rows
    only: NDArray[np.bool_] | None = None
    date_order: str | None = None
    # gifts that give a soft credit to the donor of another row
    credited: tuple[Credited, ...] = ()
    # the original headers
    headers: tuple[str, ...] = ()
    # values of the file that are not recognised, and their meanings chosen by the user
    unknown: tuple[Any, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def mixed(self) -> bool:
        """Whether a row also describes its donor, who is created when unknown."""
        names = {"name", "first_name", "last_name"} & {*self.columns, *self.donor_columns}
        return self.kind in {"gifts", "pledges"} and bool(names)

    @property
    def people(self) -> dict[str, int]:
        """The columns of the donor that a row describes."""
        if self.donor_columns:
            return dict(self.donor_columns)
        columns = {
            name: index
            for name, index in self.columns.items()
            if name in DONOR_FIELDS or name.startswith(CUSTOM_PREFIX)
        }
        if "donor_external_id" in self.columns:
            columns["external_id"] = self.columns["donor_external_id"]
        return columns


def open_table(data: bytes, options: Reading = AS_FOUND, stop: Stop = NEVER) -> Table:
    """Read a file as a table in a child process, recognising the headers of every preset.

    Raises:
        UnreadableError: the file cannot be read as a table.
        ReadingStoppedError: `stop` was set.
    """
    return pool.table(data, options, stop)


def map_columns(
    table: Table,
    *,
    preset: str | None,
    kind: str | None,
    mapping: Mapping[str, str] | None,
    source: str,
) -> MappedFile:
    """Map each column to a field: by the user's mapping, else by a preset, else by a guess.

    Raises:
        InvalidError: a required field of the kind has no column, or the preset does not fit.
    """
    _check_preset(preset)
    if mapping is None and preset != "mapping":
        match = presets.recognise(table.columns, preset=preset, kind=kind)
        if match is not None:
            return _mapped_by_preset(table, match)
        if preset is not None:
            msg = f"The headers are not those of {preset}: {_header_list(table.columns)}."
            raise InvalidError(msg)
    chosen_kind = kind or maps.guess_kind(table.columns)
    columns = (
        maps.guess(table.columns, chosen_kind)
        if mapping is None
        else maps.columns_of(table.columns, mapping)
    )
    return _mapped_by_user(table, chosen_kind, source, columns)


def _check_preset(preset: str | None) -> None:
    if preset not in {None, "mapping"} and presets.by_name(str(preset)) is None:
        names = ", ".join(each_preset.name for each_preset in presets.ALL)
        msg = f"There is no preset “{preset}”. Choose one of {names}, or mapping."
        raise InvalidError(msg)


def _mapped_by_user(table: Table, kind: str, source: str, columns: dict[str, int]) -> MappedFile:
    return _require_fields(
        MappedFile(
            table,
            "mapping",
            "Your own columns",
            kind,
            source,
            "fill",
            columns,
            headers=table.columns,
        )
    )


def _mapped_by_preset(table: Table, match: presets.Match) -> MappedFile:
    part, preset = match.part, match.preset
    transformed = apply_preset(table, part, match.columns)
    if not transformed.table.height:
        msg = f"No row under the header is one of {preset.title}: they are lines of the template."
        raise InvalidError(msg)
    mapped = MappedFile(
        transformed.table,
        preset.name,
        preset.title,
        part.kind,
        preset.source,
        preset.policy,
        transformed.columns,
        transformed.donor_columns,
        transformed.only,
        part.date_order,
        transformed.credited,
        table.columns,
    )
    return mapped if part.only_with else _require_fields(mapped)


def _require_fields(mapped: MappedFile) -> MappedFile:
    lacking = missing(mapped.kind, {*mapped.columns, *mapped.donor_columns})
    if lacking:
        msg = (
            f"No column says the {lacking[0]} ({mapped.kind}). The file has: "
            f"{_header_list(mapped.table.columns)}."
        )
        raise InvalidError(msg)
    return mapped


def _header_list(columns: Sequence[str]) -> str:
    named = [column for column in columns if column]
    rest = f" and {count(len(named) - 12, 'more column')}" if len(named) > 12 else ""  # noqa: PLR2004
    return ", ".join(named[:12]) + rest
