"""Full export of the organisation to a folder: complete and verified, or no folder at all."""

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, TypedDict, Unpack

import pytest
from sqlalchemy import URL, insert, text
from sqlalchemy.orm import Session

from app import exports, imports
from app.accounts import Actor, Role
from app.cli import main
from app.db import replica, transaction_for_system
from app.db.errors import DatabaseError
from app.db.models import DonorRelation
from app.exports.columns import Column
from app.exports.full_export import IncompleteError
from app.exports.queries import rows
from app.exports.queries.dataset_kind import Counting, Kind
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.cli.test_commands import Said, app

__all__ = ["app", "main"]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class WriteOptions(TypedDict):
    """The options of `rows.write`."""

    form: str
    columns: Mapping[str, Column]
    ids: Sequence[int] | None
    counting: Counting


@pytest.fixture
def ruth(database: URL) -> Actor:
    """Add two fundraisers with donors, gifts in two currencies, a refund, a pledge and a task."""
    with transaction_for_system() as db:
        make.organisation(db, name="Lantern Road", modules=["requests"])
        ruth, sam = make.person(db, goal="100"), make.person(db)
        mara = make.donor(
            db,
            ruth,
            "=Mara",
            notes='two\nlines, "quoted"',
            kind="household",
            email="mara@vogel.example",
            phone="555-0101",
            address={"city": "York"},
        )
        otto = make.donor(db, sam, "Otto", household_id=mara)
        db.execute(insert(DonorRelation).values(donor_id=otto, other_id=mara, type="parent"))
        make.donor(db, None, "Nobody's")
        gift = make.gift(db, mara, "10.10", date(2026, 1, 5), fund_id=make.fund(db, "General"))
        make.reversal(db, gift, "0.10")
        make.gift(db, otto, "20", date(2026, 1, 5))
        make.gift(db, otto, "3000", date(2026, 1, 6), currency="JPY")
        pledge = make.pledge(db, mara, "5", "monthly", date(2026, 1, 1))
        make.pledge_amount(db, pledge, "6", date(2026, 3, 1))
        make.refusal(db, gift, pledge)
        make.task(db, sam, "Dentist")
        make.pause(db, pledge, date(2026, 5, 1))
        make.soft_credit(db, gift, otto, "5.05")
        make.campaign(db, "Spring", goal="900")
        make.contact(db, mara, text='Called, "later"')
        make.consent(db, otto)
        make.care_request(db, mara)
        make.tag(db, mara, "choir")
    return ruth


def write(folder: Path) -> list[exports.ExportedFile]:
    with exports.new_folder(folder) as new:
        files = replica.read_for_system(lambda db: exports.write_everything(db, new, now=NOW))
        with transaction_for_system() as db:
            exports.record_everything(db, files)
        return files


def test_the_manifest_describes_every_file(ruth: Actor, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "all"
    files = {file.name: file for file in write(folder)}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["organisation"], manifest["made_at"]) == ("Lantern Road", NOW.isoformat())
    assert {path.name for path in folder.iterdir()} == {*files, "manifest.json"}
    assert set(files) == {f"{kind}.csv" for kind in exports.KINDS}
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)
        with (folder / entry["name"]).open(newline="") as file:
            assert len(list(csv.DictReader(file))) == entry["rows"] > 0, entry["name"]
    assert files["donors.csv"].rows == 3
    assert files["gifts.csv"].sums == {"JPY": "3000", "USD": "30.00"}
    assert files["pledges.csv"].sums == {"USD": "6.00"}
    assert files["pledge-versions.csv"].sums == {"USD": "11.00"}
    assert files["refused-links.csv"].sums == {"USD": "10.10"}
    assert files["soft-credits.csv"].sums == {"USD": "5.05"}
    assert files["tasks.csv"].rows == files["households.csv"].rows == 1
    assert [path.name for path in folder.parent.iterdir()] == ["all"], "no partial folder is left"
    with transaction_for_system() as db:
        sentence = db.scalar(text("select sentence from activity order by id desc limit 1"))
        looks = db.scalar(text("select count(*) from donor_access where how = 'export'"))
    assert sentence.startswith("Exported the whole organisation: ")
    assert looks == 3


def test_importing_a_full_export_changes_nothing(ruth: Actor, tmp_path: Path) -> None:
    write(tmp_path / "all")
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN)
        for kind in exports.IMPORTABLE:
            data = (tmp_path / "all" / f"{kind}.csv").read_bytes()
            plan = imports.import_file(
                db, ada, imports.ImportRequest("x.csv", data), today=NOW.date(), now=NOW
            ).plan.main
            assert (plan.create, plan.update) == (0, 0), (kind, plan)
            # a task about no donor is its assignee's alone: nobody else may change it
            assert (plan.conflict if kind == "tasks" else plan.skip) > 0


