"""Downloads: permissions by session cookie, headers, confirmation and audit log entries."""

import csv
import hashlib
import io
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import urlencode

import pytest
from httpx import Response
from sqlalchemy import URL, Row, text
from sqlalchemy.orm import Session

from app import accounts, audit, exports, imports
from app.accounts import Actor
from app.audit import ActivityFilter
from app.db import transaction_for_system
from app.db.session import TOO_LONG
from app.db.statements.bulk_copy import copy_out
from app.exports.columns import Column
from app.file_reader.workbook import as_csv
from app.settings import ROOT, settings
from app.ui.exports.downloads import audit_parameters
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.web_client import TestClient

__all__ = ["client"]
NOW = datetime.now(UTC)
# the name of the second row holds a control character
DATA = b"name,email\nIvy,ivy@example.org\nTom\x07,tom@example.org\n"
PATHS = (
    "donors.csv",
    "gifts.csv",
    "pledges.xlsx",
    "funds.csv",
    "what-happened.xlsx",
    "donors/{donor}.zip",
    "imports/{run}.csv",
    "imports/{run}/file",
    "import-templates/gifts.csv",
    "everything.zip",
    "team.csv",
)


@pytest.fixture
def people_and_ids(
    database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[dict[str, accounts.Actor], dict[str, int]]]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with transaction_for_system() as db:
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
        imported = imports.import_file(
            db, ruth, imports.ImportRequest("a.csv", DATA), today=today, now=NOW
        )
    yield people, {"donor": donor, "run": imported.run_id}
    settings.cache_clear()


def cookie_of(user: Actor, *, confirmed: bool = True) -> dict[str, str]:
    """Sign in and return the cookie; unless `confirmed`, the sign-in was an hour ago."""
    now = datetime.now(UTC)
    opened = now if confirmed else now - timedelta(hours=1)
    with transaction_for_system() as db:
        _, code = accounts.open_session(db, user_id=user.user_id, now=opened)
        return {"cookie": f"donorcrm={accounts.redeem_code(db, code=code, now=opened)}"}


def ask(
    client: TestClient,
    people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]],
    person: str | None,
    path: str,
    **headers: str,
) -> Response:
    people, ids = people_and_ids
    cookie = cookie_of(people[person]) if person else {}
    answer: Response = client.get(
        f"{exports.FILES_URL}/{path.format(**ids)}", headers=cookie | headers
    )
    return answer


# status codes by role, in the order of PATHS
ALLOWED = {
    # no archive has been made
    "admin": "200 200 200 200 200 200 200 200 200 404 200",
    "finance": "403 200 403 200 200 403 404 404 200 403 403",
    "supervisor": "200 200 200 200 403 403 404 404 200 403 200",
    "coach": "403 403 403 403 403 403 404 403 403 403 403",
    "read_only": "200 200 200 200 403 403 404 403 403 403 403",
    "fundraiser": "200 200 200 200 403 403 200 200 200 403 403",
    "stranger": "200 200 200 200 403 403 404 404 200 403 403",
    None: "401 401 401 401 401 401 401 401 401 401 401",
}


@pytest.mark.parametrize("person", ALLOWED)
def test_download_permissions(
    client: TestClient,
    people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]],
    person: str | None,
) -> None:
    statuses = [str(ask(client, people_and_ids, person, path).status_code) for path in PATHS]
    assert " ".join(statuses) == ALLOWED[person]


FILES_OF_MOST_DONORS = (
    "donors.csv",
    "donors.xlsx",
    "gifts.csv",
    "donors.csv?query=a",
    "what-happened.csv",
    "what-happened.xlsx?kind=import",
)


@pytest.mark.parametrize("path", FILES_OF_MOST_DONORS)
def test_a_bulk_download_requires_recent_confirmation(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]], path: str
) -> None:
    """An open screen or a stolen cookie is not enough to download most donors."""
    people, _ = people_and_ids

    def take(cookie: dict[str, str]) -> Response:
        answer: Response = client.get(
            f"{exports.FILES_URL}/{path}", headers=cookie, follow_redirects=False
        )
        return answer

    response = take(cookie_of(people["admin"], confirmed=False))
    assert response.status_code == 303
    assert response.headers["location"] == f"/export?{urlencode({'file': path})}"
    assert response.content == b""
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from activity where action like 'export.%'")) == 0
        assert db.scalar(text("select count(*) from outbox")) == 0
    assert take(cookie_of(people["admin"])).status_code == 200


