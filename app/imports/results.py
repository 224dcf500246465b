"""What the import room answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.imports.diff import RowChange
from app.imports.mapping.saved_layouts import Earlier
from app.imports.mapping.unknown_values import Unknown
from app.imports.planning.ambiguous_donors import Question
from app.imports.planning.plan import Plan
from app.imports.values.fields import Field
from app.imports.values.read_options import AS_FOUND, Reading

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A sealed plan on the screen: the run it was kept as, its rows, and what is to be asked."""

    run_id: int
    title: str
    file_name: str
    plan: Plan
    rows: tuple[RowChange, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    people: tuple[Question, ...] = ()
    # each donor's field of the file → what the format does to a kept value
    policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def plan_hash(self) -> str:
        """What commit must be given back."""
        return self.plan.plan_hash


@dataclass(frozen=True, slots=True)
class Layout:
    """A file before it is planned: how it was recognised, or what to map.

    `columns` are the headers; `samples` the first cells under each; `mapping` header → field
    as recognised, remembered or guessed; `words` what unknown words meant last
    time; `holds` says in words what the rows are.
    """

    recognised: str | None
    preset: str
    kind: str
    holds: str
    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    mapping: dict[str, str]
    rows: int
    fields: Mapping[str, tuple[Field, ...]]
    words: Mapping[str, Mapping[str, str]]
    # a file like this one that somebody read before
    earlier: Earlier | None = None
    # how the file was read: its encoding, where it is one to choose, separator and header row
    found: Reading = AS_FOUND
    # of the file as it stands, to choose the header from
    first_rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One line of the history. `counts` holds the plan's JSON without its problems.

    `has_file` says that the uploaded file is still kept; `kept_rows` how many rows an undo let
    stand, and `kept` a sentence for each of the first ones.
    """

    id: int
    file_name: str
    preset: str
    kind: str
    state: str
    counts: dict[str, Any]
    person: str
    user_id: int
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    progress: int
    progress_of: int
    doing: str | None
    error: str | None
    problems: int = 0
    cancelled_at: datetime | None = None
    canceller: str | None = None
    has_file: bool = False
    kept_rows: int = 0
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """An undone run: how many rows it had made or changed, and a sentence per row kept."""

    run_id: int
    kept: tuple[str, ...]
