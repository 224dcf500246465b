"""Pledges, tasks, alerts, figures and files over HTTP."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from httpx import Response
from itsdangerous import URLSafeSerializer
from sqlalchemy import delete, select, update

from app import alerts, donors, exports, goals, imports, insights
from app.api.rest import cursors, uploads
from app.api.rest.routes import alerts as alert_resource
from app.api.rest.routes import donors as donor_resource
from app.api.rest.routes import exports as export_resource
from app.api.rest.routes import tasks as task_resource
from app.api.rest.schemas import imports as import_schemas
from app.api.rest.schemas import pledges as pledge_schemas
from app.db import transaction_for_system
from app.db.models import Alert, DonorAccess, Organisation
from app.kit.dates.cadence import Frequency
from app.tasks import REPEATS, TYPES
from tests import factories as make
from tests.api.conftest import Book

CSV = "Name,E-mail\nNew Donor,new@example.org\nAnother One,another@example.org\n"
COLUMNS = {"kind": "donors", "column": ["Name=name", "E-mail=email"]}


def test_the_values_match_those_of_the_package() -> None:
    assert set(get_args(pledge_schemas.Frequency)) == set(Frequency)
    assert get_args(task_resource.Type) == TYPES
    assert get_args(task_resource.Repeats) == REPEATS
    assert get_args(donor_resource.Giving) == donors.GIVING
    assert get_args(alert_resource.Kind) == alerts.KINDS
    assert get_args(import_schemas.Kind) == imports.KINDS
    assert get_args(get_args(export_resource.Kind)[0]) == exports.KINDS
    assert get_args(get_args(export_resource.Form)[0]) == tuple(exports.FORMS)


def test_a_pledge_is_written_down_read_and_stopped(book: Book) -> None:
    ruth = book.caller("ruth")
    body = {
        "donor_id": book.ids["donor"],
        "amount": "25.00",
        "currency": "USD",
        "frequency": "quarterly",
        "start": "2026-01-01",
        "day_of_month": 31,
    }
    headers = {"idempotency-key": "p1"}
    created = ruth("POST", "pledges", json=body, headers=headers)
    assert created.status_code == 201
    assert ruth("POST", "pledges", json=body, headers=headers).json() == created.json()
    address = created.headers["location"].removeprefix("/api/v1/")
    detail = ruth("GET", address).json()
    assert (detail["amount"], detail["frequency"], detail["status"]) == (
        "25.00",
        "quarterly",
        "active",
    )
    early = ruth("POST", f"{address}/stop", json={"date": "2025-12-31"})
    assert (early.status_code, early.json()["detail"]) == (
        422,
        "The pledge cannot end before it began.",
    )
    assert ruth("POST", f"{address}/stop", json={"date": "2098-12-31"}).json() == {"done": True}
    assert ruth("GET", address).json()["status"] == "active", "it goes on until its last day"
    assert ruth("POST", f"{address}/stop", json={"date": "2026-11-01"}).json() == {"done": True}
    assert ruth("GET", address).json()["status"] == "cancelled"
    listed = ruth("GET", "pledges", params={"status": "cancelled"}).json()["items"]
    assert [item["id"] for item in listed] == [created.json()["id"]]


def test_a_pledge_has_all_its_fields_and_is_changed(book: Book) -> None:
    ruth = book.caller("ruth")
    body = {
        "donor_id": book.ids["donor"],
        "amount": "30.00",
        "currency": "USD",
        "frequency": "semiannual",
        "start": "2026-01-01",
        "day_of_month": 15,
        "grace_days": 5,
        "instalments": 4,
        "total": "120.00",
        "method": "direct debit",
        "campaign_id": book.ids["campaign"],
        "note": "By phone",
    }
    path = f"pledges/{ruth('POST', 'pledges', json=body).json()['id']}"
    pledge = ruth("GET", path).json()
    assert {name: pledge[name] for name in body} == body
    change = {"version": pledge["version"], "end": "2027-12-31", "total": None, "method": None}
    changed = ruth("PATCH", path, json=change).json()
    assert (changed["end"], changed["total"], changed["method"]) == ("2027-12-31", None, None)
    kept = ("instalments", "note", "day_of_month", "grace_days", "amount", "campaign_id")
    assert {name: changed[name] for name in kept} == {name: pledge[name] for name in kept}
    assert ruth("PATCH", path, json=change).status_code == 409
    again = change | {"version": changed["version"]}
    assert ruth("PATCH", path, json=again).status_code == 422


def test_pages_of_pledges_go_on_where_they_ended(book: Book) -> None:
    with transaction_for_system() as db:
        ids = [book.ids["pledge"]]
        ids += [make.pledge(db, book.ids["donor"], "5", start=date(2026, 2, 1)) for _ in range(6)]
    ruth, collected, after = book.caller("ruth"), [], ""
    while after is not None:
        page = ruth("GET", "pledges", params={"limit": 3, "after": after}).json()
        collected += [item["id"] for item in page["items"]]
        after = page["next"]
    assert collected == ids
    assert book.caller("stranger")("GET", "pledges").json() == {"items": [], "next": None}


def test_a_task_has_a_time_of_its_day(book: Book) -> None:
    ruth = book.caller("ruth")
    body = {"title": "Meet Mara", "due_on": "2026-06-01", "due_at": "14:30"}
    made = ruth("POST", "tasks", json=body).json()["id"]
    items = ruth("GET", "tasks", params={"due_by": "2026-06-01"}).json()["items"]
    assert [item["due_at"] for item in items if item["id"] == made] == ["14:30:00"]
    for wrong in ("25:00", "2 pm", 14, "14:30:00Z"):
        answer = ruth("POST", "tasks", json=body | {"due_at": wrong})
        assert answer.status_code == 422, wrong


def test_a_task_is_made_done_and_opened_again(book: Book) -> None:
    ruth = book.caller("ruth")
    task_id = ruth("POST", "tasks", json={"title": " Call  Mara ", "due_on": "2026-06-02"}).json()[
        "id"
    ]
    named = {item["id"]: item["title"] for item in ruth("GET", "tasks").json()["items"]}
    assert named == {book.ids["task"]: "Call about $50", task_id: "Call Mara"}
    early = ruth("GET", "tasks", params={"due_by": "2026-06-01"}).json()["items"]
    assert [item["id"] for item in early] == [book.ids["task"]]
    about = ruth("GET", "tasks", params={"donor_id": book.ids["donor"]}).json()["items"]
    assert [item["id"] for item in about] == [book.ids["task"]]
    for _ in range(2):
        assert ruth("POST", f"tasks/{task_id}/done").json() == {"done": True}
    assert len(ruth("GET", "tasks").json()["items"]) == 1
    ruth("POST", f"tasks/{task_id}/reopen")
    assert len(ruth("GET", "tasks").json()["items"]) == 2


def test_alerts_are_listed_worst_first_and_closed(book: Book) -> None:
    with transaction_for_system() as db:
        for severity, since in ((3, 1), (1, 1), (3, 2), (1, 1)):
            donor, day = make.donor(db, book.people["ruth"]), date(2026, 1, since)
            make.gift(db, donor, on=day)
            make.rhythm(db, donor)
            make.alert(db, donor, "at_risk", severity=severity, since=day)
    ruth, collected, after = book.caller("ruth"), [], ""
    while after is not None:
        params = {"limit": 2, "after": after, "kind": "at_risk"}
        page = ruth("GET", "alerts", params=params).json()
        collected += [(-item["severity"], item["since"], item["id"]) for item in page["items"]]
        after = page["next"]
    assert collected == sorted(collected)
    assert len(set(collected)) == 4
    first, second, third = (key[2] for key in collected[:3])
    assert ruth("POST", f"alerts/{first}/resolve").is_success
    assert ruth("POST", f"alerts/{second}/dismiss", json={"reason": "Moved"}).is_success
    assert ruth("POST", f"alerts/{third}/snooze", json={"until": "2150-01-01"}).is_success
    with transaction_for_system() as db:
        states = dict(db.execute(select(Alert.id, Alert.state)).all())
    assert [states[line] for line in (first, second, third)] == [
        "resolved",
        "dismissed",
        "snoozed",
    ]
    late = ruth("POST", f"alerts/{third}/snooze", json={"until": "2020-01-01"})
    assert (late.status_code, late.json()["detail"]) == (422, "Choose a day after today.")
    for_others = book.caller("stranger")("GET", "alerts").json()
    assert for_others == {"items": [], "next": None}


def test_a_line_whose_alert_the_daily_check_has_not_raised_can_be_acted_on(book: Book) -> None:
    with transaction_for_system() as db:
        db.execute(delete(Alert))
        donor = make.donor(db, book.people["ruth"], "Tom Reed")
        pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
        silent = make.donor(db, book.people["ruth"], "Ana Sol")
        make.gift(db, silent, on=date(2026, 1, 1))
        make.rhythm(db, silent, last_gift=date(2026, 1, 1))
    ruth = book.caller("ruth")
    for kind, who, about in (("late_pledge", donor, pledge), ("at_risk", silent, None)):
        mine = [
            item
            for item in ruth("GET", f"alerts?kind={kind}").json()["items"]
            if item["donor_id"] == who
        ]
        assert [(item["id"], item["pledge_id"]) for item in mine] == [(None, about)]
        body = {"kind": kind, "donor_id": who, "pledge_id": about}
        for stranger in ("stranger", "coach", "read_only", "finance"):
            assert book.caller(stranger)("POST", "alerts", json=body).status_code == 404
        stored = ruth("POST", "alerts", json=body)
        assert stored.status_code == 201
        assert ruth("POST", "alerts", json=body).json() == stored.json()
        address = f"alerts/{stored.json()['id']}"
        assert ruth("POST", f"{address}/called", json={}).is_success
        left = ruth("GET", f"alerts?kind={kind}").json()["items"]
        assert who not in [item["donor_id"] for item in left]
        assert ruth("POST", "alerts", json=body).status_code == 404
        assert ruth("POST", f"{address}/undo").is_success
    with transaction_for_system() as db:
        assert len(db.scalars(select(Alert.id)).all()) == 2


def test_the_figures_are_the_dashboards(book: Book) -> None:
    ruth = book.people["ruth"]
    figures = book.caller("ruth")("GET", "figures").json()
    day = datetime.now(UTC).date()
    with transaction_for_system() as db:
        board = insights.dashboard(db, ruth, filter=insights.DashboardFilter(), today=day)
        progress = goals.progress(db, ruth, today=day)
    assert figures["goal"]["goal"] == {"amount": "4000.00", "currency": "USD"}
    assert figures["goal"]["support"]["amount"] == str(progress.support)
    assert figures["goal"]["uncounted"] == figures["year"]["uncounted"] == []
    assert figures["year"]["given"]["amount"] == str(board.year.given)
    assert len(figures["months"]) == len(board.months)
    assert [month["total"]["amount"] for month in figures["months"]] == [
        str(month.income.total) for month in board.months
    ]
    lead = book.caller("supervisor")
    narrowed = lead("GET", "figures", params={"owner_id": ruth.user_id}).json()
    assert narrowed["goal"] == figures["goal"]
    hidden = book.caller("stranger")("GET", "figures", params={"owner_id": ruth.user_id})
    assert hidden.status_code == 404


def test_pledges_without_a_rate_are_named_with_the_figures(book: Book) -> None:
    with transaction_for_system() as db:
        pledge = make.pledge(db, book.ids["donor"], "12.50", currency="CHF")
        # the year has begun this month, so that instalments are still expected on every day
        this_month = datetime.now(UTC).month
        db.execute(update(Organisation).values(fiscal_start_month=this_month))
    figures = book.caller("ruth")("GET", "figures").json()
    named = [
        {
            "currency": "CHF",
            "pledges": 1,
            "first": [
                {
                    "pledge_id": pledge,
                    "donor_id": book.ids["donor"],
                    "donor_name": "Mara Vogel",
                    "frequency": "monthly",
                    "amount": {"amount": "12.50", "currency": "CHF"},
                }
            ],
        }
    ]
    assert figures["goal"]["uncounted"] == figures["year"]["uncounted"] == named
    other = book.caller("stranger")("GET", "figures").json()
    assert other["goal"]["uncounted"] == other["year"]["uncounted"] == []


def test_saved_mappings_are_listed_for_their_owner_and_when_shared(book: Book) -> None:
    ruth, stranger = book.caller("ruth"), book.caller("stranger")
    plan = upload(ruth, file_name="new.csv").json()
    assert ruth("GET", "imports/mappings").json() == {"items": []}
    ruth("POST", f"imports/{plan['id']}/commit", json={"plan_hash": plan["plan_hash"]})
    (saved,) = ruth("GET", "imports/mappings").json()["items"]
    columns = [
        {"header": "Name", "field": "name"},
        {"header": "E-mail", "field": "email"},
    ]
    facts = {"name": "new.csv", "kind": "donors", "version": 1, "columns": columns, "own": True}
    assert saved | facts == saved
    assert stranger("GET", "imports/mappings").json() == {"items": []}
    with transaction_for_system() as db:
        imports.share_mapping(db, book.people["ruth"], mapping_id=saved["id"], shared=True)
    (shared,) = stranger("GET", "imports/mappings").json()["items"]
    assert shared == saved | {"own": False, "shared": True}


def upload(
    ask: Callable[..., Response],
    data: str | bytes | Iterator[bytes] = CSV,
    kind: str = "text/csv",
    file_kind: str = "donors",
    **params: str | list[str],
) -> Response:
    query = COLUMNS | {"kind": file_kind} | params
    return ask("POST", "imports", content=data, headers={"content-type": kind}, params=query)


def test_a_file_is_planned_carried_out_and_taken_back(book: Book) -> None:
    ruth = book.caller("ruth")
    planned = upload(ruth, file_name="new.csv")
    assert planned.status_code == 201, planned.text
    plan = planned.json()
    assert (plan["kind"], plan["rows"], plan["create"], plan["problems"]) == ("donors", 2, 2, [])
    assert len(ruth("GET", "donors").json()["items"]) == 1, "nothing is changed yet"
    commit = f"imports/{plan['id']}/commit"
    wrong = ruth("POST", commit, json={"plan_hash": "0" * 64})
    assert wrong.status_code == 409
    done = ruth("POST", commit, json={"plan_hash": plan["plan_hash"]})
    assert (done.status_code, done.json()["state"], done.json()["create"]) == (200, "done", 2)
    again = ruth("POST", commit, json={"plan_hash": plan["plan_hash"]})
    assert (again.status_code, again.json()["detail"]) == (409, "This import is done already.")
    assert len(ruth("GET", "donors").json()["items"]) == 3
    assert [item["file_name"] for item in ruth("GET", "imports").json()["items"]] == ["new.csv"]
    # another person's import does not exist for others
    assert book.caller("stranger")("GET", f"imports/{plan['id']}").status_code == 404
    assert ruth("POST", f"imports/{plan['id']}/undo").json() == {"id": plan["id"], "kept": []}
    assert len(ruth("GET", "donors").json()["items"]) == 1


@pytest.mark.parametrize("kind", ["donors", "gifts", "pledges"])
def test_a_list_of_the_rows_of_an_import(book: Book, kind: str) -> None:
    ruth = book.caller("ruth")
    columns = {
        "donors": "Name=name,E-mail=email",
        "gifts": "E-mail=email,Sum=amount,Date=gift_date",
        "pledges": "E-mail=email,Sum=amount,How=frequency,Date=start_date",
    }[kind].split(",")
    row = {"Name": "Mara New", "Sum": "7", "How": "monthly", "Date": "2026-02-03"}
    row["E-mail"] = "mara@example.org" if kind != "donors" else "new@example.org"
    headers = [column.partition("=")[0] for column in columns]
    data = "\n".join([",".join(headers), ",".join(row[header] for header in headers), ""])
    plan = upload(ruth, data, file_kind=kind, column=columns).json()
    assert plan["create"] == 1, plan
    done = ruth("POST", f"imports/{plan['id']}/commit", json={"plan_hash": plan["plan_hash"]})
    assert done.json()["state"] == "done"

    def found(ask: Callable[..., Response], **params: str | int) -> int:
        answer = ask("GET", kind, params={"import_id": plan["id"]} | params)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert (found(ruth), found(ruth, import_rows="new"), found(ruth, import_rows="changed")) == (
        1,
        1,
        0,
    )
    assert len(ruth("GET", kind).json()["items"]) == 2
    assert found(book.caller("admin")) == 1
    assert (found(book.caller("supervisor")), found(book.caller("stranger"))) == (0, 0)
    assert ruth("GET", kind, params={"import_rows": "old"}).status_code == 422


def test_the_ids_of_a_file_may_be_those_of_another_system(book: Book) -> None:
    with transaction_for_system() as db:
        make.donor(db, book.people["ruth"], "Ole Sailor", external=("civicrm", "7"))
    data = "Id,Name\n7,Ole Sailor\n8,Ivy Lane\n"
    columns = ["Id=external_id", "Name=name"]
    plan = upload(book.caller("ruth"), data, column=columns, source="civicrm").json()
    assert plan["assumed"] == ["Ids are those of CiviCRM: 1 of 2 donors is known by them."]
    plan = upload(book.caller("ruth"), data, column=columns).json()
    assert plan["assumed"] == []


PLEDGES = "Id,E-mail,Sum,How,From,Day\nP1,mara@example.org,30,monthly,2026-01-01,{}\n"
PLEDGE_COLUMNS: dict[str, Any] = {
    "column": [
        "Id=external_id",
        "E-mail=email",
        "Sum=amount",
        "How=frequency",
        "From=start_date",
        "Day=anchor_day",
    ],
    "file_kind": "pledges",
}


def test_what_a_file_may_change_is_chosen(book: Book) -> None:
    ruth = book.caller("ruth")
    plan = upload(ruth, PLEDGES.format(5), **PLEDGE_COLUMNS).json()
    ruth("POST", f"imports/{plan['id']}/commit", json={"plan_hash": plan["plan_hash"]})
    params: dict[str, Any] = PLEDGE_COLUMNS | {"policy": ["pledge_day=keep"]}
    plan = upload(ruth, PLEDGES.format(20), **params).json()
    assert (plan["update"], plan["skip"], plan["kept"]) == (0, 1, {"day": 1})
    plan = upload(ruth, PLEDGES.format(20), **PLEDGE_COLUMNS).json()
    assert (plan["update"], plan["skip"], plan["kept"]) == (1, 0, {})
    for wrong in ("pledge_day", "pledge_day=burn", "colour=keep"):
        refused = upload(ruth, PLEDGES.format(20), **params | {"policy": [wrong]})
        assert refused.status_code == 422


def test_rows_that_stay_out_are_named(book: Book) -> None:
    file = "Name,E-mail\nNone,a@x.example\nIvy,not an address\n"
    plan = upload(book.caller("ruth"), file).json()
    assert plan["problems"] == [{"row": 2, "field": "Name", "reason": "The row has no name."}]
    assert plan["notes"] == [
        {
            "row": 3,
            "field": "E-mail",
            "reason": "“not an address” is not an e-mail address. The cell is left empty.",
        }
    ]
    assert (plan["create"], plan["error"]) == (1, 1)


def test_a_big_file_is_handed_to_the_worker(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BIG_IMPORT_ROWS", 1)
    ruth = book.caller("ruth")
    plan = upload(ruth).json()
    body = {"plan_hash": plan["plan_hash"]}
    answer = ruth("POST", f"imports/{plan['id']}/commit", json=body)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert ruth("GET", f"imports/{plan['id']}").json()["doing"] == "Waiting for the worker"


def test_a_file_that_would_have_to_wait_is_handed_to_the_worker(book: Book) -> None:
    ruth = book.caller("ruth")
    plan = upload(ruth).json()
    with transaction_for_system() as other:
        assert imports.try_lock(other)
        body = {"plan_hash": plan["plan_hash"]}
        answer = ruth("POST", f"imports/{plan['id']}/commit", json=body)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


def test_what_only_a_person_can_decide_is_asked(book: Book) -> None:
    data = "Donor,Amount,Date\nMara Vogel,5,01/02/2026\n"
    columns = ["Donor=name", "Amount=amount", "Date=gift_date"]
    ask = book.caller("ruth")
    answer = upload(ask, data, kind="text/csv", column=columns, file_kind="gifts")
    assert answer.status_code == 422
    assert answer.json()["question"] == "date_order"
    assert answer.json()["samples"] == ["01/02/2026"]
    settled = upload(ask, data, column=columns, file_kind="gifts", date_order="dmy")
    assert settled.status_code == 201
    assert settled.json()["sums"] == {"USD": "5.00"}


def test_an_encoding_is_asked_and_can_be_chosen(book: Book) -> None:
    data = "name,email\nLujza Kőszegi,l@k.example\n".encode("cp1250")
    columns = ["name=name", "email=email"]
    ask = book.caller("ruth")
    asked = upload(ask, data, column=columns).json()
    assert (asked["question"], asked["choices"]) == ("encoding", ["cp1252", "cp1250"])
    assert asked["samples"] == ["Kõszegi", "Kőszegi"]
    plan = upload(ask, data, column=columns, encoding="windows-1250")
    assert (plan.status_code, plan.json()["create"]) == (201, 1)
    assert isinstance(plan.json()["assumed"], list)


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (CSV, "application/json", 415),
        (CSV, "", 415),
        (b"", "text/csv", 422),
        (b"\x89PNG\r\n\x1a\n", "text/csv", 422),
        (b"x" * 2_001, "text/csv", 413),
    ],
)
def test_what_is_no_file_of_ours_is_refused(
    book: Book, monkeypatch: pytest.MonkeyPatch, data: str | bytes, kind: str, status: int
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 2_000)
    answer = upload(book.caller("ruth"), data, kind)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 413:
        chunks = iter([b"x" * 1_500] * 2)
        assert upload(book.caller("ruth"), chunks, kind).status_code == 413


def test_a_column_is_written_as_header_and_field(book: Book) -> None:
    answer = upload(book.caller("ruth"), column="Name")
    assert answer.json()["detail"].startswith("Write each column as Header=field")


def test_an_export_holds_what_one_sees_and_is_noted(book: Book) -> None:
    answer = book.caller("ruth")("GET", "exports/donors.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="donors-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "Mara Vogel" in rows[0].values()
    assert len(rows) == 1
    with transaction_for_system() as db:
        assert db.execute(select(DonorAccess.how)).scalars().all() == ["export"]
    other = book.caller("stranger")("GET", "exports/donors.csv")
    assert "Mara" not in other.text
    assert book.caller("ruth")("GET", "exports/secrets.csv").status_code == 422


def pages(
    ask: Callable[..., Response], path: str, **params: str
) -> tuple[list[dict[str, Any]], int]:
    """Every page of a list, and how many there were."""
    result, after, number = [], "", 0
    while after is not None:
        answer = ask("GET", path, params=params | {"after": after, "limit": 2})
        assert answer.status_code == 200, answer.text
        result += answer.json()["items"]
        after, number = answer.json()["next"], number + 1
    return result, number


def test_pages_of_tasks_go_on_where_they_ended(book: Book) -> None:
    with transaction_for_system() as db:
        for number, day in enumerate((3, 1, 2, 1)):
            make.task(
                db,
                book.people["ruth"],
                f"Task {number}",
                due_on=date(2026, 7, day),
                priority=1 + number % 2,
            )
    result, number = pages(book.caller("ruth"), "tasks", due_by="2026-12-31")
    assert [task["title"] for task in result] == [
        "Task 2",
        "Task 0",
        "Call about $50",
        "Task 1",
        "Task 3",
    ]
    assert number == 3
    assert pages(book.caller("stranger"), "tasks") == ([], 1)


def test_pages_of_imports_go_on_where_they_ended(book: Book) -> None:
    with transaction_for_system() as db:
        runs = [make.import_run(db, book.people["ruth"]) for _ in range(5)]
        make.import_run(db, book.people["stranger"])
    result, number = pages(book.caller("ruth"), "imports")
    assert ([run["id"] for run in result], number) == (runs[::-1], 3)


SORT_KEYS = {
    "donors": ("Reed", 1),
    "gifts": ("2026-01-01", 1),
    "pledges": (1,),
    "imports": (1,),
    "tasks": (1, "2026-01-01", 1),
    "alerts": (1, "2026-01-01", 1),
}


@pytest.mark.parametrize("path", ["donors", "gifts", "pledges", "tasks", "alerts", "imports"])
def test_a_cursor_of_another_list_is_not_taken(book: Book, path: str) -> None:
    ask = book.caller("admin")
    for cursor in ("x", "W10", cursors.encode_cursor("figures", 1, "2026-01-01", 1)):
        answer = ask("GET", path, params={"after": cursor})
        assert answer.status_code == 422, answer.text
        assert "not a cursor of this list" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["donors", "gifts", "pledges", "tasks", "alerts", "imports"])
def test_a_changed_cursor_is_refused(book: Book, path: str) -> None:
    admin = book.caller("admin")
    good = cursors.encode_cursor(path, *SORT_KEYS[path])
    assert admin("GET", path, params={"after": good}).status_code == 200
    payload, _, signature = good.rpartition(".")
    forged = URLSafeSerializer("another key", salt=f"cursor of {path}").dumps([10**40] * 3)
    for cursor in (f"{payload}A.{signature}", f"{payload}.{signature[::-1]}", payload, forged):
        answer = admin("GET", path, params={"after": cursor})
        assert answer.status_code == 422, answer.text
        assert "not a cursor of this list" in answer.json()["detail"]
