"""Files being written take neither the threads nor the connections that answer requests."""

import io
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import URL
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app import exports
from app.accounts import Actor, Role
from app.api import file_response, turns
from app.db import transaction_for_system
from app.db.session import engine
from tests import factories as make
from tests.integration.exports.test_downloads import ask, client, people_and_ids
from tests.web_client import TestClient

__all__ = ["client", "people_and_ids"]
PATIENCE = 180


class Slow:
    """Stands in for the writing of a big file: it goes on until it is let go."""

    def __init__(self) -> None:
        self.free, self.begun = threading.Event(), threading.Semaphore(0)
        self.threads: set[str] = set()

    def __call__(self, _db: Session, _actor: Actor, **_options: object) -> None:
        self.threads.add(threading.current_thread().name.partition("_")[0])
        self.begun.release()
        assert self.free.wait(PATIENCE)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow_export = Slow()
    monkeypatch.setattr(exports, "write", slow_export)
    yield slow_export
    slow_export.free.set()


def busy(
    threads: ThreadPoolExecutor,
    client: TestClient,
    people_and_ids: tuple[dict[str, Actor], dict[str, int]],
    slow: Slow,
) -> list[Future[Response]]:
    """Ask for as many files as are written at once, and wait until all of them are."""
    requests = [
        threads.submit(ask, client, people_and_ids, "admin", "funds.csv")
        for _ in range(file_response.AT_ONCE)
    ]
    for _ in requests:
        assert slow.begun.acquire(timeout=PATIENCE)
    return requests


def test_another_file_waits_and_is_then_refused_with_a_sentence(
    client: TestClient,
    people_and_ids: tuple[dict[str, Actor], dict[str, int]],
    slow: Slow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.3)
    with ThreadPoolExecutor(file_response.AT_ONCE) as threads:
        requests = busy(threads, client, people_and_ids, slow)
        answer = ask(client, people_and_ids, "admin", "funds.csv")
        assert (answer.status_code, answer.text) == (503, file_response.BUSY)
        assert answer.headers["retry-after"] == str(turns.RETRY_SECONDS)
        slow.free.set()
        assert {request.result(PATIENCE).status_code for request in requests} == {200}
    assert file_response.TURNS.free == file_response.AT_ONCE


def test_another_file_comes_when_one_is_done(
    client: TestClient, people_and_ids: tuple[dict[str, Actor], dict[str, int]], slow: Slow
) -> None:
    with ThreadPoolExecutor(file_response.AT_ONCE + 1) as threads:
        requests = busy(threads, client, people_and_ids, slow)
        fifth = threads.submit(ask, client, people_and_ids, "admin", "funds.csv")
        time.sleep(0.3)
        assert not fifth.done()
        slow.free.set()
        assert {request.result(PATIENCE).status_code for request in [*requests, fifth]} == {200}


def test_requests_are_answered_while_files_are_written(
    client: TestClient, people_and_ids: tuple[dict[str, Actor], dict[str, int]], slow: Slow
) -> None:
    with ThreadPoolExecutor(file_response.AT_ONCE) as threads:
        requests = busy(threads, client, people_and_ids, slow)
        began = time.monotonic()
        assert client.get("/api/v1/health/").status_code == 200
        assert time.monotonic() - began < PATIENCE / 2
        assert slow.threads == {"export"}, "not the threads of the requests"
        slow.free.set()
        for request in requests:
            request.result(PATIENCE)


def test_a_workbook_is_made_after_its_transaction(
    client: TestClient,
    people_and_ids: tuple[dict[str, Actor], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connections = []
    convert = exports.workbook.convert
    pool = engine().pool
    assert isinstance(pool, QueuePool)

    def noting(*args: Any, **how: Any) -> None:
        connections.append(pool.checkedout())
        return convert(*args, **how)

    monkeypatch.setattr(exports.workbook, "convert", noting)
    assert ask(client, people_and_ids, "admin", "donors.xlsx").status_code == 200
    assert connections == [0]


def test_a_workbook_is_made_by_another_process(
    database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    run = subprocess.run

    def noting(words: list[str], **how: Any) -> subprocess.CompletedProcess[bytes]:
        started.append(words)
        process: subprocess.CompletedProcess[bytes] = run(words, **how)
        return process

    monkeypatch.setattr(subprocess, "run", noting)
    with transaction_for_system() as db:
        make.organisation(db)
        admin = make.person(db, role=Role.ADMIN)
        file = io.BytesIO()
        later: list[Callable[[], None]] = []
        exports.write(
            db, admin, kind="funds", out=file, form="xlsx", today=date(2026, 11, 23), later=later
        )
        assert not started
    for finish in later:
        finish()
    assert len(started) == 1
    assert file.getvalue().startswith(b"PK")
