"""What the files for Docker, Render, Railway and their like say: names that exist, and no more."""

import fnmatch
import json
import re
import shlex
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.main import get_command

from app.api import routes
from app.cli import build
from app.settings import ROOT, Settings
from jobs.commands import app as jobs
from tests.values import present

HEALTH = "/api/v1/health/"
SETTINGS = {name.upper() for name in Settings.model_fields}
# read by Python itself, and by nobody else
PYTHONS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
SCHEMAS = ROOT / "tests" / "deploy" / "schemas"
UPGRADE, SERVE, JOBS = "python -m app db upgrade", "python -m app serve", "python -m jobs"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def compose() -> Any:
    return yaml.safe_load(read("docker-compose.yml"))


def refusals(name: str, result: object) -> list[str]:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [
        f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(result)
    ]


def exists(command: str | list[str]) -> bool:
    """Whether `python -m …` names a command there is."""
    python, dash, module, *words = shlex.split(command) if isinstance(command, str) else command
    if (python.rpartition("/")[2], dash) != ("python", "-m") or module not in {"app", "jobs"}:
        return False
    result: Any = get_command({"app": build(), "jobs": jobs}[module])
    for word in words:
        result = getattr(result, "commands", {}).get(word)
        if result is None:
            return False
    return True


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert exists(UPGRADE)
    assert exists(JOBS)
    assert not exists("python -m app start")
    assert not exists("python -m jobs work")
    assert not exists("gunicorn app web")


# compose


def test_compose_holds_to_the_specification() -> None:
    assert refusals("compose", compose()) == []
    assert refusals("compose", {"services": {"web": {"imagee": "x"}}})


def test_compose_names_only_what_it_defines() -> None:
    services, volumes = compose()["services"], set(compose()["volumes"])
    for name, service in services.items():
        for other, condition in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}"
            if condition["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"]
        used = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert used <= volumes, f"{name} keeps its files in a volume nobody defines"


def test_compose_sets_only_settings_and_asks_only_for_settings() -> None:
    for name in ("migrate", "web", "scheduler"):
        one = compose()["services"][name]
        assert set(one["environment"]) <= SETTINGS
        assert exists(one["command"])
    assert set(re.findall(r"\$\{(\w+)", read("docker-compose.yml"))) <= SETTINGS


def test_compose_migrates_once_before_anything_starts() -> None:
    services = compose()["services"]
    assert shlex.join(services["migrate"]["command"]) == UPGRADE
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name, command in {"web": SERVE, "scheduler": JOBS}.items():
        waits = services[name]["depends_on"]["migrate"]["condition"]
        assert waits == "service_completed_successfully"
        assert shlex.join(services[name]["command"]) == command


def test_compose_shows_no_port_to_the_world_and_writes_down_no_secret() -> None:
    text = read("docker-compose.yml")
    for service in compose()["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET", name):
                assert value.startswith("${"), f"{name} stands in the file"
    assert compose()["services"]["mail"]["profiles"] == ["development"]
    assert "postgres:15" in text
    assert "redis:7" in text


def test_compose_believes_its_own_gateway_alone() -> None:
    first = compose()["networks"]["default"]["ipam"]["config"][0]
    trusted = compose()["x-environment"]["FORWARDED_ALLOW_IPS"]
    assert trusted == first["gateway"]
    assert ip_address(trusted) in ip_network(first["subnet"])


# the rest


def test_the_health_path_is_a_route() -> None:
    assert HEALTH in {getattr(route, "path", "") for route in routes}


# the workflow


