"""One log: JSON where machines collect, readable at home; kinds and places, never people."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest
import structlog
from sqlalchemy import text

from app.db import transaction
from app.observability import set_up_logs
from app.settings import ROOT, settings
from tests import database as run


@pytest.fixture
def log(monkeypatch):
    """Set up the log for a while; answer what was written."""
    root = logging.getLogger()
    before = root.handlers, root.level
    out = io.StringIO()

    def begin(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        set_up_logs(out)
        return out.getvalue

    yield begin
    root.handlers, level = before[0], before[1]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    logging.setLogRecordFactory(logging.LogRecord)
    logging.raiseExceptions = True
    structlog.reset_defaults()


def test_in_production_a_line_is_json(log):
    told = log()
    logging.getLogger("app.somewhere").warning("%s failed for %s", "send_mail", "a@b.example")
    structlog.get_logger("app.requests").info("request", route="/api/v1/donors/{id}", ms=12.5)
    first, second = (json.loads(line) for line in told().splitlines())
    assert first["event"] == "send_mail failed for [e-mail]"
    assert (first["level"], first["logger"]) == ("warning", "app.somewhere")
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["route"], second["ms"]) == (
        "request",
        "/api/v1/donors/{id}",
        12.5,
    )


def test_at_home_it_is_read_by_people(log):
    told = log(DEBUG="true")
    logging.getLogger("app.somewhere").warning("careful")
    assert "careful" in told()
    assert not told().startswith("{")


def test_the_level_is_the_settings(log):
    told = log(LOG_LEVEL="ERROR")
    logging.getLogger("app.x").warning("not this")
    structlog.get_logger("app.x").warning("nor this")
    logging.getLogger("procrastinate").info("nor theirs")
    logging.getLogger("app.x").error("but this")
    assert [json.loads(line)["event"] for line in told().splitlines()] == ["but this"]


def test_of_a_fault_its_kind_and_places_are_told(log):
    told = log()
    try:
        raise KeyError("Agnes Miller")  # noqa: EM101, TRY003, TRY301
    except KeyError:
        logging.getLogger("app.x").exception("it failed")
    (line,) = (json.loads(one) for one in told().splitlines())
    assert line["fault"] == "KeyError"
    assert line["places"][-1].startswith("test_logs.py:")
    assert "Agnes" not in told()


def test_slow_statements_are_told_without_their_values(log, database, monkeypatch):
    told = log(SLOW_QUERY_MS="20")
    run.use(database)
    with transaction() as db:
        db.execute(text("select pg_sleep(0.05), cast(:name as text)"), {"name": "Agnes"})
        db.execute(text("select 1"))
    slow = [json.loads(one)["event"] for one in told().splitlines() if "slow" in one]
    (found,) = slow
    ms, _, statement = found.removeprefix("slow statement, ").partition(" ms: ")
    assert statement.startswith("select pg_sleep(0.05), cast(")
    assert int(ms) >= 50
    assert "Agnes" not in told()


def test_a_command_prints_its_answer_and_nothing_else(database):
    """Slow or not: what it prints is read by programs."""
    words = [sys.executable, "-m", "app", "user", "list"]
    done = subprocess.run(
        words,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SLOW_QUERY_MS": "1"},
    )
    assert "slow statement" not in done.stdout
