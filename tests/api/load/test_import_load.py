"""Files that programs import take neither all threads nor all memory of the other requests."""

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from httpx import Response

from app import imports
from app.accounts import Actor
from app.api import turns
from app.api.rest import rate_limits, uploads
from app.file_reader.table import Table
from tests.api.conftest import Book

CSV = {"content-type": "text/csv"}
DATA = b"Name,E-mail\nIvy,ivy@example.org\n"
# more than the threads that serve requests
MANY = 45
PATIENCE = 180


class Slow:
    """Reads a file when it is let go, and knows how many it reads at the same time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.busy, self.most = threading.Event(), 0, 0
        self._lock, self._real = threading.Lock(), imports.read_file
        monkeypatch.setattr(imports, "read_file", self)

    def __call__(self, actor: Actor, *, data: bytes, reading: Mapping[str, str]) -> Table:
        with self._lock:
            self.busy += 1
            self.most = max(self.most, self.busy)
        assert self.free.wait(PATIENCE)
        with self._lock:
            self.busy -= 1
        return self._real(actor, data=data, reading=reading)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow_import = Slow(monkeypatch)
    yield slow_import
    slow_import.free.set()


def test_requests_are_answered_while_programs_import(
    book: Book, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 1.0)
    for limit in (rate_limits.PEOPLE, rate_limits.ADDRESSES):
        monkeypatch.setattr(limit, "per_minute", lambda: 1_000)
    ask = book.caller("ruth")
    with ThreadPoolExecutor(MANY) as threads:
        requests = [
            threads.submit(ask, "POST", "imports", content=DATA, headers=CSV) for _ in range(MANY)
        ]
        until = time.monotonic() + PATIENCE
        while slow.busy < uploads.AT_ONCE:
            assert time.monotonic() < until
            time.sleep(0.05)
        began = time.monotonic()
        assert book.web.get("/api/v1/health/").status_code == 200
        assert ask("GET", "donors").status_code == 200
        assert time.monotonic() - began < PATIENCE / 2
        refused: set[Future[Response]] = set()
        while len(refused) < MANY - uploads.AT_ONCE and time.monotonic() < until:
            refused, _ = wait(requests, 0.1)
        slow.free.set()
        answers = {
            request.result(PATIENCE).status_code for request in requests if request not in refused
        }
    assert slow.most == uploads.AT_ONCE
    assert len(refused) == MANY - uploads.AT_ONCE
    assert answers == {201}
    answer = refused.pop().result()
    assert answer.json()["detail"] == uploads.BUSY
    assert answer.headers["retry-after"] == str(turns.RETRY_SECONDS)
    assert uploads.TURNS.free == uploads.AT_ONCE
