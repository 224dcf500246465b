"""render.yaml, railway.toml and Procfile: they hold to their schemas and ask for every setting."""

import re
import tomllib
from functools import cache
from typing import Any

import pytest
import yaml

from tests.deploy.test_files import (
    HEALTH,
    JOBS,
    SERVE,
    SETTINGS,
    UPGRADE,
    exists,
    read,
    refusals,
)
from tests.values import present

SCHEDULER = "deploy/railway-scheduler.toml"
# Every setting, and what a platform does about it. A new setting has to be put in one of these.
GIVEN = {"DATABASE_URL", "SECRET_KEY", "HOST", "FORWARDED_ALLOW_IPS", "EMAIL_BACKEND"}
ASKED = {
    "PUBLIC_URL": "links in mails, cookies, passkeys",
    "EMAIL_HOST": "the platforms have no mail server",
    "EMAIL_HOST_USER": "the same",
    "EMAIL_HOST_PASSWORD": "the same",
    "EMAIL_FROM": "the same",
    "BACKUP_TO": "a bucket: the disks are emptied at each deploy",
    "BACKUP_RECIPIENTS": "what leaves the platform is encrypted",
    "BACKUP_ENDPOINT": "the bucket is not always Amazon's",
    "BACKUP_REGION": "the same",
    "BACKUP_ACCESS_KEY": "the machine has no credentials of its own",
    "BACKUP_SECRET_KEY": "the same",
}
LEFT = {
    "the same as DATABASE_URL": {"DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"},
    "of the image": {"DATA_DIR"},
    "of the platform": {"PORT"},
    "sized by the platform's file, or good as it is": {
        *("DB_POOL_SIZE", "DB_MAX_OVERFLOW", "DB_POOL_RECYCLE", "DB_POOL_PRE_PING"),
        *("STATEMENT_TIMEOUT_MS", "API_REQUESTS_A_MINUTE", "UPLOADS_MOST_MB", "SLOW_QUERY_MS"),
        *("SESSION_IDLE_HOURS", "LOG_LEVEL", "EMAIL_PORT", "EMAIL_USE_TLS", "BACKUP_KEEP"),
        *("BACKUP_DRILL", "DATABASE_READ_WAIT_MS"),
    },
    "off until somebody wants it": {
        *("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_METADATA_URL", "OIDC_NAME"),
        *("OIDC_TRUST_EMAIL", "SECURITY_CONTACT", "CORS_ALLOWED_ORIGINS", "ALLOWED_HOSTS"),
        *("EMAIL_MOST_A_MINUTE", "EMAIL_MOST_A_DAY", "EMAIL_BOUNCES_TO", "BOUNCE_TOKEN"),
        *("SENTRY_DSN", "METRICS_TOKEN", "REDIS_URL", "DATABASE_READ_URL"),
    },
    "only where a key is replaced": {"SECRET_KEY_FALLBACKS"},
    "only where a backup is restored": {"BACKUP_IDENTITY_FILE"},
    "never on a server": {"DEBUG"},
}


@cache
def render() -> Any:
    return yaml.safe_load(read("render.yaml"))


@cache
def railway(name: str = "railway.toml") -> dict[str, Any]:
    return tomllib.loads(read(name))


def test_every_setting_has_its_place() -> None:
    places = [GIVEN, set(ASKED), *LEFT.values()]
    assert set.union(*places) == SETTINGS
    assert sum(map(len, places)) == len(SETTINGS), "a setting has two places"


# Render


def names(service: dict[str, Any]) -> set[str]:
    """Return the settings of a service, those of its groups too."""
    groups = {group["name"]: group for group in render()["envVarGroups"]}
    rows = list(service["envVars"])
    for row in service["envVars"]:
        if "fromGroup" in row:
            rows += groups[row["fromGroup"]]["envVars"]
    return {row["key"] for row in rows if "key" in row}


def test_render_holds_to_its_schema() -> None:
    assert refusals("render", render()) == []
    assert refusals("render", {"services": [{"type": "web", "name": "a", "env": "x"}]})


