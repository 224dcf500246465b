"""Fill a donor's empty cells from later rows of the same donor, in a file of gifts or pledges."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.imports.parsing.columns import Sheet
from app.imports.parsing.contacts import ADDRESS
from app.imports.parsing.donor_names import NAME_FIELDS
from app.imports.values.arrays import is_true, taken, with_cells
from app.imports.values.problems import Problem
from app.imports.values.row_numbers import file_row

Rows = NDArray[np.int64]
# a file may say something else of a donor in each of a million rows
MOST_NOTES = 2_000


def fill(donors: Sheet, people: Sheet, first: Rows, kept: Rows, rows: Rows) -> None:
    """Fill the cells of `donors`, the rows `kept` of `people`, from the rows of the same donors.

    `first` is the first row of each row's donor. A name or an address is taken as a whole. Each
    row that adds something, or says something else, gets a note.
    """
    added: dict[int, list[str]] = {}
    differing: dict[int, list[str]] = {}
    for fields in _blocks(people.columns):
        cells = [people.cells(field) for field in fields]
        filled = np.logical_or.reduce([is_true(column != "") for column in cells])
        givers = rows[filled[rows]]
        sources = first[givers]
        lacking = sources[~filled[sources]]
        if len(lacking):
            # the first row that says it, for each donor whose own row does not
            open_givers = givers[~filled[sources]]
            owners, places = np.unique(lacking, return_index=True)
            chosen = open_givers[places]
            for field, column in zip(fields, cells, strict=True):
                places = np.searchsorted(kept, owners)
                donors.filled[field] = _replaced(column, kept, places, chosen)
            _add(added, chosen, people.header(fields[0]))
            source_of = np.arange(len(first), dtype=np.int64)
            source_of[owners] = chosen
            sources = source_of[sources]
        other = _differs(cells, givers, sources)
        _add(differing, givers[other][:MOST_NOTES], people.header(fields[0]))
    for position, headers in _in_order(added):
        _note(donors, people, first, position, "same_person_adds", headers)
    for position, headers in _in_order(differing):
        _note(donors, people, first, position, "same_person_differs", headers)


def _blocks(columns: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield the fields that belong together: the name, the address, every other field alone."""
    together = (NAME_FIELDS, ADDRESS)
    for fields in together:
        present = [field for field in fields if field in columns]
        if present:
            yield present
    yield from (
        [field] for field in columns if field not in {"external_id", *together[0], *together[1]}
    )


def _replaced(column: pd.Series, kept: Rows, places: Rows, chosen: Rows) -> pd.Series:
    mask = np.zeros(len(kept), dtype=bool)
    mask[places] = True
    return with_cells(taken(column, kept), mask, taken(column, chosen))


def _differs(cells: list[pd.Series], rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """Return which rows have other values than the rows beside them, whatever their case."""
    differs = np.zeros(len(rows), dtype=bool)
    elsewhere = rows != others
    for column in cells:
        mine, theirs = taken(column, rows[elsewhere]), taken(column, others[elsewhere])
        if (mine != theirs).any():
            differs[elsewhere] |= is_true(mine.str.lower() != theirs.str.lower())
    return differs


def _add(notes: dict[int, list[str]], positions: Rows, header: str) -> None:
    for position in positions.tolist():
        notes.setdefault(position, []).append(header)


def _in_order(notes: dict[int, list[str]]) -> list[tuple[int, list[str]]]:
    return sorted(notes.items())[:MOST_NOTES]


def _note(
    donors: Sheet, people: Sheet, first: Rows, position: int, code: str, headers: list[str]
) -> None:
    rows = people.table.rows
    row = file_row(int(rows[first[position]]))
    if row != file_row(int(rows[position])):
        problem = Problem(code, {"row": row, "fields": ", ".join(headers)})
        donors.note_row(int(rows[position]), "", problem)
