"""A signal is noted and wakes who waits for it; it interrupts nothing."""

import signal
import subprocess
import sys

import pytest

from app.settings import ROOT
from jobs.stop_request import StopRequest

THE_CLASS = f"from {StopRequest.__module__} import {StopRequest.__name__}"
# in a process of its own: signals come to its main thread, where no other loop runs
BEFORE = """
import asyncio, os, signal
stop = StopRequest()
assert not stop.made
os.kill(os.getpid(), signal.SIGTERM)
assert stop.made
asyncio.run(asyncio.wait_for(stop.wait(), 60))
print("went on")
"""
DURING = """
import asyncio, os, sys
number, stop = int(sys.argv[1]), StopRequest()
async def wait_and_ask():
    waiting = asyncio.create_task(stop.wait())
    await asyncio.sleep(0)
    os.kill(os.getpid(), number)
    await asyncio.wait_for(waiting, 60)
asyncio.run(wait_and_ask())
# nobody waits any more: a second signal is noted all the same
os.kill(os.getpid(), number)
print("went on", stop.made)
"""


def run(script: str, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", f"{THE_CLASS}\n{script}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_a_signal_before_the_wait_is_kept() -> None:
    assert run(BEFORE) == "went on\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_wakes_a_loop_that_has_nothing_to_do(number: signal.Signals) -> None:
    assert run(DURING, str(int(number))) == "went on True\n"
