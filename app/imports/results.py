"""Result types of the import functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.file_reader.read_options import AS_FOUND, Reading
from app.imports.diff import RowChange
from app.imports.mapping.saved_mappings import FittingMapping
from app.imports.mapping.unknown_values import UnknownValues
from app.imports.planning.ambiguous_donors import Question
from app.imports.planning.plan import Plan
from app.imports.values.records.field import Field
from app.kit.errors import DonorCrmError

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan to show: the run that stores it, its rows, and the questions for the user."""

    run_id: int
    title: str
    file_name: str
    plan: Plan
    rows: tuple[RowChange, ...] = ()
    unknown: tuple[UnknownValues, ...] = ()
    people: tuple[Question, ...] = ()
    # each donor field of the file → what the format does to a stored value
    policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def plan_hash(self) -> str:
        """The hash to pass to `commit`."""
        return self.plan.plan_hash


@dataclass(frozen=True, slots=True)
class Layout:
    """A file before it is planned: the recognised format, or the columns to map.

    `columns` are the headers; `samples` the first cells under each; `mapping` header → field
    as recognised, saved or guessed; `words` the saved meanings of unknown values; `holds`
    describes what the rows are.
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
    # the saved mappings that share columns with the file, the most similar first
    saved: tuple[FittingMapping, ...] = ()
    # the id of the saved mapping that `mapping` was taken from
    source: int | None = None
    # whether `mapping` is what the user chose last and has not imported
    drafted: bool = False
    # a question what the rows are, where their detected kind would leave money or dates aside
    kind_question: str = ""
    # how the file was read: encoding (where it is one the user can choose), delimiter, header row
    detected: Reading = AS_FOUND
    # rows before the header row is applied, for choosing the header row
    first_rows: Rows = ()
    # the sheets of a workbook that have rows
    sheets: tuple[str, ...] = ()

    @property
    def earlier(self) -> FittingMapping | None:
        """The most similar saved mapping, if it is similar enough to be suggested."""
        return next((fit for fit in self.saved if fit.alike), None)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the import history. `counts` holds the plan's JSON without its problems.

    `has_file` is True while the uploaded file is stored; `kept_rows` is how many rows an undo
    did not revert, and `kept` holds a sentence for each of the first ones.
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
    # the same for all files that were imported together, in the order of their ids
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class BatchFile:
    """One file of a batch: its preview, or why it cannot be planned yet.

    Without both, it waits for the other files; `kind` is None if the file cannot be read. `place`
    is its place among the files as they were given, counted from 0.
    """

    place: int
    file_name: str
    kind: str | None = None
    preview: Preview | None = None
    error: DonorCrmError | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Files to import together, in the order in which they are imported.

    `batch_id` is None if a file cannot be planned; nothing is stored then.
    """

    batch_id: int | None
    files: tuple[BatchFile, ...]

    @property
    def previews(self) -> tuple[Preview, ...]:
        """The previews of the files that are planned."""
        return tuple(file.preview for file in self.files if file.preview is not None)

    @property
    def plan_hashes(self) -> tuple[str, ...]:
        """The hashes to pass to `commit_together`."""
        return tuple(preview.plan_hash for preview in self.previews)


@dataclass(frozen=True, slots=True)
class ImportFunds:
    """The names of the funds that an import created and of those it changed."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """An undone run: a sentence for each row that was not reverted."""

    run_id: int
    kept: tuple[str, ...]
