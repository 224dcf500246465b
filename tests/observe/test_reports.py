"""Faults of a screen, a route and a job are reported: kinds and places, nothing about people."""

import json

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport
from streamlit.testing.v1 import AppTest

from app.api.rest import problems
from app.observe import report, set_up_reports
from app.settings import settings
from jobs import runner
from tests.integration.test_api import client

__all__ = ["client"]
CANARIES = ("Agnes Canary", "agnes@canary.example", "$7,777.77", "violet-canary-token")


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self, options=None) -> None:
        super().__init__(options)
        self.events: list[dict] = []

    def capture_envelope(self, envelope) -> None:
        self.events += [json.loads(item.get_bytes()) for item in envelope.items]


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setenv("SENTRY_DSN", "https://public@errors.example/1")
    settings.cache_clear()
    kept = Kept()
    assert set_up_reports(kept)
    yield kept
    sentry_sdk.init()


def fail(*_args, **_kwargs):
    agnes = " ".join(CANARIES)
    raise RuntimeError(agnes)


def told(kept):
    whole = json.dumps(kept.events)
    assert not [one for one in CANARIES if one in whole]
    return [
        (event["exception"]["values"][-1]["type"], event["tags"]["where"]) for event in kept.events
    ]


def test_without_a_place_nothing_is_reported():
    assert not set_up_reports()
    report(RuntimeError("x"), where="job")


def test_a_job(kept, database, now):
    with pytest.raises(runner.JobFailedError):
        runner.run("late_pledges", now, fail)
    assert runner.attempt(fail, "piece") is False
    assert told(kept) == [("RuntimeError", "job")] * 2


def test_a_route(kept):
    answer = problems.answer(_raised())
    assert answer.status_code == 500
    assert told(kept) == [("RuntimeError", "route")]
    reference = json.loads(answer.body)["reference"]
    assert kept.events[0]["tags"]["reference"] == reference


def _raised():
    try:
        fail()
    except RuntimeError as error:
        return error


def test_a_screen(kept):
    def screen() -> None:
        from app.ui import boundary  # noqa: PLC0415
        from tests.observe.test_reports import fail  # noqa: PLC0415

        boundary.guarded(fail, page="donors")

    page = AppTest.from_function(screen, default_timeout=30).run()
    assert "Something went wrong here" in page.error[0].value
    assert told(kept) == [("RuntimeError", "screen")]
    frames = kept.events[0]["exception"]["values"][-1]["stacktrace"]["frames"]
    assert any(one["function"] == "fail" for one in frames)
    assert not [one for one in frames if "vars" in one or "context_line" in one]
