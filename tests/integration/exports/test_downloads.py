"""Files from the screens: whose cookie it is decides, each time, and nothing stays behind."""

import csv
import hashlib
import io
import re
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from app import accounts, audit, exports, imports
from app.audit import ActivityFilter
from app.db import transaction
from app.db.bulk_copy import copy_out
from app.db.session import TOO_LONG
from app.file_reader.workbook import as_csv
from app.settings import ROOT, settings
from app.ui.exports.downloads import FILES, of_record
from tests import factories as make
from tests.integration.api.test_routes import client

__all__ = ["client"]
NOW = datetime.now(UTC)
DATA = b"name,email\nIvy,ivy@example.org\nTom,not an address\n"
PATHS = (
    "donors.csv",
    "gifts.csv",
    "pledges.xlsx",
    "funds.csv",
    "what-happened.xlsx",
    "donors/{donor}.zip",
    "imports/{run}.csv",
    "imports/{run}/file",
)


@pytest.fixture
def house(database, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with transaction() as db:
        make.organisation(db)
        people = {
            role: make.person(db, role)
            for role in ("admin", "finance", "supervisor", "coach", "read_only", "fundraiser")
        }
        people["stranger"] = make.person(db)
        ruth = people["fundraiser"]
        make.looks_after(db, people["supervisor"], ruth)
        make.looks_after(db, people["coach"], ruth, "coach")
        donor = make.donor(db, ruth, "=Mara", email="mara@example.org")
        make.gift(db, donor, "50")
        today = date(2026, 11, 23)
        seen = imports.bring_in(db, ruth, today=today, now=NOW, data=DATA, file_name="a.csv")
    yield people, {"donor": donor, "run": seen.run_id}
    settings.cache_clear()


def cookie_of(who, *, confirmed: bool = True) -> dict[str, str]:
    """Sign in; unless `confirmed`, that was an hour ago."""
    now = datetime.now(UTC)
    opened = now if confirmed else now - timedelta(hours=1)
    with transaction() as db:
        _, code = accounts.open_session(db, user_id=who.user_id, now=opened)
        return {"cookie": f"donorcrm={accounts.collect(db, code=code, now=opened)}"}


def ask(client, house, who, path, **headers):
    people, ids = house
    cookie = cookie_of(people[who]) if who else {}
    return client.get(f"{FILES}/{path.format(**ids)}", headers=cookie | headers)


# who may, in the order of the paths; as the screens that offer them
MAY = {
    "admin": "200 200 200 200 200 200 200 200",
    "finance": "403 200 403 200 200 403 404 404",
    "supervisor": "200 200 200 200 403 403 404 404",
    "coach": "403 403 403 403 403 403 404 403",
    "read_only": "200 200 200 200 403 403 404 403",
    "fundraiser": "200 200 200 200 403 403 200 200",
    "stranger": "200 200 200 200 403 403 404 404",
    None: "401 401 401 401 401 401 401 401",
}


@pytest.mark.parametrize("who", MAY)
def test_who_may_take_what(client, house, who):
    said = [str(ask(client, house, who, path).status_code) for path in PATHS]
    assert " ".join(said) == MAY[who]


OF_MOST = (
    "donors.csv",
    "donors.xlsx",
    "gifts.csv",
    "donors.csv?query=a",
    "what-happened.csv",
    "what-happened.xlsx?kind=import",
)


@pytest.mark.parametrize("path", OF_MOST)
def test_a_file_of_most_donors_waits_for_the_password(client, house, path):
    """A screen left open, or a cookie taken, gives nobody the whole organisation."""
    people, _ = house

    def take(cookie):
        return client.get(f"{FILES}/{path}", headers=cookie, follow_redirects=False)

    answer = take(cookie_of(people["admin"], confirmed=False))
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/export?{urlencode({'file': path})}"
    assert answer.content == b""
    with transaction() as db:
        assert db.scalar(text("select count(*) from activity where action like 'export.%'")) == 0
        assert db.scalar(text("select count(*) from outbox")) == 0
    assert take(cookie_of(people["admin"])).status_code == 200


def test_a_file_of_few_or_of_ones_own_needs_no_password(client, house):
    people, ids = house
    with transaction() as db:
        make.donor(db, people["stranger"], "Zoe")
    few = ("donors.csv?query=Zoe", f"gifts.csv?donor_id={ids['donor'] + 999}", "funds.csv")
    for who, paths in (("admin", few), ("fundraiser", ("donors.csv", "gifts.csv"))):
        cookie = cookie_of(people[who], confirmed=False)
        for path in paths:
            answer = client.get(f"{FILES}/{path}", headers=cookie, follow_redirects=False)
            assert answer.status_code == 200, (who, path)


def test_a_file_is_for_the_one_who_asks_and_is_kept_nowhere(client, house):
    for who, rows in (("fundraiser", 2), ("stranger", 0)):
        answer = ask(client, house, who, "donors.csv")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        name = f"donors-{NOW.date().isoformat()}.csv"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(found) == rows + 1
    assert "'=Mara" in ask(client, house, "fundraiser", "donors.csv").text


def test_a_workbook_holds_the_same(client, house):
    answer = ask(client, house, "fundraiser", "donors.xlsx")
    assert answer.headers["content-type"] == exports.FORMS["xlsx"]
    rows = csv.reader(io.StringIO(as_csv(answer.content).decode()))
    whole = ask(client, house, "fundraiser", "donors.csv").content.decode("utf-8-sig")
    same = csv.reader(io.StringIO(whole))
    assert [row[:3] for row in rows] == [
        [cell.removeprefix("'") for cell in row[:3]] for row in same
    ]


def test_taking_is_written_down_with_the_address(client, house):
    ask(client, house, "fundraiser", "gifts.csv")
    with transaction() as db:
        row = db.execute(
            text("select sentence, actor_id, address from activity order by id desc limit 1")
        ).one()
    people, _ = house
    assert tuple(row) == ("Exported 1 gift.", people["fundraiser"].user_id, "testclient")


@pytest.mark.parametrize(
    ("path", "what"),
    [("gifts.xlsx", "1 gift"), ("what-happened.xlsx", r"\d+ lines? of the record")],
)
@pytest.mark.parametrize("how", ["refused", "killed", "signed out"])
def test_a_workbook_that_fails_after_its_transaction_is_recorded_as_failed(
    client, house, monkeypatch, path, what, how
):
    started = exports.workbook.subprocess.run

    def run(words, **options):
        if how == "signed out":
            with transaction() as db:
                db.execute(text("update session set revoked_at = now()"))
        code = "import os; os.kill(os.getpid(), 9)" if how != "refused" else "raise SystemExit(2)"
        return started([words[0], "-c", code], **options)

    monkeypatch.setattr(exports.workbook.subprocess, "run", run)
    answer = ask(client, house, "admin", path)
    assert answer.status_code == 422
    assert "content-disposition" not in answer.headers
    started, failed = entries()
    admin = house[0]["admin"].user_id
    assert (started.action, failed.action) == ("export.started", "export.failed")
    assert re.fullmatch(
        f"The workbook of {what} could not be made; no file was handed over.", failed.sentence
    )
    assert (failed.actor_id, failed.address) == (admin, "testclient")
    # nor does any donor's log, or a mail to administrators, name a file that there is not
    assert exported() == []
    assert notices() == []


def test_a_workbook_that_is_made_is_recorded_once(client, house):
    assert ask(client, house, "admin", "gifts.xlsx").status_code == 200
    assert [one.action for one in entries()] == ["export.started", "export.written"]
    assert entries()[1].address == "testclient"
    assert exported() == [house[1]["donor"]]
    assert notices() == ["Everything was exported"]


def test_a_process_that_is_killed_while_it_makes_a_workbook_leaves_no_export(house):
    """Between the transaction and the workbook nothing else can be recorded any more."""
    script = (
        "import io, os, signal, sys\n"
        "from datetime import date\n"
        "from app import accounts, exports\n"
        "from app.db import transaction, transaction_for_system\n"
        "exports.workbook.subprocess.run = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "later = []\n"
        "with transaction_for_system() as db:\n"
        "    actor = accounts.actor_by_id(db, int(sys.argv[1]))\n"
        "with transaction(actor) as db:\n"
        "    exports.write(db, actor, kind='donors', form='xlsx', out=io.BytesIO(),\n"
        "                  today=date(2026, 11, 23), later=later)\n"
        "later[0]()\n"
    )
    ruth = house[0]["fundraiser"].user_id
    done = subprocess.run([sys.executable, "-c", script, str(ruth)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [one.action for one in entries()] == ["export.started"]
    assert exported() == []


@pytest.mark.parametrize("change", ["signed out", "another role"])
def test_a_workbook_is_not_handed_over_to_who_may_not_have_it_any_more(
    client, house, monkeypatch, change
):
    made = exports.workbook._make
    statement = {
        "signed out": "update session set revoked_at = now()",
        "another role": "update app_user set role = 'coach' where role = 'admin'",
    }[change]

    def meanwhile(*args, **how):
        made(*args, **how)
        with transaction() as db:
            db.execute(text(statement))

    monkeypatch.setattr(exports.workbook, "_make", meanwhile)
    answer = ask(client, house, "admin", "donors.xlsx")
    assert answer.status_code in {401, 403}
    assert "content-disposition" not in answer.headers
    assert [one.action for one in entries()] == ["export.started", "export.failed"]
    assert exported() == []


def test_a_workbook_names_the_donors_that_were_read_and_are_still_there(
    client, house, monkeypatch
):
    made = exports.workbook._make

    def meanwhile(*args, **how):
        made(*args, **how)
        with transaction() as db:
            db.execute(text("delete from donor where name = 'Ivy'"))
            make.donor(db, house[0]["fundraiser"], "Born Later")

    monkeypatch.setattr(exports.workbook, "_make", meanwhile)
    assert ask(client, house, "admin", "donors.xlsx").status_code == 200
    assert exported() == [house[1]["donor"]]


def entries() -> list:
    """The audit log's entries of exports."""
    with transaction() as db:
        return db.execute(
            text(
                "select action, sentence, actor_id, address from activity where entity = 'export'"
                " order by id"
            )
        ).all()


def exported() -> list[int]:
    """The donors whose access log says that they were exported."""
    with transaction() as db:
        return list(
            db.scalars(
                text("select donor_id from donor_access where how = 'export' order by donor_id")
            )
        )


def notices() -> list[str]:
    with transaction() as db:
        return list(db.scalars(text("select subject from outbox where name = 'admin_notice'")))


def test_the_other_files_hold_what_they_say(client, house):
    whole = zipfile.ZipFile(io.BytesIO(ask(client, house, "admin", PATHS[5]).content))
    assert "mara@example.org" in whole.read("everything.json").decode()
    mend = ask(client, house, "fundraiser", PATHS[6]).content.decode("utf-8-sig")
    assert "Tom" in mend
    assert "Ivy" not in mend


def test_the_file_of_an_import_comes_back_as_it_was_and_is_written_down(client, house):
    for who in ("fundraiser", "admin"):
        answer = ask(client, house, who, PATHS[7])
        assert answer.content == DATA
        assert answer.headers["content-disposition"] == 'attachment; filename="a.csv"'
        with transaction() as db:
            line = db.execute(
                text("select action, sentence, actor_id from activity order by id desc limit 1")
            ).one()
        assert tuple(line) == (
            "import.file_taken",
            "Downloaded the file a.csv.",
            house[0][who].user_id,
        )


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Gaben März.xls", "filename*=UTF-8''Gaben%20M%C3%A4rz.xls"),
        ('a"b\r\nX-Bad: 1.csv', "filename*=UTF-8''a%22b%0D%0AX-Bad%3A%201.csv"),
        ("../../etc/passwd", "filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
        ("gifts", 'filename="gifts"'),
    ],
)
def test_any_name_of_a_file_goes_through_the_browser(client, house, name, spelled):
    with transaction() as db:
        db.execute(text("update import_run set file_name = :name"), {"name": name})
    answer = ask(client, house, "fundraiser", PATHS[7])
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-disposition"] == f"attachment; {spelled}"


def test_a_file_that_is_no_longer_kept_is_a_sentence_and_not_written_down(client, house):
    imports.forget_files([hashlib.sha256(DATA).hexdigest()])
    answer = ask(client, house, "fundraiser", PATHS[7])
    assert answer.status_code == 404
    assert answer.text == "The uploaded file is no longer kept here. Upload it again."
    with transaction() as db:
        taken = text("select count(*) from activity where action = 'import.file_taken'")
        assert db.scalar(taken) == 0


@pytest.mark.parametrize(
    "path", ["secrets.csv", "donors.exe", "donors/0.zip", "imports/2000000000.csv", "../me"]
)
def test_what_is_not_there_is_a_sentence(client, house, path):
    answer = ask(client, house, "admin", path)
    assert answer.status_code in {401, 404, 422}
    assert "Traceback" not in answer.text


def test_the_record_is_narrowed_as_on_the_screen(client, house):
    people, _ = house
    chosen = ActivityFilter(
        actor_id=people["fundraiser"].user_id,
        entity="import",
        record=None,
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2999, 1, 1, tzinfo=UTC),
    )
    asked = f"what-happened.csv?{urlencode(of_record(chosen))}"
    answer = ask(client, house, "admin", asked)
    with transaction() as db:
        wanted = [line.activity_id for line in audit.every(db, filter=chosen)]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["line"]) for row in rows] == wanted
    assert len(wanted) == 1
    assert of_record(ActivityFilter()) == []
    for wrong in ("by=x", "from=yesterday", "record=1;2"):
        answer = ask(client, house, "admin", f"what-happened.csv?{wrong}")
        assert (answer.status_code, answer.text[:30]) == (422, "This address of a file is not ")


