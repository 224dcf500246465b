"""Exceptions are logged with type and frames, but without their messages."""

import io
import logging
import subprocess
import sys

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from app.db import transaction_for_system
from app.db.session import engine
from app.kit.errors import InvalidError
from app.settings import ROOT
from app.tracebacks import log_record
from tests import database as run
from tests import factories as make

CANARY = "Eleanor Vance"
PRELUDE = "from app.tracebacks import hook_uncaught; hook_uncaught()\n"
# of the private server; the last four say what it would log of a statement and its values
LOG_SETTINGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
FAIL = f"def fail():\n    raise ValueError({CANARY!r})\n"
WAYS = {
    "uncaught": "fail()",
    "in a thread": "import threading; t = threading.Thread(target=fail); t.start(); t.join()",
    "in a finaliser": "class A:\n    def __del__(self): fail()\na = A(); del a",
    "in a forgotten task": (
        "import asyncio, gc\n"
        "async def work(): fail()\n"
        "async def main():\n    asyncio.create_task(work())\n    await asyncio.sleep(0)\n"
        "    await asyncio.sleep(0)\n    gc.collect()\n"
        "asyncio.run(main())"
    ),
    "in a foreign logger": (
        "import logging\nlog = logging.getLogger('x'); log.addHandler(logging.StreamHandler())\n"
        "try: fail()\nexcept ValueError as error:\n"
        "    log.exception('failed'); log.warning('because %s', error); log.error(error)"
    ),
    "in a record that cannot be formatted": (
        f"import logging\nlogging.warning('%d', {CANARY!r})\nlogging.warning('ValueError')"
    ),
    "in a command": (
        "from app.cli import build\nimport app.cli, typer\n"
        # typer's own way would print it with its message
        "made = typer.Typer()\n"
        "made.command()(fail)\napp.cli.build = lambda: made\nimport sys; sys.argv = ['app']\n"
        "app.cli.main()"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_exception_is_printed_without_its_message(way: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", PRELUDE + FAIL + WAYS[way]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    output = process.stdout + process.stderr
    assert CANARY not in output
    assert "ValueError" in output or "Task exception was never retrieved" in output


def test_the_name_of_a_missing_module_is_still_shown() -> None:
    process = subprocess.run(
        [sys.executable, "-c", f"{PRELUDE}import no_such_module"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No module named 'no_such_module'" in process.stderr


def test_an_unexpected_failure_of_a_job_shows_frames_without_the_message() -> None:
    script = (
        "import runpy, sys\nfrom jobs import process\n" + FAIL + "process.prepare = "
        "lambda out: fail()\nsys.argv = ['jobs']\nrunpy.run_module('jobs', run_name='__main__')"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    assert "ValueError" in process.stderr
    assert CANARY not in process.stdout + process.stderr


def test_a_failure_in_a_thread_of_the_scheduler_is_printed_without_its_message() -> None:
    script = (
        "import runpy, sys, threading\nfrom jobs import process\n" + FAIL + "def prepare(out):\n"
        "    thread = threading.Thread(target=fail)\n    thread.start()\n    thread.join()\n"
        "    raise SystemExit\n"
        "process.prepare = prepare\nsys.argv = ['jobs']\n"
        "runpy.run_module('jobs', run_name='__main__')"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "ValueError" in process.stderr
    assert CANARY not in process.stdout + process.stderr


def test_every_handler_gets_the_type_and_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "_logRecordFactory", log_record)
    stream = io.StringIO()
    log = logging.Logger("somebody's")  # noqa: LOG001 - a separate logger
    log.addHandler(logging.StreamHandler(stream))
    try:
        raise KeyError(CANARY)  # noqa: TRY301
    except KeyError:
        log.exception("it failed")
    assert stream.getvalue().startswith("it failed\nKeyError at test_tracebacks.py:")


def test_a_database_error_contains_no_values(database: URL) -> None:
    with pytest.raises(DBAPIError) as failed, transaction_for_system() as db:
        db.execute(text("select cast(:name as text), pg_read_file('x')"), {"name": CANARY})
    assert CANARY not in str(failed.value)
    with pytest.raises(InvalidError) as refused, transaction_for_system() as db:
        db.execute(text("select cast(:name as text), 1 / 0"), {"name": CANARY})
    assert CANARY not in str(refused.value) + str(refused.value.__cause__)
    assert engine().hide_parameters


def test_the_database_servers_log_contains_no_statement_and_no_value(database: URL) -> None:
    log = run.home() / "server.log"
    with transaction_for_system() as db:
        make.organisation(db)
        make.person(db, email="eleanor@vance.example")
    broken = (
        "insert into app_user (name, email, role)"  # noqa: ISC004 - one statement
        f" values ('{CANARY}', 'eleanor@vance.example', 'fundraiser')",
        f"select cast('{CANARY}' as int)",
        f"select 1 as \"{CANARY}\" syntax error near '{CANARY}'",
        f"do $$ begin raise warning '{CANARY}'; raise exception '{CANARY}'; end $$",
    )
    for statement in broken:
        with pytest.raises((DBAPIError, InvalidError)), transaction_for_system() as db:
            db.execute(text(statement))
    with transaction_for_system() as db:
        shown = {name: db.scalar(text(f"show {name}")) for name in LOG_SETTINGS}
    assert shown == LOG_SETTINGS
    output = log.read_text(errors="replace")
    assert "ready to accept connections" in output, "it is the log of the running server"
    assert "Eleanor" not in output
    assert "vance.example" not in output
