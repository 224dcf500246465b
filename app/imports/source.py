"""One uploaded file and how to read it: recognised, or mapped by guess or by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.imports import mapping as maps
from app.imports import presets
from app.imports.fields import DONOR_FIELDS, missing
from app.imports.options import Options
from app.imports.read import Table, read
from app.imports.sheet import Sheet, hashes
from app.imports.typed import Typed, typed
from app.kit.errors import InvalidError
from app.kit.words import count


@dataclass(frozen=True, slots=True)
class Source:
    """A file with every column placed: preset, kind, namespace of its ids, update policy."""

    table: Table
    preset: str
    title: str
    kind: str
    source: str
    policy: str
    columns: dict[str, int]

    @property
    def mixed(self) -> bool:
        """Whether a row describes its donor as well, who is made when unknown."""
        names = {"name", "first_name", "last_name"}
        return self.kind in {"gifts", "pledges"} and bool(names & set(self.columns))


def open_table(data: bytes) -> Table:
    """Cut a file into cells, looking for the headers of every preset.

    Raises:
        InvalidError: the file cannot be read as a table.
    """
    return read(data, known=lambda row: presets.recognise(row) is not None)


def place(
    table: Table, *, preset: str | None, kind: str | None, mapping: Mapping[str, str] | None,
    source: str,
) -> Source:  # fmt: skip
    """Decide what each column is: a person's mapping first, then presets, then a guess.

    Raises:
        InvalidError: a field that the kind cannot do without has no column.
    """
    if preset not in {None, "mapping"} and presets.by_name(str(preset)) is None:
        known = ", ".join(each.name for each in presets.ALL)
        msg = f"There is no preset “{preset}”. Choose one of {known}, or mapping."
        raise InvalidError(msg)
    if mapping is None and preset != "mapping":
        found = presets.recognise(table.columns, preset=preset, kind=kind)
        if found is not None:
            made = Source(
                table, found.preset.name, found.preset.title, found.part.kind,
                found.preset.source, found.preset.policy, found.columns,
            )  # fmt: skip
            return _complete(made)
        if preset is not None:
            msg = f"The headers are not those of {preset}: {_shown(table.columns)}."
            raise InvalidError(msg)
    chosen = kind or maps.guess_kind(table.columns)
    columns = (
        maps.guess(table.columns, chosen)
        if mapping is None
        else maps.placed(table.columns, mapping)
    )
    return _complete(Source(table, "mapping", "Your own columns", chosen, source, "fill", columns))


def _complete(made: Source) -> Source:
    lacking = missing(made.kind, set(made.columns))
    if lacking:
        msg = (
            f"No column says the {lacking[0]} ({made.kind}). The file has: "
            f"{_shown(made.table.columns)}."
        )
        raise InvalidError(msg)
    return made


def _shown(columns: Sequence[str]) -> str:
    named = [column for column in columns if column]
    more = f" and {count(len(named) - 12, 'more column')}" if len(named) > 12 else ""  # noqa: PLR2004
    return ", ".join(named[:12]) + more


def typed_parts(made: Source, options: Options) -> list[Typed]:
    """Type the file's rows, one entry per kind; donors come before what they gave.

    Raises:
        UndecidedError: the date order or decimal mark must be asked.
    """
    sheet = Sheet(made.table, made.columns, options)
    main = typed(made.kind, sheet)
    if not made.mixed:
        return [main]
    columns = {name: at for name, at in made.columns.items() if name in DONOR_FIELDS}
    if "donor_external_id" in made.columns:
        columns["external_id"] = made.columns["donor_external_id"]
    donors, donor_row = _people(made.table, columns, sheet, options)
    rows = main.rows.append_column("donor_row", donor_row(main.rows.column("row")))
    return [donors, replace(main, rows=rows)]


def _people(
    table: Table, columns: dict[str, int], sheet: Sheet, options: Options
) -> tuple[Typed, Any]:
    """Return the distinct people of a gift file, and which row first named each row's person."""
    people = Sheet(table, columns, options)
    folded = {name: pc.utf8_lower(people.raw(name)) for name in columns}
    blank = pa.repeat("", table.height)
    ident, email = folded.get("external_id", blank), folded.get("email", blank)
    whole = [folded[name] for name in ("name", "first_name", "last_name", "postal_code", "phone")
             if name in folded]  # fmt: skip
    key = pd.Series(
        np.where(
            pc.not_equal(ident, "").to_numpy(zero_copy_only=False),
            hashes([ident]),
            np.where(
                pc.not_equal(email, "").to_numpy(zero_copy_only=False),
                hashes([email, *[folded[n] for n in ("name", "first_name", "last_name")
                                 if n in folded]]),
                hashes(whole),
            ),
        )
    )  # fmt: skip
    first = key.groupby(key).transform(lambda group: group.index[0]) if len(key) < 2 else (  # noqa: PLR2004
        key.drop_duplicates().reset_index().set_index(0)["index"].reindex(key).to_numpy()
    )  # fmt: skip
    first = np.asarray(first, dtype=np.int64)
    keep = np.unique(first[~sheet.bad])
    only = Table(
        table.columns, table.cells.take(pa.array(keep)), table.rows[keep], (), table.encoding,
        table.delimiter, table.header_row,
    )  # fmt: skip
    found = typed("donors", Sheet(only, columns, options))
    at = pd.Series(table.rows[first], index=table.rows)

    def donor_row(rows: Any) -> Any:
        return pa.array(at.reindex(rows.to_numpy()).to_numpy(), pa.int64())

    return found, donor_row
