"""When the replica is asked again after a failure, and what the log says."""

import logging
import time

import pytest

from app.db.replica.circuit import REST_SECONDS, Circuit, Trouble


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; a test moves it on."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_after_a_failure_it_rests_and_one_request_tries_it(clock: list[float]) -> None:
    circuit = Circuit()
    assert [circuit.admits() for _ in range(3)] == [True] * 3
    circuit.failed(Trouble.AWAY)
    assert not circuit.admits()
    clock[0] += REST_SECONDS
    assert [circuit.admits() for _ in range(3)] == [True, False, False]
    circuit.worked()
    assert [circuit.admits() for _ in range(3)] == [True] * 3


def test_one_that_is_behind_is_asked_each_time_without_a_wait(clock: list[float]) -> None:
    circuit = Circuit()
    assert circuit.patient
    circuit.failed(Trouble.BEHIND)
    assert circuit.admits()
    assert not circuit.patient
    circuit.worked()
    assert circuit.patient


def test_changes_are_logged_and_not_repetitions(caplog: pytest.LogCaptureFixture) -> None:
    circuit = Circuit()
    with caplog.at_level(logging.INFO):
        for trouble in (Trouble.AWAY, Trouble.AWAY, Trouble.BEHIND):
            circuit.failed(trouble)
        for _ in range(2):
            circuit.worked()
    assert [record.getMessage().rpartition("read. ")[2] for record in caplog.records] == [
        "It cannot be reached.",
        "It is behind the primary.",
        "The read replica is used again.",
    ]
