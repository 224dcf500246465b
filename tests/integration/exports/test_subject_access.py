"""Everything held about a donor in one zip: complete, theirs alone, for administrators."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import pytest
from sqlalchemy import text

from app import audit, donors, exports
from app.db import transaction
from app.exports.queries.subject_access import PARTS
from app.kit.errors import NotAllowedError, NotFoundError
from tests import factories as make

# held for everybody, or made from the rest
DERIVED = {"donor_summary", "donor_year", "donor_search"}


@pytest.fixture
def ada(db):
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


def filled(db, actor, name):
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


def taken(db, actor, donor_id):
    out = io.BytesIO()
    exports.write_subject(db, actor, donor_id=donor_id, out=out)
    return zipfile.ZipFile(out)


def test_it_holds_everything_and_nobody_else(db, ada):
    mara, tom = filled(db, ada, "Mara"), filled(db, ada, "Tom")
    file = taken(db, ada, mara)
    assert set(file.namelist()) == {f"{part}.csv" for part in PARTS} | {"everything.json"}
    whole = file.read("everything.json").decode()
    for said in (
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
        assert said in whole
        assert any(said in file.read(f"{part}.csv").decode() for part in PARTS)
    assert "Tom" not in whole
    assert json.loads(whole)["donor"][0]["id"] == mara != tom
    (row,) = csv.DictReader(io.StringIO(file.read("donor.csv").decode()))
    assert row["notes"] == "'=notes Mara"
    assert json.loads(whole)["looks"][0]["who"] == "Ada"


def test_no_table_that_names_a_donor_is_left_out(db):
    tables = db.scalars(
        text(
            "select table_name from information_schema.columns"
            " join pg_class on relname = table_name"
            " where table_schema = 'public' and column_name = 'donor_id' and relkind = 'r'"
        )
    )
    said = " ".join(PARTS.values())
    assert [one for one in tables if one not in DERIVED and f"from {one} " not in said] == []


def test_it_is_for_administrators_and_leaves_a_line(db, ada):
    mara = filled(db, ada, "Mara")
    for role in ("fundraiser", "finance", "supervisor", "coach", "read_only"):
        with pytest.raises(NotAllowedError):
            taken(db, make.person(db, role), mara)
    with pytest.raises(NotFoundError):
        taken(db, ada, mara + 1000)
    taken(db, ada, mara)
    (last, *_) = audit.page(db, filter=audit.ActivityFilter()).lines
    assert (last.action, last.donor_id) == ("donor.exported", mara)


def test_the_command(database, tmp_path):
    with transaction() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
        mara = filled(db, ada, "Mara")
    words = ["privacy", "export", str(mara), "--as", ada.email, "--out", str(tmp_path / "m.zip")]
    done = subprocess.run(
        [sys.executable, "-m", "app", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "records to" in done.stdout
    assert "everything.json" in zipfile.ZipFile(tmp_path / "m.zip").namelist()
    words[2] = "999"
    done = subprocess.run(
        [sys.executable, "-m", "app", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
