"""Readings on a real replica: who sees what, and what happens when it is behind, gone or other.

The replica stops replaying, dies, is promoted; each time the answer is that of the primary.
"""

import io
import logging
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from app import accounts, audit, exports, gifts, insights
from app.api import routes
from app.cache import versioned_cache
from app.cli import main
from app.db import data_version, replica, session, transaction, transaction_for_system
from app.db.replica import Trouble, connection, position
from app.db.replica.circuit import circuit
from app.db.statements.bulk_copy import copy_out
from app.insights import DashboardFilter
from app.kit.errors import ConfigurationError, NotAllowedError, SignedOutError
from app.settings import settings
from deploy.replication import Pair
from tests import database as run
from tests import factories as make
from tests.integration.db.replica.conftest import People
from tests.values import present
from tests.web_client import TestClient

pytestmark = pytest.mark.xdist_group("replica")
TODAY = date(2026, 11, 23)


def on_replica(db: Session) -> bool:
    return bool(db.scalar(text("select pg_is_in_recovery()")))


def names(db: Session) -> list[str]:
    """Ask for every donor, without a scope: the database shows those the person may see."""
    return list(db.scalars(text("select name from donor order by name")))


def received(db: Session, people: People) -> int:
    return insights.dashboard(db, people.ruth, filter=DashboardFilter(), today=TODAY).income.gifts


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a replica that will not catch up."""
    monkeypatch.setenv("DATABASE_READ_WAIT_MS", "0")
    settings.cache_clear()


def pause(pair: Pair) -> None:
    pair.execute("replica", "select pg_wal_replay_pause()")


def test_a_reading_goes_to_the_replica(people: People) -> None:
    before = replica.reading_counts()
    assert replica.read(people.ruth, on_replica)
    assert replica.read_for_system(on_replica)
    counts = replica.reading_counts()
    assert (counts[True] - before[True], counts[False] - before[False]) == (2, 0)


def test_without_a_replica_it_goes_to_the_primary(
    people: People, read_from: Callable[[str], None]
) -> None:
    read_from("")
    assert not replica.read(people.ruth, on_replica)
    assert replica.replica_status() is None


def test_the_worker_finds_the_primary_among_several_servers(pair: Pair) -> None:
    run.use(pair.url_of("read-write"))
    with closing(psycopg2.connect(session.psycopg_dsn())) as of_worker:
        assert of_worker.info.port == pair.ports["primary"]
    run.use(pair.url_of("standby"))
    with closing(psycopg2.connect(session.psycopg_dsn())) as of_worker:
        assert of_worker.info.port == pair.ports["replica"]


def test_a_replica_needs_a_primary(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, read_from: Callable[[str], None]
) -> None:
    read_from("mysql://127.0.0.1/postgres")
    with pytest.raises(ConfigurationError, match="DATABASE_READ_URL is not"):
        session.replica_url()
    monkeypatch.setenv("DATABASE_URL", "")
    read_from(pair.url("replica"))
    with pytest.raises(ConfigurationError, match="DATABASE_URL to the primary"):
        session.replica_url()


def test_everybody_sees_their_own_donors_on_the_replica(people: People) -> None:
    def ask(db: Session) -> tuple[bool, list[str]]:
        return on_replica(db), names(db)

    for actor, other in ((people.ruth, "Mara Lind"), (people.sam, "Tom Reed")):
        on_it, seen = replica.read(actor, ask)
        assert on_it
        assert seen
        assert other not in seen
    assert replica.read(None, ask) == (True, [])
    assert {"Mara Lind", "Tom Reed"} <= set(replica.read_for_system(names))


def test_what_is_written_is_seen_while_the_replica_is_behind(
    pair: Pair, people: People, impatient: None
) -> None:
    """Whoever wrote it: the person in another process, a colleague, the worker."""
    pause(pair)
    with closing(psycopg2.connect(pair.url("primary"))) as other, other, other.cursor() as cursor:
        cursor.execute("update donor set name = 'Tom Rose' where id = %s", (people.donor,))

    def ask(db: Session) -> tuple[bool, list[str]]:
        return on_replica(db), names(db)

    assert replica.read(people.ruth, ask) == (False, ["Tom Rose"])
    assert circuit.trouble == Trouble.BEHIND
    lag = replica.replica_status()
    assert lag is not None
    assert lag.lag.trouble == Trouble.BEHIND
    assert lag.lag.bytes
    pair.execute("replica", "select pg_wal_replay_resume()")
    caught_up(pair)
    assert replica.read(people.ruth, ask) == (True, ["Tom Rose"])
    assert circuit.trouble is None


def caught_up(pair: Pair) -> None:
    """Wait until the replica has replayed what is written."""
    place = pair.execute("primary", "select pg_current_wal_flush_lsn()")
    until = f"select pg_last_wal_replay_lsn() >= '{place}'"
    for _ in range(2000):
        if pair.execute("replica", until) == "True":
            return
    pytest.fail("the replica does not replay")


def test_a_replica_just_behind_is_waited_for(
    pair: Pair, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that stays behind is asked once by each request."""
    asked = []
    answers = [Trouble.BEHIND, Trouble.BEHIND, None]

    def ask(*_args: object) -> Trouble | None:
        asked.append(1)
        return answers[min(len(asked), 3) - 1]

    monkeypatch.setattr(connection, "trouble_of", ask)
    assert replica.read(people.ruth, on_replica)
    assert len(asked) == 3
    answers[2] = Trouble.BEHIND
    assert not replica.read(people.ruth, on_replica)
    several = len(asked)
    assert several > 5
    assert not replica.read(people.ruth, on_replica)
    assert len(asked) == several + 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("update session set revoked_at = now() where id = '{id}'", SignedOutError),
        ("update app_user set active = false where id = {user}", SignedOutError),
        ("update app_user set role = 'coach' where id = {user}", NotAllowedError),
    ],
)
@pytest.mark.parametrize("behind", [False, True])
def test_who_may_no_longer_read_reads_nothing(
    pair: Pair,
    people: People,
    impatient: None,
    change: str,
    error: type[Exception],
    behind: bool,
) -> None:
    if behind:
        pause(pair)
    ruth = people.ruth
    pair.execute("primary", change.format(id=ruth.session_id, user=ruth.user_id))
    if not behind:
        caught_up(pair)
    with pytest.raises(error):
        replica.read(ruth, names)


