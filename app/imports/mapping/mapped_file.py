"""An uploaded file with a field for each column: from a preset, a guess or the user's mapping."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.file_reader import presets
from app.file_reader.header import normal
from app.file_reader.read_options import AS_FOUND, Reading
from app.file_reader.sandbox import pool
from app.file_reader.sandbox.cancellation import NEVER, Stop
from app.file_reader.table import Table
from app.imports.mapping import columns as maps
from app.imports.mapping import templates
from app.imports.mapping.additional_gifts import Credited
from app.imports.mapping.data_table import DataTable
from app.imports.mapping.preset_transform import apply_preset
from app.imports.values.assumptions import Assumption
from app.imports.values.fields import CUSTOM_PREFIX, DONOR_FIELDS, FIELDS
from app.imports.values.questions import UndecidedError
from app.kit.errors import InvalidError

# in place of a preset's name: columns that the user has mapped, or that were guessed
USER_MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A mapped file: columns of each field, preset, kind, namespace of its ids, update policy."""

    table: DataTable
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
    # headers of the columns that hold something and are not imported
    unused: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    # (cell, rows) of the rows left out since, by field: they too show how the file writes
    # dates and amounts
    evidence: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)

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
    return _mapped(DataTable.of(table), preset=preset, kind=kind, mapping=mapping, source=source)


def _mapped(
    table: DataTable,
    *,
    preset: str | None,
    kind: str | None,
    mapping: Mapping[str, str] | None,
    source: str,
) -> MappedFile:
    filled = templates.recognise(table.columns)
    if filled and mapping is None and preset is None and kind in {None, filled[0]}:
        mapped = _mapped_by_user(table, filled[0], source, filled[1])
        return replace(mapped, preset=templates.NAME, title=templates.TITLE)
    if mapping is None and preset != "mapping":
        match = presets.recognise(table.columns, preset=preset, kind=kind)
        if match is not None:
            return _mapped_by_preset(table, match)
        if preset is not None:
            msg = f"The headers are not those of {preset}: {maps.header_list(table.columns)}."
            raise InvalidError(msg)
    if mapping is not None:
        chosen_kind = kind or maps.suggest_columns(table, None)[0]
        columns = maps.columns_of(table.columns, mapping)
        return _mapped_by_user(table, chosen_kind, source, columns)
    chosen_kind, columns = maps.suggest_columns(table, kind)
    if kind is None and (aside := maps.money_aside(table, chosen_kind, columns)):
        raise UndecidedError(maps.kind_question(chosen_kind, aside), "kind", aside)
    mapped = _mapped_by_user(table, chosen_kind, source, columns)
    return replace(mapped, assumed=_assumed(table, mapped, kind))


def _assumed(table: DataTable, mapped: MappedFile, kind: str | None) -> tuple[Assumption, ...]:
    """Return what was taken for granted about the columns of a file that nobody has mapped."""
    by_header = set(maps.guess(table.columns, mapped.kind))
    labels = {each.name: each.label for each in FIELDS[mapped.kind]}
    assumptions = [] if kind else [Assumption("kind", {"kind": mapped.kind})]
    assumptions += [
        Assumption("column_by_content", {"header": table.columns[index], "field": labels[name]})
        for name, index in mapped.columns.items()
        if name not in by_header
    ]
    return tuple(assumptions)


def unused_columns(table: DataTable, used: Iterable[int]) -> tuple[str, ...]:
    """Return the headers of the columns that hold something and are not among these."""
    return tuple(
        header or f"Column {index + 1}"
        for index, header in enumerate(table.columns)
        if index not in set(used) and has_cells(table, index)
    )


def has_cells(table: DataTable, index: int) -> bool:
    """Return whether any cell of a column is filled."""
    return bool((table.trimmed(index) != "").any())


def _check_preset(preset: str | None) -> None:
    if preset not in {None, "mapping"} and presets.by_name(str(preset)) is None:
        names = ", ".join(each_preset.name for each_preset in presets.ALL)
        msg = f"There is no preset “{preset}”. Choose one of {names}, or mapping."
        raise InvalidError(msg)


def _mapped_by_user(
    table: DataTable, kind: str, source: str, columns: dict[str, int]
) -> MappedFile:
    return _require_fields(
        MappedFile(
            table,
            USER_MAPPING,
            "Your own columns",
            kind,
            source,
            "fill",
            columns,
            headers=table.columns,
            unused=unused_columns(table, columns.values()),
        )
    )


def _mapped_by_preset(table: DataTable, match: presets.Match) -> MappedFile:
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
    mapped = _with_other_columns(mapped, table, part)
    return mapped if part.only_with else _require_fields(mapped)


# fields that a column unknown to a preset may hold without changing what its rows mean
_SIDE_FIELDS = frozenset(
    {"street", "city", "state", "postal_code", "country", "email", "other_emails", "phone"}
    | {"other_phones", "notes", "note", "tags", "salutation", "deceased", "anonymous"}
    | {"deceased_on", "preferred_language", "preferred_channel"}
    | {
        "no_email",
        "no_phone",
        "no_mail",
        "method",
        "fund",
        "campaign",
        "gl_code",
        "fee",
        "currency",
    }
)


def _with_other_columns(mapped: MappedFile, table: DataTable, part: presets.Part) -> MappedFile:
    """Return the file with the columns that its preset does not know guessed by their headers."""
    known = part.headers_read()
    rest = {index for index, header in enumerate(table.columns) if normal(header) not in known}
    columns, donor_columns = dict(mapped.columns), dict(mapped.donor_columns)
    for kind, placed in ((mapped.kind, columns), ("donors", donor_columns)):
        if kind == "donors" and not part.donor:
            continue
        for name, index in maps.guess(table.columns, kind).items():
            is_donors = name in DONOR_FIELDS
            if (
                index in rest
                and name in _SIDE_FIELDS
                and name not in {*columns, *donor_columns}
                and not (is_donors and part.donor and placed is columns)
            ):
                placed[name] = index
                rest.discard(index)
    used = set(range(len(table.columns))) - rest
    return replace(
        mapped,
        columns=columns,
        donor_columns=donor_columns,
        unused=unused_columns(table, used),
    )


def _require_fields(mapped: MappedFile) -> MappedFile:
    names = {*mapped.columns, *mapped.donor_columns}
    maps.require_fields(mapped.kind, names, mapped.table.columns)
    return mapped
