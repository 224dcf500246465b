"""Numbers for a collector with its token; routes by their templates, nothing about people."""

import re
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import backups
from app.api.request_logging import template
from app.backups import history
from app.db import transaction
from app.observability import rerun_took
from app.settings import settings
from tests import factories as make
from tests.integration.api.test_routes import client

__all__ = ["client"]
TOKEN = "a token of the collector"
RIGHT = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def open_to_collectors(monkeypatch, database):
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    settings.cache_clear()


def numbers(client):
    got = client.get("/metrics", headers=RIGHT)
    assert got.status_code == 200
    found = {}
    for family in text_string_to_metric_families(got.text):
        for one in family.samples:
            found[one.name, *sorted(one.labels.items())] = one.value
    return found, got.text


def test_without_the_token_there_is_no_such_page(client, database, monkeypatch):
    assert client.get("/metrics", headers=RIGHT).status_code == 404
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    settings.cache_clear()
    for wrong in ("", "Bearer ", "Bearer x", TOKEN):
        assert client.get("/metrics", headers={"authorization": wrong}).status_code == 404


def test_what_waits_is_told(client, open_to_collectors):
    with transaction() as db:
        make.organisation(db)
        make.donor(db, make.person(db, email="agnes@canary.example"), "Agnes Canary")
    rerun_took("donors", 0.02)
    client.get("/api/v1/donors/4711?query=Agnes")
    found, text = numbers(client)
    assert found["donorcrm_database_up",] == 1
    assert found["donorcrm_pool_in_use",] >= 1
    assert found["donorcrm_rerun_seconds_count", ("page", "donors")] >= 1
    assert {("donorcrm_kept_answers", ("found", one)) for one in ("true", "false")} <= found.keys()
    routes = {dict(key[1:]).get("route") for key in found if key[0] == "donorcrm_requests_total"}
    assert routes & {"/api/v1/donors/{id}", "/api/v1/donors/{…}"}
    # a moment of Prometheus may hold any four digits
    assert not re.search(r"(?<![\d.])4711(?!\d)", text)
    assert "Agnes" not in text
    assert "canary" not in text


def test_backups_and_the_audit_log_are_numbers(client, open_to_collectors):
    names = {"backup_age_seconds", "backup_encrypted", "audit_broken_lines"}
    assert not {f"donorcrm_{one}" for one in names} & {key[0] for key in numbers(client)[0]}
    kept = history.Kept(
        datetime(2026, 11, 23, tzinfo=UTC), "a.zip.age", 9, "ab", 7, encrypted=True
    )
    with transaction() as db:
        history.note_made(db, kept, backups.AuditFacts(broken_lines=3, first_broken=1, why="So."))
        history.note_drill(db, result="checked", sentence="So.", file="a.zip.age")
    found = numbers(client)[0]
    assert found["donorcrm_audit_broken_lines",] == 3
    assert found["donorcrm_backup_encrypted",] == 1
    assert 0 <= found["donorcrm_backup_age_seconds",] < 600
    assert 0 <= found["donorcrm_backup_drill_age_seconds", ("result", "checked")] < 600


def test_a_database_that_is_away_is_a_number(client, open_to_collectors, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nowhere?host=/nowhere")
    from tests import database as run  # noqa: PLC0415

    run.use("postgresql://nobody@/nowhere?host=/nowhere")
    assert numbers(client)[0]["donorcrm_database_up",] == 0


@pytest.mark.parametrize(
    ("path", "given", "told"),
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
def test_a_route_is_its_template(path, given, told):
    assert template(path, given, 200) == told


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/api/v1/donors/4711", 401, "/api/v1/donors/{…}"),
        ("/api/v1/agnes@canary.example", 401, "/api/v1/{…}"),
        ("/api/v1/anything", 404, "other"),
    ],
)
def test_what_was_refused_before_its_route_is_no_label(path, status, told):
    assert template(path, {}, status) == told
