"""Web process and worker on machines of their own: they share the database and no folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL

from app.settings import ROOT
from deploy.parts import Part, answers_http, free_ports
from tests import database as run
from tests.conftest import KEY, WORKER
from tests.deploy.api_client import Client, gifts
from tests.values import present

ROWS = 50_000
EMAIL, PASSWORD = "ada@example.org", "a long pass phrase of Ada's"
SET_UP = ("--name=Lantern Road", "--country=DE", f"--email={EMAIL}", "--administrator=Ada")


@pytest.fixture
def address(_template: None) -> Iterator[URL]:
    with run.clone(f"deploy_disks_{WORKER}") as url:
        yield url


@pytest.fixture
def client(address: URL, tmp_path: Path) -> Iterator[Client]:
    """A program signed in at a web process, while the worker has a disk of its own."""
    (port,) = free_ports(1)
    shared = os.environ | {
        "DATABASE_URL": address.render_as_string(hide_password=False),
        "SECRET_KEY": KEY,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    of_web = shared | {"DATA_DIR": str(tmp_path / "web")}
    subprocess.run(
        [sys.executable, "-m", "app", "setup", "--password-stdin", *SET_UP],
        cwd=ROOT,
        env=of_web,
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    health = answers_http(f"http://127.0.0.1:{port}/api/v1/health/")
    of_worker = shared | {"DATA_DIR": str(tmp_path / "worker")}
    commands = {"web": ("app", "serve"), "worker": ("jobs",)}
    with ExitStack() as stack:
        for name, environment in {"web": of_web, "worker": of_worker}.items():
            words = (sys.executable, "-m", *commands[name])
            part = Part(name, words, tmp_path / f"{name}.log", environment, ROOT)
            if name == "web":
                part.answers = health
            part.begin()
            stack.callback(part.kill, part.ending)
            part.wait()
        yield Client(f"http://127.0.0.1:{port}").sign_in(EMAIL, PASSWORD)


def counts(address: URL) -> tuple[int, int]:
    """Return the numbers of gifts and of donors."""
    dsn = address.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select (select count(*) from gift), (select count(*) from donor)")
            many, people = present(cursor.fetchone())
    finally:
        connection.close()
    return int(many), int(people)


def test_a_big_import_is_done_by_a_worker_with_another_disk_and_undone(
    client: Client, address: URL, tmp_path: Path
) -> None:
    plan = client.plan(gifts(ROWS))
    assert (plan["rows"], plan["error"]) == (ROWS, 0)
    assert client.commit(plan)["state"] == "queued"
    done = client.wait(plan)
    assert (done["state"], done["error"]) == ("done", None)
    assert counts(address)[0] == ROWS
    client.ask("POST", f"imports/{plan['id']}/undo")
    assert client.state(plan)["state"] == "undone"
    assert counts(address) == (0, 0)
    # the file travelled through the database alone
    names = {path.name for path in tmp_path.rglob("*")}
    assert not names & {"uploads", "full-exports"}
