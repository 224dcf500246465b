"""Subject access: all data about one donor, and no other, in one zip for administrators."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import audit, donors, exports
from app.accounts import Actor
from app.db import transaction_for_system
from app.exports.queries.subject_access import PARTS
from app.kit.errors import NotAllowedError, NotFoundError
from tests import factories as make

# derived from other tables
DERIVED = {"donor_summary", "donor_year", "donor_search", "pledge_summary", "rhythm_change"}


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


def donor_with_data(db: Session, actor: Actor, name: str) -> int:
    donor_id = make.donor(
        db,
        actor,
        name,
        email=f"{name}@example.org",
        phone=f"555 {name}",
        tag=f"tag {name}",
        address={"street": f"{name} street"},
        external=("old", name),
        notes=f"=notes {name}",
    )
    fund = make.fund(db, f"Fund {name}")
    make.gift(db, donor_id, "50", note=f"gift {name}", fund_id=fund)
    make.pledge(db, donor_id, note=f"pledge {name}")
    make.contact(db, donor_id, text=f"call {name}")
    make.task(db, actor, f"task {name}", donor_id=donor_id)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.changed",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence=f"change {name}",
        before={"name": f"before {name}"},
    )
    donors.log_view(db, actor, donor_id=donor_id)
    return donor_id


def export(db: Session, actor: Actor, donor_id: int) -> zipfile.ZipFile:
    output = io.BytesIO()
    exports.write_subject(db, actor, donor_id=donor_id, out=output)
    return zipfile.ZipFile(output)


def test_the_file_has_all_data_of_one_donor_only(db: Session, ada: Actor) -> None:
    mara, tom = donor_with_data(db, ada, "Mara"), donor_with_data(db, ada, "Tom")
    file = export(db, ada, mara)
    assert set(file.namelist()) == {f"{part}.csv" for part in PARTS} | {"everything.json"}
    everything = file.read("everything.json").decode()
    for value in (
        "Mara@example.org",
        "555 Mara",
        "tag Mara",
        "Mara street",
        "=notes Mara",
        "gift Mara",
        "pledge Mara",
        "call Mara",
        "task Mara",
        "change Mara",
        "before Mara",
        "Fund Mara",
    ):
        assert value in everything
        assert any(value in file.read(f"{part}.csv").decode() for part in PARTS)
    assert "Tom" not in everything
    assert json.loads(everything)["donor"][0]["id"] == mara != tom
    (row,) = csv.DictReader(io.StringIO(file.read("donor.csv").decode()))
    assert row["notes"] == "'=notes Mara"
    assert json.loads(everything)["looks"][0]["who"] == "Ada"


def test_every_table_with_a_donor_id_is_included(db: Session) -> None:
    tables = db.scalars(
        text(
            "select table_name from information_schema.columns"
            " join pg_class on relname = table_name"
            " where table_schema = 'public' and column_name = 'donor_id' and relkind = 'r'"
        )
    )
    queries = " ".join(PARTS.values())
    assert [
        table for table in tables if table not in DERIVED and f"from {table} " not in queries
    ] == []


def test_only_administrators_may_export_and_it_is_logged(db: Session, ada: Actor) -> None:
    mara = donor_with_data(db, ada, "Mara")
    for role in ("fundraiser", "finance", "supervisor", "coach", "read_only"):
        with pytest.raises(NotAllowedError):
            export(db, make.person(db, role), mara)
    with pytest.raises(NotFoundError):
        export(db, ada, mara + 1000)
    export(db, ada, mara)
    (last, *_) = audit.page(db, filter=audit.ActivityFilter()).lines
    assert (last.action, last.donor_id) == ("donor.exported", mara)


def test_the_command(database: URL, tmp_path: Path) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
        mara = donor_with_data(db, ada, "Mara")
    arguments = [
        "privacy",
        "export",
        str(mara),
        "--as",
        ada.email,
        "--out",
        str(tmp_path / "m.zip"),
    ]
    process = subprocess.run(
        [sys.executable, "-m", "app", *arguments], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    assert "records to" in process.stdout
    assert "everything.json" in zipfile.ZipFile(tmp_path / "m.zip").namelist()
    arguments[2] = "999"
    process = subprocess.run(
        [sys.executable, "-m", "app", *arguments], capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
