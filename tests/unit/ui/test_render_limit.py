"""Few screens are rendered at a time; a stuck one delays others only for a limited time."""

import threading
import time
from threading import Event

import pytest

from app.ui.base import render_limit
from tests.semaphores import free_turns


def draw(times: list[float], seconds: float, at_work: list[int], most: list[int]) -> None:
    with render_limit.render_slot():
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(seconds)
        at_work.pop()
    times.append(time.monotonic())


def test_few_screens_render_at_once_and_all_of_them_in_the_end() -> None:
    times: list[float] = []
    at_work: list[int] = []
    most: list[int] = []
    threads = [threading.Thread(target=draw, args=(times, 0.01, at_work, most)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(times) == 40
    assert max(most) == render_limit.AT_ONCE


def test_a_turn_is_released_after_an_error() -> None:
    for _ in range(3 * render_limit.AT_ONCE):
        with pytest.raises(KeyError), render_limit.render_slot():
            raise KeyError
    took = time.monotonic()
    with render_limit.render_slot():
        pass
    assert time.monotonic() - took < render_limit.PATIENCE_SECONDS / 2


def test_stuck_screens_do_not_block_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_limit, "PATIENCE_SECONDS", 0.05)
    free = threading.Event()
    stuck = [threading.Thread(target=hold, args=(free,)) for _ in range(render_limit.AT_ONCE)]
    for thread in stuck:
        thread.start()
    time.sleep(0.02)
    with render_limit.render_slot():
        drawn = True
    free.set()
    for thread in stuck:
        thread.join(30)
    assert drawn
    # what was not taken was not given back
    assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE


def hold(until: Event) -> None:
    with render_limit.render_slot():
        until.wait(30)


def test_a_turn_is_released_while_a_screen_waits() -> None:
    free, waiting = threading.Event(), []

    def wait_for_a_file() -> None:
        with render_limit.render_slot(), render_limit.released():
            waiting.append(1)
            free.wait(30)

    threads = [threading.Thread(target=wait_for_a_file) for _ in range(3 * render_limit.AT_ONCE)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    with render_limit.render_slot():
        drawn = True
    assert drawn
    assert time.monotonic() - began < render_limit.PATIENCE_SECONDS / 2
    free.set()
    for thread in threads:
        thread.join(30)
    assert len(waiting) == 3 * render_limit.AT_ONCE
    assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE


def test_a_screen_that_goes_on_has_a_turn_again() -> None:
    with render_limit.render_slot():
        with render_limit.released():
            assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE
        assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE - 1


def test_a_screen_that_is_left_while_it_waits_takes_no_turn() -> None:
    with pytest.raises(KeyError), render_limit.render_slot(), render_limit.released():
        raise KeyError
    assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE


def test_outside_a_screen_no_turn_is_released() -> None:
    with render_limit.released():
        assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE
    assert free_turns(render_limit.TURNS) == render_limit.AT_ONCE