WRITING = (
    "update donor set name = 'Tom'",
    "create temporary table t (n int)",
    "select nextval('donor_id_seq')",
    "select id from donor for update",
)


@pytest.mark.parametrize("with_replica", [True, False])
def test_a_reading_writes_nothing_on_either_server(
    people: People, read_from: Callable[[str], None], with_replica: bool
) -> None:
    if not with_replica:
        read_from("")
    for statement in WRITING:
        with pytest.raises(InternalError, match="read-only transaction"):
            replica.read(people.ada, writing(statement))
        with pytest.raises(InternalError, match="read-only transaction"):
            replica.read_for_system(writing(statement))


def writing(statement: str) -> Callable[[Session], None]:
    return lambda db: db.execute(text(statement)).close()


def test_a_page_of_the_replica_is_not_kept_for_the_primary(
    pair: Pair, people: People, impatient: None
) -> None:
    """The versions of one and the same data differ, so that no server's page is the other's."""
    with transaction(people.ruth) as db:
        make.gift(db, people.donor, "50")
    caught_up(pair)
    with transaction(people.ruth) as db:
        on_primary = data_version.current_version(db)
    of_replica = replica.read(people.ruth, data_version.current_version)
    assert on_primary is not None
    assert of_replica is not None
    assert of_replica.split(":")[-1] == "replica1"
    assert on_primary.split(":")[:-1] == of_replica.split(":")[:-1]
    pause(pair)
    with transaction(people.ruth) as db:
        before = received(db, people)
        make.gift(db, people.donor, "20")
    # a page of a replica that is behind, however it came to be read there
    stale = session.replica_engine()
    assert stale is not None
    with stale.connect() as behind, session.session_on(behind) as db:
        assert data_version.current_version(db) != on_primary
        assert received(db, people) == before
    assert replica.read(people.ruth, lambda db: received(db, people)) == before + 1
    with transaction(people.ruth) as db:
        assert received(db, people) == before + 1


