"""A signal is noted and wakes who waits for it; it interrupts nothing."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from jobs.stop_request import StopRequest

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def stop() -> Iterator[StopRequest]:
    before = [signal.getsignal(number) for number in SIGNALS]
    yield StopRequest()
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


def test_a_signal_before_the_wait_is_kept(stop: StopRequest) -> None:
    assert not stop.made

    os.kill(os.getpid(), signal.SIGTERM)

    assert stop.made
    asyncio.run(asyncio.wait_for(stop.wait(), 10))


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_wakes_a_loop_that_has_nothing_to_do(
    stop: StopRequest, number: signal.Signals
) -> None:
    async def wait_and_ask() -> None:
        waiting = asyncio.create_task(stop.wait())
        await asyncio.sleep(0)
        os.kill(os.getpid(), number)
        await asyncio.wait_for(waiting, 10)

    asyncio.run(wait_and_ask())
    # nobody waits any more: a second signal is noted all the same
    os.kill(os.getpid(), number)
    assert stop.made
