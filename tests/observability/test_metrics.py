"""Prometheus metrics: token, route templates, no personal data."""

import re
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import URL

from app import backups
from app.api.middleware.request_logging import template
from app.backups import history
from app.db import transaction_for_system
from app.observability import observe_rerun
from app.settings import settings
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.web_client import TestClient

__all__ = ["client"]
TOKEN = "a token of the collector"
RIGHT = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def with_metrics_token(monkeypatch: pytest.MonkeyPatch, database: URL) -> None:
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    settings.cache_clear()


# the name of a sample, and its labels
Sample = tuple[str, *tuple[tuple[str, str], ...]]


def scrape(client: TestClient) -> tuple[dict[Sample, float], str]:
    response = client.get("/metrics", headers=RIGHT)
    assert response.status_code == 200
    samples: dict[Sample, float] = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            samples[sample.name, *sorted(sample.labels.items())] = sample.value
    return samples, response.text


def test_without_the_token_the_page_does_not_exist(
    client: TestClient, database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/metrics", headers=RIGHT).status_code == 404
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    settings.cache_clear()
    for wrong in ("", "Bearer ", "Bearer x", TOKEN):
        assert client.get("/metrics", headers={"authorization": wrong}).status_code == 404


def test_queued_work_is_reported(client: TestClient, with_metrics_token: None) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        make.donor(db, make.person(db, email="agnes@canary.example"), "Agnes Canary")
    observe_rerun("donors", 0.02)
    client.get("/api/v1/donors/4711?query=Agnes")
    samples, text = scrape(client)
    assert samples["donorcrm_database_up",] == 1
    assert samples["donorcrm_pool_in_use",] >= 1
    assert samples["donorcrm_rerun_seconds_count", ("page", "donors")] >= 1
    assert {
        ("donorcrm_kept_answers", ("found", flag)) for flag in ("true", "false")
    } <= samples.keys()
    routes = {dict(key[1:]).get("route") for key in samples if key[0] == "donorcrm_requests_total"}
    assert routes & {"/api/v1/donors/{id}", "/api/v1/donors/{…}"}
    # a Prometheus timestamp may contain any four digits
    assert not re.search(r"(?<![\d.])4711(?!\d)", text)
    assert "Agnes" not in text
    assert "canary" not in text


def test_backups_and_the_audit_log_are_reported(
    client: TestClient, with_metrics_token: None
) -> None:
    names = {"backup_age_seconds", "backup_encrypted", "audit_broken_lines"}
    assert not {f"donorcrm_{name}" for name in names} & {key[0] for key in scrape(client)[0]}
    backup = history.RecordedBackup(
        datetime(2026, 11, 23, tzinfo=UTC), "a.zip.age", 9, "ab", 7, encrypted=True
    )
    with transaction_for_system() as db:
        history.note_made(
            db, backup, backups.AuditFacts(broken_lines=3, first_broken=1, why="So.")
        )
        history.note_drill(db, result="checked", sentence="So.", file="a.zip.age")
    samples = scrape(client)[0]
    assert samples["donorcrm_audit_broken_lines",] == 3
    assert samples["donorcrm_backup_encrypted",] == 1
    assert 0 <= samples["donorcrm_backup_age_seconds",] < 600
    assert 0 <= samples["donorcrm_backup_drill_age_seconds", ("result", "checked")] < 600


def test_an_unreachable_database_is_reported(
    client: TestClient, with_metrics_token: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nowhere?host=/nowhere")
    from tests import database as run  # noqa: PLC0415

    run.use("postgresql://nobody@/nowhere?host=/nowhere")
    assert scrape(client)[0]["donorcrm_database_up",] == 0


@pytest.mark.parametrize(
    ("path", "url", "label"),
    [
        ("/api/v1/donors/17", {"id": 17}, "/api/v1/donors/{id}"),
        ("/api/v1/mail/1.called.3.4.xyz", {"token": "1.called.3.4.xyz"}, "/api/v1/mail/{token}"),
        (
            "/api/v1/files/gifts.csv",
            {"kind": "gifts", "form": "csv"},
            "/api/v1/files/{kind}.{form}",
        ),
        ("/api/v1/donors", {}, "/api/v1/donors"),
        ("/donor", {}, "other"),
        ("/static/js/a.js", {}, "other"),
        ("/_stcore/health", {}, "/_stcore/health"),
    ],
)
def test_a_route_is_labelled_by_its_template(
    path: str, url: dict[str, object], label: str
) -> None:
    assert template(path, url, 200) == label


@pytest.mark.parametrize(
    ("path", "status", "label"),
    [
        ("/api/v1/donors/4711", 401, "/api/v1/donors/{…}"),
        ("/api/v1/agnes@canary.example", 401, "/api/v1/{…}"),
        ("/api/v1/anything", 404, "other"),
    ],
)
def test_a_request_refused_before_routing_has_no_label(path: str, status: int, label: str) -> None:
    assert template(path, {}, status) == label