def test_the_workflow_runs_the_one_script() -> None:
    result = yaml.safe_load(read(".github/workflows/checks.yml"))
    assert refusals("workflow", {str(key): value for key, value in result.items()}) == []
    steps = result["jobs"]["checks"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["bash .ci/run"]
    assert (ROOT / ".ci" / "run").exists()
    assert result["permissions"] == {"contents": "read"}


# the image


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, words), comments gone and lines joined."""
    text = re.sub(r"^\s*#.*\n", "", read("Dockerfile"), flags=re.MULTILINE)
    text = re.sub(r"\\\n", " ", text)
    parted = (line.partition(" ") for line in text.splitlines() if line.strip())
    return [(word, words.strip()) for word, _, words in parted]


def final_stage() -> list[tuple[str, str]]:
    rows = instructions()
    last = max(index for index, (word, _) in enumerate(rows) if word == "FROM")
    return rows[last:]


def ignored(path: str) -> bool:
    """What .dockerignore says of a path of the top: the last rule that fits decides."""
    verdict = False
    for line in read(".dockerignore").splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        if fnmatch.fnmatch(path, rule.removeprefix("!").removeprefix("**/")):
            verdict = not rule.startswith("!")
    return verdict


def copied() -> list[str]:
    return [
        word.rstrip("/")
        for name, words in instructions()
        if name == "COPY" and "--from" not in words
        for word in words.split()[:-1]
    ]


def test_the_image_copies_what_there_is_and_no_secret() -> None:
    assert {"app", "jobs", "pages", "migrations", "templates", ".streamlit", "docs/guide"} <= set(
        copied()
    )
    for path in copied():
        assert (ROOT / path).exists(), path
        assert not ignored(path), f"{path} is kept out by .dockerignore"
    for path in (".env", ".git", "var", ".venv", "tests", "README.md", "docs", "docs/adr"):
        assert ignored(path), path


def test_the_image_runs_as_an_unprivileged_user() -> None:
    user = [words for name, words in final_stage() if name == "USER"]
    assert user == ["10001:10001"]
    after = [name for name, _ in final_stage()]
    assert "RUN" not in after[after.index("USER") :]


def test_the_image_is_made_of_pinned_packages_and_fetches_nothing_else() -> None:
    words = dict.fromkeys(name for name, _ in instructions())
    assert "ADD" not in words
    runs = [words for name, words in instructions() if name == "RUN"]
    assert any("--require-hashes" in words for words in runs)
    assert not any(re.search(r"curl|wget|https?://", words) for words in runs)
    bases = [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert set(bases) == {"python:3.11-slim-bookworm"}
    assert len(bases) == 2


def test_the_image_is_built_by_railway_too() -> None:
    """It refuses an image that declares a volume."""
    assert "VOLUME" not in dict(instructions())


def test_the_image_starts_and_is_asked_how_it_is() -> None:
    output = dict(final_stage())
    assert json.loads(output["CMD"]) == shlex.split(SERVE)
    assert output["EXPOSE"] == "8501"
    check = json.loads(output["HEALTHCHECK"].partition(" CMD ")[2] or output["HEALTHCHECK"])
    assert check[:2] == ["python", "-c"]
    assert HEALTH in check[2]
    compile(check[2], "HEALTHCHECK", "exec")


def test_the_image_sets_only_settings() -> None:
    text = " ".join(text for name, text in final_stage() if name == "ENV")
    named = set(re.findall(r"(\w+)=", text)) - {"PATH"}
    assert named <= SETTINGS | PYTHONS
    assert {"HOST=0.0.0.0", "PYTHONUNBUFFERED=1"} <= set(text.split())


@pytest.mark.parametrize("name", ["donorcrm-migrate", "donorcrm-web@", "donorcrm-scheduler"])
def test_a_unit_sets_only_settings_and_starts_what_there_is(name: str) -> None:
    text = read(f"deploy/systemd/{name}.service")
    named = set(re.findall(r"(?:^Environment=| )([A-Z_]+)=", text, flags=re.MULTILINE))
    assert named <= SETTINGS | PYTHONS
    assert exists(present(re.search(r"^ExecStart=(.*)$", text, flags=re.MULTILINE))[1])
    for option in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert f"\n{option}\n" in text
