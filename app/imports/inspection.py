"""Inspect a file before it is planned, and find how similar files were mapped before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app import donors
from app.accounts import Actor, Role, require
from app.db import Session
from app.donors import CustomField
from app.file_reader import presets
from app.file_reader.read_options import ENCODINGS, Reading, checked
from app.file_reader.sandbox.cancellation import NEVER, Stop
from app.file_reader.sandbox.pool import UnreadableError
from app.file_reader.table import Table
from app.imports.mapping import columns as maps
from app.imports.mapping import custom_columns, templates
from app.imports.mapping.data_table import DataTable
from app.imports.mapping.mapped_file import open_table
from app.imports.mapping.saved_mappings import FittingMapping, fitting
from app.imports.queries import saved_mappings as queries
from app.imports.request import check_kind
from app.imports.results import Layout
from app.imports.values.fields import FIELDS
from app.imports.values.questions import UndecidedError
from app.kit.errors import InvalidError

# saved mappings that the user's last choices are compared with
MOST_COMPARED = 20
IMPORTERS = (Role.FUNDRAISER, Role.SUPERVISOR, Role.FINANCE, Role.ADMIN)


def read_file(
    actor: Actor, *, data: bytes, reading: Mapping[str, Any] | None = None, stop: Stop = NEVER
) -> Table:
    """Read a file as a table; call it outside any transaction, as it may take seconds.

    Raises:
        UnreadableError: the file cannot be read as a table.
        UndecidedError: its letters can be read in several encodings, the user must choose one.
        ReadingStoppedError: `stop` was set.
    """
    require(actor, *IMPORTERS)
    try:
        return open_table(data, checked(reading), stop)
    except UnreadableError as error:
        if not error.readings:
            raise
        raise UndecidedError(
            str(error),
            "encoding",
            tuple(", ".join(words) for words in error.readings.values()),
            tuple(error.readings),
        ) from error


def template(actor: Actor, *, kind: str) -> bytes:
    """Return the template of a kind as CSV: our own field names and two example rows.

    Raises:
        InvalidError: there is no such kind, or no template of it.
    """
    require(actor, *IMPORTERS)
    check_kind(kind)
    if kind not in templates.KINDS:
        msg = f"There is a template of {', '.join(templates.KINDS)}."
        raise InvalidError(msg)
    return templates.template(kind)


def inspect_file(
    db: Session,
    actor: Actor,
    *,
    data: bytes,
    kind: str | None = None,
    like: int | None = None,
    reading: Mapping[str, Any] | None = None,
    table: Table | None = None,
) -> Layout:
    """Return the recognised format of a file, or the suggested mapping of its columns.

    `table` is what `read_file` returned for the same file. `like` is the id of the
    version of a saved mapping to use, 0 for none; `reading` holds the user's overrides for the
    file's encoding, delimiter and header row.

    Raises:
        InvalidError: the file cannot be read.
    """
    require(actor, *IMPORTERS)
    check_kind(kind)
    if table is None:
        table = read_file(actor, data=data, reading=reading)
    match, fields = presets.recognise(table.columns), donors.custom_fields(db)
    draft = queries.draft(db, actor, maps.header_key(table.columns))
    template = templates.recognise(table.columns)
    if template is not None and kind in {None, template[0]}:
        return _filled_template(table, *template, words=draft[2] if draft else {})
    if match is not None and kind in {None, match.part.kind}:
        layout = _recognised(table, match, words=draft[2] if draft else {})
        return _with_custom(layout, fields)
    fits = fitting(queries.saved_mappings(db, actor, kind=kind), table.columns)
    if like is None:
        return _suggested(table, kind, draft, fits, fields)
    return _as_chosen(table, kind, like, fits, fields)


def _with_custom(layout: Layout, fields: Sequence[CustomField]) -> Layout:
    """Return a detected layout with the columns that are named like a custom field."""
    mapping = custom_columns.suggested(fields, layout.columns, layout.kind, layout.mapping)
    return replace(layout, mapping=mapping)


def _suggested(
    table: Table,
    kind: str | None,
    draft: maps.Draft | None,
    fits: tuple[FittingMapping, ...],
    fields: Sequence[CustomField],
) -> Layout:
    """Return the mapping to begin with: the user's draft, else the most similar saved one."""
    alike = [fit for fit in fits if fit.alike][:MOST_COMPARED]
    rows = DataTable.of(table)
    suggestion = maps.suggest(rows, kind, draft, alike[0] if alike else None)
    chosen_kind, mapping, _ = suggestion
    source = next(
        (
            fit.saved.mapping_id
            for fit in alike
            if fit.saved.kind == chosen_kind
            and maps.mapping_of_version(rows, chosen_kind, fit.latest, fit.new) == mapping
        ),
        None,
    )
    detected = maps.suggest(rows, chosen_kind, None)[1]
    full = custom_columns.suggested(fields, table.columns, chosen_kind, detected)
    drafted = source is None and mapping not in (detected, full)
    layout = _to_map(table, suggestion, fits, source, drafted=drafted)
    if draft is None and source is None:
        layout = _with_custom(layout, fields)
    if kind is not None or source is not None or drafted:
        return layout
    used = {name: table.columns.index(header) for header, name in mapping.items()}
    aside = maps.money_aside(rows, chosen_kind, used)
    return (
        replace(layout, kind_question=maps.kind_question(chosen_kind, aside)) if aside else layout
    )


