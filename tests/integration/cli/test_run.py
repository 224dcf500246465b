"""The processes of `make run`: start, stop, kill, start again, and switch the database."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import URL

from app import accounts, demonstration_mode
from app.cli.processes.run import adopt_older
from app.cli.processes.supervisor import end_processes
from app.db import transaction_for_system
from app.db.embedded import server as embedded
from app.settings import ROOT, settings
from tests import factories as make

PATIENCE = 120


@pytest.fixture
def start() -> "Iterator[Callable[..., Run]]":
    """Start runs on one DATA_DIR; all of them are gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="dc-"))
    runs: list[Run] = []

    def start(*, command: str = "run", options: bool = False) -> Run:
        runs.append(Run(folder, command=command, options=options))
        return runs[-1]

    yield start
    end_processes([child for run in runs for child in run.children])
    end_processes([run.process for run in runs])
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder)


class Run:
    """One `python -m app run` or `demo` and its output."""

    def __init__(self, folder: Path, *, command: str, options: bool) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        variables = {"DATA_DIR": str(folder), "PORT": str(self.port), "DATABASE_URL": ""}
        words: list[str] = []
        if options:
            # an option wins over a variable, here and in the processes it starts
            variables |= {"PORT": "1", "HOST": "192.0.2.1"}
            words = ["--host", "127.0.0.1", "--port", str(self.port)]
        self.folder = folder
        self.children: list[psutil.Process] = []
        self.said = folder / f"said-{self.port}.txt"
        with self.said.open("w") as sink:
            self.process = psutil.Popen(
                [sys.executable, "-m", "app", command, *words],
                cwd=ROOT,
                env=os.environ | variables,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )

    def greeted(self) -> str:
        """Wait until the web answers and return what was said by then."""
        self.wait_for("Ctrl-C stops it")
        return self.said.read_text()

    def wait_for(self, *words: str) -> None:
        """Wait until all words are said."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in self.said.read_text() for word in words):
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.2)
        self.children = self.process.children(recursive=True)

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as page:
                answer: int = page.status
                return answer
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def end(self, signal_: signal.Signals) -> str:
        self.process.send_signal(signal_)
        self.process.wait(timeout=PATIENCE)
        return self.said.read_text()


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_started_stopped_killed_and_started_again(start: Callable[..., Run]) -> None:
    first = start()
    output = first.greeted()
    assert "Loaded a demonstration" not in output, "it is not loaded uninvited"
    assert f"DonorCRM is at http://127.0.0.1:{first.port} " in output
    assert re.search(r"/\?setup_code=[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}\n", output)
    assert first.status("/api/v1/health/") == 200
    assert first.status("/") == 200
    assert len(first.children) >= 2
    output = first.end(signal.SIGINT)
    assert output.endswith("Stopped. Your data is kept.\n")
    assert first.process.returncode == 0
    assert not living(first.children)
    assert not (first.folder / "postgres" / "data" / "postmaster.pid").exists()

    second = start(command="demo", options=True)
    output = second.greeted()
    assert "Loaded a demonstration organisation." in output
    assert "password:" in output
    assert f"DonorCRM is at http://127.0.0.1:{second.port} " in output
    assert second.status("/api/v1/health/") == 200
    third = start()
    assert third.process.wait(timeout=PATIENCE) == 1
    assert f"already runs here, as process {second.process.pid}" in third.said.read_text()
    second.end(signal.SIGKILL)
    assert living(second.children), "nobody told the children"

    fourth = start()
    output = fourth.greeted()
    assert "An earlier run was killed. Ending what it left behind" in output
    assert "password:" in output, "the demonstration is shown until somebody leaves it"
    assert "Loaded a demonstration" not in output
    assert not living(second.children)
    assert fourth.status("/api/v1/health/") == 200

    demonstration_mode.turn_off(fourth.folder)
    fourth.wait_for("Switching the database", "setup_code=")
    assert fourth.status("/api/v1/health/") == 200
    assert "ended with code" not in fourth.said.read_text()
    assert fourth.end(signal.SIGTERM).endswith("Stopped. Your data is kept.\n")
    assert fourth.process.returncode == 0


def test_on_a_server_no_older_demonstration_is_looked_for(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db, is_demo=True)
    adopt_older()
    with transaction_for_system() as db:
        assert accounts.organisation(db).is_demo
    assert not demonstration_mode.is_on(settings().data_dir)
