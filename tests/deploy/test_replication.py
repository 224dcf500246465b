"""A primary dies and its replica is promoted: the application follows, and reads go on."""

import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import accounts
from app.db import migrate, transaction_for_system
from app.settings import ROOT
from deploy import replication
from deploy.parts import Part, answers_http, free_ports
from deploy.replication import Pair
from deploy.shape import bare_environment
from tests import database as run
from tests import factories as make
from tests.conftest import KEY
from tests.external_tools import needed_server

PATIENCE = 60
TOKEN = "a token for the numbers of the tests"


@dataclass(frozen=True)
class Running:
    """The application on a pair of servers, and a program that has signed in."""

    pair: Pair = field(repr=False)
    address: str
    headers: dict[str, str] = field(repr=False)
    donor: int
    log: Path

    def ask(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self.address}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=headers or self.headers,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read().decode()
            return json.loads(text) if path.startswith("api/") else text

    def record(self, note: str) -> bool:
        gift = {"donor_id": self.donor, "amount": "5", "currency": "USD", "date": "2026-11-02"}
        once = self.headers | {"idempotency-key": f"gift-{note}"}
        return bool(self.ask("api/v1/gifts", gift | {"note": note}, once)["id"])

    def notes(self) -> list[str]:
        return sorted(line["note"] for line in self.ask("api/v1/gifts")["items"])

    def read_on_replica(self) -> bool:
        """Tell whether a list was read there, by the process's own numbers."""
        before = self.readings()
        self.notes()
        return self.readings() > before

    def readings(self) -> float:
        numbers = self.ask("metrics", headers={"authorization": f"Bearer {TOKEN}"})
        found = re.search(r'donorcrm_readings{server="replica"} (\S+)', numbers)
        assert found, numbers
        return float(found[1])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    needed_server()
    with replication.up(durable=False) as pair:
        run.use(pair.url_of("read-write"))
        migrate.upgrade()
        with transaction_for_system() as db:
            make.organisation(db)
            ruth = make.person(db)
            donor = make.donor(db, ruth, "Tom Reed")
            access = accounts.issue_tokens(db, user_id=ruth.user_id, now=datetime.now(UTC)).access
        run.use(run.NOWHERE)
        (port,) = free_ports(1)
        environment = bare_environment() | {
            "DATABASE_URL": pair.url_of("read-write"),
            "DATABASE_READ_URL": pair.url_of("standby"),
            "DATABASE_READ_WAIT_MS": "500",
            "DB_POOL_SIZE": "5",
            "SECRET_KEY": KEY,
            "METRICS_TOKEN": TOKEN,
            "DATA_DIR": str(tmp_path / "var"),
            "PORT": str(port),
        }
        address = f"http://127.0.0.1:{port}"
        parts = [
            Part(
                "web",
                (sys.executable, "-m", "app", "serve"),
                tmp_path / "web.log",
                environment,
                ROOT,
                answers=answers_http(f"{address}/api/v1/health/"),
            ),
            Part(
                "scheduler",
                (sys.executable, "-m", "jobs"),
                tmp_path / "jobs.log",
                environment,
                ROOT,
            ),
        ]
        try:
            for part in parts:
                part.begin()
            for part in parts:
                part.wait()
            headers = {"authorization": f"Bearer {access}", "content-type": "application/json"}
            yield Running(pair, address, headers, donor, tmp_path / "web.log")
        finally:
            for part in parts:
                part.kill()


def until(done: Callable[[], bool]) -> None:
    """Ask again until it is done; a request may fail while there is no primary."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if done():
                return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)
    pytest.fail(f"{done} did not become true")


def test_the_application_follows_a_promotion(running: Running) -> None:
    """Without a restart or another setting; what the dead primary had not lost is there."""
    pair = running.pair
    assert running.record("before")
    until(running.read_on_replica)
    replayed = pair.execute("primary", "select pg_current_wal_flush_lsn()")
    until(lambda: _replayed(pair, replayed))
    pair.parts["primary"].kill()
    pair.promote()
    until(lambda: running.record("after"))
    assert running.notes() == ["after", "before"]
    assert not running.read_on_replica()
    until(lambda: running.ask("api/v1/ready/")["status"] == "ready")
    # the old primary becomes the replica of the new one
    pair.rebuild_replica(of="replica")
    until(running.read_on_replica)
    assert running.record("last")
    assert running.notes() == ["after", "before", "last"]
    log = running.log.read_text()
    assert "The read replica is not used" in log
    assert "The read replica is used again." in log
    assert pair.password not in log


def _replayed(pair: Pair, place: str) -> bool:
    return pair.execute("replica", f"select pg_last_wal_replay_lsn() >= '{place}'") == "True"