def _as_chosen(
    table: Table,
    kind: str | None,
    like: int,
    fits: tuple[FittingMapping, ...],
    fields: Sequence[CustomField],
) -> Layout:
    """Return the mapping of a chosen version of a saved mapping, or a new guess."""
    versions = [(fit, version) for fit in fits if (version := fit.version(like)) is not None]
    fit, version = versions[0] if versions else (None, None)
    suggestion = maps.suggest(DataTable.of(table), kind, None, fit, version)
    layout = _to_map(table, suggestion, fits, fit.saved.mapping_id if fit else None)
    return layout if fit else _with_custom(layout, fields)


def _recognised(table: Table, match: presets.Match, *, words: maps.Words) -> Layout:
    """Return the layout of a file in a known format."""
    kind, preset = match.part.kind, match.preset
    holds = f"donors and {kind}" if match.part.donor else kind
    return _known(table, preset.title, preset.name, kind, holds, match.columns, words=words)


def _filled_template(
    table: Table, kind: str, columns: Mapping[str, int], *, words: maps.Words
) -> Layout:
    """Return the layout of a file that was made from a template."""
    return _known(table, templates.TITLE, templates.NAME, kind, kind, columns, words=words)


def _known(
    table: Table,
    title: str,
    preset: str,
    kind: str,
    holds: str,
    columns: Mapping[str, int],
    *,
    words: maps.Words,
) -> Layout:
    """Return the layout of a file whose columns are known by their headers."""
    return Layout(
        title,
        preset,
        kind,
        holds,
        table.columns,
        table.samples(),
        {table.columns[number]: name for name, number in columns.items()},
        table.height,
        FIELDS,
        words,
        detected=_detected(table),
        first_rows=table.first_rows,
        sheets=table.sheets,
    )


def _to_map(
    table: Table,
    suggestion: tuple[str, dict[str, str], maps.Words],
    fits: tuple[FittingMapping, ...],
    source: int | None,
    *,
    drafted: bool = False,
) -> Layout:
    """Return the layout of a file whose columns the user maps."""
    kind, mapping, words = suggestion
    return Layout(
        None,
        "mapping",
        kind,
        kind,
        table.columns,
        table.samples(),
        mapping,
        table.height,
        FIELDS,
        words,
        fits,
        source,
        drafted,
        detected=_detected(table),
        first_rows=table.first_rows,
        sheets=table.sheets,
    )


def _detected(table: Table) -> Reading:
    encoding = table.encoding if table.encoding in ENCODINGS else None
    return Reading(encoding, table.delimiter, table.header_row, table.sheet)
