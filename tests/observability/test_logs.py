"""Logs: JSON in production, text in embedded mode, without personal data."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog
from sqlalchemy import URL, text

from app.db import transaction_for_system
from app.observability import logs, set_up_logs
from app.settings import ROOT, settings
from tests import database as run


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Callable[[], str]]]:
    """Set up the log during a test; return what was written."""
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()

    def begin(**values: str) -> Callable[[], str]:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        set_up_logs(stream)
        return stream.getvalue

    yield begin
    root.handlers, level = before[0], before[1]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    logging.setLogRecordFactory(logging.LogRecord)
    logging.raiseExceptions = True
    structlog.reset_defaults()


def test_production_logs_are_json(log: Callable[..., Callable[[], str]]) -> None:
    output = log()
    logging.getLogger("app.somewhere").warning("%s failed for %s", "send_mail", "a@b.example")
    structlog.get_logger("app.requests").info("request", route="/api/v1/donors/{id}", ms=12.5)
    first, second = (json.loads(line) for line in output().splitlines())
    assert first["event"] == "send_mail failed for [e-mail]"
    assert (first["level"], first["logger"]) == ("warning", "app.somewhere")
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["route"], second["ms"]) == (
        "request",
        "/api/v1/donors/{id}",
        12.5,
    )


def test_embedded_logs_are_readable_text(log: Callable[..., Callable[[], str]]) -> None:
    output = log(DEBUG="true")
    logging.getLogger("app.somewhere").warning("careful")
    assert "careful" in output()
    assert not output().startswith("{")


def test_the_level_is_a_setting(log: Callable[..., Callable[[], str]]) -> None:
    output = log(LOG_LEVEL="ERROR")
    logging.getLogger("app.x").warning("not this")
    structlog.get_logger("app.x").warning("nor this")
    logging.getLogger("procrastinate").info("nor theirs")
    logging.getLogger("app.x").error("but this")
    assert [json.loads(line)["event"] for line in output().splitlines()] == ["but this"]


def test_an_exception_is_logged_with_type_and_frames(
    log: Callable[..., Callable[[], str]],
) -> None:
    output = log()
    try:
        raise KeyError("Agnes Miller")  # noqa: EM101, TRY003, TRY301
    except KeyError:
        logging.getLogger("app.x").exception("it failed")
    (line,) = (json.loads(output_line) for output_line in output().splitlines())
    assert line["fault"] == "KeyError"
    assert line["places"][-1].startswith("test_logs.py:")
    assert "Agnes" not in output()


def test_slow_statements_are_logged_without_their_values(
    log: Callable[..., Callable[[], str]], database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = log(SLOW_QUERY_MS="20")
    run.use(database)
    with transaction_for_system() as db:
        db.execute(text("select pg_sleep(0.05), cast(:name as text)"), {"name": "Agnes"})
        db.execute(text("select 1"))
    slow = [
        json.loads(output_line)["event"]
        for output_line in output().splitlines()
        if "slow" in output_line
    ]
    (event,) = slow
    ms, _, statement = event.removeprefix("slow statement, ").partition(" ms: ")
    assert statement.startswith("select pg_sleep(0.05), cast(")
    assert int(ms) >= 50
    assert "Agnes" not in output()


def test_a_command_prints_only_its_output(database: URL) -> None:
    """Programs read the output, so nothing is logged to it."""
    arguments = [sys.executable, "-m", "app", "user", "list"]
    process = subprocess.run(
        arguments,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SLOW_QUERY_MS": "1"},
    )
    assert "slow statement" not in process.stdout


def test_a_structured_line_about_an_error_has_its_type_and_not_its_message() -> None:
    for given in (ValueError("Eleanor Vance"), (ValueError, ValueError("Eleanor Vance"), None)):
        event = logs._format_exception(None, "error", {"event": "x", "exc_info": given})  # noqa: SLF001
        assert event == {"event": "x", "fault": "ValueError", "places": []}