def test_no_spreadsheet_runs_a_cell_of_the_record(client, house):
    with transaction() as db:
        db.execute(text("update app_user set name = '=1+1;=2' where role = 'fundraiser'"))
    answer = ask(client, house, "admin", "what-happened.csv")
    assert "'=1+1;'=2" in answer.text
    rows = csv.reader(io.StringIO(answer.text))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_no_spreadsheet_runs_a_header_of_the_rows_to_mend(client, house):
    data = b"name,email,=1+1;=2\nEve,eve@example.org,x\nTim,not an address,=3\n"
    ruth, today = house[0]["fundraiser"], date(2026, 11, 23)
    with transaction() as db:
        seen = imports.bring_in(db, ruth, today=today, now=NOW, data=data, file_name="b.csv")
    answer = ask(client, house, "fundraiser", f"imports/{seen.run_id}.csv")
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert "'=1+1;'=2" in header
    assert "'=3" in row


def test_another_site_cannot_make_a_browser_fetch_one(client, house):
    for site in ("cross-site", "same-site"):
        answer = ask(client, house, "admin", "donors.csv", **{"sec-fetch-site": site})
        assert answer.status_code == 403
    for site in ("same-origin", "none"):
        answer = ask(client, house, "admin", "donors.csv", **{"sec-fetch-site": site})
        assert answer.status_code == 200


