"""Inspect a file before it is planned, and find how similar files were mapped before."""

from collections.abc import Mapping
from typing import Any

from app.accounts import Actor, Role, require
from app.db import Session
from app.file_reader import presets
from app.file_reader.read_options import ENCODINGS, Reading, checked
from app.file_reader.sandbox.cancellation import NEVER, Stop
from app.file_reader.sandbox.pool import UnreadableError
from app.file_reader.table import Table
from app.imports.mapping import columns as maps
from app.imports.mapping import saved_layouts
from app.imports.mapping.data_table import DataTable
from app.imports.mapping.mapped_file import MappedFile, open_table
from app.imports.queries import layouts as layout_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.request import check_kind
from app.imports.results import Layout
from app.imports.values.fields import FIELDS
from app.imports.values.questions import UndecidedError

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

    `table` is what `read_file` returned for the same file. `like` is the number of the saved
    layout whose mapping to use, 0 for none; `reading` holds the user's overrides for the file's
    encoding, delimiter and header row.

    Raises:
        InvalidError: the file cannot be read.
    """
    require(actor, *IMPORTERS)
    check_kind(kind)
    if table is None:
        table = read_file(actor, data=data, reading=reading)
    match = presets.recognise(table.columns)
    saved = queries.saved_mapping(db, actor, maps.header_key(table.columns))
    if match is not None and kind in {None, match.part.kind}:
        return _recognised(table, match, words=saved[2] if saved else {})
    earlier = saved_layouts.find(layout_queries.layouts(db, kind=kind), table.columns)
    if like is None:
        suggestion = maps.suggest(DataTable.of(table), kind, saved, earlier)
    else:
        chosen_layout = earlier and earlier.only(like)
        suggestion = maps.suggest(DataTable.of(table), kind, None, chosen_layout)
    return _suggested(table, suggestion, earlier)


def _recognised(table: Table, match: presets.Match, *, words: maps.Words) -> Layout:
    """Return the layout of a file in a known format."""
    kind = match.part.kind
    return Layout(
        match.preset.title,
        match.preset.name,
        kind,
        f"donors and {kind}" if match.part.donor else kind,
        table.columns,
        table.samples(),
        {table.columns[number]: name for name, number in match.columns.items()},
        table.height,
        FIELDS,
        words,
        None,
        _detected(table),
        table.first_rows,
        table.sheets,
    )


def _suggested(
    table: Table,
    suggestion: tuple[str, dict[str, str], maps.Words],
    earlier: saved_layouts.Earlier | None,
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
        earlier,
        _detected(table),
        table.first_rows,
        table.sheets,
    )


def _detected(table: Table) -> Reading:
    encoding = table.encoding if table.encoding in ENCODINGS else None
    return Reading(encoding, table.delimiter, table.header_row, table.sheet)


def save_layout(db: Session, actor: Actor, mapped: MappedFile, run: StoredRun) -> None:
    """Save the user's column mapping as a layout, for the next file with similar columns."""
    mapping = run.options.get("mapping")
    if not mapping:
        return
    earlier = saved_layouts.find(layout_queries.layouts(db, kind=mapped.kind), mapped.headers)
    latest = earlier.latest if earlier else None
    same = latest and (latest.headers, dict(latest.mapping), latest.words) == (
        mapped.headers,
        mapping,
        mapped.words,
    )
    if not same:
        layout_queries.add(
            db,
            actor,
            after=latest,
            name=run.file_name,
            key=maps.header_key(mapped.headers),
            headers=mapped.headers,
            kind=mapped.kind,
            mapping=mapping,
            words=mapped.words,
        )
