"""Unknown values in columns of fixed choices: find them, and apply the user's meanings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from app.imports.mapping.mapped_file import MappedFile
from app.imports.mapping.preset_transform import translate
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

    @property
    def beside(self) -> bool:
        """Whether a row with this value is imported without it, until the user says more."""
        return self.field in {"method", "donors.kind", "donors.status"}


def find_unknown(source: MappedFile) -> tuple[UnknownValues, ...]:
    """Return the unknown values, the most frequent first within each column."""
    unknown: list[UnknownValues] = []
    for field, label, vocabulary, index in _choice_columns(source):
        by_word: dict[str, UnknownValues] = {}
        for word, rows in _value_counts(source.table.column(index)):
            if word and choices.choose(vocabulary, word) is None:
                header, allowed = source.table.columns[index], choices.options(vocabulary)
                value = UnknownValues(field, label, header, word, 0, allowed)
                counted = by_word.setdefault(word.lower(), value)
                by_word[word.lower()] = replace(counted, rows=counted.rows + rows)
        unknown += sorted(by_word.values(), key=lambda value: (-value.rows, value.word))
    return tuple(unknown[:MOST])


def apply_meanings(
    source: MappedFile, words: Mapping[str, Mapping[str, str]] | None
) -> MappedFile:
    """Return the file with the user's meanings of unknown values applied.

    `words` maps field → value → the application's value.
    """
    unknown = find_unknown(source)
    answered = {value.field for value in unknown} & set(words or {})
    table, columns, donor_columns = source.table, dict(source.columns), dict(source.donor_columns)
    for field, _, _, index in _choice_columns(source):
        if field not in answered or words is None:
            continue
        meanings = {word.lower(): meaning for word, meaning in words[field].items()}
        cells = translate(table.column(index), meanings)
        (donor_columns if "." in field else columns)[field.rpartition(".")[2]] = len(table.columns)
        table = table.with_column(cells, table.columns[index])
    applied = {field: dict(words[field]) for field in sorted(answered)} if words else {}
    return replace(
        source,
        table=table,
        columns=columns,
        donor_columns=donor_columns,
        unknown=unknown,
        words=applied,
    )


def _value_counts(column: pd.Series) -> Iterator[tuple[str, int]]:
    codes, words = coded(column)
    rows = np.bincount(codes, minlength=len(words)).tolist()
    return ((word.strip(), count) for word, count in zip(words, rows, strict=True))


def _choice_columns(source: MappedFile) -> Iterator[tuple[str, str, str, int]]:
    parts: list[tuple[str, str, Mapping[str, int]]] = [("", source.kind, source.columns)]
    if source.donor_columns:
        parts.append(("donors.", "donors", source.donor_columns))
    for prefix, kind, columns in parts:
        for field in FIELDS[kind]:
            if field.type.startswith(_CHOICE) and field.name in columns:
                vocabulary = field.type.removeprefix(_CHOICE)
                yield f"{prefix}{field.name}", field.label, vocabulary, columns[field.name]