def test_the_archive_requires_recent_confirmation(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    cookie = cookie_of(people_and_ids[0]["admin"], confirmed=False)
    path = f"{exports.FILES_URL}/everything.zip"
    response = client.get(path, headers=cookie, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/export?file=everything.zip"


def test_few_gifts_that_name_most_donors_require_confirmation(
    client: TestClient, people_and_ids: tuple[dict[str, Actor], dict[str, int]]
) -> None:
    people, ids = people_and_ids
    with transaction_for_system() as db:
        for _ in range(5):
            make.gift(db, ids["donor"], "5", date(2020, 1, 1))
        make.gift(db, make.donor(db, people["stranger"]), "5")
        make.gift(db, make.donor(db, people["stranger"]), "5")
    path = f"{exports.FILES_URL}/gifts.csv?since=2026-01-01&before=2027-01-01"
    for confirmed, status in ((False, 303), (True, 200), (False, 303)):
        cookie = cookie_of(people["admin"], confirmed=confirmed)
        assert client.get(path, headers=cookie, follow_redirects=False).status_code == status
    with transaction_for_system() as db:
        subjects = db.scalars(text("select subject from outbox where name = 'admin_notice'")).all()
    assert subjects == ["Everything was exported"]


def test_more_than_half_of_all_gifts_require_confirmation(
    client: TestClient, people_and_ids: tuple[dict[str, Actor], dict[str, int]]
) -> None:
    """Also those of one donor."""
    people, ids = people_and_ids
    with transaction_for_system() as db:
        donors = [make.donor(db, people["stranger"]) for _ in range(4)]
        make.gift(db, donors[0], "5")
        for _ in range(db.scalar(text("select count(*) from gift")) or 0):
            make.gift(db, ids["donor"], "5", date(2019, 5, 1))
    path = f"{exports.FILES_URL}/gifts.csv?since=2019-01-01&before=2020-01-01"
    cookie = cookie_of(people["admin"], confirmed=False)
    assert client.get(path, headers=cookie, follow_redirects=False).status_code == 200
    with transaction_for_system() as db:
        make.gift(db, ids["donor"], "5", date(2019, 5, 1))
    assert client.get(path, headers=cookie, follow_redirects=False).status_code == 303


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_small_files_that_together_name_most_donors_require_confirmation(
    client: TestClient, people_and_ids: tuple[dict[str, Actor], dict[str, int]], form: str
) -> None:
    people, _ = people_and_ids
    with transaction_for_system() as db:
        for name in ("Zoe", "Zac"):
            make.donor(db, people["stranger"], name)
    cookie = cookie_of(people["admin"], confirmed=False)

    def take(owner: str, cookie: dict[str, str]) -> int:
        path = f"{exports.FILES_URL}/donors.{form}?owner_id={people[owner].user_id}"
        response: Response = client.get(path, headers=cookie, follow_redirects=False)
        return response.status_code

    # half of the donors, and the same once more
    assert [take("stranger", cookie), take("stranger", cookie)] == [200, 200]
    assert take("fundraiser", cookie) == 303
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from outbox where name = 'admin_notice'")) == 0
        db.execute(text("update donor_access set at = at - interval '23 hours 50 minutes'"))
    assert take("fundraiser", cookie) == 303
    assert take("fundraiser", cookie_of(people["admin"])) == 200
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from outbox where name = 'admin_notice'")) == 1
        db.execute(
            text("delete from donor_access where user_id = :me"), {"me": people["admin"].user_id}
        )
    assert take("fundraiser", cookie) == 200


def test_a_small_or_own_download_needs_no_confirmation(
    client: TestClient, people_and_ids: tuple[dict[str, Actor], dict[str, int]]
) -> None:
    people, ids = people_and_ids
    with transaction_for_system() as db:
        make.donor(db, people["stranger"], "Zoe")
    few_donors = ("donors.csv?query=Zoe", f"gifts.csv?donor_id={ids['donor'] + 999}", "funds.csv")
    for person, paths in (("admin", few_donors), ("fundraiser", ("donors.csv", "gifts.csv"))):
        cookie = cookie_of(people[person], confirmed=False)
        for path in paths:
            response = client.get(
                f"{exports.FILES_URL}/{path}", headers=cookie, follow_redirects=False
            )
            assert response.status_code == 200, (person, path)


def test_a_download_has_the_users_rows_and_is_not_cached(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    for person, rows in (("fundraiser", 2), ("stranger", 0)):
        response = ask(client, people_and_ids, person, "donors.csv")
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        assert response.headers["x-content-type-options"] == "nosniff"
        file_name = f"donors-{NOW.date().isoformat()}.csv"
        assert response.headers["content-disposition"] == f'attachment; filename="{file_name}"'
        lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        assert len(lines) == rows + 1
    assert "'=Mara" in ask(client, people_and_ids, "fundraiser", "donors.csv").text


def test_a_workbook_has_the_same_rows_as_the_csv_file(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    response = ask(client, people_and_ids, "fundraiser", "donors.xlsx")
    assert response.headers["content-type"] == exports.FORMS["xlsx"]
    rows = csv.reader(io.StringIO(as_csv(response.content).decode()))
    csv_text = ask(client, people_and_ids, "fundraiser", "donors.csv").content.decode("utf-8-sig")
    csv_rows = csv.reader(io.StringIO(csv_text))
    assert [row[:3] for row in rows] == [
        [cell.removeprefix("'") for cell in row[:3]] for row in csv_rows
    ]


def test_a_download_is_logged_with_the_client_address(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    ask(client, people_and_ids, "fundraiser", "gifts.csv")
    with transaction_for_system() as db:
        row = db.execute(
            text("select sentence, actor_id, address from activity order by id desc limit 1")
        ).one()
    people, _ = people_and_ids
    assert tuple(row) == ("Exported 1 gift.", people["fundraiser"].user_id, "testclient")


@pytest.mark.parametrize(
    ("path", "rows_text"),
    [("gifts.xlsx", "1 gift"), ("what-happened.xlsx", r"\d+ lines? of the audit log")],
)
@pytest.mark.parametrize("fault", ["refused", "killed", "signed out"])
def test_a_workbook_that_fails_after_its_transaction_is_recorded_as_failed(
    client: TestClient,
    people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    rows_text: str,
    fault: str,
) -> None:
    run_process = subprocess.run

    def run(
        arguments: Sequence[str],
        *,
        cwd: Path,
        stdin: int,
        capture_output: bool,
        check: bool,
        timeout: float,
    ) -> subprocess.CompletedProcess[bytes]:
        if fault == "signed out":
            with transaction_for_system() as db:
                db.execute(text("update session set revoked_at = now()"))
        code = (
            "import os; os.kill(os.getpid(), 9)" if fault != "refused" else "raise SystemExit(2)"
        )
        return run_process(
            [arguments[0], "-c", code],
            cwd=cwd,
            stdin=stdin,
            capture_output=capture_output,
            check=check,
            timeout=timeout,
        )

    monkeypatch.setattr(subprocess, "run", run)
    response = ask(client, people_and_ids, "admin", path)
    assert response.status_code == 422
    assert "content-disposition" not in response.headers
    started, failed = entries()
    admin = people_and_ids[0]["admin"].user_id
    assert (started.action, failed.action) == ("export.started", "export.failed")
    assert re.fullmatch(
        f"The workbook of {rows_text} could not be made; no file was handed over.", failed.sentence
    )
    assert (failed.actor_id, failed.address) == (admin, "testclient")
    # nor does any donor's log, or a mail to administrators, name a file that there is not
    assert exported() == []
    assert notices() == []


def test_a_written_workbook_is_logged_once(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    assert ask(client, people_and_ids, "admin", "gifts.xlsx").status_code == 200
    assert [entry.action for entry in entries()] == ["export.started", "export.written"]
    assert entries()[1].address == "testclient"
    assert exported() == [people_and_ids[1]["donor"]]
    assert notices() == ["Everything was exported"]


def test_a_process_that_is_killed_while_it_makes_a_workbook_leaves_no_export(
    people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]],
) -> None:
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
    ruth = people_and_ids[0]["fundraiser"].user_id
    done = subprocess.run([sys.executable, "-c", script, str(ruth)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [entry.action for entry in entries()] == ["export.started"]
    assert exported() == []


@pytest.mark.parametrize("change", ["signed out", "another role"])
def test_a_workbook_is_not_handed_over_to_who_may_not_have_it_any_more(
    client: TestClient,
    people_and_ids: tuple[dict[str, Actor], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    convert = exports.workbook.convert
    statement = {
        "signed out": "update session set revoked_at = now()",
        "another role": "update app_user set role = 'coach' where role = 'admin'",
    }[change]

    def meanwhile(
        table: Path,
        columns: Mapping[str, Column],
        out: IO[bytes],
        *,
        rows: int,
        name: str,
        locale: str,
    ) -> None:
        convert(table, columns, out, rows=rows, name=name, locale=locale)
        with transaction_for_system() as db:
            db.execute(text(statement))

    monkeypatch.setattr(exports.workbook, "convert", meanwhile)
    response = ask(client, people_and_ids, "admin", "donors.xlsx")
    assert response.status_code in {401, 403}
    assert "content-disposition" not in response.headers
    assert [entry.action for entry in entries()] == ["export.started", "export.failed"]
    assert exported() == []


def test_a_workbook_names_the_donors_that_were_read_and_are_still_there(
    client: TestClient,
    people_and_ids: tuple[dict[str, Actor], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    convert = exports.workbook.convert

    def meanwhile(
        table: Path,
        columns: Mapping[str, Column],
        out: IO[bytes],
        *,
        rows: int,
        name: str,
        locale: str,
    ) -> None:
        convert(table, columns, out, rows=rows, name=name, locale=locale)
        with transaction_for_system() as db:
            db.execute(text("delete from donor where name = 'Ivy'"))
            make.donor(db, people_and_ids[0]["fundraiser"], "Born Later")

    monkeypatch.setattr(exports.workbook, "convert", meanwhile)
    assert ask(client, people_and_ids, "admin", "donors.xlsx").status_code == 200
    assert exported() == [people_and_ids[1]["donor"]]


def entries() -> Sequence[Row[tuple[str, str, int, str | None]]]:
    """The audit log's entries of exports."""
    with transaction_for_system() as db:
        return db.execute(
            text(
                "select action, sentence, actor_id, address from activity where entity = 'export'"
                " order by id"
            )
        ).all()


def exported() -> list[int]:
    """The donors whose access log says that they were exported."""
    with transaction_for_system() as db:
        return list(
            db.scalars(
                text("select donor_id from donor_access where how = 'export' order by donor_id")
            )
        )


def notices() -> list[str]:
    with transaction_for_system() as db:
        return list(db.scalars(text("select subject from outbox where name = 'admin_notice'")))


def test_subject_access_and_rejected_rows_files(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(ask(client, people_and_ids, "admin", PATHS[5]).content))
    assert "mara@example.org" in archive.read("everything.json").decode()
    rejected_rows = ask(client, people_and_ids, "fundraiser", PATHS[6]).content.decode("utf-8-sig")
    assert "Tom" in rejected_rows
    assert "Ivy" not in rejected_rows


def test_a_template_is_a_file_to_fill_in(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    response = ask(client, people_and_ids, "fundraiser", PATHS[8])
    assert response.headers["content-disposition"] == 'attachment; filename="gifts-template.csv"'
    assert response.content.startswith("\ufeffAmount,Currency,Date".encode())
    assert ask(client, people_and_ids, "fundraiser", "import-templates/x.csv").status_code == 422


def test_an_uploaded_file_is_returned_unchanged_and_logged(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    for person in ("fundraiser", "admin"):
        response = ask(client, people_and_ids, person, PATHS[7])
        assert response.content == DATA
        assert response.headers["content-disposition"] == 'attachment; filename="a.csv"'
        with transaction_for_system() as db:
            line = db.execute(
                text("select action, sentence, actor_id from activity order by id desc limit 1")
            ).one()
        assert tuple(line) == (
            "import.file_taken",
            "Downloaded the file a.csv.",
            people_and_ids[0][person].user_id,
        )


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("Gaben März.xls", "filename*=UTF-8''Gaben%20M%C3%A4rz.xls"),
        ('a"b\r\nX-Bad: 1.csv', "filename*=UTF-8''a%22b%0D%0AX-Bad%3A%201.csv"),
        ("../../etc/passwd", "filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
        ("gifts", 'filename="gifts"'),
    ],
)
def test_any_file_name_is_encoded_in_the_header(
    client: TestClient,
    people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]],
    name: str,
    encoded: str,
) -> None:
    with transaction_for_system() as db:
        db.execute(text("update import_run set file_name = :name"), {"name": name})
    response = ask(client, people_and_ids, "fundraiser", PATHS[7])
    assert (response.status_code, response.content) == (200, DATA)
    assert response.headers["content-disposition"] == f"attachment; {encoded}"


def test_a_deleted_upload_is_not_found_and_not_logged(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    with transaction_for_system() as db:
        imports.delete_files(db, [hashlib.sha256(DATA).hexdigest()])
    response = ask(client, people_and_ids, "fundraiser", PATHS[7])
    assert response.status_code == 404
    assert response.text == "The uploaded file is no longer kept here. Upload it again."
    with transaction_for_system() as db:
        downloads = text("select count(*) from activity where action = 'import.file_taken'")
        assert db.scalar(downloads) == 0


@pytest.mark.parametrize(
    "path", ["secrets.csv", "donors.exe", "donors/0.zip", "imports/2000000000.csv", "../me"]
)
def test_unknown_paths_are_answered_without_a_traceback(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]], path: str
) -> None:
    response = ask(client, people_and_ids, "admin", path)
    assert response.status_code in {401, 404, 422}
    assert "Traceback" not in response.text


def test_the_audit_log_export_has_the_filter_of_the_screen(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    people, _ = people_and_ids
    log_filter = ActivityFilter(
        actor_id=people["fundraiser"].user_id,
        entity="import",
        record=None,
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2999, 1, 1, tzinfo=UTC),
    )
    path = f"what-happened.csv?{urlencode(list(audit_parameters(log_filter)))}"
    response = ask(client, people_and_ids, "admin", path)
    with transaction_for_system() as db:
        expected = [line.activity_id for line in audit.iter_lines(db, filter=log_filter)]
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [int(row["line"]) for row in rows] == expected
    assert len(expected) == 1
    assert audit_parameters(ActivityFilter()) == []
    for wrong in ("by=x", "from=yesterday", "record=1;2"):
        response = ask(client, people_and_ids, "admin", f"what-happened.csv?{wrong}")
        assert (response.status_code, response.text[:30]) == (
            422,
            "This file address is not valid",
        )


def test_no_spreadsheet_runs_a_cell_of_the_audit_log(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    with transaction_for_system() as db:
        db.execute(text("update app_user set name = '=1+1;=2' where role = 'fundraiser'"))
    response = ask(client, people_and_ids, "admin", "what-happened.csv")
    assert "'=1+1;'=2" in response.text
    rows = csv.reader(io.StringIO(response.text))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_no_spreadsheet_runs_a_header_of_the_rejected_rows(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    data = b"name,email,=1+1;=2\nEve,eve@example.org,x\nTim\x07,tim@example.org,=3\n"
    ruth, today = people_and_ids[0]["fundraiser"], date(2026, 11, 23)
    with transaction_for_system() as db:
        imported = imports.import_file(
            db, ruth, imports.ImportRequest("b.csv", data), today=today, now=NOW
        )
    response = ask(client, people_and_ids, "fundraiser", f"imports/{imported.run_id}.csv")
    header, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert "'=1+1;'=2" in header
    assert "'=3" in row


def test_cross_site_downloads_are_refused(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    for site in ("cross-site", "same-site"):
        response = ask(client, people_and_ids, "admin", "donors.csv", **{"sec-fetch-site": site})
        assert response.status_code == 403
    for site in ("same-origin", "none"):
        response = ask(client, people_and_ids, "admin", "donors.csv", **{"sec-fetch-site": site})
        assert response.status_code == 200


def test_downloads_are_refused_while_impersonating(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    people, _ = people_and_ids
    with transaction_for_system() as db:
        admin = people["admin"]
        session_id, code = accounts.open_session(db, user_id=admin.user_id, now=NOW)
        cookie = accounts.redeem_code(db, code=code, now=NOW)
        accounts.impersonate(
            db, admin, session_id=session_id, user_id=people["fundraiser"].user_id
        )
    response = client.get(
        f"{exports.FILES_URL}/donors.csv", headers={"cookie": f"donorcrm={cookie}"}
    )
    assert (response.status_code, "read-only" in response.text) == (403, True)


def test_downloads_are_refused_after_the_session_ended(
    client: TestClient, people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]]
) -> None:
    people, _ = people_and_ids
    cookie = cookie_of(people["admin"])
    assert client.get(f"{exports.FILES_URL}/donors.csv", headers=cookie).status_code == 200
    with transaction_for_system() as db:
        accounts.end_other_sessions(db, people["admin"], keep=None, now=datetime.now(UTC))
    assert client.get(f"{exports.FILES_URL}/donors.csv", headers=cookie).status_code == 401


def test_a_statement_timeout_is_answered_with_a_message(
    client: TestClient,
    people_and_ids: tuple[dict[str, accounts.Actor], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(db: Session, _actor: accounts.Actor, *, out: BinaryIO, **_options: object) -> None:
        db.execute(text("set local statement_timeout = 50"))
        copy_out(db, "select pg_sleep(5)", out)

    monkeypatch.setattr(exports, "write", slow)
    response = ask(client, people_and_ids, "admin", "funds.csv")
    assert (response.status_code, response.text) == (503, TOO_LONG)
