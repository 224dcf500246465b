"""The boundary: every kind of error is a sentence, and the log names no person."""

import asyncio
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest

from app.kit.errors import NotFoundError
from app.settings import ROOT
from benchmarks.support.visitor import Visitor
from tests import log_leak_guard
from tests.browser.conftest import free_port
from tests.values import present

CANARY = "Eleanor Vance eleanor@vance.example $12,345.67"


def failing() -> None:
    """The script under test: it stands alone, so it imports what it needs."""
    import streamlit as st  # noqa: PLC0415

    from app.ui.shell.error_boundary import run_guarded  # noqa: PLC0415

    def run() -> None:
        st.title("Before")
        error = st.session_state["error"]
        if error is None:
            st.stop()
        raise error

    run_guarded(run)
    st.title("After")


def run(error: Exception | None) -> AppTest:
    page = AppTest.from_function(failing)
    page.session_state["error"] = error
    return page.run()


ERRORS = {
    r"This \*donor\* does not exist\.": NotFoundError("This *donor* does not exist."),
    "The database refused this. Nothing was saved.": IntegrityError(
        CANARY, {"name": CANARY}, Exception(CANARY)
    ),
    "That took too long. Narrow the filters": OperationalError(
        CANARY, {}, Exception(f"canceling statement due to statement timeout {CANARY}")
    ),
    "The database cannot be reached right now.": OperationalError(CANARY, {}, Exception(CANARY)),
    "Many people are working right now.": PoolTimeoutError(CANARY),
    "Something went wrong here.": KeyError(CANARY),
}


@pytest.mark.parametrize("sentence", ERRORS)
def test_an_error_is_shown_as_a_sentence_and_logged_with_its_location(
    sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = run(ERRORS[sentence])
    assert not page.exception
    (error,) = page.error
    assert error.value.startswith(sentence)
    assert "Eleanor" not in error.value + caplog.text
    assert "12,345" not in error.value + caplog.text
    if "Reference" in error.value:
        reference = error.value.rstrip(".").rpartition(" ")[2]
        assert f"screen failed {reference}" in caplog.text
        assert "boundary.py" in caplog.text
    else:
        assert "screen failed" not in caplog.text


def test_a_stopped_script_is_no_error() -> None:
    page = run(None)
    assert [title.value for title in page.title] == ["Before"]
    assert not page.error


CALLBACK = f"""
import streamlit as st
def fail(): raise KeyError({CANARY!r})
st.button("Fail", on_click=fail)
"""


@pytest.mark.parametrize("script", [f"raise KeyError({CANARY!r})", CALLBACK])
def test_an_error_outside_a_screen_is_shown_the_same_way(tmp_path: Path, script: str) -> None:
    """The framework's own server and websocket: it would show the error's words, and its place.

    Also where the work of a button is done, which the framework logs by itself.
    """
    (tmp_path / "script.py").write_text(script)
    serve = (
        "import streamlit as st; from app.ui.shell import error_boundary;"
        "from app.web import config;"
        "from app.observability import set_up_logs; set_up_logs();"
        f"st.App({str(tmp_path / 'script.py')!r}, on_script_error=error_boundary.show_error)"
        ".run(config=config())"
    )
    port = free_port()
    environment = os.environ | {"PORT": str(port), "LOG_LEVEL": "ERROR"}
    log = tmp_path / "log"
    with log.open("w") as log_file:
        server = subprocess.Popen(
            [sys.executable, "-c", serve],
            env=environment,
            cwd=ROOT,
            stdout=log_file,
            stderr=log_file,
        )
    try:
        failures = in_thread(partial(visit, port, press=script == CALLBACK))
    finally:
        server.terminate()
        server.wait(30)
    assert len(failures) == 1
    assert failures[0].startswith("Something went wrong here.")
    log_leak_guard.TOLD.about("Eleanor Vance", "eleanor@vance.example", "12,345.67")
    log_leak_guard.keep_logs(log)
    log_text = log.read_text()
    assert "Eleanor" not in failures[0] + log_text
    assert "KeyError" in log_text, "the log says what kind of error it was"


def visit(port: int, *, press: bool) -> tuple[str, ...]:
    async def drawn() -> tuple[str, ...]:
        async with Visitor(f"127.0.0.1:{port}") as visitor:
            if press:
                return await pressed(visitor)
            return visitor.drawn[0].failures

    until = time.monotonic() + 60
    while True:
        try:
            return asyncio.run(drawn())
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)


async def pressed(visitor: Visitor) -> tuple[str, ...]:
    """Press the page's first button and return the error messages drawn after it."""
    ask = BackMsg()
    ask.rerun_script.context_info.timezone = "UTC"
    socket = present(visitor.socket)
    await socket.send(ask.SerializeToString())
    button = ""
    while True:
        message = ForwardMsg.FromString(await socket.recv(decode=False))
        element = message.delta.new_element
        if element.WhichOneof("type") == "button":
            button = element.button.id
        if message.WhichOneof("type") == "script_finished":
            break
    state = ask.rerun_script.widget_states.widgets.add()
    state.id, state.trigger_value = button, True
    await socket.send(ask.SerializeToString())
    _size, failures = await visitor.until_drawn()
    return tuple(failures)


def in_thread(work: partial[tuple[str, ...]]) -> tuple[str, ...]:
    """A browser of another test may have a loop of its own on this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
