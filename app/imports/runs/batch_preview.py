"""Several files as one import: planned in order, each as if those before it were written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.accounts import Actor, require
from app.db import Session
from app.imports import import_lock, pipeline
from app.imports import timeouts as import_timeouts
from app.imports.execution import StagedImport
from app.imports.inspection import IMPORTERS
from app.imports.mapping.mapped_file import MappedFile
from app.imports.pipeline import known_run
from app.imports.queries import new_records
from app.imports.queries.runs import batches as batch_queries
from app.imports.request import ImportRequest
from app.imports.results import Batch, BatchFile, Preview
from app.imports.runs.batches import commit_together, write
from app.kit.errors import (
    DonorCrmError,
    InvalidError,
    NotAllowedError,
)

MAX_FILES = 10
# what later files refer to comes first
ORDER = (
    *("funds", "campaigns", "donors", "tags", "emails", "phones", "addresses"),
    *("households", "relations", "pledges", "pledge-versions", "pledge-pauses"),
    *("gifts", "soft-credits"),
    *("consents", "contacts", "tasks", "requests"),
)
# of files whose format does not name the system
_NO_SOURCE = "file"


@dataclass(slots=True)
class _File:
    """A file on its way to a plan."""

    place: int
    request: ImportRequest
    mapped: MappedFile | None = None
    staged: StagedImport | None = None
    preview: Preview | None = None
    error: DonorCrmError | None = None


def preview_together(
    db: Session,
    actor: Actor,
    requests: Sequence[ImportRequest],
    *,
    today: date,
    now: datetime,
) -> Batch:
    """Plan files that refer to each other, and store the plans as the runs of a batch.

    They are planned in `ORDER`; files of one kind stay in the given order. Every file is planned
    as if the files before it had been imported: they are written and rolled back. A file that
    cannot be planned has its error in the result, and no run is stored then.

    Raises:
        InvalidError: there are fewer than two files, or too many.
        TookTooLongError: a statement, or another import waited for, took too long.
    """
    require(actor, *IMPORTERS)
    files = _map_in_order(actor, requests)
    import_lock.wait(db, actor, run_id=None)
    with import_timeouts.planning(db):
        with db.begin_nested() as savepoint:
            _plan(db, actor, files, today=today, now=now)
            savepoint.rollback()
        planned = all(file.preview for file in files)
        batch_id = _save(db, actor, files) if planned else None
    return Batch(batch_id, tuple(_result(file) for file in files))


def _map_in_order(actor: Actor, requests: Sequence[ImportRequest]) -> list[_File]:
    """Map every file and put the files in order; those that cannot be read come last."""
    if not 1 < len(requests) <= MAX_FILES:
        msg = f"Choose between 2 and {MAX_FILES} files to import together."
        raise InvalidError(msg)
    files = [_File(place, request) for place, request in enumerate(requests)]
    for file in files:
        try:
            file.mapped = pipeline.map_file(actor, file.request)
        except (InvalidError, NotAllowedError) as error:
            file.error = error
    _share_source(files)
    return sorted(files, key=_rank)


def _rank(file: _File) -> tuple[int, int]:
    kind = len(ORDER) if file.mapped is None else ORDER.index(file.mapped.kind)
    return kind, file.place


def _share_source(files: Sequence[_File]) -> None:
    """Give files of no known format the source of the others, whose donor ids they use."""
    sources = {
        file.mapped.source
        for file in files
        if file.mapped is not None and _names_donors(file.mapped)
    }
    if len(sources) != 1:
        return
    source = sources.pop()
    for file in files:
        mapped = file.mapped
        if mapped is not None and mapped.preset == "mapping" and mapped.source == _NO_SOURCE:
            file.request = replace(file.request, source=source)
            file.mapped = replace(mapped, source=source)


def _names_donors(mapped: MappedFile) -> bool:
    """Return whether the file is of a known format and has ids of donors."""
    if mapped.preset == "mapping":
        return False
    name = "external_id" if mapped.kind == "donors" else "donor_external_id"
    return name in mapped.columns or "external_id" in mapped.donor_columns


def _plan(
    db: Session, actor: Actor, files: Sequence[_File], *, today: date, now: datetime
) -> None:
    """Plan each file after writing the ones before; after a failure only look for questions."""
    new_records.prepare(db)
    for place, file in enumerate(files, 1):
        failed = any(other.error for other in files)
        _stage(db, actor, file, today=today)
        if failed or file.staged is None:
            continue
        file.preview = _with_keys(db, pipeline.describe(db, file.staged, file.request.file_name))
        if place < len(files):
            saved = pipeline.save(db, actor, file.staged, file.request, file.preview)
            write(db, actor, file.staged, run=known_run(db, actor, saved.run_id), now=now)
    if any(file.error for file in files):
        # the figures of the others would change with the file that failed
        for file in files:
            file.preview = None


def _stage(db: Session, actor: Actor, file: _File, *, today: date) -> None:
    """Stage a file that could be read; its error is kept with it."""
    if file.mapped is None:
        return
    try:
        file.staged = pipeline.stage(
            db,
            actor,
            file.mapped,
            file.request,
            owner_id=pipeline.new_owner(db, actor, file.request.owner),
            today=today,
            in_batch=True,
        )
    except (InvalidError, NotAllowedError) as error:
        file.error = error


def _with_keys(db: Session, preview: Preview) -> Preview:
    """Return the preview with keys instead of the ids of donors that the batch adds."""
    if not preview.people:
        return preview
    keys = new_records.donor_keys(db)
    questions = []
    for question in preview.people:
        candidates = [
            replace(each, donor_id=keys.get(each.donor_id, each.donor_id))
            for each in question.candidates
        ]
        questions.append(replace(question, candidates=tuple(candidates)))
    return replace(preview, people=tuple(questions))


def _save(db: Session, actor: Actor, files: Sequence[_File]) -> int:
    """Store the plans as runs and return the id of their batch."""
    batch_id = 0
    for file in files:
        if file.staged is None or file.preview is None:
            continue
        file.preview = pipeline.save(
            db, actor, file.staged, file.request, file.preview, batch_id=batch_id or None
        )
        if not batch_id:
            batch_id = file.preview.run_id
            batch_queries.begin(db, batch_id)
    return batch_id


def _result(file: _File) -> BatchFile:
    return BatchFile(
        file.place,
        file.request.file_name,
        file.mapped.kind if file.mapped else None,
        file.preview,
        file.error,
    )


def import_together(
    db: Session,
    actor: Actor,
    requests: Sequence[ImportRequest],
    *,
    today: date,
    now: datetime,
) -> Batch:
    """Preview and commit in one step, for the command line; nothing is written if a file fails.

    Raises:
        InvalidError, TookTooLongError: as `preview_together`.
    """
    batch = preview_together(db, actor, requests, today=today, now=now)
    if batch.batch_id is not None:
        commit_together(
            db,
            actor,
            batch_id=batch.batch_id,
            plan_hashes=batch.plan_hashes,
            today=today,
            now=now,
        )
    return batch