def test_the_version_names_the_timeline(people: People) -> None:
    """After a promotion commits may be lost: what was kept before is not found again."""
    with transaction(people.ruth) as db:
        line = str(data_version.current_version(db)).rpartition(":")[2]
    assert line == "00000001"


def test_a_dead_replica_is_left_and_taken_up_again(
    pair: Pair, people: People, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert replica.read(people.ruth, on_replica)
    pair.parts["replica"].kill()
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert not replica.read(people.ruth, on_replica)
    status = replica.replica_status()
    assert status is not None
    assert (status.lag.trouble, circuit.trouble) == (Trouble.AWAY, Trouble.AWAY)
    pair.parts["replica"].wait()
    assert not replica.read(people.ruth, on_replica), "it rests for some seconds"
    monkeypatch.setattr(circuit, "_until", 0.0)
    with caplog.at_level(logging.INFO):
        assert replica.read(people.ruth, on_replica)
    lines = [record.getMessage() for record in caplog.records if "replica" in record.name]
    assert lines == [
        "The read replica is not used, the primary is read. It cannot be reached.",
        "The read replica is used again.",
    ]
    assert pair.password not in caplog.text


def test_a_replica_that_does_not_answer_is_left(
    people: People, read_from: Callable[[str], None]
) -> None:
    """It takes connections, as a stopped server does, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        read_from(f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/postgres")
        assert not replica.read(people.ruth, on_replica)
        assert circuit.trouble == Trouble.SILENT


def test_a_primary_is_no_replica(
    pair: Pair, people: People, read_from: Callable[[str], None]
) -> None:
    """A promoted replica, or the primary's own address: reads go on with DATABASE_URL."""
    read_from(pair.url("primary"))
    assert not replica.read(people.ruth, on_replica)
    assert circuit.trouble == Trouble.PROMOTED


def test_another_database_is_no_replica(
    pair: Pair, people: People, read_from: Callable[[str], None]
) -> None:
    read_from(pair.url("replica").replace("/postgres", "/template1"))
    assert not replica.read(people.ruth, on_replica)
    assert circuit.trouble == Trouble.OTHER


@pytest.mark.parametrize(
    ("other", "trouble"),
    [({"timeline": 2}, Trouble.TIMELINE), ({"system": "1"}, Trouble.OTHER)],
)
def test_a_replica_of_another_server_or_timeline_is_not_used(
    people: People,
    monkeypatch: pytest.MonkeyPatch,
    other: dict[str, Any],
    trouble: Trouble,
) -> None:
    """The replica of a primary that was left behind may be ahead in a history of its own."""
    here = present(position.current_position())
    monkeypatch.setattr(connection, "current_position", lambda: replace(here, **other))
    assert not replica.read(people.ruth, on_replica)
    assert circuit.trouble == trouble


def ending(pair: Pair, asked: list[bool]) -> Callable[[Session], bool]:
    """Ask whether it is the replica, and end the connection in the middle if so."""

    def ask(db: Session) -> bool:
        asked.append(on_replica(db))
        if asked[-1]:
            pid = db.scalar(text("select pg_backend_pid()"))
            pair.execute("replica", f"select pg_terminate_backend({pid}, 5000)")
        return on_replica(db)

    return ask


def test_a_reading_that_is_lost_is_made_again_on_the_primary(pair: Pair, people: People) -> None:
    asked: list[bool] = []
    assert not replica.read(people.ruth, ending(pair, asked))
    assert asked == [True, False]


def test_a_file_that_is_lost_is_written_again_on_the_primary(pair: Pair, people: People) -> None:
    """COPY does not pass through what notices a broken connection."""
    asked: list[bool] = []

    def write(db: Session) -> bytes:
        file = io.BytesIO()
        asked.append(on_replica(db))
        if asked[-1]:
            pid = db.scalar(text("select pg_backend_pid()"))
            pair.execute("replica", f"select pg_terminate_backend({pid}, 5000)")
        copy_out(db, f"select name from donor where id = {people.donor}", file)
        return file.getvalue()

    assert replica.read_for_system(write) == b"name\nTom Reed\n"
    assert asked == [True, False]


@pytest.mark.parametrize("running", [True, False])
def test_a_query_that_recovery_ends_is_made_again_on_the_primary(
    pair: Pair, people: People, running: bool
) -> None:
    """What it reads is gone on the primary, during a query or between two."""
    pair.execute("replica", "alter system set max_standby_streaming_delay = 0")
    pair.execute("replica", "select pg_reload_conf()")
    pair.execute("primary", "create table passing (n int)")
    caught_up(pair)
    asked: list[bool] = []

    def ask(db: Session) -> bool:
        asked.append(on_replica(db))
        if asked[-1]:
            db.execute(text("select n from passing"))
            drop = threading.Thread(target=pair.execute, args=("primary", "drop table passing"))
            drop.start()
            if not running:
                drop.join()
                caught_up(pair)
            db.execute(text("select pg_sleep(60)"))
        return asked[-1]

    assert not replica.read_for_system(ask)
    assert asked == [True, False]
    # between two queries it closes the connection without a reason
    assert circuit.trouble == (None if running else Trouble.AWAY)


def test_an_error_of_the_question_is_no_fault_of_the_replica(people: People) -> None:
    with pytest.raises(ZeroDivisionError):
        replica.read(people.ruth, lambda _db: 1 // 0)
    assert replica.read(people.ruth, on_replica)


def test_an_export_is_read_on_the_replica_and_recorded_on_the_primary(people: People) -> None:
    out, later = io.BytesIO(), list[Callable[[], None]]()
    now = datetime.now(UTC)

    def write(db: Session) -> bool:
        exports.write(db, people.ada, kind="donors", out=out, today=TODAY, later=later, now=now)
        return on_replica(db)

    assert replica.read(people.ada, write)
    assert b"Tom Reed" in out.getvalue()
    assert not recorded(people.ada)
    for finish in later:
        finish()
    assert recorded(people.ada) == ["export.written"]


def recorded(actor: accounts.Actor) -> list[str]:
    with transaction_for_system() as db:
        lines = audit.iter_lines(db, filter=audit.ActivityFilter(actor_id=actor.user_id))
        return [line.action for line in lines if line.action.startswith("export")]


def test_the_whole_organisation_is_read_on_the_replica(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = replica.reading_counts()[True]
    monkeypatch.setattr(sys, "argv", ["app", "export", "--all", str(tmp_path / "all")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert replica.reading_counts()[True] == before + 1
    assert "Tom Reed" in (tmp_path / "all" / "donors.csv").read_text()


def test_the_figures_and_lists_are_read_on_the_replica(people: People) -> None:
    """Each statement of them runs there."""

    def ask(db: Session) -> bool:
        insights.load_today_summary(db, people.ruth, today=TODAY)
        insights.load_work_lists(db, people.ruth, filter=DashboardFilter(), today=TODAY)
        insights.figures(db, people.ruth, today=TODAY)
        gifts.page(db, people.ruth, filter=gifts.GiftFilter())
        return on_replica(db)

    versioned_cache.forget()
    assert replica.read(people.ruth, ask)


def test_a_program_reads_on_the_replica_what_it_has_just_written(people: People) -> None:
    with transaction_for_system() as db:
        access = accounts.issue_tokens(db, user_id=people.ruth.user_id, now=datetime.now(UTC))
    headers = {"authorization": f"Bearer {access.access}"}
    app = Starlette(routes=routes)
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        for number in range(1, 4):
            before = replica.reading_counts()
            gift = {
                "donor_id": people.donor,
                "amount": "10",
                "currency": "USD",
                "date": "2026-11-02",
            }
            made = client.post("/api/v1/gifts", headers=headers, json=gift)
            assert made.status_code == 201, made.text
            listed = client.get(
                "/api/v1/gifts", headers=headers, params={"donor_id": people.donor}
            )
            assert len(listed.json()["items"]) == number
            counts = replica.reading_counts()
            assert (counts[True] - before[True], counts[False] - before[False]) == (1, 0)
