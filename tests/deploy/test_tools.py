"""The real nginx, Caddy, systemd and Docker Compose read the files we hand out."""

import re
import shutil
import subprocess
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from app.settings import ROOT
from tests.external_tools import needed

DEPLOY = ROOT / "deploy"


def run(*arguments: str, **options: Any) -> CompletedProcess[str]:
    answer: CompletedProcess[str] = subprocess.run(
        arguments, check=False, capture_output=True, text=True, timeout=180, **options
    )
    return answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own, where the file expects the real one."""
    folder = tmp_path_factory.mktemp("tls")
    done = run(
        needed("openssl"),
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=donorcrm.example.org",
        "-keyout",
        str(folder / "privkey.pem"),
        "-out",
        str(folder / "fullchain.pem"),
    )
    assert done.returncode == 0, done.stderr
    return folder


def judged_by_nginx(text: str, folder: Path) -> CompletedProcess[str]:
    text = text.replace("/run/nginx.pid", str(folder / "nginx.pid"))
    text = re.sub(r"^user .*$", "", text, flags=re.MULTILINE)
    file = folder / "nginx.conf"
    file.write_text(text)
    return run(needed("nginx"), "-t", "-c", str(file), "-e", "stderr", "-p", str(folder))


def test_nginx_takes_its_file(tmp_path: Path, certificate: Path) -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    text = text.replace("/etc/letsencrypt/live/donorcrm.example.org", str(certificate))
    done = judged_by_nginx(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr
    assert judged_by_nginx(text.replace("upstream", "upstreem"), tmp_path).returncode != 0


def test_nginx_takes_an_import_and_keeps_a_websocket() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "client_max_body_size 201m;" in text
    assert "proxy_read_timeout 1h;" in text
    assert "gzip off;" in text
    # what the visitor sent is replaced, never added to
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text


def judged_by_caddy(file: Path, folder: Path) -> CompletedProcess[str]:
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": "/usr/bin:/bin"}
    return run(
        needed("caddy"), "validate", "--adapter", "caddyfile", "--config", str(file), env=home
    )


def test_caddy_takes_its_file(tmp_path: Path) -> None:
    done = judged_by_caddy(DEPLOY / "Caddyfile", tmp_path)
    assert done.returncode == 0, done.stderr
    # only DonorCRM knows which answers may be compressed
    assert "\tencode" not in (DEPLOY / "Caddyfile").read_text()
    wrong = tmp_path / "Caddyfile"
    wrong.write_text((DEPLOY / "Caddyfile").read_text().replace("lb_policy cookie", "lb_policy x"))
    assert judged_by_caddy(wrong, tmp_path).returncode != 0


def judged_by_systemd(folder: Path) -> CompletedProcess[str]:
    return run(needed("systemd-analyze"), "verify", *map(str, sorted(folder.glob("*.service"))))


def test_systemd_takes_its_units(tmp_path: Path) -> None:
    for file in (DEPLOY / "systemd").glob("*.service"):
        # the program is not where it will be, and this one is on every machine
        text = re.sub(
            r"^ExecStart=\S+", "ExecStart=/bin/true", file.read_text(), flags=re.MULTILINE
        )
        (tmp_path / file.name).write_text(text)
    done = judged_by_systemd(tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    (tmp_path / "wrong.service").write_text("[Service]\nExecStat=/bin/true\n")
    assert judged_by_systemd(tmp_path).stderr


def judged_by_compose(text: str, folder: Path, **settings: str) -> CompletedProcess[str]:
    """`config` reads, checks and fills in the file; it asks no engine."""
    compose = needed("docker-compose")
    if run(compose, "version", "--short").stdout.startswith("1."):
        # this one line is younger than the program of Debian 12
        text = re.sub(r"^name: .*\n", "", text, flags=re.MULTILINE)
    (folder / "docker-compose.yml").write_text(text)
    shutil.copy(ROOT / ".env.example", folder / ".env")
    home = {"HOME": str(folder), "PATH": "/usr/bin:/bin", **settings}
    return run(compose, "config", cwd=folder, env=home)


def test_compose_takes_its_file(tmp_path: Path) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = {"DB_PASSWORD": "a password", "SECRET_KEY": "a key"}
    done = judged_by_compose(text, tmp_path, **secrets)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert {"postgres", "redis", "migrate", "web", "scheduler"} <= set(services)
    # what the file says wins over the .env it reads
    assert services["web"]["environment"]["DATA_DIR"] == "/data"
    assert services["web"]["environment"]["DB_PASSWORD"] == "a password"
    assert services["scheduler"]["command"] == ["python", "-m", "jobs"]
    wrong = text.replace("condition: service_healthy", "condition: service_is_well")
    assert judged_by_compose(wrong, tmp_path, **secrets).returncode != 0


@pytest.mark.parametrize("missing", ["DB_PASSWORD", "SECRET_KEY"])
def test_compose_starts_nothing_without_its_secrets(tmp_path: Path, missing: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = {"DB_PASSWORD": "a password", "SECRET_KEY": "a key", missing: ""}
    done = judged_by_compose(text, tmp_path, **secrets)
    assert done.returncode != 0
    assert f"Set {missing} in .env" in done.stderr
