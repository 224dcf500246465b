"""A call that takes too long is left alone, and what it comes with is discarded."""

import threading

import pytest

from app.db.replica.deadline import within


def test_an_answer_in_time_is_returned() -> None:
    assert within(60, lambda: 7, discard=lambda answer: pytest.fail(str(answer))) == 7


def test_a_late_answer_is_discarded() -> None:
    go_on, discarded = threading.Event(), threading.Event()
    with pytest.raises(TimeoutError):
        within(0.01, lambda: go_on.wait(60), discard=lambda _answer: discarded.set())
    assert not discarded.is_set()
    go_on.set()
    assert discarded.wait(60)