def test_render_asks_once_for_what_is_needed_and_gives_it_to_both() -> None:
    web, scheduler = render()["services"]
    databases = {database["name"] for database in render()["databases"]}
    for service in (web, scheduler):
        assert names(service) <= SETTINGS
        assert names(service) >= GIVEN | set(ASKED)
        for row in service["envVars"]:
            if "fromDatabase" in row:
                assert row["fromDatabase"]["name"] in databases
        assert exists(service["dockerCommand"])
    asked = {row["key"] for row in web["envVars"] if row.get("sync") is False}
    assert asked == set(ASKED)
    copied = [row for row in scheduler["envVars"] if "fromService" in row]
    assert [row["key"] for row in copied] == [row["fromService"]["envVarKey"] for row in copied]
    assert {row["fromService"]["name"] for row in copied} == {web["name"]}
    assert {row["key"] for row in copied} == asked
    assert not [row for row in scheduler["envVars"] if row.get("sync") is False]


def test_render_has_a_web_and_a_scheduler_of_one_key() -> None:
    web, scheduler = render()["services"]
    assert (web["type"], scheduler["type"]) == ("web", "worker")
    assert (web["dockerCommand"], scheduler["dockerCommand"]) == (SERVE, JOBS)
    assert web["preDeployCommand"] == UPGRADE
    assert web["healthCheckPath"] == HEALTH
    assert scheduler["maxShutdownDelaySeconds"] == 60
    key = [row for row in render()["envVarGroups"][0]["envVars"] if row["key"] == "SECRET_KEY"]
    assert key == [{"key": "SECRET_KEY", "generateValue": True}]


def test_render_leaves_connections_for_a_second_pair_during_a_deploy() -> None:
    group = {row["key"]: row.get("value") for row in render()["envVarGroups"][0]["envVars"]}
    assert 4 * (int(group["DB_POOL_SIZE"]) + int(group["DB_MAX_OVERFLOW"])) < 97


# Railway


@pytest.mark.parametrize("name", ["railway.toml", SCHEDULER])
def test_railway_holds_to_its_schema(name: str) -> None:
    assert refusals("railway", railway(name)) == []
    assert refusals("railway", {"deploy": {"healthcheck": "/"}})
    assert railway(name)["build"] == {"builder": "DOCKERFILE", "dockerfilePath": "Dockerfile"}
    assert railway(name)["deploy"]["restartPolicyType"] == "ALWAYS"


def test_railway_migrates_and_serves() -> None:
    deploy = railway()["deploy"]
    assert deploy["healthcheckPath"] == HEALTH
    assert deploy["preDeployCommand"] == [UPGRADE]
    assert deploy["startCommand"] == SERVE


def test_railways_second_service_has_a_file_of_its_own() -> None:
    """The web's file would win over a command entered for it, and its health check fail it."""
    deploy = railway(SCHEDULER)["deploy"]
    assert deploy["startCommand"] == JOBS
    assert not {"healthcheckPath", "preDeployCommand"} & set(deploy)
    # without a number the process is killed at once
    assert deploy["drainingSeconds"] == 60
    assert SCHEDULER in read("railway.toml")


def test_railway_asks_in_words_for_every_setting() -> None:
    words = re.sub(r"\n# ?", " ", read("railway.toml").partition("\n\n")[0])
    asked = present(re.search(r"Set these .*?\.", re.sub(r"=[\d.]+", "", words)))[0]
    assert set(re.findall(r"[A-Z]+_[A-Z_]+|HOST", asked)) == GIVEN | set(ASKED)


def test_the_documentation_lists_the_same_settings() -> None:
    section = read("docs/deploy.md").partition("## Render and Railway\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", section)) >= set(ASKED)
    assert SCHEDULER in section


def test_procfile() -> None:
    lines = dict(line.split(": ", 1) for line in read("Procfile").splitlines())
    assert lines == {"release": UPGRADE, "web": SERVE, "scheduler": JOBS}
    assert all(exists(command) for command in lines.values())
