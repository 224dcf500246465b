"""What goes out comes back in: exports of one organisation, imported into an empty one."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import exports, imports
from app.accounts import Actor, Role
from app.exports.queries.datasets import TABLE
from app.file_reader.presets import own_related
from app.imports.queries.related.kinds import RELATED_KINDS
from tests import factories as make
from tests.integration.imports.related.organisation import (
    FILES,
    KINDS,
    bring,
    build,
    cells,
    counts,
    dump,
    empty,
    export,
)


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db, time_zone="America/New_York")
    ada = make.person(db, name="Ada", role=Role.ADMIN)
    build(db, ada)
    return ada


def test_every_importable_export_is_in_the_round_trip() -> None:
    assert set(FILES) == set(exports.IMPORTABLE) == set(imports.KINDS)
    assert set(KINDS) < set(FILES)
    assert {part.kind for part in own_related.PARTS} == set(KINDS) == set(RELATED_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_format_reads_every_column_of_the_export(kind: str) -> None:
    [part] = [part for part in own_related.PARTS if part.kind == kind]
    # names of donors are there for readers, a status and a day for comparison
    ignored = {"donor_name", "other_name", "status", "gift_date", "until"} - set(part.headers)
    assert set(TABLE[kind].columns) - ignored == set(part.headers)


@pytest.mark.parametrize("form", exports.FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_own_export_changes_nothing(
    db: Session, ada: Actor, today: date, now: datetime, kind: str, form: str
) -> None:
    before = dump(db)
    data = export(db, ada, kind, today, form)
    preview = bring(db, ada, data, today, now)
    rows = preview.plan.main.rows
    assert rows > 0
    assert counts(preview) == (0, 0, rows, 0, 0), preview.plan.main.problems
    assert dump(db) == before


def test_the_documentation_names_every_column() -> None:
    lines = (Path(__file__).parents[4] / "docs" / "imports.md").read_text().splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| `")]
    documented = {row[0].strip("| `"): row[2].split(", ") for row in rows}
    assert documented == {kind: [field.label for field in imports.FIELDS[kind]] for kind in KINDS}


def test_an_organisation_comes_back_in_an_empty_one_and_goes_again(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    files = {kind: export(db, ada, kind, today) for kind in FILES}
    empty(db)
    states, runs = [dump(db)], []
    for kind in FILES:
        preview = bring(db, ada, files[kind], today, now)
        assert counts(preview)[3:] == (0, 0), (kind, preview.plan.main.problems)
        runs.append(preview.run_id)
        states.append(dump(db))
    for kind in FILES:
        assert cells(export(db, ada, kind, today)) == cells(files[kind]), kind
    for kind in FILES:
        preview = bring(db, ada, files[kind], today, now)
        assert counts(preview) == (0, 0, preview.plan.main.rows, 0, 0), kind
    assert dump(db) == states[-1]
    for run_id, state in reversed([*zip(runs, states[:-1], strict=True)]):
        assert imports.undo(db, ada, run_id=run_id, now=now).kept == ()
        assert dump(db) == state


def test_the_files_of_an_organisation_are_imported_together(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    names = ("donors", "tags", "emails", "addresses", "households", "relations")
    files = {kind: export(db, ada, kind, today) for kind in (*names, "gifts", "soft-credits")}
    empty(db)
    before = dump(db)
    requests = [imports.ImportRequest(f"{kind}.csv", data) for kind, data in files.items()]
    batch = imports.preview_together(db, ada, requests, today=today, now=now)
    assert [file.error for file in batch.files] == [None] * len(files)
    assert batch.batch_id is not None
    hashes = [planned.plan_hash for planned in batch.previews]
    imports.commit_together(
        db, ada, batch_id=batch.batch_id, plan_hashes=hashes, today=today, now=now
    )
    for kind in ("emails", "households", "relations", "soft-credits"):
        assert cells(export(db, ada, kind, today)) == cells(files[kind]), kind
    imports.undo_together(db, ada, batch_id=batch.batch_id, now=now)
    assert dump(db) == before