def test_who_only_looks_takes_nothing(client, house):
    people, _ = house
    with transaction() as db:
        admin = people["admin"]
        session_id, code = accounts.open_session(db, user_id=admin.user_id, now=NOW)
        cookie = accounts.collect(db, code=code, now=NOW)
        accounts.view_as(db, admin, session_id=session_id, user_id=people["fundraiser"].user_id)
    answer = client.get(f"{FILES}/donors.csv", headers={"cookie": f"donorcrm={cookie}"})
    assert (answer.status_code, "only looking" in answer.text) == (403, True)


def test_an_ended_session_takes_nothing(client, house):
    people, _ = house
    cookie = cookie_of(people["admin"])
    assert client.get(f"{FILES}/donors.csv", headers=cookie).status_code == 200
    with transaction() as db:
        accounts.end_others(db, people["admin"], keep=None, now=datetime.now(UTC))
    assert client.get(f"{FILES}/donors.csv", headers=cookie).status_code == 401


def test_what_takes_too_long_is_a_sentence(client, house, monkeypatch):
    def slow(db, _actor, *, out, **_how):
        db.execute(text("set local statement_timeout = 50"))
        copy_out(db, "select pg_sleep(5)", out)

    monkeypatch.setattr(exports, "write", slow)
    answer = ask(client, house, "admin", "funds.csv")
    assert (answer.status_code, answer.text) == (503, TOO_LONG)
