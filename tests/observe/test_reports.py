"""Faults of a screen, a route and a job are reported: kinds and places, nothing about people."""

import json
import re

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport
from streamlit.testing.v1 import AppTest

from app.api.rest import problems
from app.observability import report, set_up_reports, traced
from app.settings import settings
from jobs import runner
from tests.integration.api.test_routes import client

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
def as_set_up(monkeypatch):
    """What is sent with the program's own settings: one in ten is traced."""
    monkeypatch.setenv("SENTRY_DSN", "https://public@errors.example/1")
    settings.cache_clear()
    sent = Kept()
    assert set_up_reports(sent)
    yield sent
    sentry_sdk.init()


@pytest.fixture
def kept(as_set_up):
    """As `as_set_up`, with faults alone: no trace comes between them by chance."""
    sentry_sdk.get_client().options["traces_sample_rate"] = 0.0
    return as_set_up


def fail(*_args, **_kwargs):
    agnes = " ".join(CANARIES)
    raise RuntimeError(agnes)


NUMBER = re.compile(r"[0-9a-f]{32}")


def told(kept):
    whole = json.dumps(kept.events)
    assert not [one for one in CANARIES if one in whole]
    # whoever receives them tells them apart by it
    assert all(NUMBER.fullmatch(event["event_id"]) for event in kept.events)
    others = [event for event in kept.events if "exception" not in event]
    assert not others
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
        from app.ui.shell import error_boundary  # noqa: PLC0415
        from tests.observe.test_reports import fail  # noqa: PLC0415

        error_boundary.run_guarded(fail, page="donors")

    page = AppTest.from_function(screen, default_timeout=30).run()
    assert "Something went wrong here" in page.error[0].value
    assert told(kept) == [("RuntimeError", "screen")]
    frames = kept.events[0]["exception"]["values"][-1]["stacktrace"]["frames"]
    assert any(one["function"] == "fail" for one in frames)
    assert not [one for one in frames if "vars" in one or "context_line" in one]


@pytest.fixture
def traces(as_set_up):
    """As `as_set_up`, with every trace instead of one in ten."""
    sentry_sdk.get_client().options["traces_sample_rate"] = 1.0
    return as_set_up.events


def test_how_long_a_screen_a_route_and_a_job_took(traces, client, now):
    def screen() -> None:
        from app.ui.shell import error_boundary  # noqa: PLC0415

        error_boundary.run_guarded(lambda: None, page="donors")

    AppTest.from_function(screen, default_timeout=30).run()
    client.get("/api/v1/donors/12345/agnes@canary.example")
    client.get("/api/v1/health/")
    runner.run("late_pledges", now, lambda: "Agnes Canary gave $7,777.77")

    assert [(one["contexts"]["trace"]["op"], one["transaction"]) for one in traces] == [
        ("screen", "donors"),
        ("route", "GET other"),
        ("job", "late_pledges"),
    ]
    assert all(one["timestamp"] >= one["start_timestamp"] for one in traces)
    assert all(NUMBER.fullmatch(one["contexts"]["trace"]["trace_id"]) for one in traces)
    assert not [one for one in CANARIES if one in json.dumps(traces)]


def test_one_in_ten_is_traced(as_set_up):
    for _ in range(400):
        with traced("job", "late_pledges"):
            pass
    # 40 ± 4 standard deviations
    assert 16 <= len(as_set_up.events) <= 64