@pytest.mark.parametrize("fault", ["half a file", "a lost row", "no disk", "stopped"])
def test_an_incomplete_export_leaves_no_folder(
    ruth: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    real, folder = rows.write, tmp_path / "all"

    def faulty(
        db: Session, actor: Actor, kind: Kind, out: BinaryIO, **options: Unpack[WriteOptions]
    ) -> int:
        rows = real(db, actor, kind, out, **options)
        if kind.name == "gifts":
            if fault == "half a file":
                out.truncate(out.tell() // 2)
            elif fault == "no disk":
                raise OSError(28, "No space left on device")
            elif fault == "stopped":
                raise KeyboardInterrupt
            rows -= fault == "a lost row"
        return rows

    monkeypatch.setattr(rows, "write", faulty)
    expected_error = {"no disk": OSError, "stopped": KeyboardInterrupt}.get(fault, IncompleteError)
    with pytest.raises(expected_error):
        write(folder)
    assert list(tmp_path.iterdir()) == []
    with transaction_for_system() as db:
        assert (
            db.scalar(text("select count(*) from activity where action = 'export.written'")) == 0
        )


def test_an_export_that_could_not_be_recorded_leaves_no_folder(
    ruth: Actor, tmp_path: Path, app: Callable[..., Said]
) -> None:
    """The transaction fails at its very end, when all files are written."""
    folder = tmp_path / "all"
    with transaction_for_system() as db:
        db.execute(
            text(
                "create function refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'not today'; end $$"
            )
        )
        db.execute(
            text(
                "create constraint trigger refuse after insert on activity"
                " deferrable initially deferred for each row execute function refuse()"
            )
        )
    with pytest.raises(DatabaseError):
        write(folder)
    assert list(tmp_path.iterdir()) == []
    assert app("export", "--all", str(folder)).returncode == 1
    assert list(tmp_path.iterdir()) == []
    with transaction_for_system() as db:
        db.execute(text("drop function refuse cascade"))
        assert (
            db.scalar(text("select count(*) from activity where action = 'export.written'")) == 0
        )


def test_the_folder_has_its_name_only_after_the_export_is_recorded(
    ruth: Actor, tmp_path: Path
) -> None:
    folder = tmp_path / "all"
    with exports.new_folder(folder) as new, transaction_for_system() as db:
        assert exports.write_everything(db, new, now=NOW)
        assert [path.name for path in tmp_path.iterdir()] == [new.name]
        assert new.name.endswith(".part")
    assert [path.name for path in tmp_path.iterdir()] == ["all"]


def test_all_files_come_from_one_snapshot(
    ruth: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rows.write

    def busy(
        db: Session, actor: Actor, kind: Kind, out: BinaryIO, **options: Unpack[WriteOptions]
    ) -> int:
        rows = real(db, actor, kind, out, **options)
        with transaction_for_system() as second_db:
            make.gift(second_db, make.donor(second_db, ruth, f"Late {kind.name}"), "1")
        return rows

    monkeypatch.setattr(rows, "write", busy)
    files = {file.name: file for file in write(tmp_path / "all")}
    assert (files["donors.csv"].rows, files["gifts.csv"].rows) == (3, 4)


def test_existing_files_are_not_overwritten(ruth: Actor, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(InvalidError, match="is there already"):
        write(tmp_path)
    assert (tmp_path / "kept.txt").read_text() == "mine"
    with transaction_for_system() as db:
        assert (
            db.scalar(text("select count(*) from activity where action = 'export.written'")) == 0
        )
    (tmp_path / "empty").mkdir()
    assert write(tmp_path / "empty")


def test_the_command(ruth: Actor, tmp_path: Path, app: Callable[..., Said]) -> None:
    process = app("export", "--all", str(tmp_path / "all"))
    assert process.returncode == 0, process.stderr
    assert process.stdout.endswith(f"files to {tmp_path / 'all'}.\n")
    assert (tmp_path / "all" / "manifest.json").exists()
    second_run = app("export", "--all", str(tmp_path / "all"))
    assert (second_run.returncode, "is there already" in second_run.stderr) == (1, True)
    assert app("export", "--all", str(tmp_path / "b"), "--as", "ruth@example.org").returncode == 2
    assert app("export", "donors").returncode == 2
    shutil.rmtree(tmp_path / "all")
    workbook = tmp_path / "donors.xlsx"
    process = app("export", "donors", "--as", ruth.email, "--out", str(workbook))
    assert (process.returncode, process.stdout) == (0, f"Wrote 1 donor to {workbook}.\n")
    assert workbook.read_bytes().startswith(b"PK")
    assert list(tmp_path.iterdir()) == [workbook]
