"""Unknown values in columns of fixed choices: find them, and apply the user's meanings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.imports.mapping.mapped_file import MappedFile
from app.imports.mapping.preset_transform import in_words
from app.imports.values import choices
from app.imports.values.arrays import coded
from app.imports.values.fields import FIELDS

MOST = 40
_CHOICE = "choice:"


@dataclass(frozen=True, slots=True)
class UnknownValues:
    """An unknown value in a column of choices: its column, row count and allowed values.

    `field` is the key of an answer: the field's name, prefixed with "donors." for the donor who
    is described besides a gift or pledge.
    """

    field: str
    label: str
    header: str
    word: str
    rows: int
    allowed: tuple[str, ...]


def unknown(made: MappedFile) -> tuple[UnknownValues, ...]:
    """Return the unknown values, the most frequent first within each column."""
    found: list[UnknownValues] = []
    for field, label, vocabulary, at in _choices(made):
        strange: dict[str, UnknownValues] = {}
        for word, rows in _counted(made.table.cells.column(str(at)).combine_chunks()):
            if word and choices.choose(vocabulary, word) is None:
                header, allowed = made.table.columns[at], choices.options(vocabulary)
                one = UnknownValues(field, label, header, word, 0, allowed)
                known = strange.setdefault(word.lower(), one)
                strange[word.lower()] = replace(known, rows=known.rows + rows)
        found += sorted(strange.values(), key=lambda one: (-one.rows, one.word))
    return tuple(found[:MOST])


def meaning(made: MappedFile, words: Mapping[str, Mapping[str, str]] | None) -> MappedFile:
    """Return the file with the user's meanings of unknown values applied.

    `words` maps field → value → the application's value.
    """
    asked = unknown(made)
    known = {one.field for one in asked} & set(words or {})
    table, columns, people = made.table, dict(made.columns), dict(made.donor_columns)
    for field, _, _, at in _choices(made):
        if field not in known or words is None:
            continue
        ours = {word.lower(): one for word, one in words[field].items()}
        place = str(len(table.columns))
        cells = in_words(table.cells.column(str(at)).combine_chunks(), ours)
        table = replace(
            table,
            columns=(*table.columns, table.columns[at]),
            cells=table.cells.append_column(place, cells),
        )
        (people if "." in field else columns)[field.rpartition(".")[2]] = int(place)
    said = {field: dict(words[field]) for field in sorted(known)} if words else {}
    return replace(
        made, table=table, columns=columns, donor_columns=people, unknown=asked, words=said
    )


def _counted(column: Any) -> Iterator[tuple[str, int]]:
    codes, words = coded(column)
    rows = np.bincount(codes, minlength=len(words)).tolist()
    return ((word.strip(), many) for word, many in zip(words, rows, strict=True))


def _choices(made: MappedFile) -> Iterator[tuple[str, str, str, int]]:
    halves: list[tuple[str, str, Mapping[str, int]]] = [("", made.kind, made.columns)]
    if made.donor_columns:
        halves.append(("donors.", "donors", made.donor_columns))
    for before, kind, columns in halves:
        for field in FIELDS[kind]:
            if field.type.startswith(_CHOICE) and field.name in columns:
                vocabulary = field.type.removeprefix(_CHOICE)
                yield f"{before}{field.name}", field.label, vocabulary, columns[field.name]
