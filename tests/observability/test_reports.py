"""Error reports of a screen, a route and a job: types and frames, no personal data."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NoReturn

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.api.rest import problems
from app.observability import report, set_up_reports, traced
from app.settings import settings
from jobs import runner
from tests.integration.api.test_routes import client
from tests.values import present
from tests.web_client import TestClient

__all__ = ["client"]
CANARIES = ("Agnes Canary", "agnes@canary.example", "$7,777.77", "violet-canary-token")


class Kept(Transport):
    """Transport that stores what would be sent."""

    def __init__(self, options: dict[str, object] | None = None) -> None:
        super().__init__(options)
        self.events: list[Event] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events += [json.loads(item.get_bytes()) for item in envelope.items]


@pytest.fixture
def with_reports(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """Return what is sent with the default settings: one in ten is traced."""
    monkeypatch.setenv("SENTRY_DSN", "https://public@errors.example/1")
    settings.cache_clear()
    sent = Kept()
    assert set_up_reports(sent)
    yield sent
    sentry_sdk.init()


@pytest.fixture
def sent_events(with_reports: Kept) -> Kept:
    """Like `with_reports`, with errors only: no random trace is sent."""
    sentry_sdk.get_client().options["traces_sample_rate"] = 0.0
    return with_reports


def fail(*_args: object, **_kwargs: object) -> NoReturn:
    agnes = " ".join(CANARIES)
    raise RuntimeError(agnes)


NUMBER = re.compile(r"[0-9a-f]{32}")


def report_text(sent_events: Kept) -> list[tuple[str, str]]:
    sent = json.dumps(sent_events.events)
    assert not [canary for canary in CANARIES if canary in sent]
    # the receiver distinguishes them by it
    assert all(NUMBER.fullmatch(event["event_id"]) for event in sent_events.events)
    others = [event for event in sent_events.events if "exception" not in event]
    assert not others
    return [
        (event["exception"]["values"][-1]["type"], event["tags"]["where"])
        for event in sent_events.events
    ]


def test_without_a_dsn_nothing_is_reported() -> None:
    assert not set_up_reports()
    report(RuntimeError("x"), where="job")


def test_a_job(sent_events: Kept, database: URL, now: datetime) -> None:
    with pytest.raises(runner.JobFailedError):
        runner.run("late_pledges", now, fail)
    assert runner.attempt(fail, "piece") is False
    assert report_text(sent_events) == [("RuntimeError", "job")] * 2


def test_a_route(sent_events: Kept) -> None:
    answer = problems.answer(_raised())
    assert answer.status_code == 500
    assert report_text(sent_events) == [("RuntimeError", "route")]
    reference = json.loads(bytes(answer.body))["reference"]
    assert sent_events.events[0]["tags"]["reference"] == reference


def _raised() -> RuntimeError:
    with pytest.raises(RuntimeError) as raised:
        fail()
    return raised.value


def test_a_screen(sent_events: Kept) -> None:
    def screen() -> None:
        from app.ui.shell import error_boundary  # noqa: PLC0415
        from tests.observability.test_reports import fail  # noqa: PLC0415

        error_boundary.run_guarded(fail, page="donors")

    page = AppTest.from_function(screen, default_timeout=180).run()
    assert "Something went wrong here" in page.error[0].value
    assert report_text(sent_events) == [("RuntimeError", "screen")]
    frames = sent_events.events[0]["exception"]["values"][-1]["stacktrace"]["frames"]
    assert any(frame["function"] == "fail" for frame in frames)
    assert not [frame for frame in frames if "vars" in frame or "context_line" in frame]


@pytest.fixture
def traces(with_reports: Kept) -> list[Event]:
    """Like `with_reports`, with every trace instead of one in ten."""
    sentry_sdk.get_client().options["traces_sample_rate"] = 1.0
    return with_reports.events


def test_durations_of_a_screen_a_route_and_a_job(
    traces: list[Event], client: TestClient, now: datetime
) -> None:
    def screen() -> None:
        from app.ui.shell import error_boundary  # noqa: PLC0415

        error_boundary.run_guarded(lambda: None, page="donors")

    AppTest.from_function(screen, default_timeout=180).run()
    client.get("/api/v1/donors/12345/agnes@canary.example")
    client.get("/api/v1/health/")
    runner.run("late_pledges", now, lambda: "Agnes Canary gave $7,777.77")

    assert [(trace["contexts"]["trace"]["op"], trace["transaction"]) for trace in traces] == [
        ("screen", "donors"),
        ("route", "GET other"),
        ("job", "late_pledges"),
    ]
    assert all(
        present(trace["timestamp"]) >= present(trace["start_timestamp"]) for trace in traces
    )
    assert all(NUMBER.fullmatch(str(trace["contexts"]["trace"]["trace_id"])) for trace in traces)
    assert not [canary for canary in CANARIES if canary in json.dumps(traces)]


def test_one_in_ten_is_traced(with_reports: Kept) -> None:
    for _ in range(400):
        with traced("job", "late_pledges"):
            pass
    # 40 ± 4 standard deviations
    assert 16 <= len(with_reports.events) <= 64
